//! What an operator may ask of the sandbox under `/_sandbox`: decisions on templates by hand, and uploads
//! that break off; the limits are in [`limits`].

pub(crate) mod limits;

use std::collections::VecDeque;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::check::template::CATEGORIES;
use crate::graph::errors::GraphError;
use crate::graph::templates;
use crate::ledger::{not_found, problem};
use crate::review::{Decision, InvalidReview};
use crate::world::upload::Upload;
use crate::world::{Quality, Template, TemplateStatus, World};

/// Templates that are listed when nothing else is said.
const TEMPLATES_LISTED: usize = 50;

/// Titles that the platform gives a pause.
const PAUSES: [&str; 3] = ["FIRST_PAUSE", "SECOND_PAUSE", "RATE_LIMITING_PAUSE"];

/// What can be asked for a template, with a sentence for the index.
pub(crate) const ACTIONS: [(&str, &str); 12] = [
    ("approve", "approves a template"),
    ("reject", "rejects it; a JSON body may give a reason and a recommendation"),
    ("pause", "pauses it; a JSON body may give the title, FIRST_PAUSE, SECOND_PAUSE or RATE_LIMITING_PAUSE"),
    ("unpause", "ends its pause"),
    ("disable", "disables it"),
    (
        "quality",
        "gives it the score of the body: GREEN, YELLOW, RED, UNKNOWN; each turn to RED pauses it, the third disables it",
    ),
    ("category", "gives it the category of the body; with \"notice\": true it is announced, and holds a day later"),
    ("in_appeal", "appeals against its rejection"),
    ("archive", "puts it into the archive"),
    ("unarchive", "takes it out of the archive"),
    ("pending_deletion", "marks it as one that is being deleted"),
    ("limit_exceeded", "marks it as one too many"),
];

/// The optional JSON body of an action.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    reason: Option<String>,
    recommendation: Option<String>,
    title: Option<String>,
    score: Option<String>,
    category: Option<String>,
    #[serde(default)]
    notice: bool,
}

/// Which templates are listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    status: Option<String>,
    limit: Option<usize>,
}

/// `GET /_sandbox/templates`: the newest first.
pub(crate) async fn show_templates(State(sandbox): State<Sandbox>, Query(listed): Query<Listed>) -> Json<Value> {
    let world = sandbox.world();
    let status = listed.status.as_deref();
    let takes =
        |template: &&Template| status.is_none_or(|status| template.status.as_str().eq_ignore_ascii_case(status));
    let templates = world.templates.values().rev().filter(takes).take(listed.limit.unwrap_or(TEMPLATES_LISTED));
    let shown = templates.map(|template| {
        let mut values = templates::attributes(template).values;
        values.insert("waba_id".to_owned(), json!(template.waba_id));
        Value::Object(values)
    });
    Json(json!({"templates": shown.collect::<Vec<_>>()}))
}

/// `GET /_sandbox/review`.
pub(crate) async fn show_review(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({"review": sandbox.world().review.to_string()}))
}

/// How templates are to be reviewed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviewing {
    review: Option<String>,
}

/// `POST /_sandbox/review`: it holds until the sandbox ends. What is pending is decided on by it, too.
pub(crate) async fn set_review(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let Some(review) = read::<Reviewing>(&body).and_then(|given| given.review) else {
        return problem(StatusCode::BAD_REQUEST, "the body must be {\"review\": \"manual\"}, instant, or seconds");
    };
    match review.parse() {
        Ok(review) => sandbox.world().change_review(review, sandbox.now_ms()),
        Err(err) => return problem(StatusCode::BAD_REQUEST, &InvalidReview::to_string(&err)),
    }
    sandbox.wake();
    show_review(State(sandbox)).await.into_response()
}

/// `POST /_sandbox/templates/{id}/{action}`.
pub(crate) async fn act(
    State(sandbox): State<Sandbox>,
    Path((template_id, action)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if !ACTIONS.iter().any(|(known, _)| *known == action) {
        return not_found().await;
    }
    let Some(given) = read::<Given>(&body) else {
        return problem(StatusCode::BAD_REQUEST, "the body must be a JSON object with what this action takes");
    };
    let (outcome, mark) = {
        let mut world = sandbox.world();
        let now = sandbox.now_ms();
        if world.template(&template_id).is_none() {
            return problem(StatusCode::NOT_FOUND, "there is no template with this id");
        }
        let outcome = change(&mut world, &template_id, &action, &given, now);
        let shown =
            outcome.map(|()| world.template(&template_id).map(|template| templates::attributes(template).values));
        (shown, world.written_mark())
    };
    sandbox.wake();
    if sandbox.wait_written(mark).await.is_err() {
        let error = GraphError::internal();
        return (error.http, Json(error.body())).into_response();
    }
    match outcome {
        Ok(values) => Json(Value::Object(values.unwrap_or_default())).into_response(),
        Err(why) => problem(StatusCode::BAD_REQUEST, why),
    }
}

fn change(world: &mut World, id: &str, action: &str, given: &Given, now: i64) -> Result<(), &'static str> {
    let decision = match action {
        "approve" => Decision::approval(),
        "reject" => Decision::rejection(given.reason.as_deref(), given.recommendation.as_deref()),
        "pause" => {
            let title = given.title.as_deref().unwrap_or(PAUSES[0]);
            let known = PAUSES.iter().find(|known| known.eq_ignore_ascii_case(title));
            Decision::pause(known.ok_or("the title must be FIRST_PAUSE, SECOND_PAUSE or RATE_LIMITING_PAUSE")?)
        }
        "unpause" => {
            let status = world.template(id).map(|template| template.status);
            if status != Some(TemplateStatus::Paused) {
                return Err("the template is not paused");
            }
            Decision::unpausing()
        }
        "disable" => Decision::disabling(),
        "in_appeal" => Decision::of(TemplateStatus::InAppeal),
        "pending_deletion" => Decision::of(TemplateStatus::PendingDeletion),
        "limit_exceeded" => Decision::of(TemplateStatus::LimitExceeded),
        "archive" => return world.archive(id, now),
        "unarchive" => return world.unarchive(id, now),
        "quality" => {
            let score = given.score.as_deref().and_then(Quality::of);
            world.measure(id, score.ok_or("the score must be GREEN, YELLOW, RED or UNKNOWN")?, now);
            return Ok(());
        }
        _ => {
            let category = given.category.as_deref();
            let category = category.and_then(|name| CATEGORIES.iter().find(|known| known.eq_ignore_ascii_case(name)));
            let category = category.ok_or("the category must be UTILITY, MARKETING or AUTHENTICATION")?;
            if given.notice {
                world.announce_category(id, category, now);
            } else {
                world.recategorise(id, category, now);
            }
            return Ok(());
        }
    };
    world.decide(id, decision, now);
    Ok(())
}

/// The JSON object of a body that may be left out; nothing if it is something else.
pub(crate) fn read<T: DeserializeOwned + Default>(body: &Bytes) -> Option<T> {
    if body.is_empty() { Some(T::default()) } else { serde_json::from_slice(body).ok() }
}

/// Breaks that can be asked for at once.
const MOST_BREAKS: usize = 100;

/// `GET /_sandbox/uploads`: the uploads of samples, oldest first.
pub(crate) async fn show_uploads(State(sandbox): State<Sandbox>) -> Json<Value> {
    let world = sandbox.world();
    let mut uploads: Vec<&Upload> = world.uploads.values().collect();
    uploads.sort_by_key(|upload| upload.created_at);
    Json(json!({
        "break_after": world.upload_breaks,
        "uploads": uploads.iter().map(|upload| upload.shown(&world)).collect::<Vec<_>>(),
    }))
}

/// `POST /_sandbox/uploads` with `{"break_after": [n, …]}`: the next calls that bring bytes are broken off after so many.
pub(crate) async fn break_uploads(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        break_after: VecDeque<u64>,
    }
    match serde_json::from_slice::<Wanted>(&body) {
        Ok(wanted) if wanted.break_after.len() <= MOST_BREAKS => sandbox.world().upload_breaks = wanted.break_after,
        Ok(_) | Err(_) => {
            let text = "the body must be a JSON object with a list of at most 100 whole numbers `break_after`";
            return problem(StatusCode::BAD_REQUEST, text);
        }
    }
    show_uploads(State(sandbox)).await.into_response()
}
