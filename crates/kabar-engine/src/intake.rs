//! The third step of a message: what the upstream reports becomes its history.

use std::sync::Arc;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{Msgid, SenderId, WabaId};
use kabar_domain::message::{Event, Reason, State, own_code};
use kabar_domain::phone::PhoneNumber;
use kabar_domain::pricing::Pricing;
use kabar_graph::webhook::change::{Change, MessageStatus, Status, StatusError};
use kabar_graph::{signature, webhook};
use kabar_store::callback::{Reply, SenderNews};
use kabar_store::journal::{MOST_REFUSED_BYTES, NewCall};
use kabar_store::ledger::{Recorded, Report};
use kabar_store::suppression::{Preference, STOPPED, StopReply};

use crate::shared::Shared;

/// Why a webhook call was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The signature is missing, or made with no secret of ours.
    #[error("the signature does not fit the body")]
    BadSignature,
    /// It is signed by a Meta app that does not speak for the account.
    #[error("the Meta app does not speak for this account")]
    NotItsAccount,
    /// It is signed, and yet not a webhook of the upstream's.
    #[error("not a webhook of the upstream's")]
    Unreadable,
    /// It could not be put on disk; the upstream should call again.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

/// A call whose signature was found good, and what it reports.
pub(crate) struct Call {
    /// Who signed it.
    pub(crate) signed_by: String,
    /// What it reports.
    pub(crate) changes: Vec<Change>,
}

/// Why nothing of a call is taken in, however often it comes.
pub(crate) enum Refused {
    /// By its signature.
    Unsigned,
    /// Its signer does not speak for the account.
    NotItsAccount { signed_by: String, account: String },
    /// It is signed, and can't be read.
    Unreadable { signed_by: String },
}

/// How many reports of messages a call had.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Taken {
    pub(crate) news: u32,
    pub(crate) known: u32,
    pub(crate) uncorrelated: u32,
}

pub(crate) fn handshake(shared: &Shared, mode: &str, verify_token: &str) -> bool {
    // Compared by their signatures, so that the time it takes tells nothing about the token.
    let signed = signature::sign(&shared.verify_token, verify_token.as_bytes());
    mode == "subscribe" && signature::verify(&shared.verify_token, &signed, shared.verify_token.as_bytes())
}

/// Judges a call, keeps it in the journal, and takes in what it reports; all of it is on disk before this returns.
pub(crate) async fn take(shared: &Arc<Shared>, body: &[u8], signature: Option<&str>) -> Result<(), IntakeError> {
    let taken = match judge(shared, body, signature) {
        Ok(Call { signed_by, changes }) => {
            // Side by side, so that they share a commit.
            let (kept, taken) = tokio::join!(keep(shared, body, signature, Some(signed_by)), take_in(shared, &changes));
            kept.and(taken).map(drop).map_err(IntakeError::from)
        }
        Err(Refused::Unsigned) => {
            tracing::warn!("a webhook call with a signature that does not fit was refused");
            keep_refused(shared, body, signature).await;
            Err(IntakeError::BadSignature)
        }
        Err(Refused::NotItsAccount { signed_by, account }) => {
            tracing::warn!(
                meta_app = signed_by,
                account,
                "a webhook call of a Meta app that does not speak for the account was refused"
            );
            keep_refused(shared, body, signature).await;
            Err(IntakeError::NotItsAccount)
        }
        Err(Refused::Unreadable { signed_by }) => match keep(shared, body, signature, Some(signed_by)).await {
            Ok(()) => Err(IntakeError::Unreadable),
            Err(err) => Err(err.into()),
        },
    };
    shared.metrics.webhook(match &taken {
        Ok(()) => "taken",
        Err(IntakeError::BadSignature) => "bad_signature",
        Err(IntakeError::NotItsAccount) => "not_its_account",
        Err(IntakeError::Unreadable) => "unreadable",
        Err(IntakeError::Store(_)) => "not_kept",
    });
    taken
}

/// Whether a call is to be taken in, and what it reports.
pub(crate) fn judge(shared: &Shared, body: &[u8], signature: Option<&str>) -> Result<Call, Refused> {
    let apps = &shared.meta_apps;
    let app = apps.signer(signature, body).ok_or(Refused::Unsigned)?;
    let signed_by = app.name.clone();
    let Ok(changes) = webhook::parse(body) else { return Err(Refused::Unreadable { signed_by }) };
    match changes.iter().find(|change| !apps.speaks_for(app, change.waba())) {
        Some(foreign) => Err(Refused::NotItsAccount { signed_by, account: foreign.waba().to_owned() }),
        None => Ok(Call { signed_by, changes }),
    }
}

/// Takes in what a call reports. To do so once more changes nothing.
pub(crate) async fn take_in(shared: &Arc<Shared>, changes: &[Change]) -> Result<Taken, kabar_store::Error> {
    let now = shared.clock.now();
    let reports = changes.iter().filter_map(|change| report_of(change, now)).collect::<Vec<_>>();
    let recorded = if reports.is_empty() { Vec::new() } else { shared.store.record(reports).await? };
    let taken = count(shared, &recorded);
    let replies = changes.iter().filter_map(|change| reply_of(change, now)).collect();
    shared.store.tell_replies(replies).await?;
    heed(shared, changes, now).await?;
    let senders = changes.iter().filter_map(|change| quality_of(change, now)).collect();
    shared.store.tell_senders(senders).await?;
    crate::learning::take(shared, changes).await?;
    crate::templates::reports::take(shared, changes).await?;
    Ok(taken)
}

/// Who stopped marketing, or wants it again, has their way from now on. What changed is looked for whether or not this call
/// changed it: of two that tell the same at once, neither is answered before it holds.
async fn heed(shared: &Shared, changes: &[Change], now: Moment) -> Result<(), kabar_store::Error> {
    let preferences: Vec<_> = changes.iter().filter_map(|change| preference_of(change, now)).collect();
    let replies: Vec<_> = changes.iter().filter_map(|change| stop_reply_of(change, now)).collect();
    let is_refusal = |error: &StatusError| error.code == Some(STOPPED);
    let is_refused =
        |change: &Change| matches!(change, Change::MessageStatus(status) if status.errors.iter().any(is_refusal));
    if preferences.is_empty() && replies.is_empty() && !changes.iter().any(is_refused) {
        return Ok(());
    }
    shared.store.prefer(preferences).await?;
    shared.store.stop_by_reply(replies).await?;
    shared.suppressed.refresh(&shared.store).await
}

async fn keep(
    shared: &Shared,
    body: &[u8],
    signature: Option<&str>,
    signed_by: Option<String>,
) -> Result<(), kabar_store::Error> {
    let received_at = shared.clock.now();
    let call = NewCall { received_at, signed_by, signature: signature.map(str::to_owned), body: body.to_vec() };
    let n_kept = shared.store.keep_call(call).await?;
    shared.metrics.journal(body.len() as u64, n_kept);
    Ok(())
}

/// Keeps the beginning of a refused call, for whoever looks why. Nobody waits for it to come again, so it is no fault if it
/// can't be kept.
async fn keep_refused(shared: &Shared, body: &[u8], signature: Option<&str>) {
    let beginning = &body[..body.len().min(MOST_REFUSED_BYTES)];
    if let Err(err) = keep(shared, beginning, signature.filter(|text| text.len() <= 100), None).await {
        tracing::warn!(error = %err, "a refused webhook call could not be kept");
    }
}

fn count(shared: &Shared, recorded: &[Recorded]) -> Taken {
    let of = |kind: Recorded, name: &'static str| {
        let n_reports = recorded.iter().filter(|&&one| one == kind).count();
        let n_reports = u32::try_from(n_reports).unwrap_or(u32::MAX);
        if n_reports > 0 {
            shared.metrics.reports(name, n_reports.into());
        }
        n_reports
    };
    Taken {
        news: of(Recorded::New, "new"),
        known: of(Recorded::Known, "known"),
        uncorrelated: of(Recorded::Uncorrelated, "uncorrelated"),
    }
}

/// What a change says of a message; `None` when it is about something else.
fn report_of(change: &Change, now: Moment) -> Option<Report> {
    let Change::MessageStatus(status) = change else { return None };
    let (state, reason) = match &status.status {
        Status::Sent => (State::Sent, None),
        Status::Delivered => (State::Delivered, None),
        // A recording that was played was read before.
        Status::Read | Status::Played => (State::Read, None),
        Status::Failed => (State::Failed, Some(reason_of(&status.errors))),
        Status::Other(_) => return None,
    };
    Some(Report {
        msgid: msgid_of(status),
        wamid: status.wamid.clone(),
        event: Event { at: status.timestamp.map_or(now, Moment::from_seconds), state, reason },
        pricing: status.pricing.as_ref().map(|told| {
            Pricing::of_upstream(state, told.billable, told.model.as_deref(), told.kind.as_deref(), &told.category)
        }),
    })
}

/// Which button was pressed below which message; `None` when it is not known.
fn reply_of(change: &Change, now: Moment) -> Option<Reply> {
    let Change::ButtonReply(reply) = change else { return None };
    Some(Reply {
        wamid: reply.wamid.clone(),
        replied_to: reply.replied_to.clone()?,
        at: reply.timestamp.map_or(now, Moment::from_seconds),
        payload: reply.payload.clone(),
        text: reply.text.clone(),
    })
}

/// What is new of a number's quality or limits.
fn quality_of(change: &Change, now: Moment) -> Option<SenderNews> {
    let Change::AccountEvent(event) = change else { return None };
    if event.field != "phone_number_quality_update" {
        return None;
    }
    Some(SenderNews::Quality {
        waba: WabaId::parse(&event.waba).ok()?,
        phone_number: event.display_phone_number.clone(),
        event: event.event.clone()?,
        at: event.reported_at.map_or(now, Moment::from_seconds),
    })
}

/// Who chose to get no marketing, or to get it again.
fn preference_of(change: &Change, now: Moment) -> Option<Preference> {
    let Change::Preference(chosen) = change else { return None };
    Some(Preference {
        waba: WabaId::parse(&chosen.waba).ok()?,
        recipient: PhoneNumber::parse(chosen.recipient.as_str()).ok()?,
        stopped: chosen.stop,
        at: chosen.timestamp.map_or(now, Moment::from_seconds),
    })
}

/// A button that may stop marketing.
fn stop_reply_of(change: &Change, now: Moment) -> Option<StopReply> {
    let Change::ButtonReply(reply) = change else { return None };
    Some(StopReply {
        replied_to: reply.replied_to.clone()?,
        sender: SenderId::parse(&reply.phone_number_id).ok(),
        from: reply.from.as_ref().and_then(|from| PhoneNumber::parse(from.as_str()).ok()),
        texts: [&reply.payload, &reply.text].into_iter().flatten().cloned().collect(),
        at: reply.timestamp.map_or(now, Moment::from_seconds),
    })
}

fn msgid_of(status: &MessageStatus) -> Option<Msgid> {
    Msgid::parse(status.biz_opaque_callback_data.as_deref()?).ok()
}

fn reason_of(errors: &[StatusError]) -> Reason {
    let Some(error) = errors.first() else {
        return Reason { code: own_code::REFUSED, text: "the upstream gave no reason".to_owned() };
    };
    let code = error.code.unwrap_or(own_code::REFUSED);
    let text = error.title.clone().or_else(|| error.message.clone()).or_else(|| error.details.clone());
    Reason { code, text: text.unwrap_or_else(|| "the upstream gave no reason".to_owned()) }
}
