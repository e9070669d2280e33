//! A body that is not held whole: it comes piece by piece, and its length is known beforehand.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// A piece that is being read.
type Reading = Pin<Box<dyn Future<Output = io::Result<Bytes>> + Send>>;

/// The body of a request, read while it is sent.
pub struct Pieces {
    /// Reads at most so many bytes from a place on.
    read: Box<dyn FnMut(u64) -> Reading + Send>,
    reading: Option<Reading>,
    at: u64,
    end: u64,
    /// What comes before and behind the pieces, such as the lines of a form around a file.
    head: Bytes,
    tail: Bytes,
}

impl Pieces {
    /// A body of the bytes from `start` to before `end`. `read` is given a place, and reads any number of bytes from
    /// there on, but at least one.
    pub fn new<F>(start: u64, end: u64, mut read: impl FnMut(u64) -> F + Send + 'static) -> Self
    where
        F: Future<Output = io::Result<Bytes>> + Send + 'static,
    {
        Self {
            read: Box::new(move |at| Box::pin(read(at))),
            reading: None,
            at: start,
            end: end.max(start),
            head: Bytes::new(),
            tail: Bytes::new(),
        }
    }

    /// The same body between these bytes.
    #[must_use]
    pub fn between(self, head: impl Into<Bytes>, tail: impl Into<Bytes>) -> Self {
        Self { head: head.into(), tail: tail.into(), ..self }
    }

    fn left(&self) -> u64 {
        self.end - self.at
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if !this.head.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut this.head)))));
        }
        if this.left() == 0 {
            let tail = std::mem::take(&mut this.tail);
            return Poll::Ready((!tail.is_empty()).then(|| Ok(Frame::data(tail))));
        }
        let at = this.at;
        let reading = this.reading.get_or_insert_with(|| (this.read)(at));
        let Poll::Ready(piece) = reading.as_mut().poll(context) else { return Poll::Pending };
        this.reading = None;
        let piece = match piece {
            Ok(piece) if piece.is_empty() => return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
            Ok(piece) => piece,
            Err(err) => return Poll::Ready(Some(Err(err))),
        };
        let left = usize::try_from(this.left()).unwrap_or(usize::MAX);
        let piece = piece.slice(..piece.len().min(left));
        this.at += piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0 && self.head.is_empty() && self.tail.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left() + self.head.len() as u64 + self.tail.len() as u64)
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pieces").field("at", &self.at).field("end", &self.end).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    const TEXT: &[u8] = b"0123456789";

    fn pieces(start: u64, end: u64) -> Pieces {
        Pieces::new(start, end, |at| async move {
            let at = usize::try_from(at).unwrap();
            Ok(Bytes::from_static(&TEXT[at..(at + 3).min(TEXT.len())]))
        })
    }

    #[tokio::test]
    async fn all_from_the_start_to_the_end_comes_and_nothing_else() {
        for (start, end, expected) in [(0, 10, "0123456789"), (4, 10, "456789"), (2, 6, "2345"), (10, 10, "")] {
            let body = pieces(start, end);
            assert_eq!(body.size_hint().exact(), Some(expected.len() as u64));
            assert_eq!(body.collect().await.unwrap().to_bytes(), expected);
        }
    }

    #[tokio::test]
    async fn a_body_can_stand_between_others() {
        for (start, end, expected) in [(0, 10, "<0123456789>"), (5, 5, "<>")] {
            let body = pieces(start, end).between("<", ">");
            assert_eq!(body.size_hint().exact(), Some(expected.len() as u64));
            assert_eq!(body.collect().await.unwrap().to_bytes(), expected);
        }
    }

    #[tokio::test]
    async fn a_body_that_ends_too_early_is_an_error() {
        let body = Pieces::new(0, 11, |_| async { Ok(Bytes::new()) });
        assert_eq!(body.collect().await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
