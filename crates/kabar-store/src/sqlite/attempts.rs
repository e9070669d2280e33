//! Attempts: begun for a range of a lane in one write, and settled one by one.

use kabar_domain::clock::Moment;
use kabar_domain::message::{Lane, Reason, State};
use kabar_domain::phone::PhoneNumber;
use rusqlite::{OptionalExtension as _, Row, Transaction};
use tracing::warn;

use super::Sqlite;
use super::callbacks::tell;
use super::memory::{Memory, before_first};
use super::notes;
use super::rows::{at_send, moment, msgid, parsed, state};
use super::suppression;
use super::uncorrelated;
use super::waiting::{For, no_longer_waits, wait};
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;
use crate::ledger::{Begun, Hold, MessageKey, Noted, Outcome, Verdict};

impl Sqlite {
    pub(crate) async fn begin_attempts(&self, lane: Lane, limit: u32, now: Moment) -> Result<Vec<Begun>, Error> {
        self.must_serve()?;
        self.0.writer.run(Begin { lane, limit, now }).await
    }

    pub(crate) fn note_calls(&self, keys: &[MessageKey]) {
        self.0.kill.reach(KillPoint::BeforeNote);
        self.0.marks.note(keys);
        self.0.kill.reach(KillPoint::AfterNote);
    }

    pub(crate) async fn settle(&self, outcomes: Vec<Noted>) -> Result<(), Error> {
        if outcomes.is_empty() {
            return Ok(());
        }
        self.0.writer.run(Settle(outcomes)).await
    }
}

struct Begin {
    lane: Lane,
    limit: u32,
    now: Moment,
}

impl Command for Begin {
    type Answer = Vec<Begun>;

    const AROUND: Around = Some((KillPoint::BeforeBegin, KillPoint::AfterBegin));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Vec<Begun>, Failure> {
        let Some(ends) = memory.lane(tx, &self.lane)?.copied() else { return Ok(Vec::new()) };
        let mut begun = self.retries(tx, memory, ends.number)?;
        let claimed_to = self.next_in_order(tx, memory, ends.number, ends.claimed_to, &mut begun)?;
        if claimed_to != ends.claimed_to {
            tx.prepare_cached("UPDATE lanes SET claimed_to = ?2 WHERE number = ?1")?
                .execute((ends.number, claimed_to))?;
            if let Some(ends) = memory.lane(tx, &self.lane)? {
                ends.claimed_to = claimed_to;
            }
        }
        Ok(begun)
    }
}

impl Begin {
    fn room(&self, begun: &[Begun]) -> i64 {
        i64::from(self.limit).saturating_sub_unsigned(begun.len() as u64)
    }

    /// Takes the retries that are due, the longest due first.
    fn retries(&self, tx: &Transaction<'_>, memory: &mut Memory, lane: i64) -> Result<Vec<Begun>, rusqlite::Error> {
        let mut due = tx.prepare_cached(
            "SELECT m.id, m.state, m.msgid, m.template, m.recipient, m.components, m.attempts, m.accepted_at, m.expires_at,
                    m.media
             FROM waiting w JOIN messages m ON m.id = w.id
             WHERE w.kind = 1 AND w.lane = ?1 AND w.due_at <= ?2 ORDER BY w.due_at, w.id LIMIT ?3",
        )?;
        let mut begun = Vec::new();
        loop {
            let room = self.room(&begun);
            let found: Vec<(State, Begun)> =
                due.query_map((lane, self.now.as_millis(), room), candidate)?.collect::<Result<_, _>>()?;
            if found.is_empty() {
                break;
            }
            for (state, message) in found {
                no_longer_waits(tx, message.key.0)?;
                if !state.is_settled() {
                    begun.push(message);
                }
            }
        }
        let mut ids: Vec<i64> = begun.iter().map(|message| message.key.0).collect();
        ids.sort_unstable();
        // One range for all would do as well, but recovery would have to look at everything between.
        for neighbours in ids.chunk_by(|a, b| a + 1 == *b) {
            memory.claim(tx, neighbours)?;
        }
        Ok(begun)
    }

    /// Takes what comes next in the lane, until there are enough; answers up to where it was taken.
    fn next_in_order(
        &self,
        tx: &Transaction<'_>,
        memory: &mut Memory,
        lane: i64,
        mut claimed_to: i64,
        begun: &mut Vec<Begun>,
    ) -> Result<i64, rusqlite::Error> {
        let mut next = tx.prepare_cached(
            "SELECT id, state, msgid, template, recipient, components, attempts, accepted_at, expires_at, media
             FROM messages WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
        )?;
        let mut ids = Vec::new();
        loop {
            let room = self.room(begun);
            let found: Vec<(State, Begun)> =
                next.query_map((claimed_to, before_first(lane + 1), room), candidate)?.collect::<Result<_, _>>()?;
            let Some((_, last)) = found.last() else { break };
            claimed_to = last.key.0;
            for (state, message) in found {
                if !state.is_settled() {
                    ids.push(message.key.0);
                    begun.push(message);
                }
            }
        }
        memory.claim(tx, &ids)?;
        Ok(claimed_to)
    }
}

fn candidate(row: &Row<'_>) -> Result<(State, Begun), rusqlite::Error> {
    let message = Begun {
        key: MessageKey(row.get(0)?),
        msgid: msgid(row, 2)?,
        template: row.get(3)?,
        recipient: parsed(row, 4, PhoneNumber::kept)?,
        components: row.get(5)?,
        media: at_send(row, 9)?,
        attempt: row.get::<_, u32>(6)?.saturating_add(1),
        accepted_at: moment(row, 7)?,
        expires_at: moment(row, 8)?,
    };
    Ok((state(row, 1)?, message))
}

struct Settle(Vec<Noted>);

impl Command for Settle {
    type Answer = ();

    const AROUND: Around = Some((KillPoint::BeforeSettle, KillPoint::AfterSettle));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<(), Failure> {
        for Noted { outcome, note } in &self.0 {
            if settle(tx, memory, outcome)?
                && let Some(note) = note
            {
                notes::keep(tx, outcome.key.0, note)?;
            }
        }
        Ok(())
    }
}

/// `false` if there is no such message.
fn settle(tx: &Transaction<'_>, memory: &mut Memory, outcome: &Outcome) -> Result<bool, rusqlite::Error> {
    let id = outcome.key.0;
    let was_under_way = memory.release(tx, id)?;
    if !was_under_way {
        no_longer_waits(tx, id)?;
    }
    let known = tx
        .prepare_cached("SELECT state FROM messages WHERE id = ?1")?
        .query_row([id], |row| state(row, 0))
        .optional()?;
    let Some(old) = known else {
        warn!(id, "an outcome was given for a message that does not exist");
        return Ok(false);
    };
    let new = match &outcome.verdict {
        Verdict::Submitted { wamid } => {
            tx.prepare_cached("UPDATE messages SET wamid = ?2 WHERE id = ?1")?.execute((id, wamid))?;
            keep_event(tx, memory, id, State::Submitted, outcome.at, None)?;
            uncorrelated::take_up(tx, memory, id, wamid, old.after(State::Submitted))?
        }
        // From here on: the upstream's own report is stronger than what is thought here.
        Verdict::Later { due } | Verdict::NotYet { due } => {
            if !old.is_settled() {
                wait(tx, id, For::Turn(*due))?;
            }
            old
        }
        Verdict::Held { on } => {
            if !old.is_settled() {
                wait(tx, id, For::Release(on))?;
            }
            old
        }
        Verdict::InDoubt { until } => {
            if !old.is_settled() {
                wait(tx, id, For::Evidence(*until))?;
                keep_event(tx, memory, id, State::InDoubt, outcome.at, None)?;
            }
            old.after(State::InDoubt)
        }
        Verdict::Ended { state, reason } => match old.ended(*state) {
            Some(end) => {
                let reason = if end == *state { reason.clone() } else { reason.clone().after_lost_answer() };
                keep_event(tx, memory, id, end, outcome.at, Some(&reason))?;
                end
            }
            None => old,
        },
    };
    let no_call = matches!(outcome.verdict, Verdict::NotYet { .. } | Verdict::Held { on: Hold::Media(_) });
    let was_attempt = was_under_way && !no_call;
    if was_attempt || new != old {
        // What may still be sent again keeps its values.
        let became = if new.is_settled() && memory.is_secret(tx, id)? {
            "UPDATE messages SET state = ?2, attempts = attempts + ?3, components = '' WHERE id = ?1"
        } else {
            "UPDATE messages SET state = ?2, attempts = attempts + ?3 WHERE id = ?1"
        };
        tx.prepare_cached(became)?.execute((id, new.to_code(), was_attempt))?;
    }
    Ok(true)
}

/// Adds to what happened to a message, and to what its app is to be told. `false` if it was known.
pub(super) fn keep_event(
    tx: &Transaction<'_>,
    memory: &mut Memory,
    id: i64,
    state: State,
    at: Moment,
    reason: Option<&Reason>,
) -> Result<bool, rusqlite::Error> {
    let n_kept = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO message_events (message_id, state, at, code, text) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            id,
            state.to_code(),
            at.as_millis(),
            reason.map(|reason| reason.code),
            reason.map(|reason| reason.text.as_str()),
        ))?;
    if n_kept > 0 {
        tell::message(tx, memory, id, state, at, reason)?;
        if let Some(reason) = reason {
            suppression::heed(tx, id, at, reason)?;
        }
    }
    Ok(n_kept > 0)
}
