//! `kabar serve`: the gateway alone, as it runs in production.

use std::path::Path;
use std::process::ExitStatus;

use tempfile::TempDir;

use crate::process::{Launch, Process};
use crate::program::temporary;

/// A running `kabar serve`. It is killed when this is dropped, and its log is shown if the test failed.
#[derive(Debug)]
pub struct Serve {
    /// Where it answers.
    pub url: String,
    process: Process,
    _folder: TempDir,
}

impl Serve {
    pub(crate) async fn start(mut launch: Launch, config: &Path) -> Self {
        launch.flag("--config", config);
        launch.flag("--listen", "127.0.0.1:0");
        launch.env.push(("KABAR_LOG_FORMAT".to_owned(), "json".to_owned()));
        let folder = temporary();
        let mut process = Process::start(&launch, folder.path());
        let address = process.wait_for_log(address_in).await;
        Self { url: format!("http://{address}"), process, _folder: folder }
    }

    /// What it wrote to its standard error so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Asks it to finish, as a supervisor does (SIGTERM).
    pub fn terminate(&self) {
        self.process.signal("TERM");
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    ///
    /// When it does not within two minutes.
    pub async fn wait(&mut self) -> ExitStatus {
        self.process.wait().await
    }
}

/// The address in the line of the log that says where the gateway listens.
fn address_in(log: &str) -> Option<String> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    lines.into_iter().find_map(|line| line["address"].as_str().map(str::to_owned))
}
