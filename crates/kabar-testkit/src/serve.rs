//! `kabar serve`: the gateway alone, as it runs in production.

use std::path::Path;

use tempfile::TempDir;

use crate::process::{EndedEarly, Launch, Process};
use crate::program::temporary;

/// How `kabar serve` is to be started.
#[derive(Debug, Clone)]
pub struct ServeBuilder {
    launch: Launch,
    listen: String,
}

impl ServeBuilder {
    pub(crate) fn new(mut launch: Launch, config: &Path) -> Self {
        launch.flag("--config", config);
        launch.env.push(("KABAR_LOG_FORMAT".to_owned(), "json".to_owned()));
        Self { launch, listen: "127.0.0.1:0".to_owned() }
    }

    /// Where it listens; on a free port if it is not said.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    /// A variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.launch.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The largest file that it may write, in bytes: what comes after that fails, as on a full disk.
    #[must_use]
    pub fn largest_file(mut self, bytes: u64) -> Self {
        self.launch.largest_file = Some(bytes);
        self
    }

    /// Starts it, and waits until it listens.
    ///
    /// # Panics
    ///
    /// When it ends before, with its log.
    pub async fn start(self) -> Serve {
        self.try_start().await.unwrap_or_else(|EndedEarly { status, log }| {
            panic!("`serve` ended before it was ready, with {status}:\n{log}")
        })
    }

    /// The same, for a program that may end before it listens.
    ///
    /// # Errors
    ///
    /// How it ended.
    pub async fn try_start(self) -> Result<Serve, EndedEarly> {
        let Self { mut launch, listen } = self;
        launch.flag("--listen", listen);
        let folder = temporary();
        let mut process = Process::start(&launch, folder.path());
        let address = process.try_wait_for(|process| address_in(&process.log())).await?;
        Ok(Serve { url: format!("http://{address}"), process, _folder: folder })
    }
}

/// A running `kabar serve`: a [`Process`]. It is killed when this is dropped, and its log is shown if the test failed.
#[derive(Debug)]
pub struct Serve {
    /// Where it answers.
    pub url: String,
    process: Process,
    _folder: TempDir,
}

impl std::ops::Deref for Serve {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl std::ops::DerefMut for Serve {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// The address in the line of the log that says where the gateway listens.
fn address_in(log: &str) -> Option<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    lines.into_iter().find_map(|line| line["address"].as_str().map(str::to_owned))
}
