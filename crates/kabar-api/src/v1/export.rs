//! `GET /v1/messages/export`: all messages of a search, as one document of any length.
//!
//! The document is made page by page as its reader takes it: each page is a reading of its own, so that none stays open
//! beside the writer, and nothing but one page is held for a reader who takes none. What can't be read any more breaks the
//! answer off, so that half a document never looks like a whole one.

use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use kabar_domain::ids::Msgid;
use kabar_domain::rule::Rule;
use kabar_store::search::Question;
use tokio::sync::Semaphore;

use crate::door::{Caller, Door};
use crate::export::Format;
use crate::v1::asked::{Pairs, Which, read, wrong};
use crate::v1::failure::{Failure, Problem};

/// How many messages are read at once.
const PAGE: u32 = 1000;
/// How many exports read at the same time; the others wait for their next page meanwhile, so that other questions find
/// their reader.
const AT_ONCE: usize = 1;

/// The turns of all exports.
#[derive(Debug, Clone)]
pub(super) struct Turns(Arc<Semaphore>);

impl Turns {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// How the lines are written.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields are read by the documentation alone")]
struct Written {
    /// `csv` or `jsonl`; without it, what `Accept` asks for, or `csv`.
    format: Option<String>,
}

/// Export messages
///
/// All messages of a search, newest first, as CSV (RFC 4180, with a header) or as JSON lines. The answer streams, however
/// long it is. In CSV the phone number has its digits alone, and what a spreadsheet would take for a formula has an
/// apostrophe before it. An answer that breaks off was not all.
#[utoipa::path(
    get,
    path = "/messages/export",
    tag = "v1",
    security(("bearer" = []), ("bare" = [])),
    params(Which, Written),
    responses(
        (status = 200, description = "The messages", content(
            (String = "text/csv"),
            (crate::export::Line<'static> = "application/x-ndjson"),
        )),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token that counts"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token without the scope `send`"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "Something is wrong with the query: everything that is"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "More requests than the app may make"),
        (status = 500, body = Problem, content_type = "application/problem+json", description = "Something broke here"),
    )
)]
pub(super) async fn export_messages(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    Extension(turns): Extension<Turns>,
    headers: HeaderMap,
    pairs: Pairs,
) -> Result<Response, Failure> {
    let mut format = accepted(&headers);
    let search = read(pairs, |name, value, faults| {
        if name == "format" {
            match Format::NAMES.iter().find(|(one, _)| *one == value) {
                Some((_, asked)) => format = *asked,
                None => faults.push(wrong(name, Rule::NotOneOf).with("choices", "csv, jsonl")),
            }
        }
        name == "format"
    })?;
    let export =
        Export { door, turns, format, question: Question { app: caller.app, search, after: None, limit: PAGE } };
    // The first page decides whether there is an answer at all.
    let (first, next) = export.page(None).await.map_err(|_| Failure::Internal)?;
    let (mut head, content_type) = (Vec::from(format.header()), HeaderValue::from_static(format.content_type()));
    head.extend_from_slice(&first);
    let rest = stream::try_unfold((export, next), async |(export, next)| {
        let Some(after) = next else { return Ok::<_, io::Error>(None) };
        let (bytes, next) = export.page(Some(after)).await?;
        Ok(Some((bytes, (export, next))))
    });
    let head = stream::once(std::future::ready(Ok(Bytes::from(head))));
    let mut response = Body::from_stream(stream::StreamExt::chain(head, rest)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    let name = if format == Format::Csv { "messages.csv" } else { "messages.jsonl" };
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// What `Accept` asks for.
fn accepted(headers: &HeaderMap) -> Format {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wants_json = ["application/x-ndjson", "application/jsonl"].iter().any(|kind| accept.contains(kind));
    if wants_json { Format::JsonLines } else { Format::Csv }
}

struct Export {
    door: Arc<Door>,
    turns: Turns,
    format: Format,
    question: Question,
}

impl Export {
    /// The lines of a page, and where to go on. A page may have none.
    async fn page(&self, after: Option<Msgid>) -> io::Result<(Bytes, Option<Msgid>)> {
        let _turn = self.turns.0.acquire().await.map_err(io::Error::other)?;
        let question = Question { after, ..self.question.clone() };
        let page = self.door.gateway.search(question).await.map_err(|err| {
            tracing::error!(app = %self.question.app, "an export broke off: {err}");
            io::Error::other(err)
        })?;
        let mut lines = Vec::with_capacity(page.rows.len() * 400);
        for row in &page.rows {
            self.format.write(row, &mut lines);
        }
        Ok((Bytes::from(lines), page.next))
    }
}
