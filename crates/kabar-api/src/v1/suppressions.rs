//! Who gets no marketing of an app: listed, said and lifted one by one, and brought in and out as CSV.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use kabar_domain::fault::{self, Fault, Faults};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::rule::Rule;
use kabar_engine::suppression_list::{self, HEADER};
use kabar_store::directory::Scope;
use kabar_store::suppression::{Query as Asked, Source, Suppression as Kept, Wish};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::body;
use crate::door::{Caller, Door};
use crate::v1::failure::{Failure, Problem};
use crate::v1::{guarded, json};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1000;
/// The longest list that is brought in at once, in bytes: some hundred thousand numbers.
const MAX_LIST_BYTES: usize = 4 * 1024 * 1024;
/// The longest note, in characters.
const MAX_NOTE: usize = 500;

/// The topic's routes.
pub(super) fn routes(door: &Arc<Door>) -> OpenApiRouter<Arc<Door>> {
    let guarded = |methods| guarded(door, Scope::Suppressions, methods);
    OpenApiRouter::new()
        .routes(guarded(routes!(list_suppressions)))
        .routes(guarded(routes!(import_suppressions)))
        .routes(guarded(routes!(export_suppressions)))
        .routes(guarded(routes!(read_suppression, put_suppression, lift_suppression)))
}

/// A recipient who gets no marketing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Suppression)]
pub(super) struct Suppression {
    /// Who, with `+` and country code.
    #[schema(example = "+6281381475159")]
    phone_number: String,
    /// How it became known: `refusal`, `preference`, `reply`, `hand` or `import`.
    #[schema(example = "reply")]
    source: &'static str,
    /// In words.
    note: String,
    /// Since when, in UTC.
    #[schema(format = DateTime, example = "2024-03-01T03:22:58.073Z")]
    since: String,
}

/// Recipients who get no marketing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Suppressions)]
pub(super) struct Suppressions {
    /// In the order of their numbers.
    data: Vec<Suppression>,
    /// Where the next page begins; left out with the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What is said of a recipient.
#[derive(Debug, Default, ToSchema)]
#[schema(as = v1::SuppressionNote)]
#[expect(dead_code, reason = "it describes the body")]
pub(super) struct Note {
    /// In words, up to 500 characters.
    note: Option<String>,
}

/// How many recipients a list changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::SuppressionsImported)]
pub(super) struct Imported {
    /// Rows of the list.
    rows: usize,
    /// Recipients who were not stopped before.
    added: u64,
}

/// Which are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Of this source only: `refusal`, `preference`, `reply`, `hand` or `import`.
    source: Option<String>,
    /// On from here: `next` of another page.
    after: Option<String>,
    /// How many a page has, from 1 to 1000.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000, default = 100)]
    limit: Option<String>,
}

impl Which {
    fn read(&self) -> Result<(Asked, u32), Faults> {
        let mut faults = Faults::none();
        let mut wrong = |key: &'static str, choices: String| {
            faults.push(Fault::new(fault::Path::root().key(key), Rule::NotOneOf).with("choices", choices));
        };
        let mut asked = Asked::default();
        if let Some(text) = &self.source {
            asked.source = Source::parse(text);
            if asked.source.is_none() {
                wrong("source", Source::NAMES.map(|(name, _)| name).join(", "));
            }
        }
        if let Some(text) = &self.after {
            asked.after = PhoneNumber::kept(text).ok();
            if asked.after.is_none() {
                wrong("after", "next".to_owned());
            }
        }
        let limit = self.limit.as_ref().map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
        if limit.is_none() {
            wrong("limit", format!("1 … {MAX_LIMIT}"));
        }
        faults.or((asked, limit.unwrap_or(DEFAULT_LIMIT)))
    }
}

/// List who gets no marketing
///
/// In the order of the numbers.
#[utoipa::path(
    get,
    path = "/suppressions",
    tag = "v1",
    security(("bearer" = [])),
    params(Which),
    responses(
        (status = 200, body = Suppressions),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list_suppressions(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    query: Result<Query<Which>, QueryRejection>,
) -> Result<Json<Suppressions>, Failure> {
    let Query(which) = query.unwrap_or_default();
    let (asked, limit) = which.read()?;
    let mut found = page(&door, &caller, asked, limit + 1).await?;
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| has_more).map(|last| last.wish.recipient.as_e164().to_owned());
    Ok(Json(Suppressions { data: found.iter().map(told).collect(), next }))
}

/// Look whether a recipient gets no marketing
#[utoipa::path(
    get,
    path = "/suppressions/{phone_number}",
    tag = "v1",
    security(("bearer" = [])),
    params(("phone_number" = String, Path, description = "The recipient, with country code")),
    responses(
        (status = 200, body = Suppression),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The recipient has not stopped marketing"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read_suppression(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Suppression>, Failure> {
    let recipient = recipient_in(path)?;
    let kept = found(&door, &caller, &recipient).await?;
    kept.map(|kept| Json(told(&kept))).ok_or(Failure::NotFound)
}

/// Send a recipient no more marketing
///
/// It holds at once: what waits for this recipient ends without being sent. Said once more, it changes nothing.
#[utoipa::path(
    put,
    path = "/suppressions/{phone_number}",
    tag = "v1",
    security(("bearer" = [])),
    params(("phone_number" = String, Path, description = "The recipient, with country code")),
    request_body(content = Note, description = "May be left out"),
    responses(
        (status = 200, body = Suppression),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn put_suppression(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    body: Body,
) -> Result<Json<Suppression>, Failure> {
    let recipient = recipient_in(path)?;
    let note = match json::optional(&door, body).await? {
        None => String::new(),
        Some(document) => match document.get("note") {
            None => String::new(),
            Some(note) => note
                .as_str()
                .filter(|note| note.chars().count() <= MAX_NOTE)
                .ok_or_else(|| Faults::from(Fault::new(fault::Path::root().key("note"), Rule::WrongType)))?
                .to_owned(),
        },
    };
    wish(&door, &caller, &recipient, true, note).await?;
    let kept = found(&door, &caller, &recipient).await?;
    kept.map(|kept| Json(told(&kept))).ok_or(Failure::Internal)
}

/// Let a recipient get marketing again
///
/// For new messages; what ended meanwhile stays ended.
#[utoipa::path(
    delete,
    path = "/suppressions/{phone_number}",
    tag = "v1",
    security(("bearer" = [])),
    params(("phone_number" = String, Path, description = "The recipient, with country code")),
    responses(
        (status = 204, description = "It is lifted"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "The recipient has not stopped marketing"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn lift_suppression(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Failure> {
    let recipient = recipient_in(path)?;
    if found(&door, &caller, &recipient).await?.is_none() {
        return Err(Failure::NotFound);
    }
    wish(&door, &caller, &recipient, false, String::new()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Bring in a list of recipients who get no marketing
///
/// CSV with the columns `phone_number` and, if wanted, `note`. If a row is wrong, none is taken: everything that is wrong is
/// told at once, each with its row.
#[utoipa::path(
    post,
    path = "/suppressions/import",
    tag = "v1",
    security(("bearer" = [])),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = Imported),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn import_suppressions(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    body: Body,
) -> Result<Json<Imported>, Failure> {
    let bytes = body::read(body, MAX_LIST_BYTES).await.map_err(|_| Failure::NotJson)?;
    let wishes = suppression_list::read(&bytes, &caller.app, door.gateway.clock().now())?;
    let rows = wishes.len();
    let added = door.gateway.suppress(wishes).await.map_err(|err| broken(&err))?;
    Ok(Json(Imported { rows, added }))
}

/// Take out the list of recipients who get no marketing
///
/// CSV, as it can be brought in again.
#[utoipa::path(
    get,
    path = "/suppressions/export",
    tag = "v1",
    security(("bearer" = [])),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 500, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn export_suppressions(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let first = async { Ok::<_, std::io::Error>(HEADER.to_owned()) };
    let pages = futures_util::stream::unfold(Some(Asked::default()), move |asked| {
        let (door, caller) = (Arc::clone(&door), caller.clone());
        async move {
            let mut asked = asked?;
            match page(&door, &caller, asked.clone(), MAX_LIMIT).await {
                Ok(found) => {
                    let last = found.last()?.wish.recipient.clone();
                    let lines = suppression_list::write(&found);
                    asked.after = Some(last);
                    Some((Ok(lines), Some(asked)))
                }
                // Who reads sees that it broke off.
                Err(_) => Some((Err(std::io::Error::other("the list could not be read")), None)),
            }
        }
    });
    let body = Body::from_stream(futures_util::StreamExt::chain(futures_util::stream::once(first), pages));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"suppressions.csv\""));
    response
}

async fn found(door: &Door, caller: &Caller, recipient: &PhoneNumber) -> Result<Option<Kept>, Failure> {
    door.gateway.suppression(&caller.app, recipient).await.map_err(|err| broken(&err))
}

async fn page(door: &Door, caller: &Caller, asked: Asked, limit: u32) -> Result<Vec<Kept>, Failure> {
    door.gateway.suppressions(&caller.app, asked, limit).await.map_err(|err| broken(&err))
}

async fn wish(
    door: &Door,
    caller: &Caller,
    recipient: &PhoneNumber,
    stopped: bool,
    note: String,
) -> Result<(), Failure> {
    let wish = Wish {
        app: caller.app.clone(),
        recipient: recipient.clone(),
        stopped,
        source: Source::Hand,
        note,
        at: door.gateway.clock().now(),
    };
    door.gateway.suppress(vec![wish]).await.map(drop).map_err(|err| broken(&err))
}

fn recipient_in(path: Result<Path<String>, PathRejection>) -> Result<PhoneNumber, Failure> {
    let Path(text) = path.map_err(|_| Failure::NotFound)?;
    PhoneNumber::parse(&text).map_err(|err| {
        Failure::Invalid(Fault::new(fault::Path::root().key("phone_number"), Rule::of_phone_number(err)).into())
    })
}

fn told(kept: &Kept) -> Suppression {
    let Wish { recipient, source, note, at, .. } = &kept.wish;
    Suppression {
        phone_number: recipient.as_e164().to_owned(),
        source: source.as_str(),
        note: note.clone(),
        since: at.to_string(),
    }
}

fn broken(err: &kabar_store::Error) -> Failure {
    tracing::error!("who gets no marketing could not be looked up or kept: {err}");
    Failure::Internal
}
