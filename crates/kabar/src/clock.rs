//! The gateway's clock: that of the machine.
//!
//! A build with debug assertions can be told of a file that holds by how many milliseconds the clock is ahead. It is read
//! again and again, so that a test can set the clock of a running gateway. Any other build passes over it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kabar_domain::clock::Clock;
use tokio_util::sync::CancellationToken;

/// The variable that names the file.
const VARIABLE: &str = "KABAR_CLOCK_OFFSET_FILE";
/// How often the file is read.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The clock, and what may set it.
#[derive(Debug)]
pub(crate) struct WallClock {
    pub(crate) clock: Clock,
    steps: Option<Steps>,
}

#[derive(Debug)]
struct Steps {
    file: PathBuf,
    offset: Arc<AtomicI64>,
}

impl WallClock {
    pub(crate) fn start() -> Self {
        let file = std::env::var_os(VARIABLE).filter(|file| cfg!(debug_assertions) && !file.is_empty());
        let Some(file) = file else { return Self { clock: Clock::system(), steps: None } };
        let steps = Steps { file: PathBuf::from(file), offset: Arc::default() };
        steps.read();
        Self { clock: Clock::stepped(Arc::clone(&steps.offset)), steps: Some(steps) }
    }

    /// Follows the file until `stop`, if there is one.
    pub(crate) async fn follow(&self, stop: CancellationToken) {
        let Some(steps) = &self.steps else { return };
        while stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_some() {
            steps.read();
        }
    }
}

impl Steps {
    /// What can't be read changes nothing: it may be that it is being written.
    fn read(&self) {
        let text = std::fs::read_to_string(&self.file).unwrap_or_default();
        if let Ok(offset) = text.trim().parse::<i64>() {
            let before = self.offset.swap(offset, Ordering::SeqCst);
            if before != offset {
                tracing::warn!(offset_ms = offset, "the clock was set");
            }
        }
    }
}
