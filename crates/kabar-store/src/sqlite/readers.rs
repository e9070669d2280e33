//! Connections that only read. They never wait for the writer, nor it for them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction};
use tokio::sync::Semaphore;

use super::setup;
use super::writer::explain;
use crate::Error;

/// A few connections, opened when they are first needed.
#[derive(Clone)]
pub(super) struct Readers(Arc<Shared>);

struct Shared {
    path: PathBuf,
    free: Semaphore,
    n_readers: u32,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, n_readers: usize) -> Self {
        let n_readers = u32::try_from(n_readers.clamp(1, 64)).unwrap_or(1);
        Self(Arc::new(Shared { path, free: Semaphore::new(n_readers as usize), n_readers, idle: Mutex::default() }))
    }

    /// Runs queries on one state of the database, off the async threads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _permit = self.0.free.acquire().await.map_err(|_| Error::Closed)?;
        let shared = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || shared.run(query)).await;
        done.unwrap_or_else(|_| Err(Error::Engine("a query ended by a panic".to_owned())))
    }

    /// Waits for the queries under way and closes the connections. Later ones answer [`Error::Closed`].
    pub(super) async fn close(&self) {
        let all = self.0.free.acquire_many(self.0.n_readers).await;
        self.0.free.close();
        drop(all);
        self.0.idle().clear();
    }
}

impl Shared {
    fn run<T>(&self, query: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error>) -> Result<T, Error> {
        let idle = self.idle().pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => setup::reading(&self.path).map_err(|err| explain(&err))?,
        };
        // A connection with a failed query may be at fault itself, so it is not used again.
        let answer = read_on(&mut connection, query).map_err(|err| explain(&err))?;
        self.idle().push(connection);
        Ok(answer)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_on<T>(
    connection: &mut Connection,
    query: impl FnOnce(&Transaction<'_>) -> Result<T, rusqlite::Error>,
) -> Result<T, rusqlite::Error> {
    let tx = connection.transaction()?;
    let answer = query(&tx)?;
    tx.commit()?;
    Ok(answer)
}
