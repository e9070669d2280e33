//! `kabar sandbox`: the emulator in a process of its own, which a test can stop, freeze and start again.

use std::ffi::OsString;

use serde::Deserialize;
use tempfile::TempDir;

use crate::process::{Launch, Process};
use crate::program::start_until_ready;

/// How `kabar sandbox` is to be started.
#[derive(Debug, Clone)]
pub struct SandboxBuilder {
    launch: Launch,
    listen: String,
}

impl SandboxBuilder {
    pub(crate) fn new(launch: Launch) -> Self {
        Self { launch, listen: "127.0.0.1:0".to_owned() }
    }

    /// Where it listens; on a free port if it is not said.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        address.clone_into(&mut self.listen);
        self
    }

    /// Where it keeps its state.
    #[must_use]
    pub fn data(mut self, file: impl Into<OsString>) -> Self {
        self.launch.flag("--data", file);
        self
    }

    /// Where it calls back.
    #[must_use]
    pub fn webhook_url(mut self, url: &str) -> Self {
        self.launch.flag("--webhook-url", url);
        self
    }

    /// With what it signs its calls.
    #[must_use]
    pub fn app_secret(mut self, secret: &str) -> Self {
        self.launch.flag("--app-secret", secret);
        self
    }

    /// What it names in the handshake.
    #[must_use]
    pub fn verify_token(mut self, token: &str) -> Self {
        self.launch.flag("--verify-token", token);
        self
    }

    /// How it reviews templates: `instant`, `manual` or a number of seconds.
    #[must_use]
    pub fn review(mut self, review: &str) -> Self {
        self.launch.flag("--review", review);
        self
    }

    /// The only access token that it takes.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.launch.flag("--token", token);
        self
    }

    /// From what the chances of its fault rules are drawn.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.launch.flag("--seed", seed.to_string());
        self
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.launch.args.push(arg.into());
        self
    }

    /// Starts it, and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When it ends before, with its log, or when its ready file is not as documented.
    pub async fn start(self) -> Sandbox {
        let mut launch = self.launch;
        launch.flag("--listen", self.listen);
        let (process, folder, text) = start_until_ready(launch).await;
        let ready: SandboxReady = serde_json::from_str(&text)
            .unwrap_or_else(|err| panic!("the sandbox's ready file is not as documented: {err}\n{text}"));
        Sandbox { url: ready.sandbox_url, process, _folder: folder }
    }
}

#[derive(Debug, Deserialize)]
struct SandboxReady {
    sandbox_url: String,
}

/// A running `kabar sandbox`: a [`Process`]. It is killed when this is dropped, and its log is shown if the test failed.
#[derive(Debug)]
pub struct Sandbox {
    /// Where it answers.
    pub url: String,
    process: Process,
    _folder: TempDir,
}

impl Sandbox {
    /// How many connections hold something that it has not read: while it stands still, the calls that have come. Read
    /// from `/proc`, so on Linux only.
    ///
    /// # Panics
    ///
    /// Where there is no `/proc`.
    pub fn unread_calls(&self) -> usize {
        let connections = std::fs::read_to_string("/proc/net/tcp").unwrap_or_else(|err| panic!("/proc/net/tcp: {err}"));
        let port =
            self.url.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).expect("its address has a port");
        connections.lines().filter(|line| holds_something_unread(line, port)).count()
    }
}

impl std::ops::Deref for Sandbox {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl std::ops::DerefMut for Sandbox {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// Whether a line of `/proc/net/tcp` is an established connection to a local port with something in its read queue.
fn holds_something_unread(line: &str, port: u16) -> bool {
    const ESTABLISHED: &str = "01";
    let columns: Vec<&str> = line.split_ascii_whitespace().collect();
    let [_, local, _, state, queues, ..] = columns[..] else { return false };
    let is_ours = local.ends_with(&format!(":{port:04X}"));
    let unread = queues.split_once(':').and_then(|(_, unread)| u64::from_str_radix(unread, 16).ok());
    is_ours && state == ESTABLISHED && unread.is_some_and(|bytes| bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::holds_something_unread;

    #[test]
    fn only_connections_with_something_unread_count() {
        let line = |local, state, unread| {
            format!(
                "   3: {local} 0100007F:D16A {state} 00000000:{unread} 03:000008BE 00000000     0        0 0 3 00000000"
            )
        };
        assert!(holds_something_unread(&line("0100007F:A1DB", "01", "000001F4"), 0xA1DB));
        for other in [
            line("0100007F:A1DB", "01", "00000000"),
            line("0100007F:A1DB", "0A", "000001F4"),
            line("0100007F:A1DC", "01", "000001F4"),
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt".to_owned(),
        ] {
            assert!(!holds_something_unread(&other, 0xA1DB), "{other}");
        }
    }
}
