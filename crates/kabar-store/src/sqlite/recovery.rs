//! What an earlier process left under way is put in order.

use std::sync::Arc;

use kabar_domain::clock::Moment;
use kabar_domain::message::State;
use rusqlite::{OptionalExtension as _, Transaction};

use super::Sqlite;
use super::attempts::keep_event;
use super::memory::{Memory, lane_of};
use super::notes;
use super::rows::{category, state};
use super::waiting::{For, wait};
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;
use crate::ledger::{Patience, Recovered};
use crate::marks::Proof;

/// How many messages are put in order in one transaction.
const CHUNK: u32 = 4096;

impl Sqlite {
    pub(crate) async fn recover(&self, now: Moment, patience: Patience) -> Result<Recovered, Error> {
        self.must_serve()?;
        let marks = Arc::clone(&self.0.marks);
        let proof = tokio::task::spawn_blocking(move || marks.proof()).await.unwrap_or_else(|_| Proof::nothing());
        let proof = Arc::new(proof);
        let mut recovered = Recovered::default();
        loop {
            let chunk = self.0.writer.run(Recover { now, patience, proof: Arc::clone(&proof) }).await?;
            let Some(chunk) = chunk else { break };
            recovered.again += chunk.again;
            recovered.in_doubt += chunk.in_doubt;
        }
        // Only now: until the last claim was closed, the earlier notes were what it was judged by.
        let marks = Arc::clone(&self.0.marks);
        tokio::task::spawn_blocking(move || marks.begin()).await.unwrap_or_default();
        Ok(recovered)
    }
}

/// Puts a part of the oldest claim in order that an earlier process left. `None` if there is none.
struct Recover {
    now: Moment,
    patience: Patience,
    proof: Arc<Proof>,
}

impl Command for Recover {
    type Answer = Option<Recovered>;

    const AROUND: Around = Some((KillPoint::BeforeRecover, KillPoint::AfterRecover));

    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Option<Recovered>, Failure> {
        let claim: Option<(i64, i64, i64)> = tx
            .prepare_cached("SELECT number, first_id, last_id FROM claims WHERE number < ?1 ORDER BY number LIMIT 1")?
            .query_row([memory.first_claim()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((number, first_id, last_id)) = claim else { return Ok(None) };
        let patience = tx
            .prepare_cached("SELECT class FROM lanes WHERE number = ?1")?
            .query_row([lane_of(first_id)], |row| category(row, 0))
            .map(|class| self.patience.of(class))?;
        let messages: Vec<(i64, State, bool)> = tx
            .prepare_cached(
                "SELECT m.id, m.state, w.id IS NOT NULL FROM messages m LEFT JOIN waiting w ON w.id = m.id
                 WHERE m.id BETWEEN ?1 AND ?2 ORDER BY m.id LIMIT ?3",
            )?
            .query_map((first_id, last_id, CHUNK), |row| Ok((row.get(0)?, state(row, 1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;

        let mut recovered = Recovered::default();
        for (id, state, waits) in &messages {
            if state.is_settled() || *waits {
                continue;
            }
            if self.proof.not_called(*id) {
                wait(tx, *id, For::Turn(self.now))?;
                recovered.again += 1;
            } else {
                wait(tx, *id, For::Evidence(self.now.plus(patience)))?;
                keep_event(tx, memory, *id, State::InDoubt, self.now, None)?;
                notes::keep(tx, *id, &notes::interrupted(self.now, self.now.plus(patience)))?;
                tx.prepare_cached("UPDATE messages SET state = ?2, attempts = attempts + 1 WHERE id = ?1")?
                    .execute((id, State::InDoubt.to_code()))?;
                recovered.in_doubt += 1;
            }
        }
        match messages.last() {
            Some((last, ..)) if messages.len() == CHUNK as usize && *last < last_id => {
                tx.prepare_cached("UPDATE claims SET first_id = ?2 WHERE number = ?1")?.execute((number, last + 1))?;
            }
            _ => {
                tx.prepare_cached("DELETE FROM claims WHERE number = ?1")?.execute([number])?;
            }
        }
        Ok(Some(recovered))
    }
}
