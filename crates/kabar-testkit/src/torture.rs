//! Torture of the real gateway, and then a look at what became of every message.
//!
//! Gateway and sandbox are killed, the disk is full, the clock is set, calls and reports go wrong, and callers go on
//! calling. Then all is left to settle, and both ledgers are compared.
//!
//! What is done is drawn from a seed. The same seed does the same things after the same pauses; what they meet depends
//! on the machine, so a seed that found something finds it again often, and not always.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::stand::{Options, Stand};
use crate::torture::callers::Callers;
use crate::torture::chaos::Chaos;
use crate::torture::dice::Dice;

mod callers;
mod chaos;
mod dice;
pub mod lost;

/// After how many kills it is told how far it is.
const TELL_EVERY: u32 = 25;

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The program.
    pub binary: PathBuf,
    /// From what everything is drawn.
    pub seed: u64,
    /// How often the gateway is killed at least.
    pub kills: u32,
    /// How long it goes on at least.
    pub lasts: Duration,
    /// How many callers there are.
    pub callers: usize,
    /// How long a caller rests between two messages.
    pub pause: Duration,
    /// Whether the program has kill points and a clock that can be set: a build with debug assertions has.
    pub has_kill_points: bool,
    /// How long all may take to settle.
    pub patience: Duration,
    /// Is told now and then how far it is.
    pub progress: fn(&str),
}

/// What was done, and what came of it.
#[derive(Debug, Clone)]
pub struct Summary {
    /// From what everything was drawn.
    pub seed: u64,
    /// How long it went on.
    pub lasted: Duration,
    /// How often each thing was done.
    pub done: BTreeMap<&'static str, u32>,
    /// Messages whose callers were told a msgid.
    pub told: usize,
    /// How often a caller had to repeat a request for that.
    pub repeated: u64,
    /// What `kabar verify` says.
    pub verified: Value,
    /// What else is wrong: empty if all is well.
    pub wrong: Vec<String>,
}

impl Summary {
    /// How often the gateway was killed.
    pub fn kills(&self) -> u32 {
        [chaos::KILL, chaos::DISK_FULL, chaos::KILL_POINT].iter().filter_map(|what| self.done.get(what)).sum()
    }

    /// Fails, and tells everything, if anything is wrong.
    ///
    /// # Panics
    ///
    /// Then.
    #[track_caller]
    pub fn check(&self) {
        assert!(self.wrong.is_empty(), "{}\n{self}", self.wrong.join("\n"));
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done: Vec<String> = self.done.iter().map(|(what, count)| format!("{count} {what}")).collect();
        writeln!(f, "seed {}, {} s, {} kills: {}", self.seed, self.lasted.as_secs(), self.kills(), done.join(", "))?;
        writeln!(f, "{} messages were accepted, {} requests had to be repeated", self.told, self.repeated)?;
        let count = |name: &str| &self.verified[name];
        write!(
            f,
            "{} ended, {} sent once, {} sent again, {} waiting, {} in doubt, {} contradicted, {} lost, {} doubled; {}",
            count("ended"),
            count("sent_once"),
            count("sent_again"),
            count("waiting"),
            count("in_doubt"),
            count("contradicted"),
            count("lost"),
            count("doubled"),
            count("states"),
        )
    }
}

/// Does it, and looks at what came of it.
///
/// # Panics
///
/// When the program can't be started, or does not settle.
pub async fn run(plan: &Plan) -> Summary {
    let options = Options { patience: 3, call_timeout: 2, ..Options::new(plan.seed) };
    let stand = Stand::raise(&plan.binary, options).await;
    let callers = Callers::start(&stand, plan);
    let mut chaos = Chaos::new(stand, Dice::new(plan.seed), plan.has_kill_points);
    let begun = Instant::now();
    chaos.begin().await;
    let mut told_at = 0;
    while chaos.kills() < plan.kills || begun.elapsed() < plan.lasts {
        chaos.step().await;
        if chaos.kills() / TELL_EVERY > told_at {
            told_at = chaos.kills() / TELL_EVERY;
            (plan.progress)(&format!("{} kills in {} s", chaos.kills(), begun.elapsed().as_secs()));
        }
    }
    let lasted = begun.elapsed();
    let (stand, done) = chaos.end().await;
    let (told, repeated) = callers.finish().await;
    stand.settle(plan.patience).await;
    let mut wrong = Vec::new();
    let verified = verify(&stand, &told, &mut wrong);
    look_at_recipients(&stand, &told, &mut wrong).await;
    look_at_histories(&stand, &told, &mut wrong).await;
    Summary { seed: plan.seed, lasted, done, told: told.len(), repeated, verified, wrong }
}

/// Each recipient was sent one message in all: a repeated request is no second message.
async fn look_at_recipients(stand: &Stand, told: &BTreeMap<String, String>, wrong: &mut Vec<String>) {
    let mut seen: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
    for message in stand.ledger().messages().await {
        seen.entry(message.to).or_default().insert(message.biz_opaque_callback_data);
    }
    for (to, msgids) in seen {
        let known = told.get(&to);
        if msgids.len() != 1 || msgids.first().and_then(Option::as_ref) != known {
            wrong.push(format!("{to} was to have {known:?}, and was sent {msgids:?}"));
        }
    }
}

/// How many callers ask for what became of their message.
const HISTORIES: usize = 500;

/// Everyone who was told a msgid finds it, and its history.
async fn look_at_histories(stand: &Stand, told: &BTreeMap<String, String>, wrong: &mut Vec<String>) {
    let every = (told.len() / HISTORIES).max(1);
    for (to, msgid) in told.iter().step_by(every) {
        let answer = stand.oca.status(msgid).await;
        if answer.status != 200 || !answer.text().contains(to.as_str()) {
            wrong.push(format!("message {msgid} to {to} is not found: {} {}", answer.status, answer.text()));
        }
    }
}

fn verify(stand: &Stand, told: &BTreeMap<String, String>, wrong: &mut Vec<String>) -> Value {
    let output = stand.verify(told.values());
    let Ok(report) = serde_json::from_str::<Value>(&output.output) else {
        wrong.push(format!("kabar verify failed: {}", output.log));
        return Value::Null;
    };
    if output.code != Some(0) {
        wrong.push(format!("{} {} {}", output.log.trim(), report["lost_msgids"], report["doubled_msgids"]));
    }
    if report["ended"] != report["accepted"] || report["contradicted"] != 0 {
        wrong.push(format!("not every message came to its end: {report}"));
    }
    report
}
