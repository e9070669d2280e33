//! Deliveries, as people look at them.

use std::time::Duration;

use kabar_domain::callback::CallbackId;
use kabar_domain::clock::Moment;
use kabar_domain::ids::AppId;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Row, Transaction};
use uuid::Uuid;

use super::super::Sqlite;
use super::super::rows::{moment, unknown, uuid};
use super::number;
use crate::Error;
use crate::callback::{CallAnswer, Delivery, DeliveryCall, DeliveryQuery, DeliveryState, Place};

impl Sqlite {
    pub(crate) async fn deliveries(
        &self,
        app: AppId,
        id: CallbackId,
        query: DeliveryQuery,
        limit: u32,
    ) -> Result<Option<Vec<Delivery>>, Error> {
        self.0.readers.read(move |tx| page(tx, &app, id, query, limit)).await
    }

    pub(crate) async fn delivery(&self, app: AppId, id: CallbackId, event: Uuid) -> Result<Option<Delivery>, Error> {
        self.0.readers.read(move |tx| one(tx, &app, id, event)).await
    }
}

const COLUMNS: &str = "SELECT id, event, kind, body, occurred_at, state, at FROM deliveries";

fn page(
    tx: &Transaction<'_>,
    app: &AppId,
    id: CallbackId,
    query: DeliveryQuery,
    limit: u32,
) -> Result<Option<Vec<Delivery>>, rusqlite::Error> {
    let Some(number) = number(tx, app, id)? else { return Ok(None) };
    let from = query.after.unwrap_or(Place { occurred_at: Moment::from_millis(i64::MAX), id: i64::MAX });
    let (first, last) = match query.state {
        None => (0, 3),
        Some(DeliveryState::Waiting) => (0, 1),
        Some(DeliveryState::Delivered) => (2, 2),
        Some(DeliveryState::Failed) => (3, 3),
    };
    let found: Vec<Delivery> = tx
        .prepare_cached(&format!(
            "{COLUMNS} WHERE callback = ?1 AND (occurred_at, id) < (?2, ?3) AND state BETWEEN ?4 AND ?5
             ORDER BY occurred_at DESC, id DESC LIMIT ?6"
        ))?
        .query_map((number, from.occurred_at.as_millis(), from.id, first, last, limit), delivery)?
        .collect::<Result<_, _>>()?;
    found.into_iter().map(|delivery| with_calls(tx, delivery)).collect::<Result<_, _>>().map(Some)
}

fn one(tx: &Transaction<'_>, app: &AppId, id: CallbackId, event: Uuid) -> Result<Option<Delivery>, rusqlite::Error> {
    let Some(number) = number(tx, app, id)? else { return Ok(None) };
    let found = tx
        .prepare_cached(&format!("{COLUMNS} WHERE callback = ?1 AND event = ?2"))?
        .query_row((number, event.as_bytes()), delivery)
        .optional()?;
    found.map(|delivery| with_calls(tx, delivery)).transpose()
}

fn delivery(row: &Row<'_>) -> Result<Delivery, rusqlite::Error> {
    let at = moment(row, 6)?;
    let (state, due_at, ended_at) = match row.get(5)? {
        0 => (DeliveryState::Waiting, Some(at), None),
        1 => (DeliveryState::Waiting, None, None),
        2 => (DeliveryState::Delivered, None, Some(at)),
        3 => (DeliveryState::Failed, None, Some(at)),
        _ => return Err(unknown(5, Type::Integer, "a state of a delivery")),
    };
    let occurred_at = moment(row, 4)?;
    Ok(Delivery {
        event: uuid(row, 1)?,
        kind: row.get(2)?,
        body: row.get(3)?,
        occurred_at,
        state,
        due_at,
        ended_at,
        calls: Vec::new(),
        place: Place { occurred_at, id: row.get(0)? },
    })
}

fn with_calls(tx: &Transaction<'_>, delivery: Delivery) -> Result<Delivery, rusqlite::Error> {
    let calls = tx
        .prepare_cached("SELECT at, took_ms, status, error FROM delivery_calls WHERE delivery = ?1 ORDER BY number")?
        .query_map([delivery.place.id], |row| {
            let answer = match row.get(2)? {
                Some(status) => CallAnswer::Status(status),
                None => CallAnswer::None(row.get(3)?),
            };
            let took = Duration::from_millis(u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default());
            Ok(DeliveryCall { at: moment(row, 0)?, took, answer })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Delivery { calls, ..delivery })
}
