//! Answers as they should not be: late, cut off, or none at all.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderValue, StatusCode, header};

use crate::faults::rule::Fault;

/// After a part of an answer, so that it is on its way before the connection is closed.
const BEFORE_THE_CUT: Duration = Duration::from_millis(20);

/// Waits as long as a fault has a call wait.
pub(crate) async fn wait(fault: &Fault) {
    if let Fault::Slow { ms } | Fault::Hang { ms } = fault {
        tokio::time::sleep(Duration::from_millis(*ms)).await;
    }
}

/// What the client gets in place of the right answer.
pub(crate) async fn spoil(fault: &Fault, right: Response) -> Response {
    match fault {
        Fault::Close | Fault::Hang { .. } | Fault::Down { .. } => none(),
        Fault::Cut => cut(right).await,
        Fault::Proxy { http } => of_a_proxy(*http),
        Fault::Error { .. }
        | Fault::Slow { .. }
        | Fault::Lose
        | Fault::Duplicate { .. }
        | Fault::Delay { .. }
        | Fault::Reorder { .. }
        | Fault::Batch { .. } => right,
    }
}

/// No answer: a body that fails before anything of the answer was written has the connection closed.
pub(crate) fn none() -> Response {
    let broken = stream::iter([Err::<Bytes, _>(io::Error::other("the connection is closed on purpose"))]);
    Response::new(Body::from_stream(broken))
}

/// Something to cut off, where there is no right answer.
pub(crate) fn begun() -> Response {
    Response::new(Body::from("{\"messaging_product\":\"whatsapp\"}"))
}

/// The head and the first half of the body, and then the end of the connection.
async fn cut(right: Response) -> Response {
    let (mut head, body) = right.into_parts();
    let whole = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let first_half = whole.slice(..whole.len() / 2);
    let begin = stream::iter([Ok(first_half)]);
    let end = stream::once(async {
        tokio::time::sleep(BEFORE_THE_CUT).await;
        Err(io::Error::other("a fault rule cuts the answer off"))
    });
    Response::from_parts(head, Body::from_stream(begin.chain(end)))
}

/// What a proxy says by itself when it does not reach the platform.
fn of_a_proxy(http: u16) -> Response {
    let status = StatusCode::from_u16(http).unwrap_or(StatusCode::BAD_GATEWAY);
    let text = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body><center><h1>{status}</h1></center></body>\r\n</html>\r\n"
    );
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}
