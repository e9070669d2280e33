//! The body of a request, which knows whether any of the request can have been written.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use crate::pieces::Pieces;

/// What is called right before a request may be written.
type Note = Box<dyn FnOnce() + Send>;

/// A body. hyper asks for it in the same breath in which it writes the request, after the connection is there and
/// before the first byte goes to the socket; so until it was asked for, the peer has seen nothing.
pub(crate) struct Outgoing {
    body: Content,
    start: Arc<Start>,
}

/// What is sent.
enum Content {
    Whole(Full<Bytes>),
    Pieces(Pieces),
}

/// Whether the request can have been written, as far as the body knows.
pub(crate) struct Start {
    state: AtomicU8,
    note: Mutex<Option<Note>>,
}

/// Nobody asked for the body yet.
const WAITING: u8 = 0;
/// The request may be written from now on.
const BEGUN: u8 = 1;
/// The request will not be written any more.
const ABANDONED: u8 = 2;

/// Why a body did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// Whoever sent the request has given it up before it was begun.
    #[error("the request was given up before it was begun")]
    Abandoned,
    /// What was to be sent could not be read.
    #[error("what was to be sent could not be read: {0}")]
    Unreadable(#[from] io::Error),
}

impl Outgoing {
    pub(crate) fn new(body: Bytes, note: Note) -> (Self, Arc<Start>) {
        let start = Arc::new(Start { state: AtomicU8::new(WAITING), note: Mutex::new(Some(note)) });
        if body.is_empty() {
            // hyper does not ask for an empty body: such a request counts as begun from the start.
            start.begin();
        }
        (Self { body: Content::Whole(Full::new(body)), start: Arc::clone(&start) }, start)
    }

    /// A body in pieces. It counts as begun from the start, as nobody needs to know more of it.
    pub(crate) fn pieces(body: Pieces) -> Self {
        let start = Start { state: AtomicU8::new(BEGUN), note: Mutex::new(None) };
        Self { body: Content::Pieces(body), start: Arc::new(start) }
    }
}

impl Start {
    /// Gives the request up. `true` means that none of it was written, and none will be.
    pub(crate) fn abandon(&self) -> bool {
        self.state.compare_exchange(WAITING, ABANDONED, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Whether the request may be written; calls the note at the first time.
    fn begin(&self) -> bool {
        match self.state.compare_exchange(WAITING, BEGUN, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => {
                let note = self.note.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(note) = note {
                    note();
                }
                true
            }
            Err(state) => state == BEGUN,
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if !self.start.begin() {
            return Poll::Ready(Some(Err(Broken::Abandoned)));
        }
        match &mut self.body {
            Content::Whole(body) => Pin::new(body).poll_frame(context).map_err(|never| match never {}),
            Content::Pieces(body) => Pin::new(body).poll_frame(context).map_err(Broken::Unreadable),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Content::Whole(body) => body.is_end_stream(),
            Content::Pieces(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Content::Whole(body) => body.size_hint(),
            Content::Pieces(body) => body.size_hint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn what_was_given_up_is_never_given_out() {
        let noted = Arc::new(AtomicU8::new(0));
        let seen = Arc::clone(&noted);
        let note = move || {
            seen.fetch_add(1, Ordering::SeqCst);
        };
        let (body, start) = Outgoing::new(Bytes::from_static(b"hello"), Box::new(note));
        assert!(start.abandon());
        assert!(body.collect().await.is_err());
        assert_eq!(noted.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn what_was_begun_cannot_be_given_up() {
        let (body, start) = Outgoing::new(Bytes::from_static(b"hello"), Box::new(|| {}));
        assert_eq!(body.collect().await.unwrap().to_bytes().as_ref(), b"hello");
        assert!(!start.abandon());
        let (_, empty) = Outgoing::new(Bytes::new(), Box::new(|| {}));
        assert!(!empty.abandon());
    }
}
