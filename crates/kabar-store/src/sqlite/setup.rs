//! Files, locks, connections, migrations: how the database comes to be ready.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::writer::explain;
use crate::Error;
use crate::seal::Seal;

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

/// Versions from 3.7.0 on can lose committed rows when the write-ahead log is begun anew; this one no longer does.
/// Source: the release notes of SQLite 3.51.3.
const SAFE_VERSION: i32 = 3_051_003;
/// How long a connection waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// The name of the row by which a wrong key is told apart from the right one.
const KEY_CHECK: &str = "key check";

/// Held by the process that serves, for as long as it has the store open.
#[derive(Debug)]
pub(super) struct ServingLock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

/// A database that is ready to be written.
pub(super) struct Ready {
    pub(super) connection: Connection,
    pub(super) seal: Seal,
    pub(super) lock: Option<ServingLock>,
}

/// Makes the database ready, from nothing if need be.
pub(super) fn prepare(path: &Path, key_file: PathBuf, exclusive: bool) -> Result<Ready, Error> {
    if rusqlite::version_number() < SAFE_VERSION {
        return Err(Error::Engine(format!("SQLite {} may lose data; 3.51.3 or newer is needed", rusqlite::version())));
    }
    let folder = folder_of(path);
    std::fs::create_dir_all(&folder).map_err(|err| failed("make the folder", &folder, &err))?;
    let lock = if exclusive { Some(lock_for_serving(path, &folder)?) } else { None };

    // Whoever opens the store at the same time waits here, so that the key is made and the tables are changed once.
    let beside = beside(path, ".opening");
    let opening = private_file(&beside).map_err(|err| failed("open", &beside, &err))?;
    opening.lock().map_err(|err| failed("lock", &beside, &err))?;
    make_private(path).map_err(|err| failed("make", path, &err))?;
    let mut connection = writing(path).map_err(|err| explain(&err))?;
    migrate(&mut connection)?;
    let seal = open_seal(&connection, key_file)?;
    drop(opening);
    Ok(Ready { connection, seal, lock })
}

/// The path with something after its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// A connection that only reads.
pub(super) fn reading(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch("PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

fn writing(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Deleted on request is gone from the file, and not merely free to be overwritten.
    // FULL, because with NORMAL the last commits are lost when the power fails. The log is merged every 4,000 pages
    // (16 MB) instead of every 1,000, for merging is what a commit waits for; and what a burst made of it is cut back.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -32768;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let runner = embedded::migrations::runner().set_grouped(true);
    let known = runner.get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0);
    let found = applied(connection).map_err(|err| explain(&err))?;
    if let Some(found) = found.filter(|found| i64::from(*found) > i64::from(known)) {
        return Err(Error::NewerDatabase { found, known: u32::try_from(known).unwrap_or(0) });
    }
    runner
        .run(connection)
        .map_err(|err| Error::Engine(format!("the tables could not be brought up to date: {err}")))?;
    Ok(())
}

fn applied(connection: &Connection) -> Result<Option<u32>, rusqlite::Error> {
    let begun: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'refinery_schema_history')",
        [],
        |row| row.get(0),
    )?;
    if !begun {
        return Ok(None);
    }
    connection.query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get(0))
}

fn open_seal(connection: &Connection, key_file: PathBuf) -> Result<Seal, Error> {
    let check: Option<Vec<u8>> = connection
        .query_row("SELECT value FROM secrets WHERE name = ?1", [KEY_CHECK], |row| row.get(0))
        .optional()
        .map_err(|err| explain(&err))?;
    let seal = Seal::open(key_file, check.is_none())?;
    match check {
        Some(sealed) => drop(seal.open_sealed(KEY_CHECK, &sealed)?),
        None => {
            let sealed = seal.seal(KEY_CHECK, KEY_CHECK.as_bytes())?;
            connection
                .execute("INSERT INTO secrets (name, value) VALUES (?1, ?2)", (KEY_CHECK, sealed))
                .map_err(|err| explain(&err))?;
        }
    }
    Ok(seal)
}

fn lock_for_serving(path: &Path, folder: &Path) -> Result<ServingLock, Error> {
    let lock_file = beside(path, ".lock");
    let file = private_file(&lock_file).map_err(|err| failed("open", &lock_file, &err))?;
    match file.try_lock() {
        Ok(()) => Ok(ServingLock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: folder.display().to_string() }),
        Err(TryLockError::Error(err)) => Err(failed("lock", &lock_file, &err)),
    }
}

/// Opens a file, made so that only its owner reads it if it was not there.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the file of the database, so that only its owner reads it. One that is there is not even opened: closing it
/// would give up the locks that SQLite may hold on it elsewhere in this process.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => {
            // SQLite syncs the folder that holds its log, but not the folders that may have been made for it.
            for folder in path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
                // Folders further up may be closed to this process, and were there before.
                let _synced = File::open(folder).and_then(|folder| folder.sync_all());
            }
            Ok(())
        }
        Err(err) if err.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(err) => Err(err),
    }
}

/// How many bytes the disk of a folder still has for this process.
#[cfg(unix)]
pub(super) fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// It can't be asked here.
#[cfg(not(unix))]
pub(super) fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// The folder in which a file lies.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn failed(what: &str, path: &Path, err: &std::io::Error) -> Error {
    if err.kind() == ErrorKind::StorageFull {
        return Error::DiskFull;
    }
    Error::Engine(format!("could not {what} {}: {err}", path.display()))
}
