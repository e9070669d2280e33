//! The SQLite engine: one file, one thread that writes, a few connections that read.

mod accept;
mod attempts;
mod audit;
mod callbacks;
mod directory;
mod ends;
mod erasure;
mod evidence;
mod expiry;
mod forget;
mod held;
mod journal;
mod learnt;
mod media;
mod memory;
mod notes;
mod once;
mod readers;
mod recipients;
mod recovery;
mod retention;
mod retry;
mod rows;
mod search;
mod setup;
mod stats;
mod suppression;
mod template_life;
mod template_rows;
mod templates;
mod uncorrelated;
mod views;
mod waiting;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;
use crate::kill::{KillPoint, KillSwitch};
use crate::marks::Marks;
use crate::seal::Seal;
use crate::store::Options;

use memory::Memory;
use readers::Readers;
use setup::Ready;
pub(crate) use stats::Walk as StatsWalk;
use writer::{Desk, Gauges, Writer};

/// An open database. Clones share it.
#[derive(Clone)]
pub(crate) struct Sqlite(Arc<Inner>);

struct Inner {
    path: PathBuf,
    writer: Writer,
    readers: Readers,
    seal: Seal,
    marks: Arc<Marks>,
    kill: KillSwitch,
    gauges: Arc<Gauges>,
    exclusive: bool,
}

impl Sqlite {
    /// Opens the database, off the async threads.
    pub(crate) async fn open(path: PathBuf, options: Options) -> Result<Self, Error> {
        let opened = tokio::task::spawn_blocking(move || open(&path, options)).await;
        opened.unwrap_or_else(|_| Err(Error::Engine("opening the database ended by a panic".to_owned())))
    }

    /// Reads first: the last connection to close merges the log.
    pub(crate) async fn close(&self) {
        self.0.readers.close().await;
        self.0.writer.close().await;
    }

    #[inline]
    pub(crate) fn reach(&self, point: KillPoint) {
        self.0.kill.reach(point);
    }

    pub(crate) async fn free_bytes(&self) -> Option<u64> {
        let folder = setup::folder_of(&self.0.path);
        tokio::task::spawn_blocking(move || setup::free_bytes(&folder)).await.ok()?
    }

    fn must_serve(&self) -> Result<(), Error> {
        if self.0.exclusive {
            return Ok(());
        }
        Err(Error::Engine("attempts are begun only by the process that opened the store to serve".to_owned()))
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sqlite").field(&self.0.path).finish()
    }
}

fn open(path: &Path, options: Options) -> Result<Sqlite, Error> {
    let key_file = options.key_file.unwrap_or_else(|| setup::beside(path, ".key"));
    let Ready { connection, seal, lock } = setup::prepare(path, key_file, options.exclusive)?;
    let last_claim: Option<i64> = connection
        .query_row("SELECT max(number) FROM claims", [], |row| row.get(0))
        .map_err(|err| writer::explain(&err))?;
    let calls = setup::beside(path, ".calls");
    let kill = options.kill;
    let marks = if options.exclusive { Marks::unread(calls, kill.clone()) } else { Marks::off(calls) };
    if last_claim.is_none() {
        // Nothing was left under way, so there is nothing to be judged by the earlier notes.
        marks.begin();
    }
    let marks = Arc::new(marks);
    let gauges = Arc::new(Gauges::default());
    let desk = Desk {
        connection,
        memory: Memory::new(last_claim.unwrap_or(0)),
        marks: Arc::clone(&marks),
        gauges: Arc::clone(&gauges),
        kill: kill.clone(),
        lock,
        // Nothing is remembered yet, so whatever it is now, there is nothing to forget.
        foreign_change: 0,
    };
    let writer = Writer::start(desk).map_err(|err| Error::Engine(format!("the writer could not be started: {err}")))?;
    let readers = Readers::new(path.to_owned(), options.readers);
    let exclusive = options.exclusive;
    Ok(Sqlite(Arc::new(Inner { path: path.to_owned(), writer, readers, seal, marks, kill, gauges, exclusive })))
}
