use std::io;
use std::net::IpAddr;

/// Why an exchange gave no answer, told by what is certain about the request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The peer surely got nothing of the request: sending it again can double nothing.
    #[error("not sent: {0}")]
    NotSent(NotSent),
    /// The request may have been processed, although no whole answer came.
    #[error("outcome unknown: {0}")]
    Unknown(Unknown),
}

impl Error {
    /// Whether the peer may have got the request, and so may have acted on it.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::NotSent(_) => false,
            Self::Unknown(_) => true,
        }
    }
}

/// Why nothing of a request left this machine for the peer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The address is not an absolute `http` or `https` one.
    #[error("the address is not an absolute http or https one")]
    BadUrl,
    /// The host's name has no address, or none could be asked for.
    #[error("the name {host} was not resolved")]
    NameNotResolved {
        /// The name that was asked for.
        host: String,
    },
    /// The host has only addresses that the policy refuses.
    #[error("the address {addr} is not allowed")]
    AddressRefused {
        /// The first of the refused addresses.
        addr: IpAddr,
    },
    /// Nobody listens there.
    #[error("connection refused")]
    ConnectionRefused,
    /// No connection was made within `connect_timeout`, the TLS handshake included.
    #[error("no connection in time")]
    ConnectTimeout,
    /// The connection failed in another way before it stood.
    #[error("no connection: {0}")]
    ConnectFailed(io::ErrorKind),
    /// The TLS handshake failed; the text is for people, not for decisions.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The kept connection had ended before the request was begun.
    #[error("the connection ended before the request was begun")]
    ConnectionGone,
    /// It was given up, or its connection was, before any of it was written.
    #[error("the request was given up before it was begun")]
    NeverWritten,
}

/// What is known when it is not known whether a request was processed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// `total_timeout` passed before the answer was whole.
    #[error("no whole answer in time")]
    TimedOut,
    /// The connection ended before the answer's head was whole.
    #[error("the connection ended before the answer")]
    Closed,
    /// The connection ended inside the answer's body.
    #[error("the answer was cut short")]
    AnswerCutShort,
    /// The answer's body is longer than `max_response_bytes`.
    #[error("the answer is longer than {limit_bytes} bytes")]
    AnswerTooLarge {
        /// The limit that was passed.
        limit_bytes: usize,
    },
    /// What came back is not HTTP.
    #[error("the answer is not HTTP")]
    BadAnswer,
}
