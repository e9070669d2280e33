//! `GET /v1/messages`: messages that are looked for, page by page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use kabar_domain::rule::Rule;
use kabar_store::search::Question;
use serde::Serialize;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::export::Line;
use crate::v1::asked::{Pairs, Which, at, cursor, read, wrong};
use crate::v1::failure::{Failure, Problem};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Messages)]
struct Messages<'r> {
    /// The messages, newest first. There may be fewer than asked for, or none, where many were passed over.
    data: Vec<Line<'r>>,
    /// What `after` is for the next page; left out with the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which page.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its fields are read by the documentation alone")]
struct Paging {
    /// On from here: `next` of another page.
    after: Option<String>,
    /// How many a page has at most, from 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// Look for messages
///
/// Newest first. A message is found if everything holds that is asked. A search by recipient is quick however many messages
/// there are; any other walks over the messages from the newest on, so many for one page: go on with `next` until it is
/// left out, also after a page without messages.
#[utoipa::path(
    get,
    path = "/messages",
    tag = "v1",
    security(("bearer" = []), ("bare" = [])),
    params(Which, Paging),
    responses(
        (status = 200, body = Messages<'static>),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token that counts"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token without the scope `send`"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "Something is wrong with the query: everything that is"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "More requests than the app may make"),
        (status = 500, body = Problem, content_type = "application/problem+json", description = "Something broke here"),
    )
)]
pub(super) async fn list_messages(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    pairs: Pairs,
) -> Result<Response, Failure> {
    let (mut after, mut limit) = (None, DEFAULT_LIMIT);
    let search = read(pairs, |name, value, faults| match name {
        "after" => {
            after = at(value);
            if after.is_none() {
                faults.push(wrong(name, Rule::NotOneOf).with("choices", "next"));
            }
            true
        }
        "limit" => {
            match value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)) {
                Some(asked) => limit = asked,
                None => faults.push(wrong(name, Rule::NotOneOf).with("choices", "1 … 200")),
            }
            true
        }
        _ => false,
    })?;
    let question = Question { app: caller.app.clone(), search, after, limit };
    let page = door.gateway.search(question).await.map_err(|err| {
        tracing::error!(app = %caller.app, "messages could not be looked for: {err}");
        Failure::Internal
    })?;
    let next = page.next.map(cursor);
    Ok(Json(Messages { data: page.rows.iter().map(Line::of).collect(), next }).into_response())
}
