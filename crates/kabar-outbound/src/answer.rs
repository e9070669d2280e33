//! An answer that is read piece by piece, within the time and size of its client.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::Instant;

use crate::error::Unknown;

/// An answer whose body is still to be read. Dropped, it is not read any further.
pub struct Answer {
    /// The status; a redirect is an answer like any other.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    bytes_left: usize,
    limit_bytes: usize,
    until: Instant,
}

impl Answer {
    pub(crate) fn new(answer: http::Response<Incoming>, limit_bytes: usize, until: Instant) -> Self {
        let (head, body) = answer.into_parts();
        Self { status: head.status, headers: head.headers, body, bytes_left: limit_bytes, limit_bytes, until }
    }

    /// How many bytes the body has at least, by its head.
    #[must_use]
    pub fn announced_bytes(&self) -> u64 {
        self.body.size_hint().lower()
    }

    /// The next bytes of the body; `None` after the last.
    ///
    /// # Errors
    ///
    /// [`Unknown::AnswerTooLarge`] and [`Unknown::TimedOut`] by the bounds of the client; else that the answer broke off.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Unknown> {
        match tokio::time::timeout_at(self.until, self.next()).await {
            Ok(piece) => piece,
            Err(_) => Err(Unknown::TimedOut),
        }
    }

    /// The next bytes, without a limit of time.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Unknown> {
        let too_large = Unknown::AnswerTooLarge { limit_bytes: self.limit_bytes };
        if usize::try_from(self.announced_bytes()).map_or(true, |bytes| bytes > self.bytes_left) {
            return Err(too_large);
        }
        while let Some(frame) = self.body.frame().await {
            let frame =
                frame.map_err(|err| if err.is_parse() { Unknown::BadAnswer } else { Unknown::AnswerCutShort })?;
            let Ok(data) = frame.into_data() else { continue };
            self.bytes_left = self.bytes_left.checked_sub(data.len()).ok_or(too_large)?;
            return Ok(Some(data));
        }
        Ok(None)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}
