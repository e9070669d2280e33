//! Handles of files that were uploaded a short while ago. A template with ten cards may name one picture ten times, and who
//! puts a fault right asks again for the same files: each is uploaded once.
//!
//! The upstream does not say that a handle is good once only: it carries its expiry, and the upstream's own examples name one
//! in several cards. Should one not be taken any more, the app's handles are forgotten with the first template refused.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kabar_domain::ids::AppId;
use tokio::time::Instant;

/// How long a handle is given out again: far shorter than the days for which the upstream keeps the file.
const KEPT_FOR: Duration = Duration::from_secs(600);
/// How many handles are remembered, of all apps together.
const MOST: usize = 256;

/// The handles, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Known {
    handles: Mutex<VecDeque<Entry>>,
}

#[derive(Debug)]
struct Entry {
    app: AppId,
    sha256: [u8; 32],
    handle: String,
    until: Instant,
}

impl Known {
    /// The handle of an app's file with this content.
    pub(crate) fn get(&self, app: &AppId, sha256: &[u8; 32]) -> Option<String> {
        let now = Instant::now();
        let handles = self.lock();
        let mut newest_first = handles.iter().rev();
        let found = newest_first.find(|entry| entry.app == *app && entry.sha256 == *sha256 && entry.until > now);
        found.map(|entry| entry.handle.clone())
    }

    pub(crate) fn put(&self, app: &AppId, sha256: [u8; 32], handle: &str) {
        let mut handles = self.lock();
        if handles.len() >= MOST {
            handles.pop_front();
        }
        let until = Instant::now() + KEPT_FOR;
        handles.push_back(Entry { app: app.clone(), sha256, handle: handle.to_owned(), until });
    }

    pub(crate) fn forget(&self, app: &AppId) {
        self.lock().retain(|entry| entry.app != *app);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.handles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_handle_is_remembered_for_its_app_and_for_a_while() {
        let known = Known::default();
        let [one, other] = ["satu", "dua"].map(|app| AppId::parse(app).unwrap());
        known.put(&one, [1; 32], "first");
        assert_eq!(known.get(&one, &[1; 32]).as_deref(), Some("first"));
        assert_eq!((known.get(&other, &[1; 32]), known.get(&one, &[2; 32])), (None, None));
        tokio::time::advance(KEPT_FOR).await;
        assert_eq!(known.get(&one, &[1; 32]), None);
        known.put(&one, [1; 32], "second");
        known.put(&other, [1; 32], "third");
        assert_eq!(known.get(&one, &[1; 32]).as_deref(), Some("second"));
        known.forget(&one);
        assert_eq!((known.get(&one, &[1; 32]), known.get(&other, &[1; 32]).as_deref()), (None, Some("third")));
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_are_remembered_than_there_is_room_for() {
        let known = Known::default();
        let app = AppId::parse("satu").unwrap();
        known.put(&app, [9; 32], "oldest");
        for _ in 0..MOST {
            known.put(&app, [1; 32], "newer");
        }
        assert_eq!(known.get(&app, &[9; 32]), None);
        assert_eq!(known.lock().len(), MOST);
    }
}
