//! Uploading a file for review in a session that outlives a break: it is opened, takes the bytes from where they broke off,
//! and answers the last of them with a handle.

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderName};
use http::{Method, Request, StatusCode};
use kabar_outbound::{NotSent, Pieces};
use serde::Deserialize;

use crate::call::{self, CallError, UnknownReason};
use crate::client::{GraphClient, encoded};
use crate::token::AccessToken;
use crate::wire::tolerant;

/// Where the bytes of a call begin in the file.
const FILE_OFFSET: HeaderName = HeaderName::from_static("file_offset");

/// What Meta is told of a file before it gets the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts<'a> {
    /// Its name, for people.
    pub name: &'a str,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Its type, such as `image/png`.
    pub mime: &'a str,
}

/// A session that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadSession(String);

/// What became of bytes that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uploaded {
    /// The file is whole: a template can name it by this handle.
    Handle(String),
    /// The file has come so far, and goes on from there.
    Offset(u64),
}

#[derive(Deserialize)]
struct Opened {
    id: String,
}

#[derive(Deserialize)]
struct Progress {
    #[serde(default, deserialize_with = "tolerant::option")]
    h: Option<String>,
    #[serde(default, deserialize_with = "tolerant::option_number")]
    file_offset: Option<u64>,
}

impl GraphClient {
    /// Opens a session for a file, in the name of a Meta app.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn open_upload(
        &self,
        token: &AccessToken,
        meta_app_id: &str,
        file: FileFacts<'_>,
    ) -> Result<UploadSession, CallError> {
        let path = format!(
            "{}/uploads?file_name={}&file_length={}&file_type={}",
            encoded(meta_app_id),
            encoded(file.name),
            file.size_bytes,
            encoded(file.mime)
        );
        let opened: Opened = self.call(token, Method::POST, &path, None).await?;
        let session = UploadSession(opened.id);
        if session.is_one() { Ok(session) } else { Err(UNREADABLE) }
    }

    /// Sends the bytes of a file from `offset` to its end. Broken off, the session keeps what has arrived of them.
    ///
    /// # Errors
    ///
    /// A [`CallError`]; with [`CallError::Unknown`], [`GraphClient::upload_offset`] tells how far the file has come.
    pub async fn upload(
        &self,
        token: &AccessToken,
        session: &UploadSession,
        offset: u64,
        bytes: Pieces,
    ) -> Result<Uploaded, CallError> {
        let request = self.session_call(token, session, Method::POST)?.header(FILE_OFFSET, offset);
        let request = request.body(bytes).map_err(|_| CallError::NotSent(NotSent::BadUrl))?;
        let progress: Progress = call::read(&self.uploads().send_pieces(request).await?)?;
        match (progress.h.filter(|handle| !handle.is_empty()), progress.file_offset) {
            (Some(handle), _) => Ok(Uploaded::Handle(handle)),
            (None, Some(offset)) => Ok(Uploaded::Offset(offset)),
            (None, None) => Err(UNREADABLE),
        }
    }

    /// Asks how far a file has come: how many of its bytes have arrived.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn upload_offset(&self, token: &AccessToken, session: &UploadSession) -> Result<u64, CallError> {
        let request = self.session_call(token, session, Method::GET)?.body(Bytes::new());
        let request = request.map_err(|_| CallError::NotSent(NotSent::BadUrl))?;
        let progress: Progress = call::read(&self.http().send(request).await?)?;
        progress.file_offset.ok_or(UNREADABLE)
    }

    fn session_call(
        &self,
        token: &AccessToken,
        session: &UploadSession,
        method: Method,
    ) -> Result<http::request::Builder, CallError> {
        let uri = format!("{}/{}", self.root(), session.0);
        Ok(Request::builder().method(method).uri(uri).header(AUTHORIZATION, token.oauth_header()))
    }
}

impl UploadSession {
    /// Whether it can stand in an address as it came, without leading anywhere else.
    fn is_one(&self) -> bool {
        // Base64 has slashes.
        const MARKS: &[u8] = b":?=&-_.~%+,/";
        let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || MARKS.contains(&byte);
        let rest = self.0.strip_prefix("upload:").filter(|rest| !rest.is_empty() && !rest.contains(".."));
        rest.is_some_and(|rest| rest.bytes().all(is_harmless))
    }
}

const UNREADABLE: CallError = CallError::Unknown(UnknownReason::Unreadable { status: StatusCode::OK });

#[cfg(test)]
mod tests {
    use super::UploadSession;

    #[test]
    fn only_the_name_of_a_session_is_called() {
        let is_one = |name: &str| UploadSession(name.to_owned()).is_one();
        assert!(is_one("upload:MTphdHRhY2htZW50OjY3?sig=ARZqkGCA_uQMxC8nHKI"));
        for other in ["", "upload:", "634974688087057", "upload:a/../me", "upload:a#b", "upload:a b", "upload:ü"] {
            assert!(!is_one(other), "{other}");
        }
    }
}
