//! The state file: one event a line, appended before the call that caused it is answered.
//!
//! A write reaches the operating system, not the disk: it outlives the death of the process, not that of the machine,
//! which is enough for an emulator. One thread writes; all that waits while it writes goes out with its next write.

pub(crate) mod file;

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;

use crate::world::event::Event;

/// Appends events to the state file.
#[derive(Debug)]
pub(crate) struct Writer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Tells when appended events are in the file.
#[derive(Debug, Clone)]
pub(crate) struct Written(watch::Receiver<Progress>);

/// The state file could not be written; nothing is accepted any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WriteFailed;

#[derive(Debug)]
struct Shared {
    buffer: Mutex<Buffer>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    appended: u64,
    closed: bool,
}

#[derive(Debug, Clone, Copy)]
struct Progress {
    written: u64,
    failed: bool,
}

impl Writer {
    /// Starts the thread that writes to `file`, which is open for appending.
    pub(crate) fn start(file: File) -> io::Result<(Self, Written)> {
        let shared = Arc::new(Shared { buffer: Mutex::new(Buffer::default()), filled: Condvar::new() });
        let (progress, written) = watch::channel(Progress { written: 0, failed: false });
        let thread = std::thread::Builder::new().name("sandbox-state".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || write_all(&shared, file, &progress)
        })?;
        Ok((Self { shared, thread: Some(thread) }, Written(written)))
    }

    /// Hands over an event. Callers hold the world's lock, so the order is that in which things happened.
    pub(crate) fn append(&self, event: &Event) {
        let mut buffer = self.shared.lock();
        let start = buffer.bytes.len();
        match serde_json::to_writer(&mut buffer.bytes, event) {
            Ok(()) => buffer.bytes.push(b'\n'),
            Err(err) => {
                buffer.bytes.truncate(start);
                tracing::error!(error = %err, "an event could not be written as JSON");
            }
        }
        buffer.appended += 1;
        self.shared.filled.notify_one();
    }

    /// The number of events handed over.
    pub(crate) fn appended(&self) -> u64 {
        self.shared.lock().appended
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.filled.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic of that thread has been told by itself; all that waited for it were answered with an error.
            drop(thread.join());
        }
    }
}

impl Written {
    /// Waits until the first `mark` events are in the file.
    pub(crate) async fn wait(&self, mark: u64) -> Result<(), WriteFailed> {
        let mut progress = self.0.clone();
        let reached = progress.wait_for(|progress| progress.failed || progress.written >= mark).await;
        match reached {
            Ok(progress) if !progress.failed => Ok(()),
            _ => Err(WriteFailed),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for events; gives the bytes of all that there are and their count, or nothing when the writer is dropped.
    fn take(&self, bytes: &mut Vec<u8>) -> Option<u64> {
        let mut buffer = self.lock();
        while buffer.bytes.is_empty() && !buffer.closed {
            buffer = self.filled.wait(buffer).unwrap_or_else(PoisonError::into_inner);
        }
        if buffer.bytes.is_empty() {
            return None;
        }
        std::mem::swap(&mut buffer.bytes, bytes);
        Some(buffer.appended)
    }
}

fn write_all(shared: &Shared, mut file: File, progress: &watch::Sender<Progress>) {
    let mut bytes = Vec::new();
    while let Some(appended) = shared.take(&mut bytes) {
        let result = file.write_all(&bytes);
        bytes.clear();
        if let Err(err) = result {
            tracing::error!(error = %err, "the state file cannot be written; the sandbox refuses all calls");
            progress.send_replace(Progress { written: 0, failed: true });
            return;
        }
        progress.send_replace(Progress { written: appended, failed: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_waited_for_is_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let (writer, written) = Writer::start(File::create(&path).unwrap()).unwrap();
        for number in 0..100 {
            writer.append(&Event::Account { waba_id: number.to_string() });
        }
        written.wait(writer.appended()).await.unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 100);
        writer.append(&Event::Account { waba_id: "last".to_owned() });
        drop(writer);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 101);
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_is_told_to_all_that_wait() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        File::create(&path).unwrap();
        let (writer, written) = Writer::start(File::open(&path).unwrap()).unwrap();
        writer.append(&Event::Account { waba_id: "1".to_owned() });
        assert_eq!(written.wait(writer.appended()).await, Err(WriteFailed));
        assert_eq!(written.wait(0).await, Err(WriteFailed));
    }
}
