//! Deliveries that are due, and what became of them.

use kabar_domain::callback::{CallbackId, CallbackUrl, PauseReason, Signing};
use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::super::Sqlite;
use super::super::memory::Memory;
use super::super::rows::{maybe_moment, parsed, uuid};
use super::super::writer::{Command, Failure};
use super::{key_row, signing};
use crate::Error;
use crate::callback::{
    CallAnswer, CallOutcome, CallVerdict, CallbackKey, DeliveryKey, DueDelivery, Endpoint, SigningKey,
};

impl Sqlite {
    pub(crate) async fn callbacks_due(&self, now: Moment) -> Result<Vec<CallbackKey>, Error> {
        self.0.readers.read(move |tx| due_callbacks(tx, now)).await
    }

    pub(crate) async fn deliveries_due(
        &self,
        callback: CallbackKey,
        now: Moment,
        limit: u32,
    ) -> Result<Option<(Endpoint, Vec<DueDelivery>)>, Error> {
        let found = self.0.readers.read(move |tx| due_deliveries(tx, callback, now, limit)).await?;
        let Some((kept, deliveries)) = found else { return Ok(None) };
        let mut signing_keys = Vec::with_capacity(2);
        for (signing, sealed) in kept.sealed_keys {
            let secret = self.0.seal.open_sealed(&key_row(kept.id), &sealed)?;
            signing_keys.push(SigningKey { signing, secret, public: None });
        }
        let Kept { id, app, url, failing_since, .. } = kept;
        Ok(Some((Endpoint { key: callback, id, app, url, signing_keys, failing_since }, deliveries)))
    }

    pub(crate) async fn settle_deliveries(&self, outcomes: Vec<CallOutcome>) -> Result<Vec<CallbackKey>, Error> {
        if outcomes.is_empty() {
            return Ok(Vec::new());
        }
        self.0.writer.run(Settle(outcomes)).await
    }
}

fn due_callbacks(tx: &Transaction<'_>, now: Moment) -> Result<Vec<CallbackKey>, rusqlite::Error> {
    tx.prepare_cached(
        "SELECT number FROM callbacks WHERE paused_at IS NULL
         AND EXISTS (SELECT 1 FROM deliveries WHERE callback = number AND state = 0 AND at <= ?1) ORDER BY number",
    )?
    .query_map([now.as_millis()], |row| Ok(CallbackKey(row.get(0)?)))?
    .collect()
}

/// A callback with its keys as they are kept.
struct Kept {
    id: CallbackId,
    app: AppId,
    url: CallbackUrl,
    sealed_keys: Vec<(Signing, Vec<u8>)>,
    failing_since: Option<Moment>,
}

fn due_deliveries(
    tx: &Transaction<'_>,
    callback: CallbackKey,
    now: Moment,
    limit: u32,
) -> Result<Option<(Kept, Vec<DueDelivery>)>, rusqlite::Error> {
    let kept = tx
        .prepare_cached(
            "SELECT id, app, url, failing_since, signing, key, old_until, old_signing, old_key
             FROM callbacks WHERE number = ?1 AND paused_at IS NULL",
        )?
        .query_row([callback.0], |row| kept(row, now))
        .optional()?;
    let Some(kept) = kept else { return Ok(None) };
    let deliveries = tx
        .prepare_cached(
            "SELECT id, event, body, tries FROM deliveries WHERE callback = ?1 AND state = 0 AND at <= ?2
             ORDER BY at, id LIMIT ?3",
        )?
        .query_map((callback.0, now.as_millis(), limit), |row| {
            Ok(DueDelivery {
                key: DeliveryKey(row.get(0)?),
                event: uuid(row, 1)?,
                body: row.get(2)?,
                tries: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Some((kept, deliveries)))
}

fn kept(row: &Row<'_>, now: Moment) -> Result<Kept, rusqlite::Error> {
    let mut sealed_keys = vec![(signing(row, 4)?, row.get(5)?)];
    if maybe_moment(row, 6)?.is_some_and(|until| until > now) {
        sealed_keys.push((signing(row, 7)?, row.get(8)?));
    }
    Ok(Kept {
        id: CallbackId::from_uuid(uuid(row, 0)?),
        app: parsed(row, 1, AppId::parse)?,
        url: parsed(row, 2, CallbackUrl::parse)?,
        sealed_keys,
        failing_since: maybe_moment(row, 3)?,
    })
}

struct Settle(Vec<CallOutcome>);

impl Command for Settle {
    type Answer = Vec<CallbackKey>;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<Vec<CallbackKey>, Failure> {
        let mut paused = Vec::new();
        for outcome in &self.0 {
            settle(tx, outcome)?;
            note_health(tx, outcome)?;
            if let Some(reason) = outcome.pause
                && pause(tx, outcome, reason)?
            {
                paused.push(outcome.callback);
            }
        }
        Ok(paused)
    }
}

fn settle(tx: &Transaction<'_>, outcome: &CallOutcome) -> Result<(), rusqlite::Error> {
    let id = outcome.delivery.0;
    let known: Option<(Option<i64>, i64)> = tx
        .prepare_cached("SELECT stream, calls FROM deliveries WHERE id = ?1 AND state = 0")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // It may have been cleaned away meanwhile.
    let Some((stream, n_calls)) = known else { return Ok(()) };
    let (status, error) = match &outcome.answer {
        CallAnswer::Status(status) => (Some(*status), None),
        CallAnswer::None(reason) => (None, Some(reason)),
    };
    let took_ms = i64::try_from(outcome.took.as_millis()).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "INSERT INTO delivery_calls (delivery, number, at, took_ms, status, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((id, n_calls + 1, outcome.at.as_millis(), took_ms, status, error))?;
    let (state, at) = match outcome.verdict {
        CallVerdict::Delivered => (2, outcome.at),
        CallVerdict::Later(due) => (0, due),
        CallVerdict::GivenUp => (3, outcome.at),
    };
    tx.prepare_cached("UPDATE deliveries SET state = ?2, at = ?3, calls = calls + 1, tries = tries + 1 WHERE id = ?1")?
        .execute((id, state, at.as_millis()))?;
    if state != 0 {
        next_of_stream(tx, outcome.callback.0, stream)?;
    }
    Ok(())
}

/// Lets the next delivery about the same thing have its turn.
pub(super) fn next_of_stream(tx: &Transaction<'_>, callback: i64, stream: Option<i64>) -> Result<(), rusqlite::Error> {
    let Some(stream) = stream else { return Ok(()) };
    tx.prepare_cached(
        "UPDATE deliveries SET state = 0 WHERE id =
         (SELECT id FROM deliveries WHERE callback = ?1 AND stream = ?2 AND state < 2 ORDER BY id LIMIT 1)",
    )?
    .execute((callback, stream))?;
    Ok(())
}

fn note_health(tx: &Transaction<'_>, outcome: &CallOutcome) -> Result<(), rusqlite::Error> {
    if outcome.verdict == CallVerdict::Delivered {
        tx.prepare_cached("UPDATE callbacks SET failing_since = NULL WHERE number = ?1 AND failing_since IS NOT NULL")?
            .execute([outcome.callback.0])?;
    } else {
        tx.prepare_cached("UPDATE callbacks SET failing_since = ?2 WHERE number = ?1 AND failing_since IS NULL")?
            .execute((outcome.callback.0, outcome.at.as_millis()))?;
    }
    Ok(())
}

/// Pauses a callback; `false` if it was paused already.
fn pause(tx: &Transaction<'_>, outcome: &CallOutcome, reason: PauseReason) -> Result<bool, rusqlite::Error> {
    let n_paused = tx
        .prepare_cached("UPDATE callbacks SET paused_at = ?2, paused_why = ?3 WHERE number = ?1 AND paused_at IS NULL")?
        .execute((outcome.callback.0, outcome.at.as_millis(), reason.as_str()))?;
    Ok(n_paused > 0)
}
