//! Rules of what a request to send says beside the values.

use crate::rule::Rule;
use crate::rule::row::Confidence::Own;
use crate::rule::row::{Row, Topic};

pub(super) const ROWS: &[Row] = &[
    Row::new(
        Topic::Sending,
        Rule::IdempotencyKey,
        "idempotency_key",
        "Characters of an idempotency key: printable ASCII",
    )
    .between(1, 255)
    .from(Own, "as long as the keys of other services")
    .says(
        "{field} harus terdiri dari {min} sampai {max} karakter ASCII yang dapat dicetak, dan hanya satu",
        "{field} must be {min} to {max} printable ASCII characters, and there must be only one",
    ),
    Row::new(Topic::Sending, Rule::ExpiresIn, "expires_in", "Seconds for which a message may wait to be sent")
        .between(1, 2_592_000)
        .from(Own, "as long as the upstream tries to deliver at most")
        .says("{field} harus antara {min} dan {max} detik", "{field} must be between {min} and {max} seconds"),
];
