//! The recipients' phones: what stands on them, as a recipient sees it, and what a recipient does with it.

mod shown;

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::clock::rfc3339;
use crate::graph::errors::{GraphError, codes};
use crate::ledger::{not_found, problem};
use crate::operator::read;
use crate::statuses::{Habit, Status};
use crate::world::World;
use crate::world::event::Event;
use crate::world::message::Message;
use crate::world::reply::{Reply, Said};

/// Messages that are looked at for phones, from the newest; so a look takes as long with millions as with these.
const LOOKED_AT: usize = 100_000;
/// Phones that are listed.
const PHONES_LISTED: usize = 50;
/// What is shown of a phone when nothing else is said.
const ENTRIES: usize = 50;
/// The longest time that somebody waits for news.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// The longest text that a recipient says, in characters.
const LONGEST_TEXT: usize = 4_096;
/// With what a message fails when no code is named: it can't be delivered.
const UNDELIVERABLE: u32 = 131_026;

/// `GET /_sandbox/phones`.
pub(crate) async fn list(State(sandbox): State<Sandbox>) -> Json<Value> {
    let world = sandbox.world();
    let mut phones: Vec<(&str, Value)> = Vec::new();
    for message in world.messages.iter().rev().take(LOOKED_AT) {
        if phones.len() == PHONES_LISTED {
            break;
        }
        // A busy phone has many messages one after the other, so the last that was listed is looked at first.
        if !phones.iter().rev().any(|(number, _)| *number == message.to) {
            let reply = world.replies.iter().rev().take(LOOKED_AT).find(|reply| reply.from == message.to);
            let reply = reply.filter(|reply| reply.at >= message.accepted_at);
            let newest = match reply {
                Some(reply) => json!({"text": said(&reply.said), "at": rfc3339(reply.at), "is_answer": true}),
                None => json!({
                    "text": shown::of(message)["body"],
                    "at": rfc3339(message.accepted_at),
                    "is_answer": false
                }),
            };
            let habit = world.habits.get(&message.to).copied().unwrap_or_default();
            phones.push((&message.to, json!({"number": message.to, "habit": habit.as_str(), "newest": newest})));
        }
    }
    let phones: Vec<Value> = phones.into_iter().map(|(_, phone)| phone).collect();
    Json(json!({"seen": *world.seen().borrow(), "phones": phones}))
}

/// How much of a phone is shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Much {
    limit: Option<usize>,
}

/// `GET /_sandbox/phones/{number}`.
pub(crate) async fn show(
    State(sandbox): State<Sandbox>,
    Path(number): Path<String>,
    Query(much): Query<Much>,
) -> Response {
    let Some(number) = digits(&number) else { return no_number() };
    let limit = much.limit.unwrap_or(ENTRIES);
    let world = sandbox.world();
    let mut entries: Vec<(i64, Value)> = Vec::new();
    let messages = world.messages.iter().rev().take(LOOKED_AT).filter(|message| message.to == number);
    entries.extend(messages.take(limit).map(|message| (message.accepted_at, message_entry(&world, message))));
    let replies = world.replies.iter().rev().take(LOOKED_AT).filter(|reply| reply.from == number);
    entries.extend(replies.take(limit).map(|reply| (reply.at, reply_entry(reply))));
    // Stable, and the newest first up to here; an answer comes after what it answers.
    entries.sort_by_key(|(at, entry)| (std::cmp::Reverse(*at), entry["kind"] == "message"));
    entries.truncate(limit);
    entries.reverse();
    let entries: Vec<Value> = entries.into_iter().map(|(_, entry)| entry).collect();
    let habit = world.habits.get(number).copied().unwrap_or_default();
    let newest = world.messages.iter().rev().take(LOOKED_AT).find(|message| message.to == number);
    let stops_marketing = newest.is_some_and(|message| world.stops_marketing(&message.waba_id, number));
    let seen = *world.seen().borrow();
    Json(json!({
        "seen": seen,
        "number": number,
        "habit": habit.as_str(),
        "stops_marketing": stops_marketing,
        "entries": entries
    }))
    .into_response()
}

fn message_entry(world: &World, message: &Message) -> Value {
    let status = message.statuses.iter().map(|record| record.status).max();
    let display = world.numbers.get(&message.phone_number_id).map(|number| number.display.as_str());
    let mut entry = json!({
        "kind": "message",
        "wamid": message.wamid,
        "at": rfc3339(message.accepted_at),
        "from": {"phone_number_id": message.phone_number_id, "display": display, "waba_id": message.waba_id},
        "template": message.template,
        "language": message.language,
        "category": message.category,
        "biz_opaque_callback_data": message.biz_opaque_callback_data,
        "status": status.map_or("accepted", Status::as_str),
        "shown": shown::of(message),
    });
    if status == Some(Status::Failed) {
        let row = codes::row(message.fails_with.unwrap_or_default());
        entry["failure"] = json!({"code": row.code, "title": row.title});
    }
    entry
}

fn reply_entry(reply: &Reply) -> Value {
    let mut entry = json!({
        "kind": "answer",
        "wamid": reply.wamid,
        "at": rfc3339(reply.at),
        "text": said(&reply.said),
        "answers": reply.answers,
        "told_at": reply.delivered_at.map(rfc3339),
    });
    match &reply.said {
        Said::Button { payload, .. } => entry["payload"] = json!(payload),
        Said::Marketing { stopped } => entry["stops_marketing"] = json!(stopped),
        Said::Text(_) => {}
    }
    entry
}

fn said(said: &Said) -> &str {
    match said {
        Said::Button { text, .. } | Said::Text(text) => text,
        Said::Marketing { stopped: true } => "(stops marketing messages)",
        Said::Marketing { stopped: false } => "(wants marketing messages again)",
    }
}

/// The optional body of what is asked of a phone.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    habit: Option<String>,
    text: Option<String>,
    stopped: Option<bool>,
    code: Option<u32>,
    button: Option<usize>,
    card: Option<usize>,
}

/// `POST /_sandbox/phones/{number}`.
pub(crate) async fn set_habit(State(sandbox): State<Sandbox>, Path(number): Path<String>, body: Bytes) -> Response {
    let Some(number) = digits(&number) else { return no_number() };
    let habit = read::<Given>(&body).and_then(|given| Habit::of(given.habit.as_deref()?));
    let Some(habit) = habit else {
        return problem(StatusCode::BAD_REQUEST, "the body must be {\"habit\": \"reads\"}, or receives, or off");
    };
    let mark = {
        let mut world = sandbox.world();
        world.record(Event::Habit { to: number.to_owned(), habit });
        world.written_mark()
    };
    done(&sandbox, mark).await
}

/// `POST /_sandbox/phones/{number}/say`.
pub(crate) async fn say(State(sandbox): State<Sandbox>, Path(number): Path<String>, body: Bytes) -> Response {
    let Some(number) = digits(&number) else { return no_number() };
    let text = read::<Given>(&body).and_then(|given| given.text).map(|text| text.trim().to_owned());
    let text = text.filter(|text| (1..=LONGEST_TEXT).contains(&text.chars().count()));
    let Some(text) = text else {
        return problem(StatusCode::BAD_REQUEST, "the body must be {\"text\": \"…\"} with 1 to 4096 characters");
    };
    answer(&sandbox, number, Said::Text(text)).await
}

/// `POST /_sandbox/phones/{number}/marketing`.
pub(crate) async fn choose(State(sandbox): State<Sandbox>, Path(number): Path<String>, body: Bytes) -> Response {
    let Some(number) = digits(&number) else { return no_number() };
    let Some(stopped) = read::<Given>(&body).and_then(|given| given.stopped) else {
        return problem(StatusCode::BAD_REQUEST, "the body must be {\"stopped\": true}, or false");
    };
    answer(&sandbox, number, Said::Marketing { stopped }).await
}

/// A recipient says something to who wrote last.
async fn answer(sandbox: &Sandbox, number: &str, said: Said) -> Response {
    let mark = {
        let mut world = sandbox.world();
        let newest = world.messages.iter().rposition(|message| message.to == number);
        let Some(newest) = newest else {
            return problem(StatusCode::NOT_FOUND, "nobody has written to this phone, so it has nobody to answer");
        };
        world.answer(newest, said, false, sandbox.now_ms());
        world.written_mark()
    };
    done(sandbox, mark).await
}

/// `POST /_sandbox/messages/{wamid}/{action}`.
pub(crate) async fn act(
    State(sandbox): State<Sandbox>,
    Path((wamid, action)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    if !["deliver", "read", "fail", "press"].contains(&action.as_str()) {
        return not_found().await;
    }
    let Some(given) = read::<Given>(&body) else {
        return problem(StatusCode::BAD_REQUEST, "the body must be a JSON object with what this action takes");
    };
    let (outcome, mark) = {
        let mut world = sandbox.world();
        let now = sandbox.now_ms();
        let Some(index) = world.find_message(&wamid) else {
            return problem(StatusCode::NOT_FOUND, "there is no message with this id");
        };
        let outcome = match action.as_str() {
            "deliver" => world.reach_by_hand(index, Status::Delivered, now),
            "read" => world.reach_by_hand(index, Status::Read, now),
            "fail" => failure(given.code).and_then(|code| world.fail_by_hand(index, code, now)),
            _ => press(&mut world, index, &given, now),
        };
        (outcome, world.written_mark())
    };
    match outcome {
        Ok(()) => done(&sandbox, mark).await,
        Err(why) => problem(StatusCode::BAD_REQUEST, why),
    }
}

/// The code with which a message is to fail.
fn failure(code: Option<u32>) -> Result<u32, &'static str> {
    let code = code.unwrap_or(UNDELIVERABLE);
    if codes::row(code).code == code { Ok(code) } else { Err("the code must be one of the platform's for messages") }
}

/// Presses a quick reply; who does that has read the message.
fn press(world: &mut World, index: usize, given: &Given, now: i64) -> Result<(), &'static str> {
    let message = world.messages.get(index).ok_or("there is no such message")?;
    if message.record_of(Status::Failed).is_some() {
        return Err("the message has failed, so it is on no phone");
    }
    let shown = shown::of(message);
    let bubble = given.card.map_or(&shown, |card| &shown["cards"][card]);
    let wanted = given.button.unwrap_or_default();
    let buttons = bubble["buttons"].as_array().into_iter().flatten();
    let button = buttons.filter(|button| button["kind"] == "quick_reply").find(|button| button["index"] == wanted);
    let button = button.ok_or("the message has no quick reply at this place")?;
    let text_of = |key: &str| button[key].as_str().unwrap_or_default().to_owned();
    let said = Said::Button { text: text_of("text"), payload: text_of("payload") };
    if message.record_of(Status::Read).is_none() && message.fails_with.is_none() {
        world.reach_by_hand(index, Status::Read, now)?;
    }
    world.answer(index, said, true, now);
    Ok(())
}

async fn done(sandbox: &Sandbox, mark: u64) -> Response {
    sandbox.wake();
    if sandbox.wait_written(mark).await.is_err() {
        let error = GraphError::internal();
        return (error.http, Json(error.body())).into_response();
    }
    Json(json!({"done": true})).into_response()
}

/// A number as the world names it.
fn digits(number: &str) -> Option<&str> {
    let digits = number.trim().trim_start_matches('+');
    ((5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

fn no_number() -> Response {
    problem(StatusCode::BAD_REQUEST, "a phone is named by its number in digits, with its country's code")
}

/// What somebody has seen, and how long news may take.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct After {
    after: Option<u64>,
    wait_ms: Option<u64>,
}

/// `GET /_sandbox/seen`: the count of what could be seen, at once or when it is another than `after`.
pub(crate) async fn seen(State(sandbox): State<Sandbox>, Query(after): Query<After>) -> Json<Value> {
    let mut seen = sandbox.world().seen();
    if let Some(known) = after.after {
        let wait = after.wait_ms.map_or(LONGEST_WAIT, Duration::from_millis).min(LONGEST_WAIT);
        let news = seen.wait_for(|count| *count != known);
        tokio::select! {
            // That time is up is told by the count, which is the same then.
            _ = tokio::time::timeout(wait, news) => {}
            () = sandbox.stopped() => {}
        }
    }
    Json(json!({"seen": *seen.borrow()}))
}
