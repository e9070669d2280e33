//! How the phone page calls the sandbox: by its control API over HTTP, as anybody would.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use kabar_console::phone::{Called, Method, Sandbox};
use kabar_outbound::{Client, Options};
use serde_json::Value;

/// Longer than the sandbox keeps anybody waiting for news.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A sandbox, here or elsewhere.
pub(super) struct Control {
    client: Client,
    url: String,
}

impl Control {
    pub(super) fn new(url: &str) -> Self {
        let options = Options { total_timeout: TIMEOUT, max_response_bytes: 16 * 1024 * 1024, ..Options::default() };
        Self { client: Client::new(options), url: url.to_owned() }
    }
}

impl Sandbox for Control {
    fn call(&self, method: Method, path: String, body: Value) -> Called<'_> {
        Box::pin(async move {
            let method = match method {
                Method::Get => http::Method::GET,
                Method::Post => http::Method::POST,
                Method::Delete => http::Method::DELETE,
            };
            let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
            let request = Request::builder()
                .method(method)
                .uri(format!("{}{path}", self.url))
                .header(header::CONTENT_TYPE, "application/json")
                .body(body)
                .map_err(|err| err.to_string())?;
            let answer = self.client.send(request).await.map_err(|err| format!("{}: {err}", self.url))?;
            let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
            Ok((answer.status.as_u16(), body))
        })
    }
}
