//! Calls to callbacks: the handshake, and the signed call itself.

pub(crate) mod payload;
pub(crate) mod run;

use std::time::Duration;

use aws_lc_rs::hmac;
use bytes::Bytes;
use http::{Method, Request, Uri, header};
use kabar_outbound::Client;

use crate::graph::request::encode;
use crate::random;

/// How long a callback may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Calls callbacks in the app's name.
#[derive(Debug)]
pub(crate) struct Webhooks {
    client: Client,
    key: hmac::Key,
}

impl Webhooks {
    pub(crate) fn new(app_secret: &str) -> Self {
        let options = kabar_outbound::Options {
            connect_timeout: Duration::from_secs(3),
            total_timeout: TIMEOUT,
            ..kabar_outbound::Options::default()
        };
        Self { client: Client::new(options), key: hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes()) }
    }

    /// The handshake: the callback must give back the challenge. The error says what went wrong.
    pub(crate) async fn verify(&self, callback_url: &str, verify_token: &str) -> Result<(), String> {
        let challenge = random::challenge();
        let separator = if callback_url.contains('?') { '&' } else { '?' };
        let url = format!(
            "{callback_url}{separator}hub.mode=subscribe&hub.challenge={challenge}&hub.verify_token={}",
            encode(verify_token)
        );
        let uri: Uri = url.parse().map_err(|_| "the callback is not a valid URI".to_owned())?;
        let request = Request::builder().method(Method::GET).uri(uri).body(Bytes::new());
        let request = request.map_err(|err| err.to_string())?;
        let response = self.client.send(request).await.map_err(|err| err.to_string())?;
        if !response.status.is_success() {
            let reason = response.status.canonical_reason().unwrap_or_default();
            return Err(format!("HTTP Status Code = {}; HTTP Message = {reason}", response.status.as_u16()));
        }
        if response.body != challenge.as_bytes() {
            return Err("the answer is not the challenge".to_owned());
        }
        Ok(())
    }

    /// Makes a signed call; gives the HTTP status, or what went wrong.
    pub(crate) async fn call(&self, callback_url: &str, body: Bytes) -> Result<u16, String> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(callback_url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "facebookexternalua")
            .header("x-hub-signature-256", self.signature(&body))
            .body(body)
            .map_err(|err| err.to_string())?;
        let response = self.client.send(request).await.map_err(|err| err.to_string())?;
        Ok(response.status.as_u16())
    }

    /// `sha256=` and the HMAC of the body in lower-case hexadecimal digits.
    fn signature(&self, body: &[u8]) -> String {
        let tag = hmac::sign(&self.key, body);
        let mut signature = String::from("sha256=");
        for byte in tag.as_ref() {
            for nibble in [byte >> 4, byte & 0x0f] {
                signature.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
            }
        }
        signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second test case of RFC 4231.
    #[test]
    fn the_signature_is_the_hmac_of_the_body() {
        assert_eq!(
            Webhooks::new("Jefe").signature(b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
