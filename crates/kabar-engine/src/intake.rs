//! The third step of a message: what the upstream reports becomes its history.

use std::sync::Arc;

use kabar_domain::clock::Moment;
use kabar_domain::ids::Msgid;
use kabar_domain::message::{Event, Reason, State, own_code};
use kabar_graph::webhook::change::{Change, MessageStatus, Status, StatusError};
use kabar_graph::{signature, webhook};
use kabar_store::callback::Reply;
use kabar_store::ledger::{Recorded, Report};

use crate::shared::Shared;

/// Why a webhook call was not taken in. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The signature is missing, or not the upstream's.
    #[error("the signature does not fit the body")]
    BadSignature,
    /// It is signed, and yet not a webhook of the upstream's.
    #[error("not a webhook of the upstream's")]
    Unreadable,
    /// It could not be put on disk; the upstream should call again.
    #[error(transparent)]
    Store(#[from] kabar_store::Error),
}

pub(crate) fn handshake(shared: &Shared, mode: &str, verify_token: &str) -> bool {
    // Compared by their signatures, so that the time it takes tells nothing about the token.
    let signed = signature::sign(&shared.app_secret, verify_token.as_bytes());
    mode == "subscribe" && signature::verify(&shared.app_secret, &signed, shared.verify_token.as_bytes())
}

pub(crate) async fn take(shared: &Arc<Shared>, body: &[u8], signature: Option<&str>) -> Result<(), IntakeError> {
    if !signature.is_some_and(|signature| signature::verify(&shared.app_secret, signature, body)) {
        shared.metrics.webhook("bad_signature");
        tracing::warn!("a webhook call with a signature that does not fit was refused");
        return Err(IntakeError::BadSignature);
    }
    let changes = webhook::parse(body).map_err(|_| {
        shared.metrics.webhook("unreadable");
        IntakeError::Unreadable
    })?;
    let reports = changes.iter().filter_map(|change| report_of(change, shared.clock.now())).collect::<Vec<_>>();
    if !reports.is_empty() {
        let recorded = shared.store.record(reports).await.inspect_err(|_| shared.metrics.webhook("not_kept"))?;
        count(shared, &recorded);
    }
    let replies = changes.iter().filter_map(|change| reply_of(change, shared.clock.now())).collect();
    shared.store.tell_replies(replies).await.inspect_err(|_| shared.metrics.webhook("not_kept"))?;
    crate::learning::take(shared, &changes).await.inspect_err(|_| shared.metrics.webhook("not_kept"))?;
    crate::templates::reports::take(shared, &changes).await.inspect_err(|_| shared.metrics.webhook("not_kept"))?;
    shared.metrics.webhook("taken");
    Ok(())
}

fn count(shared: &Shared, recorded: &[Recorded]) {
    for (kind, name) in [(Recorded::New, "new"), (Recorded::Known, "known"), (Recorded::Uncorrelated, "uncorrelated")] {
        let n_reports = recorded.iter().filter(|&&one| one == kind).count();
        if n_reports > 0 {
            shared.metrics.reports(name, u64::try_from(n_reports).unwrap_or(u64::MAX));
        }
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
