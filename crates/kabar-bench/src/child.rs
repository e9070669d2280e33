//! A process that this one started, and that does not outlive it.

use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

/// How often is looked whether it is ready.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// After how long it is given up.
const LONGEST_START: Duration = Duration::from_secs(60);

/// A process that is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Owned(Child);

impl Owned {
    /// Starts the process, and waits for what it writes to its ready file.
    pub(crate) async fn start<R: DeserializeOwned>(
        command: &mut Command,
        ready_file: &Path,
    ) -> anyhow::Result<(Self, R)> {
        let program = command.get_program().display().to_string();
        let mut owned = Self(command.spawn().with_context(|| format!("could not start {program}"))?);
        let begun = Instant::now();
        loop {
            // The file is there whole, or not at all.
            if let Ok(bytes) = std::fs::read(ready_file) {
                let ready = serde_json::from_slice(&bytes).with_context(|| format!("the ready file of {program}"))?;
                return Ok((owned, ready));
            }
            if let Some(status) = owned.0.try_wait()? {
                anyhow::bail!("{program} ended before it was ready: {status}");
            }
            anyhow::ensure!(begun.elapsed() < LONGEST_START, "{program} did not become ready");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Owned {
    /// Starts the process, and waits for nothing.
    pub(crate) fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().display().to_string();
        Ok(Self(command.spawn().with_context(|| format!("could not start {program}"))?))
    }

    /// Its number, by which the system knows it.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to finish, as a supervisor does.
    pub(crate) fn terminate(&self) -> anyhow::Result<()> {
        let sent = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status()?;
        anyhow::ensure!(sent.success(), "the signal was not sent");
        Ok(())
    }

    /// Whether it has ended, and well.
    pub(crate) fn ended(&mut self) -> anyhow::Result<bool> {
        match self.0.try_wait()? {
            Some(status) if status.success() => Ok(true),
            Some(status) => anyhow::bail!("it ended with {status}"),
            None => Ok(false),
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // Both fail only where it has ended by itself, and then there is nothing left to do.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
