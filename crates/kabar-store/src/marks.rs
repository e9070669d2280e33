//! Notes of calls about to be made, which narrow doubt after a crash of the process.
//!
//! When attempts are begun, a whole range is marked in the database before the first call is made. After a crash all of
//! it that has no outcome would be in doubt, though most of it was perhaps never called. So the process also appends the
//! number of each message to a plain file right before the call. The file is not synced: what a process has written
//! outlives the process, though not the machine. What follows from it, and what does not:
//!
//! - A message that was begun and is *not* in the file was surely not called: it may be sent again.
//! - A message that is in the file may have been called. It stays in doubt.
//! - If the machine was restarted since the file was begun, the file may have lost its end, so it proves nothing. The
//!   machine's boot id at the head of the file tells.
//! - If a note could not be written whole, the file proves nothing from then on. It is emptied and removed at once, for
//!   a gap in it would prove what is not true.
//! - A file that is cut off within a number is missing only the note that was being written, whose call had not begun.
//!
//! The file always holds at least the calls of all messages that are under way. It is never shortened in place: it is
//! written anew beside, without what is settled, and then takes the old one's name.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::{error, warn};

use crate::kill::{KillPoint, KillSwitch};
use crate::ledger::MessageKey;

const MAGIC: &[u8; 8] = b"kabarC1\n";
const BOOT_ID_FILE: &str = "/proc/sys/kernel/random/boot_id";
const BOOT_ID: usize = 36;
const HEADER: usize = MAGIC.len() + BOOT_ID;
const NOTE: usize = size_of::<i64>();
/// From this size on the file is worth shortening.
const LONG: u64 = 1 << 20;

/// The file of notes.
pub(crate) struct Marks {
    path: PathBuf,
    kill: KillSwitch,
    state: Mutex<State>,
}

enum State {
    /// This process makes no calls, and leaves the file alone.
    Off,
    /// What an earlier process noted has not been used yet.
    Unread,
    /// Notes are appended.
    Open { file: File, size: u64, long: u64 },
    /// A note could not be kept: there is no file, and none is begun until the store is opened again.
    Spoilt,
}

/// What the notes of an earlier process prove.
pub(crate) struct Proof(Option<HashSet<i64>>);

impl Proof {
    /// Whether the message's call was surely not begun.
    pub(crate) fn not_called(&self, id: i64) -> bool {
        self.0.as_ref().is_some_and(|called| !called.contains(&id))
    }

    pub(crate) const fn nothing() -> Self {
        Self(None)
    }
}

impl Marks {
    /// The notes of a process that makes calls. They begin with [`Marks::begin`].
    pub(crate) const fn unread(path: PathBuf, kill: KillSwitch) -> Self {
        Self { path, kill, state: Mutex::new(State::Unread) }
    }

    /// For a process that makes no calls.
    pub(crate) const fn off(path: PathBuf) -> Self {
        Self { path, kill: KillSwitch::off(), state: Mutex::new(State::Off) }
    }

    /// What the earlier process's notes prove. Nothing, once this process has begun its own.
    pub(crate) fn proof(&self) -> Proof {
        if !matches!(*self.lock(), State::Unread) {
            return Proof::nothing();
        }
        let Some(boot_id) = boot_id() else { return Proof::nothing() };
        let Ok(bytes) = std::fs::read(&self.path) else { return Proof::nothing() };
        let Some((header, notes)) = bytes.split_at_checked(HEADER) else { return Proof::nothing() };
        if header != header_of(&boot_id) {
            return Proof::nothing();
        }
        Proof(Some(notes.as_chunks::<NOTE>().0.iter().map(|note| i64::from_le_bytes(*note)).collect()))
    }

    /// Begins the notes of this process; only when nothing that an earlier one left is under way. Once begun, they go on.
    pub(crate) fn begin(&self) {
        let mut state = self.lock();
        if matches!(*state, State::Unread) {
            self.rewrite(&mut state, &[]);
        }
    }

    /// Appends notes.
    pub(crate) fn note(&self, keys: &[MessageKey]) {
        if keys.is_empty() {
            return;
        }
        let mut state = self.lock();
        match &mut *state {
            State::Off | State::Spoilt => {}
            // A call before the earlier notes were used: they would not hold it.
            State::Unread => self.spoil(&mut state),
            State::Open { file, size, .. } => {
                let notes: Vec<u8> = keys.iter().flat_map(|key| key.0.to_le_bytes()).collect();
                // One write, so that notes of one call of this function never mix with another's.
                match file.write(&notes) {
                    Ok(written) if written == notes.len() => *size += written as u64,
                    Ok(_) => self.spoil(&mut state),
                    Err(err) => {
                        warn!(error = %err, "notes of calls cannot be written");
                        self.spoil(&mut state);
                    }
                }
            }
        }
    }

    /// Whether the file has grown so long that it should be shortened.
    pub(crate) fn is_long(&self) -> bool {
        matches!(&*self.lock(), State::Open { size, long, .. } if size >= long)
    }

    /// Shortens the file to the notes of messages that are under way.
    pub(crate) fn keep_only(&self, under_way: impl Fn(i64) -> bool) {
        let mut state = self.lock();
        if !matches!(*state, State::Open { .. }) {
            return;
        }
        let kept: Vec<i64> = match std::fs::read(&self.path) {
            Ok(bytes) => {
                let notes = bytes.get(HEADER..).unwrap_or_default();
                let ids: HashSet<i64> =
                    notes.as_chunks::<NOTE>().0.iter().map(|note| i64::from_le_bytes(*note)).collect();
                ids.into_iter().filter(|id| under_way(*id)).collect()
            }
            Err(err) => {
                warn!(error = %err, "notes of calls cannot be read");
                self.spoil(&mut state);
                return;
            }
        };
        self.rewrite(&mut state, &kept);
    }

    fn rewrite(&self, state: &mut State, ids: &[i64]) {
        match self.write_new(ids) {
            Ok(Some((file, size))) => *state = State::Open { file, size, long: LONG.max(size * 2) },
            // Without a boot id no later process could trust the file.
            Ok(None) => self.spoil(state),
            Err(err) => {
                warn!(error = %err, "notes of calls cannot be begun anew");
                self.spoil(state);
            }
        }
    }

    fn write_new(&self, ids: &[i64]) -> std::io::Result<Option<(File, u64)>> {
        let Some(boot_id) = boot_id() else { return Ok(None) };
        let beside = beside(&self.path);
        let mut bytes = header_of(&boot_id);
        bytes.extend(ids.iter().flat_map(|id| id.to_le_bytes()));
        let mut options = OpenOptions::new();
        // What lies there is a remnant of a process that was killed here.
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&beside)?.write_all(&bytes)?;
        let file = OpenOptions::new().append(true).open(&beside)?;
        self.kill.reach(KillPoint::BeforeRename);
        std::fs::rename(&beside, &self.path)?;
        self.kill.reach(KillPoint::AfterRename);
        Ok(Some((file, bytes.len() as u64)))
    }

    /// Makes sure that no later process draws a conclusion from the file.
    fn spoil(&self, state: &mut State) {
        *state = State::Spoilt;
        let emptied = OpenOptions::new().write(true).open(&self.path).and_then(|file| file.set_len(0));
        let removed = std::fs::remove_file(&self.path);
        if emptied.is_err() && removed.is_err() && self.path.exists() {
            error!(path = %self.path.display(), "notes of calls are incomplete, and could not be removed: remove the file");
        }
    }

    /// A panic elsewhere leaves the state as it was between two operations, so it can be used.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn boot_id() -> Option<[u8; BOOT_ID]> {
    let text = std::fs::read(BOOT_ID_FILE).ok()?;
    text.trim_ascii().try_into().ok()
}

fn header_of(boot_id: &[u8; BOOT_ID]) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(boot_id);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(ids: impl IntoIterator<Item = i64>) -> Vec<MessageKey> {
        ids.into_iter().map(MessageKey).collect()
    }

    fn begun(path: &Path) -> Marks {
        let marks = Marks::unread(path.to_owned(), KillSwitch::off());
        marks.begin();
        marks
    }

    fn proof(path: &Path) -> Proof {
        Marks::unread(path.to_owned(), KillSwitch::off()).proof()
    }

    #[test]
    fn what_was_noted_may_have_been_called_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls");
        let marks = begun(&path);
        marks.note(&keys([1, 2]));
        marks.note(&keys([5]));
        assert!(!marks.proof().not_called(9), "the process's own notes prove nothing to itself");
        let proof = proof(&path);
        assert_eq!([1, 2, 3, 4, 5].map(|id| proof.not_called(id)), [false, false, true, true, false]);
    }

    #[test]
    fn no_file_another_boot_or_half_a_header_prove_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls");
        assert!(!proof(&path).not_called(1));
        begun(&path);
        assert!(proof(&path).not_called(1));
        let mut bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..HEADER - 1]).unwrap();
        assert!(!proof(&path).not_called(1));
        bytes[HEADER - 1] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(!proof(&path).not_called(1));
    }

    #[test]
    fn a_torn_end_loses_only_the_last_note() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls");
        begun(&path).note(&keys([1, 2]));
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let proof = proof(&path);
        assert!(!proof.not_called(1));
        assert!(proof.not_called(2));
    }

    #[test]
    fn a_note_that_cannot_be_kept_ends_all_proof() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls");
        let marks = begun(&path);
        marks.note(&keys([1]));
        // A handle that cannot be written to stands for a full disk.
        let unwritable = State::Open { file: File::open(&path).unwrap(), size: 0, long: LONG };
        *marks.lock() = unwritable;
        marks.note(&keys([2]));
        assert!(!path.exists());
        marks.note(&keys([3]));
        marks.keep_only(|_| false);
        assert!(!proof(&path).not_called(9));
    }

    #[test]
    fn a_call_before_the_earlier_notes_were_used_ends_all_proof() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls");
        begun(&path).note(&keys([1]));
        let marks = Marks::unread(path.clone(), KillSwitch::off());
        marks.note(&keys([2]));
        assert!(!marks.proof().not_called(9));
        assert!(!proof(&path).not_called(9));
    }

    #[test]
    fn a_long_file_is_shortened_to_what_is_under_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls");
        let marks = begun(&path);
        let many = i64::try_from(LONG).unwrap() / 8;
        marks.note(&keys(0..many));
        assert!(marks.is_long());
        marks.keep_only(|id| id == 7);
        assert!(!marks.is_long());
        marks.note(&keys([many + 1]));
        let proof = proof(&path);
        assert_eq!([6, 7, many, many + 1].map(|id| proof.not_called(id)), [true, false, true, false]);
        assert!(path.metadata().unwrap().len() < 100);
    }

    #[test]
    fn a_process_that_makes_no_calls_leaves_the_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls");
        begun(&path).note(&keys([1]));
        let marks = Marks::off(path.clone());
        marks.begin();
        marks.note(&keys([2]));
        assert!(!marks.proof().not_called(2));
        let proof = proof(&path);
        assert!(!proof.not_called(1));
        assert!(proof.not_called(2));
    }
}
