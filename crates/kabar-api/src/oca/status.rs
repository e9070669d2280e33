//! `GET /api/v2/message/{msgid}/status`: what became of a message.
//!
//! The dialect has five words for what can happen. `submitted` is said when Kabar has the message on disk; `rejected`
//! when the upstream never took it (refused, out of time, taken back); `failed` when it took it and could not deliver
//! it, or when nobody knows whether it did. What evidence has overtaken is not shown: a message that was given up and
//! then reported as read was read.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use kabar_domain::clock::Moment;
use kabar_domain::ids::Msgid;
use kabar_domain::message::{Event, History, State as Reached};
use kabar_store::ledger::MessageView;
use serde::Serialize;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::oca::failure::{Errors, Failure};

/// What became of a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::MessageStatus)]
pub(super) struct MessageStatus {
    /// The message.
    #[schema(format = Uuid, example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")]
    msgid: String,
    /// Who was to have it, with `+` and country code.
    #[schema(example = "+6281381475159")]
    phone_number: String,
    /// Everything that happened, oldest first.
    history_status: Vec<HistoryStatus>,
    /// Why it failed or was rejected; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<AdditionalInfo>,
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::HistoryStatus)]
pub(super) struct HistoryStatus {
    /// When, in UTC with milliseconds.
    #[schema(format = DateTime, example = "2024-03-01T03:22:58.073Z")]
    timestamp: String,
    /// What.
    status: Word,
}

/// What can happen to a message, in the dialect's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = oca::Status)]
pub(super) enum Word {
    /// Accepted, and kept.
    Submitted,
    /// The upstream never took it.
    Rejected,
    /// The upstream took it and could not deliver it, or its outcome stayed unknown.
    Failed,
    /// It is on the recipient's phone.
    Delivered,
    /// The recipient opened it.
    Read,
}

/// Why a message failed or was rejected.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::AdditionalInfo)]
pub(super) struct AdditionalInfo {
    /// The upstream's number; from 900001 on, one of Kabar's own.
    #[schema(example = 131026)]
    code: u32,
    /// The upstream's words.
    #[schema(example = "Message undeliverable")]
    reason: String,
}

/// Ask what became of a message
#[utoipa::path(
    get,
    path = "/message/{msgid}/status",
    tag = "oca",
    security(("bearer" = []), ("bare" = [])),
    params(("msgid" = String, Path, description = "What the send answered")),
    responses(
        (status = 200, body = MessageStatus),
        (status = 401, body = Errors, description = "Code 17, 43 or 45: no token that counts"),
        (status = 404, body = Errors, description = "Code 33: the app has no such message"),
        (status = 406, body = Errors, description = "Code 19: no `Authorization` header"),
        (status = 429, body = Errors, description = "Code 9: more requests than the app may make"),
        (status = 500, body = Errors, description = "Code 13"),
    )
)]
pub(super) async fn status(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<MessageStatus>, Failure> {
    let Ok(Path(text)) = path else { return Err(Failure::NotFound) };
    let msgid = Msgid::parse(&text).map_err(|_| Failure::NotFound)?;
    match door.gateway.message(&caller.app, msgid).await {
        Ok(Some(view)) => Ok(Json(answer(&view))),
        Ok(None) => Err(Failure::NotFound),
        Err(err) => {
            tracing::error!(%msgid, "a message could not be looked up: {err}");
            Err(Failure::Internal)
        }
    }
}

fn answer(view: &MessageView) -> MessageStatus {
    let history_status = history(&view.history);
    let ended_badly = history_status.iter().any(|entry| matches!(entry.status, Word::Failed | Word::Rejected));
    let additional_info = view
        .history
        .reason()
        .filter(|_| ended_badly)
        .map(|reason| AdditionalInfo { code: reason.code, reason: reason.text.clone() });
    MessageStatus {
        msgid: view.msgid.to_string(),
        phone_number: view.recipient.as_e164().to_owned(),
        history_status,
        additional_info,
    }
}

/// The dialect's word for an event; `None` for what it has none for, and for a bad end that was not the end.
fn word(event: &Event, end: Reached) -> Option<Word> {
    match event.state {
        Reached::Accepted => Some(Word::Submitted),
        Reached::Delivered => Some(Word::Delivered),
        Reached::Read => Some(Word::Read),
        Reached::Failed | Reached::OutcomeUnknown => (event.state == end).then_some(Word::Failed),
        Reached::Rejected | Reached::Expired | Reached::Cancelled => (event.state == end).then_some(Word::Rejected),
        Reached::BeingSent | Reached::InDoubt | Reached::Submitted | Reached::Sent => None,
    }
}

/// Each word once, in the order in which they must have happened. The upstream tells its times in whole seconds, so an
/// event may seem to come before the one that led to it; it is shown at that one's time then.
fn history(history: &History) -> Vec<HistoryStatus> {
    let Some(end) = history.state() else { return Vec::new() };
    let mut shown: Vec<(Word, Moment)> =
        history.events.iter().filter_map(|event| Some((word(event, end)?, event.at))).collect();
    shown.sort();
    shown.dedup_by_key(|(word, _)| *word);
    let mut latest = None;
    shown
        .into_iter()
        .map(|(status, at)| {
            let at = latest.map_or(at, |latest: Moment| latest.max(at));
            latest = Some(at);
            HistoryStatus { timestamp: at.to_string(), status }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use kabar_domain::ids::AppId;
    use kabar_domain::message::Reason;
    use kabar_domain::phone::PhoneNumber;
    use uuid::Uuid;

    use super::*;

    const START: i64 = 1_709_263_378_073;

    fn event(after_ms: i64, state: Reached) -> Event {
        let reason = match state {
            Reached::Failed => Some(Reason { code: 131_026, text: "Message undeliverable".to_owned() }),
            Reached::Rejected => Some(Reason { code: 132_001, text: "No such template".to_owned() }),
            Reached::OutcomeUnknown => Some(Reason { code: 900_001, text: "Nobody knows".to_owned() }),
            Reached::Accepted
            | Reached::BeingSent
            | Reached::InDoubt
            | Reached::Expired
            | Reached::Cancelled
            | Reached::Submitted
            | Reached::Sent
            | Reached::Delivered
            | Reached::Read => None,
        };
        Event { at: Moment::from_millis(START + after_ms), state, reason }
    }

    fn view(events: Vec<Event>) -> MessageView {
        MessageView {
            msgid: Msgid::from_uuid(Uuid::from_u128(0x5cae)),
            app: AppId::parse("demo").unwrap(),
            recipient: PhoneNumber::parse("6281234567890").unwrap(),
            template: 1,
            wamid: None,
            expires_at: Moment::from_millis(START),
            standing: kabar_store::ledger::Standing::Settled,
            retry_of: None,
            retried_as: None,
            history: History::of(events),
        }
    }

    fn words(events: Vec<Event>) -> String {
        let answer = answer(&view(events));
        let words: Vec<String> =
            answer.history_status.iter().map(|entry| format!("{:?}", entry.status).to_lowercase()).collect();
        let reason = answer.additional_info.map_or(String::new(), |info| format!(" {}", info.code));
        words.join(" ") + &reason
    }

    #[test]
    fn the_answer_is_as_the_page_has_it() {
        let view = view(vec![event(0, Reached::Accepted), event(60_000, Reached::Rejected)]);
        insta::assert_snapshot!(serde_json::to_string_pretty(&answer(&view)).unwrap(), @r#"
        {
          "msgid": "00000000-0000-0000-0000-000000005cae",
          "phone_number": "+6281234567890",
          "history_status": [
            {
              "timestamp": "2024-03-01T03:22:58.073Z",
              "status": "submitted"
            },
            {
              "timestamp": "2024-03-01T03:23:58.073Z",
              "status": "rejected"
            }
          ],
          "additional_info": {
            "code": 132001,
            "reason": "No such template"
          }
        }
        "#);
    }

    #[test]
    fn every_state_has_its_word_and_what_was_overtaken_is_not_shown() {
        use Reached::{
            Accepted, Cancelled, Delivered, Expired, Failed, InDoubt, OutcomeUnknown, Read, Rejected, Sent, Submitted,
        };
        let cases: &[(&[Reached], &str)] = &[
            (&[Accepted], "submitted"),
            (&[Accepted, InDoubt], "submitted"),
            (&[Accepted, Submitted, Sent], "submitted"),
            (&[Accepted, Submitted, Sent, Delivered, Read], "submitted delivered read"),
            (&[Accepted, Read], "submitted read"),
            (&[Accepted, Submitted, Failed], "submitted failed 131026"),
            (&[Accepted, Rejected], "submitted rejected 132001"),
            (&[Accepted, Expired], "submitted rejected"),
            (&[Accepted, Cancelled], "submitted rejected"),
            (&[Accepted, InDoubt, OutcomeUnknown], "submitted failed 900001"),
            (&[Accepted, InDoubt, OutcomeUnknown, Failed], "submitted failed 131026"),
            (&[Accepted, InDoubt, OutcomeUnknown, Sent, Delivered], "submitted delivered"),
            (&[Accepted, Failed, Delivered, Delivered], "submitted delivered"),
            (&[], ""),
        ];
        for (states, expected) in cases {
            let events = (0..).step_by(1000).zip(*states).map(|(at, state)| event(at, *state)).collect();
            assert_eq!(words(events), *expected, "{states:?}");
        }
    }

    #[test]
    fn an_upstream_that_tells_whole_seconds_does_not_turn_the_history_round() {
        let answer = answer(&view(vec![event(0, Reached::Accepted), event(-73, Reached::Delivered)]));
        let lines: Vec<(String, Word)> =
            answer.history_status.into_iter().map(|entry| (entry.timestamp, entry.status)).collect();
        let at = "2024-03-01T03:22:58.073Z".to_owned();
        assert_eq!(lines, [(at.clone(), Word::Submitted), (at, Word::Delivered)]);
    }
}
