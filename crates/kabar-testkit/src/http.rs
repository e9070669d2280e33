//! A small HTTP client that gives whole exchanges. It keeps connections alive, and makes as many as there are callers.

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;

use crate::wait::PATIENCE;

/// The client. Clones share their connections, which belong to the runtime of the test that made them.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    /// A client without connections.
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        // Shorter than the server lets a connection idle, so that none is closed just when it is used again.
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(5))
            .build(connector);
        Self { client }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Panics
    ///
    /// When there is no answer.
    #[track_caller]
    pub fn exchange<'a>(
        &'a self,
        method: &'a str,
        url: &'a str,
        headers: &'a [(&'a str, &'a str)],
        body: impl Into<Bytes>,
    ) -> impl Future<Output = Exchange> + 'a {
        let (body, caller) = (body.into(), std::panic::Location::caller());
        async move {
            let answer = self.try_exchange(method, url, headers, body).await;
            answer.unwrap_or_else(|err| panic!("at {caller}: {method} {url} has no answer: {err:#}"))
        }
    }

    /// The same, for a server that may go away.
    ///
    /// # Errors
    ///
    /// When the connection fails, or breaks off before the answer is whole.
    pub async fn try_exchange(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> anyhow::Result<Exchange> {
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes())?).uri(url);
        for &(name, value) in headers {
            request = request.header(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
        }
        let request = request.body(Full::new(body.into()))?;
        let answered = async {
            let (parts, body) = self.client.request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(Exchange { version: parts.version, status: parts.status, headers: parts.headers, body })
        };
        tokio::time::timeout(PATIENCE, answered).await?
    }

    /// Reads what is at `url`.
    ///
    /// # Panics
    ///
    /// When there is no answer, or not one of status 200.
    pub async fn get(&self, url: &str) -> String {
        let answer = self.exchange("GET", url, &[], "").await;
        assert_eq!(answer.status, 200, "GET {url}: {}", answer.text());
        answer.text()
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The version of HTTP.
    pub version: Version,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Exchange {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is not.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|err| panic!("not JSON ({err}): {}", self.text()))
    }

    /// A header's value, if it is there once and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(first)
    }

    /// A header's value as a number.
    ///
    /// # Panics
    ///
    /// When it is missing or none.
    #[track_caller]
    pub fn number(&self, header: &str) -> u64 {
        let value = self.header(header).and_then(|value| value.parse().ok());
        value.unwrap_or_else(|| panic!("no number in the header {header}: {:?}", self.headers))
    }
}
