//! The one thread that writes.
//!
//! It takes all commands that wait, runs them in one transaction, commits, and then answers them all. While one commit is
//! in the disk the next batch collects itself, so no timer is needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use rusqlite::ffi::SQLITE_IOERR_WRITE;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tracing::{error, warn};

use super::memory::Memory;
use super::setup::ServingLock;
use crate::Error;
use crate::kill::{KillPoint, KillSwitch};
use crate::marks::Marks;

/// How many commands may wait; who comes then waits to be let in.
const QUEUE: usize = 16_384;
/// How many commands share a commit at most.
const BATCH: usize = 1024;

/// Something to be done in a transaction.
pub(super) trait Command: Send + 'static {
    /// What the caller is told after the commit.
    type Answer: Send + 'static;

    /// Where a test may have the process end, before the commit and after it.
    const AROUND: Around = None;

    /// Does it. It may be done again after a rollback, so nothing but the database and the memory may be changed; and what
    /// is refused must have changed neither, for the commands beside it are kept.
    fn run(&self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<Self::Answer, Failure>;
}

/// The kill points on both sides of a commit.
pub(super) type Around = Option<(KillPoint, KillPoint)>;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// For its own reason: the other commands of its transaction are not touched.
    Refused(Error),
    /// Because the engine failed: the transaction is lost.
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(err: rusqlite::Error) -> Self {
        Self::Engine(err)
    }
}

impl From<Error> for Failure {
    fn from(err: Error) -> Self {
        Self::Refused(err)
    }
}

/// What the engine's error means to the caller. Its text names tables and columns, never values.
pub(super) fn explain(err: &rusqlite::Error) -> Error {
    match err.sqlite_error() {
        Some(failed) if failed.code == ErrorCode::DiskFull => Error::DiskFull,
        // What a quota, or a limit to the size of files, is told as.
        Some(failed) if failed.extended_code == SQLITE_IOERR_WRITE => Error::DiskFull,
        _ => Error::Engine(err.to_string()),
    }
}

/// Numbers that the writer keeps for others to read.
#[derive(Debug, Default)]
pub(super) struct Gauges {
    pub(super) commits: AtomicU64,
    pub(super) under_way: AtomicU64,
    /// Notified after a commit that holds something to tell.
    pub(super) told: Notify,
}

/// The way to the writer.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Message {
    Run(Box<dyn Job>),
    Close,
}

/// What the thread works with.
pub(super) struct Desk {
    pub(super) connection: Connection,
    pub(super) memory: Memory,
    pub(super) marks: Arc<Marks>,
    pub(super) gauges: Arc<Gauges>,
    pub(super) kill: KillSwitch,
    /// Given back only when the connection is closed.
    pub(super) lock: Option<ServingLock>,
    /// The engine's number for the last change by another connection that was taken notice of.
    pub(super) foreign_change: i64,
}

impl Writer {
    /// Starts the thread. It ends when it is told to, or when the last handle is gone.
    pub(super) fn start(desk: Desk) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new().name("kabar-store".to_owned()).spawn(move || desk.serve(waiting))?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Has a command carried out, and answers after its commit.
    pub(super) async fn run<C: Command>(&self, command: C) -> Result<C::Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Pending { command, result: None, reply });
        self.queue.send(Message::Run(job)).await.map_err(|_| Error::Closed)?;
        answer.await.unwrap_or_else(|_| Err(Error::Engine("the writer has stopped".to_owned())))
    }

    /// Has everything finished that was asked so far, and waits until the thread has ended.
    pub(super) async fn close(&self) {
        // Held until the end, so that a second caller waits as well.
        let mut thread = self.thread.lock().await;
        // It fails when the thread has ended already.
        let _closed = self.queue.send(Message::Close).await;
        if let Some(thread) = thread.take() {
            let ended = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(ended, Ok(Ok(()))) {
                error!("the writer of the store ended by a panic");
            }
        }
    }
}

trait Job: Send {
    /// The kill points around its commit.
    fn around(&self) -> Around;

    /// Runs the command and keeps its result for later. Only an engine's error is an error here.
    fn run(&mut self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<(), rusqlite::Error>;

    /// Answers with what was kept, or with what befell the transaction.
    fn answer(self: Box<Self>, committed: Result<(), Error>);
}

struct Pending<C: Command> {
    command: C,
    result: Option<Result<C::Answer, Error>>,
    reply: oneshot::Sender<Result<C::Answer, Error>>,
}

impl<C: Command> Job for Pending<C> {
    fn around(&self) -> Around {
        C::AROUND
    }

    fn run(&mut self, tx: &Transaction<'_>, memory: &mut Memory) -> Result<(), rusqlite::Error> {
        self.result = match self.command.run(tx, memory) {
            Ok(answer) => Some(Ok(answer)),
            Err(Failure::Refused(err)) => Some(Err(err)),
            Err(Failure::Engine(err)) => return Err(err),
        };
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), Error>) {
        let Self { result, reply, .. } = *self;
        let answer = committed.and_then(|()| result.unwrap_or(Err(Error::Closed)));
        // Whoever asked may have gone.
        let _gone = reply.send(answer);
    }
}

enum Lost {
    /// The transaction could not begin, which is nobody's fault.
    Begin(rusqlite::Error),
    /// A command, or the commit, failed.
    Within(rusqlite::Error),
}

impl Desk {
    fn serve(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut messages = Vec::with_capacity(BATCH);
        let mut jobs = Vec::with_capacity(BATCH);
        while queue.blocking_recv_many(&mut messages, BATCH) > 0 {
            for message in messages.drain(..) {
                match message {
                    Message::Run(job) => jobs.push(job),
                    // What came in before is still handed out; nothing more is let in.
                    Message::Close => queue.close(),
                }
            }
            self.carry_out(&mut jobs);
        }
        self.leave();
    }

    /// Runs the jobs in one transaction; if that is lost, each in its own, so that only the guilty one fails.
    fn carry_out(&mut self, jobs: &mut Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        match self.together(jobs) {
            Ok(()) => jobs.drain(..).for_each(|job| job.answer(Ok(()))),
            Err(Lost::Begin(err)) => {
                warn!(error = %err, "no transaction could begin");
                jobs.drain(..).for_each(|job| job.answer(Err(explain(&err))));
            }
            Err(Lost::Within(err)) if jobs.len() == 1 => {
                warn!(error = %err, "a command failed");
                jobs.drain(..).for_each(|job| job.answer(Err(explain(&err))));
            }
            Err(Lost::Within(_)) => {
                for mut job in jobs.drain(..) {
                    match self.together(std::slice::from_mut(&mut job)) {
                        Ok(()) => job.answer(Ok(())),
                        Err(Lost::Begin(err) | Lost::Within(err)) => {
                            warn!(error = %err, "a command failed");
                            job.answer(Err(explain(&err)));
                        }
                    }
                }
            }
        }
        let memory = &self.memory;
        if self.marks.is_long() {
            memory.with_under_way(|under_way| self.marks.keep_only(under_way));
        }
    }

    fn together(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Lost> {
        let done = self.transact(jobs);
        if done.is_err() {
            // The memory may know of what was rolled back.
            self.memory.forget();
        } else {
            self.gauges.commits.fetch_add(1, Ordering::Relaxed);
            if self.memory.listeners.were_told() {
                self.gauges.told.notify_one();
            }
        }
        self.gauges.under_way.store(self.memory.n_under_way(), Ordering::Relaxed);
        done
    }

    fn transact(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), Lost> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(Lost::Begin)?;
        let foreign_change = foreign_change(&tx).map_err(Lost::Begin)?;
        if foreign_change != self.foreign_change {
            // Another process has written, and may have accepted messages.
            self.memory.forget();
            self.foreign_change = foreign_change;
        }
        for job in jobs.iter_mut() {
            job.run(&tx, &mut self.memory).map_err(Lost::Within)?;
        }
        jobs.iter().filter_map(|job| job.around()).for_each(|(before, _)| self.kill.reach(before));
        tx.commit().map_err(Lost::Within)?;
        jobs.iter().filter_map(|job| job.around()).for_each(|(_, after)| self.kill.reach(after));
        Ok(())
    }

    fn leave(self) {
        let Self { connection, lock, .. } = self;
        // Only tidiness: whoever opens the database next reads the log otherwise.
        if let Err(err) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
            warn!(error = %err, "the write-ahead log could not be merged at the end");
        }
        if let Err((_, err)) = connection.close() {
            warn!(error = %err, "the database could not be closed");
        }
        drop(lock);
    }
}

fn foreign_change(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::setup;

    /// Writes so many bytes under a name.
    struct Insert {
        name: &'static str,
        n_bytes: usize,
    }

    impl Command for Insert {
        type Answer = ();

        fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
            if self.name.is_empty() {
                return Err(Error::Closed.into());
            }
            tx.execute("INSERT INTO secrets (name, value) VALUES (?1, ?2)", (self.name, vec![0_u8; self.n_bytes]))?;
            Ok(())
        }
    }

    fn desk(folder: &std::path::Path) -> Desk {
        let path = folder.join("db");
        let ready = setup::prepare(&path, folder.join("key"), false).unwrap();
        Desk {
            connection: ready.connection,
            memory: Memory::new(0),
            marks: Arc::new(Marks::off(folder.join("calls"))),
            gauges: Arc::default(),
            kill: KillSwitch::off(),
            lock: None,
            foreign_change: 0,
        }
    }

    type Answer = oneshot::Receiver<Result<(), Error>>;

    /// Has the names inserted in one batch.
    fn together(desk: &mut Desk, names: &[&'static str]) -> Vec<Result<(), Error>> {
        let (mut jobs, answers): (Vec<Box<dyn Job>>, Vec<Answer>) = names
            .iter()
            .map(|name| {
                let (reply, answer) = oneshot::channel();
                let job = Pending { command: Insert { name, n_bytes: 1 }, result: None, reply };
                (Box::new(job) as Box<dyn Job>, answer)
            })
            .unzip();
        desk.carry_out(&mut jobs);
        answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
    }

    fn commits(desk: &Desk) -> u64 {
        desk.gauges.commits.load(Ordering::Relaxed)
    }

    #[test]
    fn a_batch_is_one_commit_also_when_a_command_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = desk(folder.path());
        let answers = together(&mut desk, &["a", "", "b"]);
        assert!(matches!(answers[..], [Ok(()), Err(Error::Closed), Ok(())]));
        assert_eq!(commits(&desk), 1);
    }

    #[test]
    fn when_the_engine_fails_each_command_is_run_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = desk(folder.path());
        let answers = together(&mut desk, &["a", "b", "a", "c"]);
        assert!(matches!(answers[..], [Ok(()), Ok(()), Err(Error::Engine(_)), Ok(())]));
        assert_eq!(commits(&desk), 3);
        assert!(matches!(together(&mut desk, &["c"])[..], [Err(Error::Engine(_))]));
    }

    #[test]
    fn when_no_transaction_begins_all_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = desk(folder.path());
        desk.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        let other = Connection::open(folder.path().join("db")).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        assert!(together(&mut desk, &["a", "b"]).iter().all(|answer| matches!(answer, Err(Error::Engine(_)))));
        other.execute_batch("ROLLBACK").unwrap();
        assert!(together(&mut desk, &["a", "b"]).iter().all(Result::is_ok));
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_the_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        let n_pages: i64 = desk.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        let max: i64 = desk
            .connection
            .query_row(&format!("PRAGMA max_page_count = {}", n_pages + 4), [], |row| row.get(0))
            .unwrap();
        assert_eq!(max, n_pages + 4);
        let writer = Writer::start(desk).unwrap();
        assert!(matches!(writer.run(Insert { name: "big", n_bytes: 100_000 }).await, Err(Error::DiskFull)));
        writer.run(Insert { name: "small", n_bytes: 10 }).await.unwrap();
        writer.close().await;
        assert!(matches!(writer.run(Insert { name: "late", n_bytes: 10 }).await, Err(Error::Closed)));
    }
}
