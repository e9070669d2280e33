//! The comparison itself, and what is printed of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use kabar_domain::ids::Msgid;
use kabar_domain::message::State;
use kabar_domain::template::Category;
use kabar_store::ledger::{Audited, Whereabouts};
use serde_json::{Value, json};

use super::seen::{Seen, Sends};

/// What the gateway says of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) msgid: Msgid,
    pub(super) class: Category,
    pub(super) state: State,
    pub(super) whereabouts: Whereabouts,
    pub(super) doubts: u32,
}

impl Told {
    pub(super) fn of(message: &Audited) -> Self {
        Self {
            msgid: message.msgid,
            class: message.lane.class,
            state: message.state,
            whereabouts: message.whereabouts,
            doubts: message.doubts,
        }
    }

    /// Whether the gateway says that the upstream took it.
    fn is_taken(&self) -> bool {
        match self.state {
            State::Submitted | State::Sent | State::Failed | State::Delivered | State::Read => true,
            State::Accepted
            | State::BeingSent
            | State::InDoubt
            | State::Expired
            | State::Cancelled
            | State::OutcomeUnknown
            | State::Rejected => false,
        }
    }

    /// Whether the gateway says that the upstream surely did not take it.
    fn is_denied(&self) -> bool {
        matches!(self.state, State::Expired | State::Cancelled | State::Rejected)
    }
}

/// Both ledgers, side by side.
#[derive(Debug)]
pub(super) struct Comparison {
    seen: Seen,
    /// The gateway's own senders: what others sent is nothing that it should know.
    senders: HashSet<String>,
    told: HashMap<Msgid, Told>,
}

/// How many, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) count: u64,
    /// Each with what is wrong with it.
    named: Vec<(Msgid, &'static str)>,
}

impl Count {
    fn add(&mut self, msgid: Msgid, why: &'static str, most: usize) {
        self.count += 1;
        if self.named.len() < most {
            self.named.push((msgid, why));
        }
    }
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(super) struct Report {
    accepted: u64,
    sent_once: u64,
    sent_again: u64,
    waiting: u64,
    in_doubt: u64,
    ended: u64,
    /// By the name of the state.
    states: BTreeMap<String, u64>,
    contradicted: Count,
    pub(super) lost: Count,
    pub(super) doubled: Count,
}

impl Comparison {
    pub(super) fn new(seen: Seen, senders: HashSet<String>) -> Self {
        Self { seen, senders, told: HashMap::new() }
    }

    /// Takes what the gateway says of one message.
    pub(super) fn take(&mut self, told: Told) {
        self.told.insert(told.msgid, told);
    }

    /// Messages that the gateway says were taken, and the sandbox has not seen.
    pub(super) fn not_seen(&self) -> Vec<Msgid> {
        let taken = self.told.values().filter(|told| told.is_taken() && !self.seen.0.contains_key(&told.msgid));
        taken.map(|told| told.msgid).collect()
    }

    /// Takes what the sandbox says of a message when it is asked once more.
    pub(super) fn look_again(&mut self, msgid: Msgid, seen: Seen) {
        for (found, sends) in seen.0 {
            if found == msgid {
                self.seen.0.insert(found, sends);
            }
        }
    }

    /// Counts. `given` are the msgids that clients were given; of each kind `most` are named.
    pub(super) fn report(&self, given: &[Msgid], most: usize) -> Report {
        let mut report = Report::default();
        let mut told: Vec<&Told> = self.told.values().collect();
        told.sort_by_key(|told| told.msgid);
        for told in told {
            report.count(told, self.seen.0.get(&told.msgid), most);
        }
        for msgid in given {
            if !self.told.contains_key(msgid) {
                report.lost.add(*msgid, "a client was given it, and the gateway does not know it", most);
            }
        }
        let mut unknown: Vec<&Msgid> = self
            .seen
            .0
            .iter()
            .filter(|(msgid, sends)| !self.told.contains_key(*msgid) && self.senders.contains(&sends.sender))
            .map(|(msgid, _)| msgid)
            .collect();
        unknown.sort();
        for msgid in unknown {
            report.lost.add(*msgid, "the sandbox accepted it, and the gateway does not know it", most);
        }
        report
    }
}

impl Report {
    fn count(&mut self, told: &Told, sends: Option<&Sends>, most: usize) {
        self.accepted += 1;
        *self.states.entry(told.state.to_string()).or_default() += 1;
        match told.whereabouts {
            Whereabouts::Ended => self.ended += 1,
            Whereabouts::Waiting | Whereabouts::Held | Whereabouts::BeingSent => self.waiting += 1,
            Whereabouts::InDoubt => self.in_doubt += 1,
            Whereabouts::Nowhere => {
                self.lost.add(told.msgid, "it has not ended, and nothing will be done about it", most);
            }
        }
        match sends {
            None if told.is_taken() => {
                self.lost.add(told.msgid, "the gateway says that it was taken, and the sandbox never saw it", most);
            }
            None => {}
            Some(sends) if sends.count == 1 => self.sent_once += 1,
            Some(sends) if is_sent_again(told, sends) => self.sent_again += 1,
            Some(_) => self.doubled.add(told.msgid, "the sandbox accepted it more than once", most),
        }
        if sends.is_some() && told.is_denied() {
            self.contradicted.add(told.msgid, "the gateway says that it was not taken, and the sandbox took it", most);
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let named = |count: &Count| {
            count.named.iter().map(|(msgid, why)| json!({"msgid": msgid.to_string(), "why": why})).collect::<Vec<_>>()
        };
        json!({
            "accepted": self.accepted,
            "sent_once": self.sent_once,
            "sent_again": self.sent_again,
            "waiting": self.waiting,
            "in_doubt": self.in_doubt,
            "ended": self.ended,
            "contradicted": self.contradicted.count,
            "lost": self.lost.count,
            "doubled": self.doubled.count,
            "states": self.states,
            "contradicted_msgids": named(&self.contradicted),
            "lost_msgids": named(&self.lost),
            "doubled_msgids": named(&self.doubled),
        })
    }

    pub(super) fn to_text(&self) -> String {
        let states = self.states.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ");
        let rows = [
            ("accepted", self.accepted, states.as_str()),
            ("sent once", self.sent_once, "seen by the sandbox exactly once"),
            ("sent again", self.sent_again, "login codes, after doubt without a report"),
            ("waiting", self.waiting, "for their turn, a retry or a release"),
            ("in doubt", self.in_doubt, "for a report"),
            ("ended", self.ended, "nothing is left to be done"),
            ("contradicted", self.contradicted.count, "said not to be taken, and yet they were"),
            ("lost", self.lost.count, ""),
            ("doubled", self.doubled.count, ""),
        ];
        let mut lines: Vec<String> = rows
            .iter()
            .map(|(name, count, what)| format!("{name:<12}  {count:>9}  {what}").trim_end().to_owned())
            .collect();
        for count in [&self.contradicted, &self.lost, &self.doubled] {
            lines.extend(count.named.iter().map(|(msgid, why)| format!("{msgid}: {why}")));
        }
        lines.join("\n")
    }
}

/// A login code that was in doubt may be sent again, once for each doubt, as long as no report of it had come.
fn is_sent_again(told: &Told, sends: &Sends) -> bool {
    told.class == Category::Authentication && sends.against_evidence == 0 && sends.count <= 1 + told.doubts
}

#[cfg(test)]
mod tests {
    use kabar_domain::clock::Clock;

    use super::*;

    fn told(class: Category, state: State, whereabouts: Whereabouts, doubts: u32) -> Told {
        Told { msgid: Clock::system().msgid(), class, state, whereabouts, doubts }
    }

    fn sends(count: u32, against_evidence: u32) -> Sends {
        Sends { sender: "1".to_owned(), count, against_evidence, first_report: None }
    }

    /// What is reported of one message.
    fn one(told: Told, sends: Option<Sends>) -> Value {
        let seen = Seen(sends.map(|sends| (told.msgid, sends)).into_iter().collect());
        let mut comparison = Comparison::new(seen, HashSet::from(["1".to_owned()]));
        comparison.take(told);
        comparison.report(&[], NAMED).to_json()
    }

    const NAMED: usize = 3;

    #[test]
    fn each_message_is_counted_for_what_it_is() {
        use Category::{Authentication, Utility};
        use Whereabouts::{BeingSent, Ended, Held, InDoubt, Nowhere, Waiting};
        let cases = [
            (told(Utility, State::Read, Ended, 0), Some(sends(1, 0)), ["sent_once", "ended"].as_slice()),
            (told(Utility, State::Submitted, Ended, 0), None, &["lost", "ended"]),
            (told(Utility, State::Read, Ended, 0), Some(sends(2, 0)), &["doubled", "ended"]),
            (told(Utility, State::Read, Ended, 1), Some(sends(2, 0)), &["doubled", "ended"]),
            (told(Utility, State::OutcomeUnknown, Ended, 1), Some(sends(1, 0)), &["sent_once", "ended"]),
            (told(Utility, State::OutcomeUnknown, Ended, 1), None, &["ended"]),
            (told(Utility, State::Rejected, Ended, 0), None, &["ended"]),
            (told(Utility, State::Rejected, Ended, 0), Some(sends(1, 0)), &["sent_once", "ended", "contradicted"]),
            (told(Utility, State::Accepted, Waiting, 0), None, &["waiting"]),
            (told(Utility, State::Accepted, Held, 0), None, &["waiting"]),
            (told(Utility, State::Accepted, BeingSent, 0), None, &["waiting"]),
            (told(Utility, State::Accepted, Nowhere, 0), None, &["lost"]),
            (told(Utility, State::InDoubt, InDoubt, 1), Some(sends(1, 0)), &["in_doubt", "sent_once"]),
            (told(Authentication, State::Read, Ended, 1), Some(sends(2, 0)), &["sent_again", "ended"]),
            (told(Authentication, State::Read, Ended, 1), Some(sends(2, 1)), &["doubled", "ended"]),
            (told(Authentication, State::Read, Ended, 1), Some(sends(3, 0)), &["doubled", "ended"]),
            (told(Authentication, State::Read, Ended, 0), Some(sends(2, 0)), &["doubled", "ended"]),
        ];
        for (told, sends, expected) in cases {
            let report = one(told, sends.clone());
            for name in ["sent_once", "sent_again", "waiting", "in_doubt", "ended", "contradicted", "lost", "doubled"] {
                assert_eq!(report[name] == 1, expected.contains(&name), "{name} of {told:?} with {sends:?}");
            }
            assert_eq!(report["accepted"], 1);
        }
    }

    #[test]
    fn what_one_side_does_not_know_is_lost() {
        let clock = Clock::system();
        let (given, ours, other) = (clock.msgid(), clock.msgid(), clock.msgid());
        let of_another = Sends { sender: "2".to_owned(), ..sends(1, 0) };
        let seen = Seen(HashMap::from([(ours, sends(1, 0)), (other, of_another)]));
        let comparison = Comparison::new(seen, HashSet::from(["1".to_owned()]));
        let report = comparison.report(&[given], NAMED);
        assert_eq!(report.lost.named.iter().map(|(msgid, _)| *msgid).collect::<Vec<_>>(), [given, ours]);
        let text = report.to_text();
        assert!(text.contains("lost                  2\n") && text.contains(&given.to_string()), "{text}");
    }

    #[test]
    fn what_was_sent_meanwhile_is_looked_at_again() {
        let told = told(Category::Utility, State::Submitted, Whereabouts::Ended, 0);
        let mut comparison = Comparison::new(Seen::default(), HashSet::new());
        comparison.take(told);
        assert_eq!(comparison.not_seen(), [told.msgid]);
        comparison.look_again(told.msgid, Seen(HashMap::from([(told.msgid, sends(1, 0))])));
        assert_eq!(comparison.report(&[], NAMED).lost.count, 0);
    }
}
