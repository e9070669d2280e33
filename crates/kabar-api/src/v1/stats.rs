//! `GET /v1/stats`: what became of the app's messages, and what they cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use http::header::{CONTENT_TYPE, HeaderValue};
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::rule::Rule;
use kabar_engine::stats;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::v1::failure::{Failure, Problem};

/// Which figures are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The first day, of whose messages are told; six days before the last one unless it is said. At most 367 days.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// The last day; today unless it is said.
    #[param(example = "2026-11-21")]
    to: Option<String>,
    /// What they are told apart by: any of `day`, `template`, `sender`, `category`, with commas between.
    #[param(example = "day,category")]
    by: Option<String>,
    /// In which time zone days begin and end: `UTC`, which counts unless it is said, an offset such as `+07:00`, or a name
    /// such as `Asia/Jakarta` that the gateway's machine knows.
    #[param(example = "Asia/Jakarta")]
    timezone: Option<String>,
    /// `json`, or `csv`.
    #[param(default = "json")]
    format: Option<String>,
}

/// Figures of messages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Stats)]
pub(super) struct Stats {
    /// The first day.
    #[schema(example = "2026-11-01")]
    from: String,
    /// The last day.
    #[schema(example = "2026-11-21")]
    to: String,
    /// In which time zone.
    #[schema(example = "UTC")]
    timezone: String,
    /// The currency of all costs; `null` when the gateway has no rate card, and then nothing has a cost.
    #[schema(example = "USD")]
    currency: Option<String>,
    /// The figures, in order.
    data: Vec<StatsRow>,
    /// All of them together.
    total: StatsFigures,
}

/// The figures of messages that have these in common.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::StatsRow)]
struct StatsRow {
    /// The day on which they were accepted; with `by=day`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-21")]
    day: Option<String>,
    /// Their template; with `by=template`.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<StatsTemplate>,
    /// The sender's phone number id; with `by=sender`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "106540352242922")]
    sender: Option<String>,
    /// As what they are charged: what Meta said, or the template's category where it said nothing; with `by=category`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "utility")]
    category: Option<&'static str>,
    #[serde(flatten)]
    figures: StatsFigures,
}

/// A template; code, name and language are `null` when it was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::StatsTemplate)]
struct StatsTemplate {
    /// By which deleted ones are told apart.
    number: i64,
    code: Option<String>,
    name: Option<String>,
    language: Option<String>,
}

/// How many messages came to what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::StatsFigures)]
struct StatsFigures {
    /// All that were accepted.
    accepted: u64,
    /// Meta took them, whatever became of them then.
    sent: u64,
    /// They reached a phone.
    delivered: u64,
    /// They were read.
    read: u64,
    /// They failed, before Meta took them or after.
    failed: StatsFailed,
    /// They were taken back.
    cancelled: u64,
    /// They were not taken by Meta yet, and have not ended.
    waiting: u64,
    /// How often their quick-reply buttons were pressed.
    replies: u64,
    /// What they cost, exactly; `null` without a rate card.
    #[schema(example = "12.50")]
    cost: Option<String>,
    /// Messages that are charged and for which the rate card has no price; their cost is not in `cost`.
    unpriced: u64,
}

/// Messages that failed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::StatsFailed)]
struct StatsFailed {
    /// All of them.
    total: u64,
    /// By code: Meta's, or one of Kabar's own.
    codes: BTreeMap<u32, u64>,
}

impl StatsFigures {
    fn of(figures: &stats::Figures, has_card: bool) -> Self {
        Self {
            accepted: figures.accepted,
            sent: figures.sent,
            delivered: figures.delivered,
            read: figures.read,
            failed: StatsFailed { total: figures.n_failed(), codes: figures.failed.clone() },
            cancelled: figures.cancelled,
            waiting: figures.waiting,
            replies: figures.replies,
            cost: has_card.then(|| figures.cost.to_string()),
            unpriced: figures.unpriced,
        }
    }
}

impl Stats {
    fn of(query: &stats::Query, found: stats::Stats) -> Self {
        let has_card = found.currency.is_some();
        let (from, to) = query.days();
        let rows = found.rows.into_iter().map(|row| StatsRow {
            day: row.day,
            template: row.template.map(|template| {
                let (code, name, language) = match template.known {
                    Some((code, name, language)) => (Some(code), Some(name), Some(language)),
                    None => (None, None, None),
                };
                StatsTemplate { number: template.number, code, name, language }
            }),
            sender: row.sender.map(|sender| sender.to_string()),
            category: row.category.map(kabar_domain::pricing::Charged::as_str),
            figures: StatsFigures::of(&row.figures, has_card),
        });
        Self {
            from,
            to,
            timezone: query.zone.name().to_owned(),
            data: rows.collect(),
            total: StatsFigures::of(&found.total, has_card),
            currency: found.currency,
        }
    }
}

/// What became of messages, and what they cost
///
/// Counted from the ledger at the time of asking, and exact. A message belongs to the day on which it was accepted. What is
/// erased or forgotten for its age stays counted.
#[utoipa::path(
    get,
    path = "/stats",
    tag = "v1",
    security(("bearer" = []), ("bare" = [])),
    params(Asked),
    responses(
        (status = 200, description = "The figures; with `format=csv` a line for each row", content((Stats = "application/json"), (String = "text/csv"))),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token that counts"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token without the scope `send`"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "Something is wrong with what is asked: `errors` says what"),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "More requests than the app may make"),
        (status = 500, body = Problem, content_type = "application/problem+json", description = "Something broke here"),
    )
)]
pub(super) async fn stats(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Failure> {
    let asked = query.map_or_else(|_| Asked::default(), |Query(asked)| asked);
    let mut faults = Faults::none();
    let csv = match asked.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => {
            faults.push(Fault::new(Path::root().key("format"), Rule::NotOneOf).with("choices", "json, csv"));
            false
        }
    };
    let words = stats::Asked {
        from: asked.from.as_deref(),
        to: asked.to.as_deref(),
        by: asked.by.as_deref(),
        timezone: asked.timezone.as_deref(),
    };
    let query = match stats::Query::parse(words, door.gateway.clock().now()) {
        Ok(query) => faults.or(query)?,
        Err(mut found) => {
            found.append(faults);
            return Err(found.into());
        }
    };
    let found = door.gateway.stats(&caller.app, &query).await.map_err(|err| {
        tracing::error!(app = %caller.app, "statistics could not be made: {err}");
        Failure::Internal
    })?;
    if csv {
        let mut response = found.csv(&query).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        return Ok(response);
    }
    Ok(Json(Stats::of(&query, found)).into_response())
}
