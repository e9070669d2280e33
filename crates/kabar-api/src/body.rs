//! Request bodies: read whole, up to a limit, and not for ever.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// A caller that needs longer than this for its body is on no line that works.
const READ_TIMEOUT: Duration = Duration::from_secs(20);

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is longer than the limit.
    TooLarge,
    /// The caller went away, broke the protocol, or took too long.
    Broken,
}

/// Reads a body of at most `max_bytes`. One that says beforehand that it is longer is not read at all.
pub(crate) async fn read(body: Body, max_bytes: usize) -> Result<Bytes, Unread> {
    let announced = body.size_hint().lower();
    if usize::try_from(announced).map_or(true, |bytes| bytes > max_bytes) {
        return Err(Unread::TooLarge);
    }
    match tokio::time::timeout(READ_TIMEOUT, Limited::new(body, max_bytes).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(err)) if err.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Ok(Err(_)) | Err(_) => Err(Unread::Broken),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream::{self, StreamExt as _};

    use super::*;

    fn in_pieces(pieces: Vec<io::Result<&'static str>>) -> Body {
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_up_to_the_limit_and_not_for_ever() {
        assert_eq!(read(Body::from("12345"), 5).await, Ok(Bytes::from("12345")));
        assert_eq!(read(Body::from("123456"), 5).await, Err(Unread::TooLarge));
        assert_eq!(read(in_pieces(vec![Ok("12"), Ok("345")]), 5).await, Ok(Bytes::from("12345")));
        assert_eq!(read(in_pieces(vec![Ok("12"), Ok("345"), Ok("6")]), 5).await, Err(Unread::TooLarge));
        let broken = in_pieces(vec![Ok("12"), Err(io::ErrorKind::ConnectionReset.into())]);
        assert_eq!(read(broken, 5).await, Err(Unread::Broken));
        let stalled = Body::from_stream(stream::iter([Ok::<_, io::Error>("12")]).chain(stream::pending()));
        assert_eq!(read(stalled, 5).await, Err(Unread::Broken));
    }
}
