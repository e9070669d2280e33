//! What is known of files that messages name by their URLs: which the upstream has, which are on their way, and which can't
//! be had. No I/O here; time is passed in.

use std::collections::HashMap;
use std::time::Duration;

use kabar_domain::clock::Moment;
use kabar_domain::ids::Msgid;
use kabar_domain::message::Reason;
use kabar_store::media::{FileKey, SentMedia};

/// For how long the upstream keeps a file.
pub(super) const KEPT_UPSTREAM: Duration = Duration::from_secs(30 * 24 * 3600);
/// After so long it is uploaded again, well before that.
const RENEWED_AFTER: Duration = Duration::from_secs(25 * 24 * 3600);
/// Until so long after its upload a file is still named where it can't be renewed: a message may stay on its way for a
/// while.
const NAMED_UNTIL: Duration = Duration::from_secs(29 * 24 * 3600);
/// For how long a file that can't be had is not asked for again.
const REFUSED_FOR: Duration = Duration::from_secs(60);
/// When a server that could not be asked whether it has another file is asked again.
pub(super) const ASKED_AGAIN: Duration = Duration::from_secs(300);
/// How often within [`DROPS_COUNTED`] an id is given up that the upstream does not know; then it is the file, or we.
const MOST_DROPS: u32 = 2;
const DROPS_COUNTED: Duration = Duration::from_secs(600);
/// How many files are remembered. One takes some hundred bytes.
pub(super) const MOST_KEPT: u32 = 10_000;

/// All that is known, by key.
#[derive(Debug, Default)]
pub(super) struct Known {
    files: HashMap<FileKey, File>,
}

#[derive(Debug, Default)]
struct File {
    /// What the upstream has.
    kept: Option<SentMedia>,
    /// From when on its server is to be asked whether it has another file.
    check_at: Option<Moment>,
    /// There while it is being fetched or uploaded, or waits for that: until when somebody waits for it, and who was first.
    coming: Option<(Moment, Msgid)>,
    /// Who had it fetched last.
    first: Option<Msgid>,
    refused: Option<(Reason, Moment)>,
    drops: Option<(u32, Moment)>,
}

/// What a message that names a file can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// Go by this id; and whether another message had the file fetched.
    Ready { id: String, is_shared: bool },
    /// Wait: it is on its way.
    Coming { is_shared: bool },
    /// Have it looked at, and wait: the upstream has one, which may be too old, or another than is there now.
    Due,
    /// Nothing is known.
    Unknown,
    /// It can't be had.
    Refused(Reason),
}

/// What came of having a file looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Came {
    /// The upstream has it; and when its server is to be asked next.
    Kept(SentMedia, Moment),
    /// It can't be had.
    Refused(Reason),
    /// Nobody waits for it any more.
    GivenUp,
}

impl Known {
    pub(super) fn new(kept: Vec<SentMedia>, recheck: Duration) -> Self {
        let file = |media: SentMedia| {
            let check_at = Some(media.checked_at.plus(recheck));
            (media.key, File { kept: Some(media), check_at, ..File::default() })
        };
        Self { files: kept.into_iter().map(file).collect() }
    }

    /// What a message can do; one that waits keeps what it waits for coming until `expires_at`.
    pub(super) fn look(&mut self, key: FileKey, msgid: Msgid, expires_at: Moment, now: Moment) -> Look {
        let Some(file) = self.files.get_mut(&key) else { return Look::Unknown };
        if let Some((until, first)) = &mut file.coming {
            *until = expires_at.max(*until);
            return Look::Coming { is_shared: *first != msgid };
        }
        if let Some((reason, until)) = &file.refused {
            if now < *until {
                return Look::Refused(reason.clone());
            }
            file.refused = None;
        }
        let Some(kept) = &file.kept else { return Look::Unknown };
        // Where a check or a renewal did not succeed, the next one has been put off.
        if file.check_at.is_some_and(|at| now < at) && is_named(kept, now) {
            return Look::Ready { id: kept.media_id.clone(), is_shared: file.first != Some(msgid) };
        }
        Look::Due
    }

    /// A file is on its way from now on, for a message.
    pub(super) fn start(&mut self, key: FileKey, msgid: Msgid, expires_at: Moment) {
        let file = self.files.entry(key).or_default();
        file.coming = Some((expires_at, msgid));
        file.first = Some(msgid);
    }

    /// Whether it was this message that had a file fetched.
    pub(super) fn was_first(&self, key: FileKey, msgid: Msgid) -> bool {
        self.files.get(&key).is_some_and(|file| file.first == Some(msgid))
    }

    /// Whether a file is on its way.
    pub(super) fn is_coming(&self, key: FileKey) -> bool {
        self.files.get(&key).is_some_and(|file| file.coming.is_some())
    }

    /// Until when somebody waits for a file.
    pub(super) fn waited_for_until(&self, key: FileKey) -> Option<Moment> {
        self.files.get(&key)?.coming.map(|(until, _)| until)
    }

    /// What the upstream has.
    pub(super) fn kept(&self, key: FileKey) -> Option<&SentMedia> {
        self.files.get(&key)?.kept.as_ref()
    }

    /// A file is no longer on its way.
    pub(super) fn came(&mut self, key: FileKey, came: Came, now: Moment) {
        let file = self.files.entry(key).or_default();
        file.coming = None;
        match came {
            Came::Kept(media, check_at) => {
                file.kept = Some(media);
                file.check_at = Some(check_at);
            }
            Came::Refused(reason) => {
                file.kept = None;
                file.refused = Some((reason, now.plus(REFUSED_FOR)));
            }
            Came::GivenUp => {}
        }
    }

    /// The upstream does not know an id. `true` if another attempt may fare better; then the id is given up.
    pub(super) fn drop_id(&mut self, key: FileKey, id: &str, now: Moment) -> bool {
        let Some(file) = self.files.get_mut(&key) else { return true };
        if file.kept.as_ref().is_none_or(|kept| kept.media_id != id) {
            return true;
        }
        let counted = file.drops.filter(|(_, since)| now.since(*since) < DROPS_COUNTED);
        let (drops, since) = counted.unwrap_or((0, now));
        if drops >= MOST_DROPS {
            return false;
        }
        file.drops = Some((drops + 1, since));
        file.kept = None;
        true
    }

    /// Forgets what is too old, or too much, and gives the bounds by which the store is to do the same.
    pub(super) fn sweep(&mut self, now: Moment) -> Moment {
        let before = now.minus(KEPT_UPSTREAM);
        self.files.retain(|_, file| {
            file.kept.take_if(|kept| kept.uploaded_at < before);
            file.refused.take_if(|(_, until)| *until <= now);
            file.drops.take_if(|(_, since)| now.since(*since) >= DROPS_COUNTED);
            file.kept.is_some() || file.coming.is_some() || file.refused.is_some() || file.drops.is_some()
        });
        let mut ages: Vec<(Moment, FileKey)> =
            self.files.iter().filter_map(|(key, file)| Some((file.kept.as_ref()?.uploaded_at, *key))).collect();
        let too_many = ages.len().saturating_sub(MOST_KEPT as usize);
        if too_many > 0 {
            ages.sort_unstable();
            for (_, key) in &ages[..too_many] {
                if !self.is_coming(*key) {
                    self.files.remove(key);
                }
            }
        }
        before
    }
}

/// Whether the upstream surely has a file still.
pub(super) fn is_named(media: &SentMedia, now: Moment) -> bool {
    now.since(media.uploaded_at) < NAMED_UNTIL
}

/// Whether a file is to be uploaded again, whatever its server says.
pub(super) fn is_to_be_renewed(media: &SentMedia, now: Moment) -> bool {
    now.since(media.uploaded_at) >= RENEWED_AFTER
}

#[cfg(test)]
mod tests;
