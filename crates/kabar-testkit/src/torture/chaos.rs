//! What is done to gateway and sandbox.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::stand::Stand;
use crate::torture::dice::Dice;

/// The gateway was killed.
pub(super) const KILL: &str = "kills at any moment";
/// The gateway had a full disk, and was killed.
pub(super) const DISK_FULL: &str = "full disks";
/// The gateway ended at a kill point.
pub(super) const KILL_POINT: &str = "kills at a point";
const SANDBOX_KILL: &str = "kills of the sandbox";
const FROZEN: &str = "times frozen";
const DOWN: &str = "full stops";
const CLOCK: &str = "clock steps";

/// The points at which a gateway that serves comes by often.
const POINTS: [&str; 10] = [
    "accept.before-commit",
    "accept.after-commit",
    "begin.before-commit",
    "begin.after-commit",
    "call.before-note",
    "call.noted",
    "call.answered",
    "settle.before-commit",
    "settle.after-commit",
    "record.after-commit",
];

/// Draws that make up one of each thing; see [`Chaos::step`].
const ONE_OF_EACH: [u64; 7] = [92, 78, 60, 86, 72, 82, 0];

/// The stand, and what is done to it.
pub(super) struct Chaos {
    stand: Stand,
    dice: Dice,
    has_kill_points: bool,
    /// By how many milliseconds the clock was ahead at most.
    furthest_ms: u64,
    /// How many things were done.
    n_steps: usize,
    done: BTreeMap<&'static str, u32>,
}

impl Chaos {
    pub(super) const fn new(stand: Stand, dice: Dice, has_kill_points: bool) -> Self {
        Self { stand, dice, has_kill_points, furthest_ms: 0, n_steps: 0, done: BTreeMap::new() }
    }

    /// How often the gateway was killed so far.
    pub(super) fn kills(&self) -> u32 {
        [KILL, DISK_FULL, KILL_POINT].iter().filter_map(|what| self.done.get(what)).sum()
    }

    /// Has calls and reports go wrong from now on.
    pub(super) async fn begin(&self) {
        self.stand.set_faults(&rules()).await;
    }

    /// Does one thing, after a pause: each thing once at first, and then whatever comes.
    pub(super) async fn step(&mut self) {
        tokio::time::sleep(self.dice.between_ms(30, 900)).await;
        let drawn = self.dice.below(100);
        let choice = ONE_OF_EACH.get(self.n_steps).copied().unwrap_or(drawn);
        self.n_steps += 1;
        match choice {
            0..60 => self.kill().await,
            60..72 if self.has_kill_points => self.kill_at_a_point().await,
            72..78 => self.kill_sandbox().await,
            78..82 => self.freeze().await,
            82..86 => self.stop_for_a_while().await,
            86..92 if self.has_kill_points => self.set_clock(),
            92..97 => self.fill_disk().await,
            _ => self.kill().await,
        }
    }

    /// Puts everything right again, and hands the stand back with what was done to it.
    pub(super) async fn end(mut self) -> (Stand, BTreeMap<&'static str, u32>) {
        self.stand.set_faults(&json!([])).await;
        // Not back: what was promised for a time that is ahead would have to be waited for.
        self.stand.set_clock(Duration::from_millis(self.furthest_ms), false);
        self.stand.kill_gateway();
        self.stand.start_gateway().await;
        (self.stand, self.done)
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    async fn kill(&mut self) {
        self.stand.kill_gateway();
        self.count(KILL);
        self.stand.start_gateway().await;
    }

    async fn kill_at_a_point(&mut self) {
        let point = format!("{}:{}", self.dice.one_of(&POINTS), 1 + self.dice.below(30));
        self.stand.kill_gateway();
        self.count(KILL);
        // It may be reached before the gateway listens; then it has ended already.
        if self.stand.try_start_gateway(|builder| builder.env("KABAR_KILL_AT", &point)).await.is_ok() {
            for _ in 0..40 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if self.stand.gateway.as_mut().is_none_or(|gateway| gateway.ended().is_some()) {
                    self.count(KILL_POINT);
                    break;
                }
            }
        } else {
            self.count(KILL_POINT);
        }
        self.stand.kill_gateway();
        self.stand.start_gateway().await;
    }

    async fn kill_sandbox(&mut self) {
        self.stand.kill_sandbox();
        self.count(SANDBOX_KILL);
        tokio::time::sleep(self.dice.between_ms(0, 1_500)).await;
        self.stand.start_sandbox().await;
        // Its rules have ended with it.
        self.stand.set_faults(&rules()).await;
    }

    /// Longer than a call may take, now and then: all that are under way are in doubt then.
    async fn freeze(&mut self) {
        self.count(FROZEN);
        if let Some(sandbox) = &self.stand.sandbox {
            sandbox.freeze();
            tokio::time::sleep(self.dice.between_ms(200, 3_000)).await;
            sandbox.thaw();
        }
    }

    async fn stop_for_a_while(&mut self) {
        self.count(DOWN);
        let ms = 200 + self.dice.below(2_000);
        let mut with_stop = vec![json!({"kind": "send", "times": 1, "fault": "down", "ms": ms})];
        with_stop.extend(rules().as_array().into_iter().flatten().cloned());
        self.stand.set_faults(&Value::Array(with_stop)).await;
    }

    fn set_clock(&mut self) {
        self.count(CLOCK);
        let by = self.dice.one_of(&[0, 1_500, 30_000, 600_000]);
        let behind = self.dice.below(2) == 0;
        if !behind {
            self.furthest_ms = self.furthest_ms.max(by);
        }
        self.stand.set_clock(Duration::from_millis(by), behind);
    }

    /// A disk that takes a little more, and then nothing.
    async fn fill_disk(&mut self) {
        self.stand.kill_gateway();
        self.count(DISK_FULL);
        let room = self.stand.largest_file() + 4096 + self.dice.below(200_000);
        // Where there is too little room even to start, it does not.
        if self.stand.try_start_gateway(|builder| builder.largest_file(room)).await.is_ok() {
            tokio::time::sleep(self.dice.between_ms(300, 2_000)).await;
            self.stand.kill_gateway();
        }
        self.stand.start_gateway().await;
    }
}

/// What goes wrong all the time.
fn rules() -> Value {
    json!([
        {"kind": "send", "probability": 0.02, "fault": "close"},
        {"kind": "send", "probability": 0.04, "after": true, "fault": "close"},
        {"kind": "send", "probability": 0.02, "after": true, "fault": "cut"},
        {"kind": "send", "probability": 0.01, "fault": "proxy", "http": 502},
        {"kind": "send", "probability": 0.01, "after": true, "fault": "proxy", "http": 504},
        {"kind": "send", "probability": 0.02, "fault": "error", "code": 131_016},
        {"kind": "send", "probability": 0.003, "fault": "error", "code": 130_429, "retry_after": 1},
        {"kind": "send", "probability": 0.03, "after": true, "fault": "slow", "ms": 400},
        {"kind": "send", "probability": 0.01, "after": true, "fault": "hang", "ms": 5_000},
        {"kind": "send", "probability": 0.005, "fault": "hang", "ms": 5_000},
        {"kind": "templates", "probability": 0.1, "fault": "close"},
        {"kind": "status", "probability": 0.05, "fault": "lose"},
        {"kind": "status", "probability": 0.1, "fault": "duplicate"},
        {"kind": "status", "probability": 0.3, "fault": "reorder", "ms": 1_500},
        {"kind": "status", "probability": 0.1, "fault": "batch", "ms": 500},
        {"kind": "status", "probability": 0.02, "fault": "delay", "ms": 5_000}
    ])
}
