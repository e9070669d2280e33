//! To whom a sender wrote, and in which lanes something is due.

use std::collections::HashMap;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::SenderId;
use kabar_domain::message::{Lane, State};
use kabar_domain::pacing::Recipient;
use rusqlite::Transaction;

use super::Sqlite;
use super::memory::before_first;
use super::rows::{lane, moment};
use crate::Error;

/// How long before it leaves a message may have been accepted, for almost all of them.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

impl Sqlite {
    pub(crate) async fn recipients_since(
        &self,
        sender: SenderId,
        since: Moment,
    ) -> Result<HashMap<Recipient, Moment>, Error> {
        self.0.readers.read(move |tx| recipients(tx, &sender, since)).await
    }

    pub(crate) async fn lanes_due(&self, now: Moment) -> Result<Vec<Lane>, Error> {
        self.0.readers.read(move |tx| lanes_due(tx, now)).await
    }
}

/// Each lane from what was begun last to the first that is too old. What was begun and is not known to have left may have.
fn recipients(
    tx: &Transaction<'_>,
    sender: &SenderId,
    since: Moment,
) -> Result<HashMap<Recipient, Moment>, rusqlite::Error> {
    let oldest = since.as_millis().saturating_sub(i64::try_from(LONGEST_WAIT.as_millis()).unwrap_or(i64::MAX));
    let lanes: Vec<(i64, i64)> = tx
        .prepare_cached("SELECT number, claimed_to FROM lanes WHERE sender = ?1")?
        .query_map([sender.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut begun = tx.prepare_cached(
        "SELECT m.recipient, m.accepted_at, (
             SELECT max(e.at) FROM message_events e WHERE e.message_id = m.id AND e.state IN (?3, ?4)
         )
         FROM messages m WHERE m.id > ?1 AND m.id <= ?2 ORDER BY m.id DESC",
    )?;
    let mut recipients = HashMap::new();
    for (number, claimed_to) in lanes {
        let range = (before_first(number), claimed_to, State::Submitted.to_code(), State::InDoubt.to_code());
        let mut rows = begun.query(range)?;
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(1)? < oldest {
                break;
            }
            let left: Option<i64> = row.get(2)?;
            if left.is_none_or(|left| left < since.as_millis()) {
                continue;
            }
            let (recipient, left) = (Recipient::of_text(row.get_ref(0)?.as_str()?), moment(row, 2)?);
            let last = recipients.entry(recipient).or_insert(left);
            *last = left.max(*last);
        }
    }
    Ok(recipients)
}

fn lanes_due(tx: &Transaction<'_>, now: Moment) -> Result<Vec<Lane>, rusqlite::Error> {
    tx.prepare_cached(
        "SELECT sender, class FROM lanes
         WHERE EXISTS (SELECT 1 FROM waiting WHERE kind = 1 AND lane = lanes.number AND due_at <= ?1)
         ORDER BY number",
    )?
    .query_map([now.as_millis()], |row| lane(row, 0))?
    .collect()
}
