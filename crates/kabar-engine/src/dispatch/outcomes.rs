//! Writes down what calls brought: many outcomes to one commit, for all lanes together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kabar_store::Store;
use kabar_store::ledger::Noted;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// How many outcomes may wait to be written down; beyond that, calls wait.
const MOST_WAITING: usize = 4096;
/// How many outcomes are written down in one command.
const MOST_AT_ONCE: usize = 512;
/// How long to wait before a write that failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Where outcomes go.
#[derive(Debug)]
pub(super) struct Outcomes {
    sender: Mutex<Option<mpsc::Sender<Noted>>>,
    task: TaskTracker,
}

impl Outcomes {
    pub(super) fn start(store: Store) -> Self {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        let task = TaskTracker::new();
        task.spawn(write_down(store, receiver));
        task.close();
        Self { sender: Mutex::new(Some(sender)), task }
    }

    /// A way to hand in outcomes; `None` after [`Outcomes::finished`].
    pub(super) fn handle(&self) -> Option<mpsc::Sender<Noted>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes no more outcomes, and waits until all are written down.
    pub(super) async fn finished(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.task.wait().await;
    }
}

async fn write_down(store: Store, mut receiver: mpsc::Receiver<Noted>) {
    let mut batch = Vec::new();
    while receiver.recv_many(&mut batch, MOST_AT_ONCE).await > 0 {
        // An outcome is never dropped: while the disk is full, calls pile up behind this and then wait.
        while let Err(err) = store.settle(batch.clone()).await {
            tracing::error!(error = %err, outcomes = batch.len(), "could not write down outcomes of calls; trying again");
            if matches!(err, kabar_store::Error::Closed) {
                return;
            }
            tokio::time::sleep(RETRY_AFTER).await;
        }
        batch.clear();
    }
}
