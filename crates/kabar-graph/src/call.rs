//! How a call can fail, told by what is certain about it.

use std::time::Duration;

use http::StatusCode;
use kabar_outbound::{NotSent, Response, Unknown};
use serde::de::DeserializeOwned;

use crate::error::{ErrorEnvelope, GraphError};
use crate::errors::Advice;
use crate::usage::{self, Usage};

/// Why a call brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Meta answered, and refused: nothing was done.
    #[error("refused with {}: {}", .0.status.as_u16(), .0.error)]
    Refused(Box<Refusal>),
    /// The call surely did not reach Meta.
    #[error("not sent: {0}")]
    NotSent(NotSent),
    /// Meta may have done what was asked, or not.
    #[error("outcome unknown: {0}")]
    Unknown(UnknownReason),
}

impl CallError {
    /// Whether Meta may have done what was asked. `false` means that a second call can't double it.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Self::Refused(_) | Self::NotSent(_) => false,
            Self::Unknown(_) => true,
        }
    }
}

/// A refusal in Meta's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status of the answer. Decide on the error's code rather than on this.
    pub status: StatusCode,
    /// The error.
    pub error: GraphError,
    /// How long to wait by the `Retry-After` header.
    pub retry_after: Option<Duration>,
    /// How much of the allowance is used.
    pub usage: Option<Usage>,
}

impl Refusal {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        self.error.advice(self.status.as_u16())
    }

    /// How long Meta asks to wait: the longer of `Retry-After` and the usage header's estimate; `None` when neither says.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        let regain = self.usage.as_ref().map(Usage::regain_access).filter(|wait| !wait.is_zero());
        self.retry_after.max(regain)
    }
}

/// Why it is not known what became of a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownReason {
    /// No whole answer came.
    #[error("{0}")]
    NoAnswer(Unknown),
    /// An error came that is not Meta's: of a proxy on the way, which may have passed the call on.
    #[error("an answer with {} that is not Meta's", .status.as_u16())]
    NotMeta {
        /// The HTTP status of the answer.
        status: StatusCode,
    },
    /// Meta took the call, but the answer can't be read.
    #[error("an answer with {} that can't be read", .status.as_u16())]
    Unreadable {
        /// The HTTP status of the answer.
        status: StatusCode,
    },
}

impl From<kabar_outbound::Error> for CallError {
    fn from(error: kabar_outbound::Error) -> Self {
        match error {
            kabar_outbound::Error::NotSent(reason) => Self::NotSent(reason),
            kabar_outbound::Error::Unknown(reason) => Self::Unknown(UnknownReason::NoAnswer(reason)),
        }
    }
}

/// Reads a whole answer: `T` out of a success, a refusal out of Meta's error envelope, and doubt out of all else.
pub(crate) fn read<T: DeserializeOwned>(response: &Response) -> Result<T, CallError> {
    let status = response.status;
    if status.is_success() {
        return serde_json::from_slice(&response.body)
            .map_err(|_| CallError::Unknown(UnknownReason::Unreadable { status }));
    }
    match serde_json::from_slice::<ErrorEnvelope>(&response.body) {
        Ok(ErrorEnvelope { error }) => Err(CallError::Refused(Box::new(Refusal {
            status,
            error,
            retry_after: usage::retry_after(&response.headers),
            usage: Usage::from_headers(&response.headers),
        }))),
        Err(_) => Err(CallError::Unknown(UnknownReason::NotMeta { status })),
    }
}
