//! The recipients' phones of a sandbox, with what Meta and the recipients would do.
//!
//! Nothing of the sandbox is known here but its control API, which [`Sandbox`] calls; so it can run anywhere. The pages
//! change nothing by themselves: each form is one call, and what is shown is what the sandbox tells.

mod data;
mod page;
mod panel;
mod wish;

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::frame;
use crate::phone::data::{Faults, Limits, Phones, Recipient, Review, Templates, Thread};
use crate::phone::wish::{Wish, encode};

/// Where the pages are.
pub const PATH: &str = "/phone";

/// How long the sandbox may keep somebody waiting for news.
const WAIT_MS: u64 = 20_000;
/// The templates that are shown, from the newest.
const TEMPLATES: usize = 30;

/// How the control API is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// To read.
    Get,
    /// To do something.
    Post,
    /// To take something away.
    Delete,
}

/// What comes of a call: the status and the body, or a sentence on why there is no answer.
pub type Called<'a> = Pin<Box<dyn Future<Output = Result<(u16, Value), String>> + Send + 'a>>;

/// A sandbox's control API.
pub trait Sandbox: Send + Sync {
    /// Calls a path below `/_sandbox`; a body of `null` is none.
    fn call(&self, method: Method, path: String, body: Value) -> Called<'_>;
}

struct Pages {
    sandbox: Arc<dyn Sandbox>,
    stop: CancellationToken,
}

/// What is known of the sandbox when a page is drawn.
#[derive(Debug, Default)]
struct Seen {
    phones: Phones,
    /// The phone that is looked at.
    thread: Option<Thread>,
    templates: Templates,
    faults: Faults,
    limits: Limits,
    review: Review,
    recipients: Vec<Recipient>,
}

/// The pages of the phones. Who waits for news is let go at `stop`.
pub fn router(sandbox: Arc<dyn Sandbox>, stop: CancellationToken) -> Router {
    let pages = Arc::new(Pages { sandbox, stop });
    Router::new()
        .route(PATH, get(first))
        .route("/phone/{number}", get(one))
        .route("/phone/do", post(act))
        .route("/phone/news", get(news))
        .route("/phone/language", get(language))
        .with_state(pages)
}

/// Which phone is wanted, and which language.
#[derive(Debug, Deserialize)]
struct Wanted {
    number: Option<String>,
}

/// The phone with the newest message, or the one whose number was typed.
async fn first(State(pages): State<Arc<Pages>>, Query(wanted): Query<Wanted>, headers: HeaderMap) -> Response {
    let digits: String = wanted.number.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() { pages.show(&headers, None, None).await } else { to(&format!("{PATH}/{digits}")) }
}

async fn one(State(pages): State<Arc<Pages>>, Path(number): Path<String>, headers: HeaderMap) -> Response {
    pages.show(&headers, Some(&number), None).await
}

async fn act(State(pages): State<Arc<Pages>>, headers: HeaderMap, body: String) -> Response {
    if !is_from_here(&headers) {
        return (StatusCode::FORBIDDEN, "this form comes from another site").into_response();
    }
    let wish = format!("/?{body}").parse::<Uri>().ok().and_then(|uri| Query::<Wish>::try_from_uri(&uri).ok());
    let Some(Query(wish)) = wish else {
        return (StatusCode::BAD_REQUEST, "this is not a form of the page").into_response();
    };
    let Some(call) = wish.call() else {
        return (StatusCode::BAD_REQUEST, "the page has no such form").into_response();
    };
    let number = Some(wish.phone.as_str()).filter(|number| !number.is_empty());
    let problem = match pages.sandbox.call(call.method, call.path, call.body).await {
        Ok((200..=299, _)) => {
            return to(&number.map_or_else(|| PATH.to_owned(), |number| format!("{PATH}/{}", encode(number))));
        }
        Ok((status, body)) => problem_in(&body).unwrap_or_else(|| format!("the sandbox answered with {status}")),
        Err(why) => why,
    };
    pages.show(&headers, number, Some(&problem)).await
}

/// What is wrong, in the sandbox's words.
fn problem_in(body: &Value) -> Option<String> {
    let mut said = body["error"].as_str()?.to_owned();
    for problem in body["problems"].as_array().into_iter().flatten() {
        let (path, problem) = (problem["path"].as_str()?, problem["problem"].as_str()?);
        said.push_str("; ");
        if !path.is_empty() {
            said.push_str(path);
            said.push_str(": ");
        }
        said.push_str(problem);
    }
    Some(said)
}

/// Whether a form was sent by a page of this host. Browsers say where a form comes from; who is no browser need not.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(ORIGIN.as_str()), text(HOST.as_str())) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
        (None, _) => text("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none"),
    }
}

/// What the reader has seen.
#[derive(Debug, Deserialize)]
struct Known {
    after: u64,
}

/// Answers once there is something new, or after a while.
async fn news(State(pages): State<Arc<Pages>>, Query(known): Query<Known>) -> Response {
    let path = format!("/_sandbox/seen?after={}&wait_ms={WAIT_MS}", known.after);
    let answer = tokio::select! {
        answer = pages.sandbox.call(Method::Get, path, Value::Null) => answer,
        () = pages.stop.cancelled() => Err("the gateway is being stopped".to_owned()),
    };
    match answer {
        Ok((200, body)) => axum::Json(body).into_response(),
        Ok(_) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Which language is chosen, and where to go back to.
#[derive(Debug, Deserialize)]
struct Chosen {
    code: String,
    #[serde(default)]
    phone: String,
}

async fn language(Query(chosen): Query<Chosen>) -> Response {
    let digits: String = chosen.phone.chars().filter(char::is_ascii_digit).collect();
    let mut answer = to(&if digits.is_empty() { PATH.to_owned() } else { format!("{PATH}/{digits}") });
    if let Some(code) = frame::locale_of(&chosen.code).map(frame::code_of) {
        let cookie = format!("{}={code}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", frame::LANGUAGE_COOKIE);
        answer.headers_mut().extend(cookie.parse().map(|cookie| (SET_COOKIE, cookie)));
    }
    answer
}

fn to(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, path)]).into_response()
}

impl Pages {
    async fn show(&self, headers: &HeaderMap, number: Option<&str>, problem: Option<&str>) -> Response {
        let locale = frame::locale(headers);
        match self.look(number).await {
            Ok(seen) => {
                let status = if problem.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
                (status, frame::answer(page::draw(locale, &seen, problem))).into_response()
            }
            Err(why) => (StatusCode::BAD_GATEWAY, frame::answer(page::unreachable(locale, &why))).into_response(),
        }
    }

    /// All that a page shows. The count of what was seen is read first, so that nothing is missed that comes meanwhile.
    async fn look(&self, number: Option<&str>) -> Result<Seen, String> {
        let phones: Phones = self.read("/_sandbox/phones").await?;
        let number = number.or_else(|| phones.phones.first().map(|phone| phone.number.as_str()));
        let thread = match number {
            Some(number) => Some(self.read(&format!("/_sandbox/phones/{}", encode(number))).await?),
            None => None,
        };
        Ok(Seen {
            thread,
            phones,
            templates: self.read(&format!("/_sandbox/templates?limit={TEMPLATES}")).await?,
            faults: self.read("/_sandbox/faults").await?,
            limits: self.read("/_sandbox/limits").await?,
            review: self.read("/_sandbox/review").await?,
            recipients: self.read("/_sandbox/recipients").await?,
        })
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, String> {
        let (status, body) = self.sandbox.call(Method::Get, path.to_owned(), Value::Null).await?;
        if status != 200 {
            return Err(problem_in(&body).unwrap_or_else(|| format!("the sandbox answered {path} with {status}")));
        }
        serde_json::from_value(body).map_err(|err| format!("the sandbox's answer to {path} is not understood: {err}"))
    }
}

#[cfg(test)]
mod tests;
