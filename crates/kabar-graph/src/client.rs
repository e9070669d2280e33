//! The calls that Kabar makes.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode, Uri};
use kabar_outbound::{Client, NotSent};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::call::{self, CallError, UnknownReason};
use crate::token::AccessToken;
use crate::wire::Success;
use crate::wire::message::{SendAnswer, Sent, TemplateMessage};
use crate::wire::phone::{PhoneNumber, PhoneNumberList};

/// Where Meta answers.
const META: &str = "https://graph.facebook.com";
/// Where Meta answers to calls of the archive. Who stands in Meta's place has all calls at one address.
const META_ARCHIVE: &str = "https://api.facebook.com";
/// The most numbers that are asked for; Meta allows 25 in a WABA.
const MOST_PHONE_NUMBERS: u32 = 100;

/// Calls Meta's Graph API, or what stands in its place. Every call is made at most once; cheap to clone.
#[derive(Debug, Clone)]
pub struct GraphClient {
    /// Base address and version, without a slash at the end.
    root: String,
    /// The same for the archive, which Meta has on a host of its own and without a version.
    archive_root: String,
    http: Client,
    /// Carries files, which need more time than other calls.
    uploads: Client,
}

/// The text is not a base address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the base address of a Graph API: {0}")]
pub struct BadBaseUrl(
    /// What was given.
    pub String,
);

impl GraphClient {
    /// Makes a client for `base_url` (Meta's is `https://graph.facebook.com`) and a version such as `v26.0`; without a
    /// version Meta takes the app's default.
    ///
    /// # Errors
    ///
    /// [`BadBaseUrl`] when it is not an absolute `http` or `https` address without a query.
    pub fn new(base_url: &str, version: Option<&str>, http: Client) -> Result<Self, BadBaseUrl> {
        let bad = || BadBaseUrl(base_url.to_owned());
        let mut root = base_url.trim_end_matches('/').to_owned();
        let archive_root = if root == META { META_ARCHIVE.to_owned() } else { root.clone() };
        if let Some(version) = version {
            root.push('/');
            root.push_str(version.trim_matches('/'));
        }
        let uri: Uri = root.parse().map_err(|_| bad())?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() || uri.query().is_some() {
            return Err(bad());
        }
        Ok(Self { root, archive_root, uploads: http.clone(), http })
    }

    /// The same client with another one for files.
    #[must_use]
    pub fn uploading_by(self, uploads: Client) -> Self {
        Self { uploads, ..self }
    }

    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    pub(crate) const fn http(&self) -> &Client {
        &self.http
    }

    pub(crate) const fn uploads(&self) -> &Client {
        &self.uploads
    }

    /// Sends one template message from a sender. `note` is called right before the first byte may be written: as long as
    /// it was not, Meta has seen nothing.
    ///
    /// # Errors
    ///
    /// A [`CallError`]; an answer without the message's id is [`CallError::Unknown`].
    pub async fn send_template(
        &self,
        token: &AccessToken,
        phone_number_id: &str,
        message: &TemplateMessage<'_>,
        note: impl FnOnce() + Send + 'static,
    ) -> Result<Sent, CallError> {
        let path = format!("{}/messages", encoded(phone_number_id));
        let body = serde_json::to_vec(message).expect("its maps have keys of text only");
        let request = self.request(token, Method::POST, &path, Some(body))?;
        let answer: SendAnswer = call::read(&self.http.send_noting(request, note).await?)?;
        answer.into_sent().ok_or(UNREADABLE)
    }

    /// Asks for a WABA's webhooks, at an address of its own. Meta verifies the address before it answers.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn subscribe(
        &self,
        token: &AccessToken,
        waba: &str,
        callback_uri: &str,
        verify_token: &str,
    ) -> Result<(), CallError> {
        let body = json!({"override_callback_uri": callback_uri, "verify_token": verify_token});
        let path = format!("{}/subscribed_apps", encoded(waba));
        done(self.call(token, Method::POST, &path, Some(json_body(&body))).await?)
    }

    /// Reads the senders of a WABA.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn phone_numbers(&self, token: &AccessToken, waba: &str) -> Result<Vec<PhoneNumber>, CallError> {
        let path = format!(
            "{}/phone_numbers?fields=id,display_phone_number,verified_name,quality_rating,throughput&limit={MOST_PHONE_NUMBERS}",
            encoded(waba)
        );
        let list: PhoneNumberList = self.call(token, Method::GET, &path, None).await?;
        Ok(list.data)
    }

    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        token: &AccessToken,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<T, CallError> {
        call::read(&self.http.send(self.request(token, method, path, body)?).await?)
    }

    fn request(
        &self,
        token: &AccessToken,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Request<Bytes>, CallError> {
        Self::request_at(&self.root, token, method, path, body)
    }

    fn request_at(
        root: &str,
        token: &AccessToken,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Request<Bytes>, CallError> {
        let mut request =
            Request::builder().method(method).uri(format!("{root}/{path}")).header(AUTHORIZATION, token.header());
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        // Only an address that is too long fails here, as with an endless cursor.
        request.body(Bytes::from(body.unwrap_or_default())).map_err(|_| CallError::NotSent(NotSent::BadUrl))
    }
}

const UNREADABLE: CallError = CallError::Unknown(UnknownReason::Unreadable { status: StatusCode::OK });

fn done(answer: Success) -> Result<(), CallError> {
    if answer.success { Ok(()) } else { Err(UNREADABLE) }
}

fn json_body(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// Percent-encodes all that is not unreserved (RFC 3986, section 2.3), so that no id or cursor can change the address.
pub(crate) fn encoded(text: &str) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out
}

mod templates;
#[cfg(test)]
mod tests;
