//! JWTs whose signature was found good, by their hash: bounded, and forgetting the long unused.

use std::collections::HashMap;
use std::mem;

use kabar_domain::clock::Moment;

use crate::auth::Claims;

/// At most twice as many are kept.
const GENERATION: usize = 5_000;

type Known = (Claims, Option<Moment>);

/// Two generations: what is asked for moves to the younger, and when that is full the older one goes.
#[derive(Default)]
pub(super) struct Verified {
    younger: HashMap<[u8; 32], Known>,
    older: HashMap<[u8; 32], Known>,
}

impl Verified {
    pub(super) fn get(&mut self, hash: &[u8; 32]) -> Option<Known> {
        if let Some(known) = self.younger.get(hash) {
            return Some(known.clone());
        }
        let known = self.older.remove(hash)?;
        self.put(*hash, known.clone());
        Some(known)
    }

    pub(super) fn put(&mut self, hash: [u8; 32], known: Known) {
        if self.younger.len() >= GENERATION {
            self.older = mem::take(&mut self.younger);
        }
        self.younger.insert(hash, known);
    }
}

#[cfg(test)]
mod tests {
    use kabar_domain::ids::{AppId, TokenId};
    use uuid::Uuid;

    use super::*;

    fn hash(number: usize) -> [u8; 32] {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        hash
    }

    #[test]
    fn it_stays_small_and_keeps_what_is_in_use() {
        let mut verified = Verified::default();
        let known = (Claims { token_id: TokenId::from_uuid(Uuid::nil()), app: AppId::parse("a").unwrap() }, None);
        for number in 0..GENERATION * 5 {
            verified.put(hash(number), known.clone());
            assert!(verified.get(&hash(0)).is_some(), "{number}");
            assert!(verified.younger.len() + verified.older.len() <= GENERATION * 2);
        }
        assert!(verified.get(&hash(1)).is_none());
    }
}
