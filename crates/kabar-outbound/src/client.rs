use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::uri::Scheme;
use http::{HeaderMap, Request, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::address::AddressPolicy;
use crate::connect::Connector;
use crate::error::{Error, NotSent, Unknown};
use crate::outgoing::Outgoing;

/// The bounds within which a [`Client`] works.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long making a connection may take: name, TCP and TLS together. At most half of `total_timeout` is used, so
    /// that a connection which does not come about is always told from an answer which does not come.
    pub connect_timeout: Duration,
    /// How long the whole exchange may take, from the call to the last byte of the answer.
    pub total_timeout: Duration,
    /// How many bytes of an answer's body are taken.
    pub max_response_bytes: usize,
    /// How many unused connections are kept for a host.
    pub max_idle_per_host: usize,
    /// How long an unused connection is kept. Shorter than servers keep theirs (20 s is common), so that a request rarely
    /// meets a connection that the peer is just closing.
    pub pool_idle_timeout: Duration,
    /// Which addresses may be dialled.
    pub allow: AddressPolicy,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(30),
            max_response_bytes: 1024 * 1024,
            max_idle_per_host: 64,
            pool_idle_timeout: Duration::from_secs(10),
            allow: AddressPolicy::Any,
        }
    }
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status; a redirect is an answer like any other.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// An HTTP/1.1 client that keeps its connections. Clones share them.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: legacy::Client<Connector, Outgoing>,
    total_timeout: Duration,
    max_response_bytes: usize,
}

impl Client {
    /// Makes a client; nothing is connected yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let connect_timeout = options.connect_timeout.min(options.total_timeout / 2);
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(options.pool_idle_timeout)
            .pool_max_idle_per_host(options.max_idle_per_host)
            // Repeats a request on a new connection only when the kept one had ended before the request was taken from its
            // queue: hyper then hands the request back untouched, so the peer cannot have seen any of it.
            .retry_canceled_requests(true)
            .build(Connector::new(options.allow, connect_timeout));
        let inner =
            Inner { http, total_timeout: options.total_timeout, max_response_bytes: options.max_response_bytes };
        Self { inner: Arc::new(inner) }
    }

    /// Sends one request, at most once, and takes the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// [`Error::NotSent`] when the peer surely got nothing of the request, else [`Error::Unknown`].
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response, Error> {
        self.send_noting(request, || {}).await
    }

    /// The same, and calls `note` right before the first byte may be written: as long as it was not called, the peer has
    /// seen nothing, whatever becomes of this process. It is called once at most, on a thread that must not be blocked.
    ///
    /// # Errors
    ///
    /// As [`Client::send`].
    pub async fn send_noting(
        &self,
        request: Request<Bytes>,
        note: impl FnOnce() + Send + 'static,
    ) -> Result<Response, Error> {
        if !is_absolute(request.uri()) {
            return Err(Error::NotSent(NotSent::BadUrl));
        }
        let (head, body) = request.into_parts();
        let (body, start) = Outgoing::new(body, Box::new(note));
        let mut request = Request::from_parts(head, body);
        *request.version_mut() = Version::HTTP_11;
        let outcome = match tokio::time::timeout(self.inner.total_timeout, self.inner.exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Unknown(Unknown::TimedOut)),
        };
        match outcome {
            Err(Error::Unknown(_)) if start.abandon() => Err(Error::NotSent(NotSent::NeverWritten)),
            Ok(_) | Err(_) => outcome,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("total_timeout", &self.inner.total_timeout).finish_non_exhaustive()
    }
}

impl Inner {
    async fn exchange(&self, request: Request<Outgoing>) -> Result<Response, Error> {
        let answer = self.http.request(request).await.map_err(|err| request_error(&err))?;
        let (head, body) = answer.into_parts();
        let body = self.whole(body).await.map_err(Error::Unknown)?;
        Ok(Response { status: head.status, headers: head.headers, body })
    }

    async fn whole(&self, mut body: Incoming) -> Result<Bytes, Unknown> {
        let limit_bytes = self.max_response_bytes;
        let too_large = Unknown::AnswerTooLarge { limit_bytes };
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > limit_bytes {
            return Err(too_large);
        }
        let mut whole = BytesMut::with_capacity(announced);
        while let Some(frame) = body.frame().await {
            let frame =
                frame.map_err(|err| if err.is_parse() { Unknown::BadAnswer } else { Unknown::AnswerCutShort })?;
            let Ok(data) = frame.into_data() else { continue };
            if data.len() > limit_bytes - whole.len() {
                return Err(too_large);
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    }
}

fn is_absolute(uri: &Uri) -> bool {
    let known_scheme = uri.scheme().is_some_and(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS);
    known_scheme && uri.host().is_some_and(|host| !host.is_empty())
}

/// What is certain about a request that got no answer's head.
///
/// Two things are certain. An error of connecting comes before the request is given to a connection, and a *canceled* one
/// means that the connection gave the request back as it was (`TrySendError::take_message` in hyper). All else may have
/// happened after the first byte was written, and counts so.
fn request_error(err: &legacy::Error) -> Error {
    let cause = std::error::Error::source(err);
    if err.is_connect() {
        let reason = cause.and_then(|cause| cause.downcast_ref::<NotSent>()).cloned();
        return Error::NotSent(reason.unwrap_or(NotSent::ConnectFailed(io::ErrorKind::Other)));
    }
    let cause = cause.and_then(|cause| cause.downcast_ref::<hyper::Error>());
    match cause {
        Some(cause) if cause.is_canceled() => Error::NotSent(NotSent::ConnectionGone),
        Some(cause) if cause.is_parse() => Error::Unknown(Unknown::BadAnswer),
        Some(_) | None => Error::Unknown(Unknown::Closed),
    }
}
