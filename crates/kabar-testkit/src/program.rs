//! The real program, on free ports, with folders of its own.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::dev::DevBuilder;
use crate::process::{Launch, Process, command};
use crate::sandbox::SandboxBuilder;
use crate::serve::ServeBuilder;

/// Ways to start the program. `binary` is its path, `env!("CARGO_BIN_EXE_kabar")` in the program's own tests.
#[derive(Debug)]
pub struct Program;

impl Program {
    /// The whole of it in one process: the gateway, and a sandbox as its upstream.
    pub fn dev(binary: impl AsRef<Path>) -> DevBuilder {
        DevBuilder::new(Launch::new(binary.as_ref(), "dev"))
    }

    /// The gateway alone, as in production, by a configuration file.
    pub fn serve(binary: impl AsRef<Path>, config: &Path) -> ServeBuilder {
        ServeBuilder::new(Launch::new(binary.as_ref(), "serve"), config)
    }

    /// The sandbox alone.
    pub fn sandbox(binary: impl AsRef<Path>) -> SandboxBuilder {
        SandboxBuilder::new(Launch::new(binary.as_ref(), "sandbox"))
    }

    /// Runs a short command to its end, in a folder of its own, so that its defaults touch nothing of ours.
    ///
    /// # Panics
    ///
    /// When the program can't be started at all. What it thinks of the arguments is in the answer.
    pub fn run<A: Into<OsString>>(binary: impl AsRef<Path>, args: impl IntoIterator<Item = A>) -> Output {
        let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
        let folder = temporary();
        let run = Self::command(binary.as_ref()).args(args).current_dir(folder.path()).output();
        let run = run.unwrap_or_else(|err| panic!("{} can't be started: {err}", binary.as_ref().display()));
        Output {
            code: run.status.code(),
            output: String::from_utf8_lossy(&run.stdout).into_owned(),
            log: String::from_utf8_lossy(&run.stderr).into_owned(),
        }
    }

    /// A command that is yet to be started, without any setting of the caller's environment.
    pub fn command(binary: impl AsRef<Path>) -> Command {
        command(binary.as_ref())
    }
}

/// What a short command left behind.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub log: String,
}

impl Output {
    /// The standard output of a command that went well.
    ///
    /// # Panics
    ///
    /// When it did not, with what it said.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "the command failed:\n{}{}", self.output, self.log);
        self.output
    }

    /// What a command that failed said.
    ///
    /// # Panics
    ///
    /// When it went well.
    #[track_caller]
    pub fn failed(self) -> String {
        assert!(
            self.code.is_some_and(|code| code != 0),
            "the command should have failed:\n{}{}",
            self.output,
            self.log
        );
        self.log
    }
}

/// Starts a process, and waits until it says that it is ready. Its output and its ready file are in the folder.
pub(crate) async fn start_until_ready(mut launch: Launch) -> (Process, TempDir, String) {
    let folder = temporary();
    let ready = folder.path().join("ready.json");
    launch.flag("--ready-file", &ready);
    let mut process = Process::start(&launch, folder.path());
    let text = process.wait_for_file(&ready).await;
    (process, folder, text)
}

/// A folder of its own.
pub(crate) fn temporary() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|err| panic!("there is no room for temporary files: {err}"))
}
