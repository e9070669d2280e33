use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::uri::Scheme;
use http::{HeaderMap, Request, StatusCode, Uri, Version};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::Instant;

use crate::address::AddressPolicy;
use crate::answer::Answer;
use crate::connect::Connector;
use crate::error::{Error, NotSent, Unknown};
use crate::outgoing::Outgoing;
use crate::pieces::Pieces;

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
        let request = ready(Request::from_parts(head, body))?;
        let outcome = match tokio::time::timeout(self.inner.total_timeout, self.inner.exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Unknown(Unknown::TimedOut)),
        };
        match outcome {
            Err(Error::Unknown(_)) if start.abandon() => Err(Error::NotSent(NotSent::NeverWritten)),
            Ok(_) | Err(_) => outcome,
        }
    }

    /// Sends one request, at most once, whose body is read while it is sent, and takes the whole answer.
    ///
    /// # Errors
    ///
    /// As [`Client::send`]; what could not be read is [`Unknown::Closed`], as some of it may have arrived.
    pub async fn send_pieces(&self, request: Request<Pieces>) -> Result<Response, Error> {
        let request = ready(request.map(Outgoing::pieces))?;
        match tokio::time::timeout(self.inner.total_timeout, self.inner.exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Unknown(Unknown::TimedOut)),
        }
    }

    /// Sends one request, at most once, and gives the answer as soon as its head is there.
    ///
    /// # Errors
    ///
    /// As [`Client::send`].
    pub async fn open(&self, request: Request<Bytes>) -> Result<Answer, Error> {
        let request = ready(request.map(|body| Outgoing::new(body, Box::new(|| {})).0))?;
        match tokio::time::timeout(self.inner.total_timeout, self.inner.open(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::Unknown(Unknown::TimedOut)),
        }
    }
}

/// A request to an absolute address, in the version that is spoken here.
fn ready(mut request: Request<Outgoing>) -> Result<Request<Outgoing>, Error> {
    if !is_absolute(request.uri()) {
        return Err(Error::NotSent(NotSent::BadUrl));
    }
    *request.version_mut() = Version::HTTP_11;
    Ok(request)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("total_timeout", &self.inner.total_timeout).finish_non_exhaustive()
    }
}

impl Inner {
    async fn exchange(&self, request: Request<Outgoing>) -> Result<Response, Error> {
        let mut answer = self.open(request).await?;
        let announced = usize::try_from(answer.announced_bytes()).unwrap_or(usize::MAX);
        let mut whole = BytesMut::with_capacity(announced.min(self.max_response_bytes));
        while let Some(piece) = answer.next().await.map_err(Error::Unknown)? {
            whole.extend_from_slice(&piece);
        }
        Ok(Response { status: answer.status, headers: answer.headers, body: whole.freeze() })
    }

    async fn open(&self, request: Request<Outgoing>) -> Result<Answer, Error> {
        let until = Instant::now() + self.total_timeout;
        let answer = self.http.request(request).await.map_err(|err| request_error(&err))?;
        Ok(Answer::new(answer, self.max_response_bytes, until))
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
