//! `GET /v1/messages/{msgid}/explain`: what happened to a message, in words, and what to do next.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::HeaderMap;
use kabar_domain::catalogue::{Locale, story as words};
use kabar_domain::message::story::Story;
use serde::Serialize;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::locale;
use crate::v1::failure::{Failure, Problem};
use crate::v1::message::msgid_in;

/// The story of a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Explained)]
pub struct Explained {
    /// The message.
    #[schema(format = Uuid, example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")]
    msgid: String,
    /// How far it has come.
    #[schema(example = "failed")]
    end: &'static str,
    /// What happened, in order.
    steps: Vec<Explanation>,
    /// What to do next, in the language asked for.
    advice: String,
}

/// One step of a message's story.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Explanation)]
struct Explanation {
    /// When, in UTC.
    #[schema(format = DateTime, example = "2024-03-01T03:22:58.073Z")]
    at: String,
    /// The kind of step, for programs. There may be more kinds in time.
    #[schema(example = "attempt")]
    what: &'static str,
    /// What happened, in the language asked for.
    text: String,
}

impl Explained {
    /// A story in words.
    pub fn of(story: &Story, locale: Locale) -> Self {
        let steps = story.steps.iter().map(|step| Explanation {
            at: step.at.to_string(),
            what: step.what.name(),
            text: words::text(step, locale),
        });
        Self {
            msgid: story.msgid.to_string(),
            end: story.end.as_str(),
            steps: steps.collect(),
            advice: words::advice(story, locale),
        }
    }
}

/// Explain a message
///
/// Each step with its time: what it waited for, each attempt with the upstream's answer, what the upstream reported and what
/// its numbers mean; and what to do next. Values of the message are never shown. In English, or in Indonesian with
/// `Accept-Language: id`.
#[utoipa::path(
    get,
    path = "/messages/{msgid}/explain",
    tag = "v1",
    security(("bearer" = []), ("bare" = [])),
    params(("msgid" = String, Path, description = "The message", example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")),
    responses(
        (status = 200, body = Explained),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token that counts"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token without the scope `send`"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The app has no such message"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "More requests than the app may make"),
        (status = 500, body = Problem, content_type = "application/problem+json", description = "Something broke here"),
    )
)]
pub(super) async fn explain(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Explained>, Failure> {
    let msgid = msgid_in(path)?;
    match door.gateway.explain(&caller.app, msgid).await {
        Ok(Some(story)) => Ok(Json(Explained::of(&story, locale::of(&headers, Locale::English)))),
        Ok(None) => Err(Failure::NotFound),
        Err(err) => {
            tracing::error!(%msgid, "a message could not be explained: {err}");
            Err(Failure::Internal)
        }
    }
}
