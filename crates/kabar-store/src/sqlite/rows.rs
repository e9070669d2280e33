//! From columns to the domain's types. What the store wrote reads back; anything else is an error, never a guess.

use std::error::Error as StdError;

use kabar_domain::attached::AtSend;
use kabar_domain::clock::Moment;
use kabar_domain::ids::Msgid;
use kabar_domain::message::{Lane, Reason, State};
use kabar_domain::template::Category;
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Error, Row};
use uuid::Uuid;

pub(super) fn moment(row: &Row<'_>, column: usize) -> Result<Moment, Error> {
    Ok(Moment::from_millis(row.get(column)?))
}

pub(super) fn maybe_moment(row: &Row<'_>, column: usize) -> Result<Option<Moment>, Error> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Moment::from_millis))
}

/// A text that parses.
pub(super) fn parsed<T, E: StdError + Send + Sync + 'static>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Error> {
    let text = row.get_ref(column)?.as_str()?;
    parse(text).map_err(|err| Error::FromSqlConversionFailure(column, Type::Text, Box::new(err)))
}

pub(super) fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid, Error> {
    let bytes = row.get_ref(column)?.as_blob()?;
    Uuid::from_slice(bytes).map_err(|err| Error::FromSqlConversionFailure(column, Type::Blob, Box::new(err)))
}

pub(super) fn msgid(row: &Row<'_>, column: usize) -> Result<Msgid, Error> {
    uuid(row, column).map(Msgid::from_uuid)
}

pub(super) fn state(row: &Row<'_>, column: usize) -> Result<State, Error> {
    State::from_code(row.get(column)?).ok_or_else(|| unknown(column, Type::Integer, "a state"))
}

pub(super) fn category(row: &Row<'_>, column: usize) -> Result<Category, Error> {
    let text = row.get_ref(column)?.as_str()?;
    Category::parse(text).ok_or_else(|| unknown(column, Type::Text, "a category"))
}

/// How files go to the upstream, where it was said.
pub(super) fn at_send(row: &Row<'_>, column: usize) -> Result<Option<AtSend>, Error> {
    match row.get::<_, Option<i64>>(column)? {
        None => Ok(None),
        Some(1) => Ok(Some(AtSend::Upload)),
        Some(2) => Ok(Some(AtSend::Link)),
        Some(_) => Err(unknown(column, Type::Integer, "a way in which files go to the upstream")),
    }
}

/// The number of such a way.
pub(super) const fn at_send_code(at_send: AtSend) -> i64 {
    match at_send {
        AtSend::Upload => 1,
        AtSend::Link => 2,
    }
}

/// A category, where there is one.
pub(super) fn maybe_category(row: &Row<'_>, column: usize) -> Result<Option<Category>, Error> {
    if row.get_ref(column)? == ValueRef::Null { Ok(None) } else { category(row, column).map(Some) }
}

/// A lane, from its sender and its class in the next column.
pub(super) fn lane(row: &Row<'_>, column: usize) -> Result<Lane, Error> {
    Ok(Lane { sender: parsed(row, column, str::parse)?, class: category(row, column + 1)? })
}

/// A reason, from its code and its text in the next column.
pub(super) fn reason(row: &Row<'_>, column: usize) -> Result<Option<Reason>, Error> {
    match row.get::<_, Option<u32>>(column)? {
        Some(code) => Ok(Some(Reason { code, text: row.get::<_, Option<String>>(column + 1)?.unwrap_or_default() })),
        None => Ok(None),
    }
}

pub(super) fn unknown(column: usize, kind: Type, what: &str) -> Error {
    Error::FromSqlConversionFailure(column, kind, format!("this is not {what}").into())
}
