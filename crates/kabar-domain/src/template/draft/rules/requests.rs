//! Cases of what a request to send says beside the values.

use super::Case;
use crate::fault::Path;
use crate::request::{IdempotencyKey, waiting_time};
use crate::rule::Rule;

pub(super) fn cases() -> Vec<Case> {
    let key = |n: usize| match IdempotencyKey::parse("k".repeat(n).as_bytes(), &Path::root()) {
        Ok(_) => Vec::new(),
        Err(fault) => vec![fault.rule],
    };
    let time = |seconds| match waiting_time(seconds, &Path::root()) {
        Ok(_) => Vec::new(),
        Err(fault) => vec![fault.rule],
    };
    vec![
        Case { rule: Rule::IdempotencyKey, keeps: key(255), breaks: key(256) },
        Case { rule: Rule::IdempotencyKey, keeps: key(1), breaks: key(0) },
        Case { rule: Rule::ExpiresIn, keeps: time(1), breaks: time(0) },
        Case { rule: Rule::ExpiresIn, keeps: time(2_592_000), breaks: time(2_592_001) },
    ]
}
