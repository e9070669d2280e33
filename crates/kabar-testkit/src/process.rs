//! A process of the program: started with its output in files, and ended with its owner.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::wait::try_wait_until;

/// A running program, and the files that hold what it writes. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    output: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Starts `binary`, with its standard output and error in files in `folder`.
    pub(crate) fn start(launch: &Launch, folder: &Path) -> Self {
        let Launch { binary, args, .. } = launch;
        let name = args.first().map_or_else(String::new, |arg| arg.to_string_lossy().into_owned());
        let output = folder.join("output");
        let log = folder.join("log");
        let file =
            |path: &Path| File::create(path).unwrap_or_else(|err| panic!("{} can't be written: {err}", path.display()));
        let mut command = launch.command();
        command.stdin(Stdio::null()).stdout(file(&output)).stderr(file(&log));
        let child = command.spawn().unwrap_or_else(|err| panic!("{} can't be started: {err}", binary.display()));
        Self { name, child, output, log }
    }

    /// What it wrote to its standard output so far.
    pub fn output(&self) -> String {
        read(&self.output)
    }

    /// What it wrote to its standard error so far.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// Its number, by which the system knows it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it at once, without a chance to finish anything (SIGKILL), and waits until it is gone.
    ///
    /// # Panics
    ///
    /// When it can't be waited for.
    pub fn kill(&mut self) {
        // A process that has ended already can't be killed, which is just as well.
        drop(self.child.kill());
        self.child.wait().unwrap_or_else(|err| panic!("`{}` can't be waited for: {err}", self.name));
    }

    /// Asks it to finish, as Ctrl-C does (SIGINT).
    pub fn interrupt(&self) {
        self.signal("INT");
    }

    /// Asks it to finish, as a supervisor does (SIGTERM).
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Lets it stand still (SIGSTOP): its connections stay open, and it reads nothing from them.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on after [`Process::freeze`].
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Sends it a signal by its name, such as `INT`.
    fn signal(&self, signal: &str) {
        // The shell's own `kill` is everywhere, and needs no unsafe code here.
        let line = format!("kill -s {signal} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &line]).status();
        assert!(status.is_ok_and(|status| status.success()), "`{}` can't be sent {signal}", self.name);
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    ///
    /// When it does not within two minutes.
    pub async fn wait(&mut self) -> ExitStatus {
        let ended = try_wait_until(|| std::future::ready(self.ended())).await;
        ended.unwrap_or_else(|| panic!("`{}` does not end", self.name))
    }

    /// Its exit status, if it has ended.
    ///
    /// # Panics
    ///
    /// When it can't be asked.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap_or_else(|err| panic!("`{}` can't be waited for: {err}", self.name))
    }

    /// Waits until the file at `path` is there, and gives what it holds.
    pub(crate) async fn wait_for_file(&mut self, path: &Path) -> String {
        self.wait_for(|_| std::fs::read_to_string(path).ok()).await
    }

    async fn wait_for<T>(&mut self, look: impl Fn(&Self) -> Option<T>) -> T {
        self.try_wait_for(look).await.unwrap_or_else(|EndedEarly { status, log }| {
            panic!("`{}` ended before it was ready, with {status}:\n{log}", self.name)
        })
    }

    /// Waits until there is something to see, or the process has ended.
    pub(crate) async fn try_wait_for<T>(&mut self, look: impl Fn(&Self) -> Option<T>) -> Result<T, EndedEarly> {
        let found = try_wait_until(|| {
            // Whether it has ended is asked first: what it left behind is there then, if it ever will be.
            let ended = self.ended();
            let found = match (look(self), ended) {
                (Some(found), _) => Some(Ok(found)),
                (None, Some(status)) => Some(Err(EndedEarly { status, log: self.log() })),
                (None, None) => None,
            };
            std::future::ready(found)
        });
        let found = found.await;
        found.unwrap_or_else(|| panic!("`{}` does not get ready:\n{}", self.name, self.log()))
    }
}

/// A program that ended before it was ready.
#[derive(Debug)]
pub struct EndedEarly {
    /// How.
    pub status: ExitStatus,
    /// What it had to say.
    pub log: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            self.show_log();
        }
    }
}

impl Process {
    #[expect(clippy::print_stderr, reason = "the test runner shows it with the test that failed")]
    fn show_log(&self) {
        let log = self.log();
        let cut = log.char_indices().rev().nth(MOST_LOG_SHOWN).map_or(0, |(place, _)| place);
        eprintln!("the log of `{}`:\n{}", self.name, &log[cut..]);
    }
}

/// How a process is to be started.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) binary: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(String, String)>,
    /// The largest file that it may write, in bytes.
    pub(crate) largest_file: Option<u64>,
}

impl Launch {
    pub(crate) fn new(binary: &Path, name: &str) -> Self {
        Self { binary: binary.to_owned(), args: vec![name.into()], env: Vec::new(), largest_file: None }
    }

    pub(crate) fn flag(&mut self, name: &str, value: impl Into<OsString>) {
        self.args.push(name.into());
        self.args.push(value.into());
    }

    fn command(&self) -> Command {
        let mut command = match self.largest_file {
            None => command(&self.binary),
            Some(bytes) => {
                // The shell sets the limit, and sees to it that a write beyond it fails instead of ending the process.
                let mut shell = command(Path::new("sh"));
                shell.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\""]);
                shell.arg((bytes / ULIMIT_BLOCK).to_string()).arg(&self.binary);
                shell
            }
        };
        command.args(&self.args).envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// In what `ulimit -f` counts, in bytes (POSIX).
const ULIMIT_BLOCK: u64 = 512;

/// How many characters of a log are shown.
const MOST_LOG_SHOWN: usize = 20_000;

/// The program, cut off from settings of whoever runs the tests.
pub(crate) fn command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("KABAR_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command
}

fn read(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|err| panic!("{} can't be read: {err}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}
