//! Opening a state file: replaying it, cutting off a torn last line, and writing it anew where that is worth it.

use std::convert::Infallible;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::world::World;
use crate::world::event::{Event, VERSION};

/// A state file of fewer lines is left as it is.
const COMPACT_FROM_LINES: u64 = 10_000;

/// Why a state file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The system refused to read or write it.
    #[error("the sandbox's state file {} cannot be used: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another sandbox has it open.
    #[error("the sandbox's state file {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// It holds something else.
    #[error("{} is not a state file of the sandbox: its first line is not that of one", .0.display())]
    NotOurs(PathBuf),
    /// It was written by a newer program.
    #[error("the sandbox's state file {} has version {version}, and this program knows up to {VERSION}", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// A line that is not the last one cannot be read.
    #[error("the sandbox's state file {} is damaged in line {line}: {cause}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What the reader said.
        cause: serde_json::Error,
    },
}

/// Replays the file at `path` into `world` and gives it back open for appending. It is created where there is none.
pub(crate) fn open(path: &Path, world: &mut World) -> Result<File, StateError> {
    let io_error = |cause| StateError::Io { path: path.to_owned(), cause };
    let file = for_its_owner().read(true).append(true).create(true).open(path).map_err(io_error)?;
    lock(&file, path)?;
    let replayed = replay(&file, path, world)?;
    if replayed.n_bytes < file.metadata().map_err(io_error)?.len() {
        tracing::warn!(path = %path.display(), "the last line of the state file is torn and was cut off");
        file.set_len(replayed.n_bytes).map_err(io_error)?;
    }
    if replayed.n_lines == 0 {
        write_line(&mut &file, &Event::Sandbox { version: VERSION }).map_err(io_error)?;
    }
    if replayed.n_lines < COMPACT_FROM_LINES || replayed.n_lines < 2 * n_lines_needed(world) {
        return Ok(file);
    }
    let file = compact(path, world).map_err(io_error)?;
    lock(&file, path)?;
    Ok(file)
}

struct Replayed {
    n_lines: u64,
    /// Up to the end of the last whole line.
    n_bytes: u64,
}

fn replay(file: &File, path: &Path, world: &mut World) -> Result<Replayed, StateError> {
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut replayed = Replayed { n_lines: 0, n_bytes: 0 };
    let mut line = Vec::new();
    loop {
        line.clear();
        let n_read =
            reader.read_until(b'\n', &mut line).map_err(|cause| StateError::Io { path: path.to_owned(), cause })?;
        let Some(whole) = line.strip_suffix(b"\n") else {
            // A first line may be torn as well; any other text is somebody else's file.
            if replayed.n_lines == 0 && !first_line_text().starts_with(&line) {
                return Err(StateError::NotOurs(path.to_owned()));
            }
            return Ok(replayed);
        };
        let event = serde_json::from_slice::<Event>(whole);
        if replayed.n_lines == 0 {
            match &event {
                Ok(Event::Sandbox { version }) if *version <= VERSION => {}
                Ok(Event::Sandbox { version }) => {
                    return Err(StateError::TooNew { path: path.to_owned(), version: *version });
                }
                _ => return Err(StateError::NotOurs(path.to_owned())),
            }
        }
        replayed.n_lines += 1;
        replayed.n_bytes += u64::try_from(n_read).unwrap_or(0);
        let damaged = |cause| StateError::Damaged { path: path.to_owned(), line: replayed.n_lines, cause };
        world.apply(event.map_err(damaged)?);
    }
}

fn first_line_text() -> Vec<u8> {
    let mut text = Vec::new();
    write_line(&mut text, &Event::Sandbox { version: VERSION }).expect("a Vec takes all that is written");
    text
}

fn n_lines_needed(world: &World) -> u64 {
    let mut n_lines = 0;
    let Ok(()) = world.for_each_event(|_| {
        n_lines += 1;
        Ok::<(), Infallible>(())
    });
    n_lines
}

/// The file holds whole numbers and values: it is for its owner alone.
fn for_its_owner() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Writes the shortest file beside the old one and puts it in its place.
fn compact(path: &Path, world: &World) -> io::Result<File> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new_path = path.with_file_name(name);
    let mut writer = BufWriter::new(for_its_owner().write(true).create(true).truncate(true).open(&new_path)?);
    world.for_each_event(|event| write_line(&mut writer, event))?;
    writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&new_path, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()?;
    OpenOptions::new().read(true).append(true).open(path)
}

fn lock(file: &File, path: &Path) -> Result<(), StateError> {
    file.try_lock().map_err(|err| match err {
        TryLockError::WouldBlock => StateError::InUse(path.to_owned()),
        TryLockError::Error(cause) => StateError::Io { path: path.to_owned(), cause },
    })
}

fn write_line(to: &mut impl Write, event: &Event) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    to.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Review;
    use crate::statuses::{Status, Timings};

    fn world() -> World {
        World::new(Review::default(), Timings::default())
    }

    fn message(number: u32) -> Event {
        let text = format!(
            r#"{{"message":{{"wamid":"wamid.{number}","to":"6281","phone_number_id":"1","waba_id":"2","template":"t",
            "language":"id","category":"UTILITY","components":[{{"type":"body"}}],"accepted_at":1}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn write(path: &Path, events: &[Event]) {
        let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
        for event in events {
            write_line(&mut file, event).unwrap();
        }
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_rest_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        write(&path, &[Event::Sandbox { version: 1 }, Event::Account { waba_id: "1".to_owned() }]);
        let whole = fs::read(&path).unwrap();
        let mut torn = whole.clone();
        torn.extend_from_slice(b"{\"account\":{\"wab");
        fs::write(&path, torn).unwrap();
        let mut world = world();
        drop(open(&path, &mut world).unwrap());
        assert!(world.accounts.contains_key("1"));
        assert_eq!(fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn a_damaged_line_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        write(&path, &[Event::Sandbox { version: 1 }]);
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str("{\"account\":oops}\n{\"account\":{\"waba_id\":\"1\"}}\n");
        fs::write(&path, text).unwrap();
        let err = open(&path, &mut world()).unwrap_err();
        assert!(matches!(err, StateError::Damaged { line: 2, .. }), "{err}");
        assert!(err.to_string().contains("line 2"), "{err}");
    }

    #[test]
    fn a_file_of_something_else_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        for text in ["hello", "hello\n", "{\"account\":{\"waba_id\":\"1\"}}\n"] {
            fs::write(&path, text).unwrap();
            assert!(matches!(open(&path, &mut world()), Err(StateError::NotOurs(_))), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::write(&path, "{\"sandbox\":{\"version\":99}}\n").unwrap();
        assert!(matches!(open(&path, &mut world()), Err(StateError::TooNew { version: 99, .. })));
        fs::write(&path, "{\"sandb").unwrap();
        drop(open(&path, &mut world()).unwrap());
        assert_eq!(fs::read(&path).unwrap(), first_line_text());
    }

    #[test]
    fn two_sandboxes_do_not_share_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let _first = open(&path, &mut world()).unwrap();
        assert!(matches!(open(&path, &mut world()), Err(StateError::InUse(_))));
    }

    #[test]
    fn a_long_file_is_written_anew_and_says_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let mut events = vec![Event::Sandbox { version: 1 }, Event::Account { waba_id: "2".to_owned() }];
        for number in 0..4_000 {
            events.push(message(number));
            events.push(Event::Statuses { status: Status::Sent, at: 2, messages: vec![number] });
            events.push(Event::Delivered {
                at: 3,
                statuses: vec![(number, Status::Sent)],
                changes: vec![],
                replies: vec![],
            });
        }
        write(&path, &events);
        let mut before = world();
        drop(open(&path, &mut before).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4_002);
        let mut after = world();
        drop(open(&path, &mut after).unwrap());
        let json = |world: &World| serde_json::to_value(&world.messages).unwrap();
        assert_eq!(json(&before), json(&after));
        assert_eq!(after.messages[7].statuses[0].delivered_at, Some(3));
    }
}
