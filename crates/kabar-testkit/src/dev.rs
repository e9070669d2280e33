//! `kabar dev`: the gateway and a sandbox in one process, as a person runs it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::TempDir;

use crate::process::{Launch, Process};
use crate::program::{start_until_ready, temporary};

/// How `kabar dev` is to be started. Started again and again it goes on with the same data, if a folder was named.
#[derive(Debug, Clone)]
pub struct DevBuilder {
    launch: Launch,
    data: Option<PathBuf>,
    own_sandbox: bool,
}

impl DevBuilder {
    pub(crate) const fn new(launch: Launch) -> Self {
        Self { launch, data: None, own_sandbox: true }
    }

    /// Where the data is kept; a folder that lasts as long as the process if none is named.
    #[must_use]
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = Some(folder.into());
        self
    }

    /// Requests a second per app, 0 for no limit.
    #[must_use]
    pub fn rate_limit(mut self, per_second: u32) -> Self {
        self.launch.flag("--rate-limit", per_second.to_string());
        self
    }

    /// How the sandbox reviews templates: `instant`, `manual` or a number of seconds.
    #[must_use]
    pub fn review(mut self, review: &str) -> Self {
        self.launch.flag("--review", review);
        self
    }

    /// A sandbox that runs elsewhere, in place of its own.
    #[must_use]
    pub fn sandbox_url(mut self, url: &str) -> Self {
        self.launch.flag("--sandbox-url", url);
        self.own_sandbox = false;
        self
    }

    /// The largest file that it may write, in bytes: what comes after that fails, as on a full disk.
    #[must_use]
    pub fn largest_file(mut self, bytes: u64) -> Self {
        self.launch.largest_file = Some(bytes);
        self
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.launch.args.push(arg.into());
        self
    }

    /// A variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.launch.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it, and waits until it is ready.
    ///
    /// # Panics
    ///
    /// When it ends before, with its log, or when its ready file is not as documented.
    pub async fn start(self) -> Dev {
        let Self { mut launch, data, own_sandbox } = self;
        launch.flag("--listen", "127.0.0.1:0");
        if own_sandbox {
            launch.flag("--sandbox-listen", "127.0.0.1:0");
        }
        let own_data = data.is_none().then(temporary);
        let data = data.or_else(|| own_data.as_ref().map(|folder| folder.path().join("data")));
        let data = data.expect("one was given or has just been made");
        launch.flag("--data", &data);
        let (process, folder, text) = start_until_ready(launch).await;
        let ready = serde_json::from_str(&text);
        let ready = ready.unwrap_or_else(|err| panic!("the ready file is not as documented: {err}\n{text}"));
        Dev { ready, process, data, _folders: (folder, own_data) }
    }
}

/// What `kabar dev` says once it is ready. Other fields than these are a mistake.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// Where the gateway answers.
    pub gateway_url: String,
    /// Where its upstream answers.
    pub sandbox_url: String,
    /// The page with the recipients' phones.
    pub phone_url: String,
    /// The app that it made.
    pub app_id: String,
    /// A token of that app.
    pub token: String,
    /// The sender that it made: its phone number id.
    pub sender: String,
    /// The account that sender and templates belong to.
    pub waba_id: String,
    /// The code of each sample template, by the template's name.
    pub template_codes: BTreeMap<String, String>,
}

impl Ready {
    /// The code of a sample template.
    ///
    /// # Panics
    ///
    /// When there is none of this name.
    #[track_caller]
    pub fn code(&self, name: &str) -> &str {
        let known = || self.template_codes.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        self.template_codes.get(name).unwrap_or_else(|| panic!("no template {name} among {}", known()))
    }
}

/// A running `kabar dev`: a [`Process`]. It is killed when this is dropped, and its log is shown if the test failed.
#[derive(Debug)]
pub struct Dev {
    /// What it said when it was ready.
    pub ready: Ready,
    process: Process,
    data: PathBuf,
    _folders: (TempDir, Option<TempDir>),
}

impl Dev {
    /// The folder of its data.
    pub fn data(&self) -> &Path {
        &self.data
    }
}

impl std::ops::Deref for Dev {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl std::ops::DerefMut for Dev {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}
