//! Rules of callbacks, and of times in requests.

use crate::rule::Rule;
use crate::rule::row::Confidence::Own;
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Callbacks, rule, id, limits)
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::CallbackUrl, "callback_url", "Addresses of callbacks").from(Own, "it is what can be called").says(
        "{field} harus berupa alamat http atau https yang lengkap, tanpa nama pengguna dan tanpa #",
        "{field} must be a complete http or https address, without a user and without #",
    ),
    row(Rule::CallbackHttps, "callback_https", "Schemes of callbacks")
        .from(Own, "what is told are people's phone numbers")
        .says("{field} harus diawali dengan https", "{field} must begin with https"),
    row(Rule::CallbackAddress, "callback_address", "Nets of callbacks")
        .from(Own, "an app must not reach what only the gateway reaches")
        .says(
            "Alamat {address} tidak boleh dipanggil: bukan alamat internet publik",
            "The address {address} must not be called: it is none of the public internet",
        ),
    row(Rule::CallbackOverlap, "callback_overlap", "Hours for which an old key signs beside the new one")
        .between(0, 168)
        .from(Own, "a week is enough to change a key")
        .says("{field} harus antara {min} dan {max} jam", "{field} must be between {min} and {max} hours"),
    row(Rule::PointInTime, "point_in_time", "Times").from(Own, "ISO 8601 with a zone").says(
        "{field} harus berupa waktu seperti 2026-11-21T22:32:00Z",
        "{field} must be a time such as 2026-11-21T22:32:00Z",
    ),
];
