//! Requests that may be repeated: what makes one known, and what becomes of its repetition.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use kabar_domain::ids::{AppId, Msgid};
use kabar_domain::request::IdempotencyKey;

/// How many bytes of a SHA-256 are kept: enough that no two requests ever share them by chance.
const KEPT: usize = 16;

/// A request that may be repeated: its caller's name for it, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// What the app calls it.
    pub key: IdempotencyKey,
    /// What it says, so that another one under the same key is noticed.
    pub content: Fingerprint,
}

/// By what it is told whether two requests say the same. Nothing of what they say can be read from it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) [u8; KEPT]);

impl Fingerprint {
    /// Of these parts, in this order.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            // Each with its length, so that nothing moves from one to the next unseen.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            context.update(part);
        }
        let mut kept = [0; KEPT];
        kept.copy_from_slice(&context.finish().as_ref()[..KEPT]);
        Self(kept)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}

impl Once {
    /// The key as it is kept. One app's keys are nothing to another's.
    pub(crate) fn key_of(&self, app: &AppId) -> Fingerprint {
        Fingerprint::of(&[app.as_str().as_bytes(), self.key.as_str().as_bytes()])
    }
}

/// What became of a request that may be a repetition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It was new: its message is on disk.
    New,
    /// It came before: this is its message, and no other was made.
    Before(Msgid),
    /// The app used the key for another request: nothing was accepted.
    KeyTaken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_from_one_part_to_the_next_unseen() {
        assert_eq!(Fingerprint::of(&[b"ab", b"c"]), Fingerprint::of(&[b"ab", b"c"]));
        assert_ne!(Fingerprint::of(&[b"ab", b"c"]), Fingerprint::of(&[b"a", b"bc"]));
        assert_ne!(Fingerprint::of(&[b"ab"]), Fingerprint::of(&[b"ab", b""]));
    }
}
