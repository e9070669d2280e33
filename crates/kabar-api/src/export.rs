//! Messages as lines: CSV (RFC 4180) for spreadsheets, JSON lines for programs.

use kabar_domain::clock::Moment;
use kabar_domain::spreadsheet::harmless;
use kabar_store::search::Row;
use serde::Serialize;
use utoipa::ToSchema;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

impl Format {
    /// Both, with their names.
    pub const NAMES: [(&str, Self); 2] = [("csv", Self::Csv), ("jsonl", Self::JsonLines)];

    /// What stands before the first line.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Csv => HEADER,
            Self::JsonLines => "",
        }
    }

    /// What such a document is called in HTTP.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/x-ndjson",
        }
    }

    /// Writes a message as a line.
    pub fn write(self, row: &Row, out: &mut Vec<u8>) {
        match self {
            Self::Csv => csv(row, out),
            Self::JsonLines => {
                // Its keys are texts, and a vector takes everything.
                serde_json::to_writer(&mut *out, &Line::of(row)).unwrap_or_default();
                out.push(b'\n');
            }
        }
    }
}

const HEADER: &str = "msgid,state,phone_number,template,category,sender,accepted_at,submitted_at,sent_at,delivered_at,\
    read_at,state_at,error_code,error_reason,upstream_id,attempts\r\n";

/// A message among others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::MessageLine)]
pub struct Line<'r> {
    /// The message.
    #[schema(format = Uuid, example = "0199a4f4-334a-7b2c-8a52-b1e2c0ffee01")]
    msgid: String,
    /// How far it has come.
    #[schema(example = "delivered")]
    state: &'static str,
    /// Who was to have it, with `+` and country code.
    #[schema(example = "+6281381475159")]
    phone_number: &'r str,
    /// The name of its template, while that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pesanan_dikirim")]
    template: Option<&'r str>,
    /// The class of messages among which it queued.
    #[schema(example = "UTILITY")]
    category: String,
    /// The sender's phone number id.
    #[schema(example = "106540352242922")]
    sender: &'r str,
    /// When it came, in UTC.
    #[schema(format = DateTime)]
    accepted_at: String,
    /// When the upstream took it, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    submitted_at: Option<String>,
    /// When the upstream sent it on, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    sent_at: Option<String>,
    /// When it was on the recipient's phone, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    delivered_at: Option<String>,
    /// When the recipient opened it, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    read_at: Option<String>,
    /// When it came to its state, in UTC.
    #[schema(format = DateTime)]
    state_at: String,
    /// Why it ended badly: the upstream's number, or one of Kabar's own from 900001 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 131_026)]
    error_code: Option<u32>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_reason: Option<&'r str>,
    /// The upstream's id of it, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_id: Option<&'r str>,
    /// How many attempts came out, or are in doubt.
    attempts: u32,
}

impl<'r> Line<'r> {
    /// What is told of a message.
    pub fn of(row: &'r Row) -> Self {
        let moment = |moment: Option<Moment>| moment.map(|moment| moment.to_string());
        Self {
            msgid: row.msgid.to_string(),
            state: row.state.as_str(),
            phone_number: row.recipient.as_e164(),
            template: row.template.as_deref(),
            category: row.lane.class.to_string(),
            sender: row.lane.sender.as_str(),
            accepted_at: row.accepted_at.to_string(),
            submitted_at: moment(row.submitted_at),
            sent_at: moment(row.sent_at),
            delivered_at: moment(row.delivered_at),
            read_at: moment(row.read_at),
            state_at: row.state_at.to_string(),
            error_code: row.reason.as_ref().map(|reason| reason.code),
            error_reason: row.reason.as_ref().map(|reason| reason.text.as_str()),
            upstream_id: row.wamid.as_deref(),
            attempts: row.attempts,
        }
    }
}

fn csv(row: &Row, out: &mut Vec<u8>) {
    let line = Line::of(row);
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let cells: [&str; 16] = [
        &line.msgid,
        line.state,
        // Digits alone: a spreadsheet takes a plus for the beginning of a formula.
        row.recipient.digits(),
        line.template.unwrap_or_default(),
        &line.category,
        line.sender,
        &line.accepted_at,
        line.submitted_at.as_deref().unwrap_or_default(),
        line.sent_at.as_deref().unwrap_or_default(),
        line.delivered_at.as_deref().unwrap_or_default(),
        line.read_at.as_deref().unwrap_or_default(),
        &line.state_at,
        &number(line.error_code),
        line.error_reason.unwrap_or_default(),
        line.upstream_id.unwrap_or_default(),
        &number(Some(line.attempts)),
    ];
    for (place, text) in cells.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        cell(text, out);
    }
    out.extend_from_slice(b"\r\n");
}

/// A value, quoted where it must be, and never a formula.
fn cell(text: &str, out: &mut Vec<u8>) {
    let text = harmless(text);
    if text.contains(['"', ',', '\r', '\n']) {
        out.push(b'"');
        out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        cell(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_no_formula() {
        for (text, expected) in [
            ("", ""),
            ("pesanan", "pesanan"),
            ("a,b", "\"a,b\""),
            ("he said \"no\"", "\"he said \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("+62", "'+62"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("＝1", "'＝1"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }
}
