//! Faults by rule: what the platform does wrong on purpose, when, and how often.
//!
//! A rule names calls, or statuses on their way to a webhook, and what befalls them. What is left to chance is decided by
//! dice of the rule's own, thrown from one seed, so that the same calls in the same order meet the same faults again.

pub(crate) mod answer;
pub(crate) mod routes;
pub(crate) mod rule;

use serde_json::{Value, json};

use crate::faults::rule::{Fault, Kind, Rule, Target};
use crate::random::Dice;

pub use crate::faults::rule::Problem;

/// How many rules there may be at once.
const MOST_RULES: usize = 1_000;

/// Rules to begin with, and the seed of their dice.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// From what all dice are thrown; any seed, which is then told, if it is not given.
    pub seed: Option<u64>,
    rules: Vec<Rule>,
}

impl Plan {
    /// Reads a plan: a JSON object with `rules` and, if it likes, a `seed`; or only the array of rules, or one rule.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<Problem>> {
        let problem = |path: &str, problem: String| vec![Problem { path: path.to_owned(), problem }];
        let value: Value =
            serde_json::from_slice(text).map_err(|err| problem("", format!("this is not JSON: {err}")))?;
        let (seed, rules, place) = match &value {
            Value::Array(rules) => (None, rules.as_slice(), ""),
            Value::Object(fields) if fields.contains_key("rules") || fields.contains_key("seed") => {
                if let Some(unknown) = fields.keys().find(|name| !matches!(name.as_str(), "rules" | "seed")) {
                    return Err(problem(unknown, "beside rules there may only be a seed".to_owned()));
                }
                let seed = fields.get("seed").filter(|seed| !seed.is_null());
                let number = seed.and_then(Value::as_u64);
                if seed.is_some() && number.is_none() {
                    return Err(problem("seed", "it must be a whole number of at least 0".to_owned()));
                }
                let rules = match fields.get("rules") {
                    None => &[],
                    Some(Value::Array(rules)) => rules.as_slice(),
                    Some(_) => return Err(problem("rules", "it must be an array".to_owned())),
                };
                (number, rules, "rules")
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                return Rule::read(&value, "").map(|rule| Self { seed: None, rules: vec![rule] });
            }
        };
        let mut plan = Self { seed, rules: Vec::new() };
        let mut problems = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            match Rule::read(rule, &format!("{place}[{number}]")) {
                Ok(rule) => plan.rules.push(rule),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }

    /// How many rules it has.
    #[must_use]
    pub fn n_rules(&self) -> usize {
        self.rules.len()
    }
}

/// The rules that hold now.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    kept: Vec<Kept>,
    next_id: u64,
    /// Until when every call finds its connection closed.
    down_until: i64,
}

#[derive(Debug)]
struct Kept {
    id: u64,
    rule: Rule,
    dice: Dice,
    /// What the rule was about so far.
    n_met: u64,
    /// What it befell of that.
    n_hits: u64,
}

/// There is no room for more rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany;

/// What is known of a call before it is handled.
#[derive(Debug)]
pub(crate) struct CallFacts<'a> {
    pub(crate) kind: Kind,
    pub(crate) method: &'a str,
    /// Without the version.
    pub(crate) path: &'a str,
    pub(crate) message: MessageFacts<'a>,
}

/// What is known of a message that is sent, or of whose status is told. All of it is empty for other calls.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MessageFacts<'a> {
    pub(crate) sender: &'a str,
    pub(crate) template: &'a str,
    pub(crate) category: &'a str,
    /// In digits.
    pub(crate) to: &'a str,
}

/// A fault that befalls a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) fault: Fault,
    /// After the call was handled, instead of before.
    pub(crate) after: bool,
}

impl Default for Faults {
    fn default() -> Self {
        Self::new(Plan { seed: Some(0), rules: Vec::new() })
    }
}

impl Faults {
    pub(crate) fn new(plan: Plan) -> Self {
        let seed = plan.seed.unwrap_or_else(crate::random::seed);
        let mut faults = Self { seed, kept: Vec::new(), next_id: 1, down_until: i64::MIN };
        for rule in plan.rules.into_iter().take(MOST_RULES) {
            faults.keep(rule);
        }
        faults
    }

    /// Adds the rules of a plan, and begins with its seed if it has one; gives their ids.
    pub(crate) fn add(&mut self, plan: Plan) -> Result<Vec<u64>, TooMany> {
        if self.kept.len() + plan.rules.len() > MOST_RULES {
            return Err(TooMany);
        }
        if let Some(seed) = plan.seed {
            self.seed = seed;
            for kept in &mut self.kept {
                kept.dice = Dice::new(seed, kept.id);
            }
        }
        Ok(plan.rules.into_iter().map(|rule| self.keep(rule)).collect())
    }

    fn keep(&mut self, rule: Rule) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.kept.push(Kept { id, rule, dice: Dice::new(self.seed, id), n_met: 0, n_hits: 0 });
        id
    }

    /// Takes a rule away; false if there is none of this id.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.kept.len();
        self.kept.retain(|kept| kept.id != id);
        self.kept.len() < before
    }

    /// Takes every rule away, and ends a full stop.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        self.down_until = i64::MIN;
    }

    /// The fault that befalls a call: that of the first rule which is about it and whose turn it is.
    pub(crate) fn on_call(&mut self, call: &CallFacts<'_>, now: i64) -> Option<Hit> {
        if now < self.down_until {
            return Some(Hit { fault: Fault::Close, after: false });
        }
        let kept = self.kept.iter_mut().find_map(|kept| {
            let met = kept.rule.target.is_about_call(call);
            (met && kept.is_hit()).then_some(kept)
        })?;
        let hit = Hit { fault: kept.rule.fault.clone(), after: kept.rule.after };
        if let Fault::Down { ms } = hit.fault {
            self.down_until = now.saturating_add_unsigned(ms);
        }
        Some(hit)
    }

    /// The times at which a status is told that should be told `now`: nothing when it is lost, several when it is
    /// duplicated. Here every rule that is about it has its turn, one after the other.
    pub(crate) fn on_status(&mut self, message: MessageFacts<'_>, status: &str, now: i64) -> Vec<i64> {
        let mut times = vec![now];
        for kept in &mut self.kept {
            if !kept.rule.target.is_about_status(message, status) || !kept.is_hit() {
                continue;
            }
            match kept.rule.fault {
                Fault::Lose => times.clear(),
                Fault::Duplicate { copies } => {
                    for _ in 0..copies {
                        times.push(now);
                    }
                }
                Fault::Delay { ms } => times.iter_mut().for_each(|at| *at = at.saturating_add_unsigned(ms)),
                Fault::Reorder { ms } => {
                    for at in &mut times {
                        *at = at.saturating_add_unsigned(kept.dice.up_to(ms));
                    }
                }
                Fault::Batch { ms } => {
                    let span = i64::try_from(ms).unwrap_or(i64::MAX);
                    for at in &mut times {
                        *at = at.div_euclid(span).saturating_add(1).saturating_mul(span);
                    }
                }
                Fault::Error { .. }
                | Fault::Proxy { .. }
                | Fault::Close
                | Fault::Cut
                | Fault::Hang { .. }
                | Fault::Slow { .. }
                | Fault::Down { .. } => {}
            }
        }
        times
    }

    /// The seed and the rules, each with its id, how often it was met, and how often it struck.
    pub(crate) fn to_json(&self) -> Value {
        let rules = self.kept.iter().map(|kept| {
            let mut fields = serde_json::Map::new();
            fields.insert("id".to_owned(), json!(kept.id));
            fields.extend(kept.rule.to_json());
            fields.insert("met".to_owned(), json!(kept.n_met));
            fields.insert("hits".to_owned(), json!(kept.n_hits));
            Value::Object(fields)
        });
        json!({"seed": self.seed, "rules": rules.collect::<Vec<_>>()})
    }

    /// From what the dice are thrown, and how many rules there are.
    pub(crate) fn summary(&self) -> (u64, usize) {
        (self.seed, self.kept.len())
    }
}

impl Kept {
    /// Counts something that the rule is about, and says whether its fault befalls it.
    fn is_hit(&mut self) -> bool {
        if self.rule.times.is_some_and(|times| self.n_hits >= times) {
            return false;
        }
        self.n_met += 1;
        let its_turn = match (self.rule.every, self.rule.probability) {
            (Some(every), _) => self.n_met.is_multiple_of(every),
            (None, Some(probability)) => self.dice.fraction() < probability,
            (None, None) => true,
        };
        self.n_hits += u64::from(its_turn);
        its_turn
    }
}

impl Target {
    fn is_about_call(&self, call: &CallFacts<'_>) -> bool {
        self.kind.is_none_or(|kind| kind == call.kind)
            && self.method.as_ref().is_none_or(|method| method == call.method)
            && self.path.as_ref().is_none_or(|pattern| fits(pattern, call.path))
            && self.is_about_message(call.message)
    }

    fn is_about_status(&self, message: MessageFacts<'_>, status: &str) -> bool {
        self.kind == Some(Kind::Status)
            && self.status.as_ref().is_none_or(|wanted| wanted == status)
            && self.is_about_message(message)
    }

    fn is_about_message(&self, message: MessageFacts<'_>) -> bool {
        let about = |pattern: &Option<String>, text: &str| pattern.as_ref().is_none_or(|pattern| fits(pattern, text));
        about(&self.sender, message.sender)
            && about(&self.template, message.template)
            && about(&self.category, message.category)
            && about(&self.to, message.to)
    }
}

/// Whether a text is what a pattern says, in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(place) = rest.find(part) else { return false };
        rest = &rest[place + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEND: CallFacts<'static> = CallFacts {
        kind: Kind::Send,
        method: "POST",
        path: "/1/messages",
        message: MessageFacts { sender: "1", template: "kode", category: "AUTHENTICATION", to: "6281200000001" },
    };

    fn faults(text: &str) -> Faults {
        Faults::new(Plan::parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems:?}")))
    }

    fn hits(faults: &mut Faults, n_calls: usize) -> Vec<bool> {
        (0..n_calls).map(|_| faults.on_call(&SEND, 0).is_some()).collect()
    }

    #[test]
    fn a_pattern_has_stars_for_any_text() {
        for (pattern, text, expected) in [
            ("kode", "kode", true),
            ("kode", "kode_masuk", false),
            ("kode*", "kode_masuk", true),
            ("*masuk", "kode_masuk", true),
            ("k*m*k", "kode_masuk", true),
            ("k*m*x", "kode_masuk", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("/*/messages", "/123/messages", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} and {text}");
        }
    }

    #[test]
    fn the_next_every_nth_and_always() {
        assert_eq!(hits(&mut faults(r#"{"times":2,"fault":"cut"}"#), 4), [true, true, false, false]);
        assert_eq!(hits(&mut faults(r#"{"every":2,"fault":"cut"}"#), 4), [false, true, false, true]);
        assert_eq!(hits(&mut faults(r#"{"every":2,"times":1,"fault":"cut"}"#), 4), [false, true, false, false]);
        assert_eq!(hits(&mut faults(r#"{"fault":"cut"}"#), 3), [true; 3]);
        assert_eq!(hits(&mut faults(r#"{"kind":"templates","fault":"cut"}"#), 3), [false; 3]);
        assert_eq!(
            hits(&mut faults(r#"{"kind":"send","to":"+62812*1","category":"authentication","fault":"cut"}"#), 1),
            [true]
        );
        assert_eq!(hits(&mut faults(r#"{"kind":"send","sender":"2","fault":"cut"}"#), 1), [false]);
    }

    #[test]
    fn the_same_seed_throws_the_same_dice() {
        let plan = |seed: u64| format!(r#"{{"seed":{seed},"rules":[{{"probability":0.5,"fault":"cut"}}]}}"#);
        let thrown = |seed| hits(&mut faults(&plan(seed)), 64);
        assert_eq!(thrown(7), thrown(7));
        assert_ne!(thrown(7), thrown(8));
        let n_hits = hits(&mut faults(&plan(7)), 10_000).into_iter().filter(|hit| *hit).count();
        assert!((4_500..5_500).contains(&n_hits), "{n_hits}");
    }

    #[test]
    fn of_several_rules_the_first_whose_turn_it_is_strikes() {
        let mut faults = faults(r#"[{"times":1,"fault":"cut"},{"times":1,"after":true,"fault":"close"}]"#);
        assert_eq!(faults.on_call(&SEND, 0), Some(Hit { fault: Fault::Cut, after: false }));
        assert_eq!(faults.on_call(&SEND, 0), Some(Hit { fault: Fault::Close, after: true }));
        assert_eq!(faults.on_call(&SEND, 0), None);
        let told = faults.to_json();
        assert_eq!((&told["rules"][0]["met"], &told["rules"][1]["hits"]), (&json!(1), &json!(1)));
        assert!(faults.remove(2) && !faults.remove(2));
    }

    #[test]
    fn a_full_stop_is_for_all_calls_and_ends() {
        let mut faults = faults(r#"{"times":1,"fault":"down","ms":100}"#);
        assert_eq!(faults.on_call(&SEND, 0), Some(Hit { fault: Fault::Down { ms: 100 }, after: false }));
        let other = CallFacts { kind: Kind::Other, path: "/1", message: MessageFacts::default(), ..SEND };
        assert_eq!(faults.on_call(&other, 99), Some(Hit { fault: Fault::Close, after: false }));
        assert_eq!(faults.on_call(&other, 100), None);
    }

    #[test]
    fn statuses_are_lost_duplicated_and_moved_in_time() {
        let tell = |text: &str| faults(text).on_status(SEND.message, "sent", 1_010);
        assert_eq!(tell(r#"{"kind":"status","fault":"lose"}"#), [0_i64; 0]);
        assert_eq!(tell(r#"{"kind":"status","status":"read","fault":"lose"}"#), [1_010]);
        assert_eq!(tell(r#"{"kind":"status","fault":"duplicate","copies":2}"#), [1_010; 3]);
        assert_eq!(tell(r#"{"kind":"status","fault":"delay","ms":5}"#), [1_015]);
        assert_eq!(tell(r#"{"kind":"status","fault":"batch","ms":100}"#), [1_100]);
        let moved = tell(r#"[{"kind":"status","fault":"duplicate"},{"kind":"status","fault":"reorder","ms":10}]"#);
        assert!(moved.len() == 2 && moved.iter().all(|at| (1_010..=1_020).contains(at)), "{moved:?}");
        assert_eq!(tell(r#"{"fault":"cut"}"#), [1_010], "a rule for calls is about no status");
    }

    #[test]
    fn a_plan_tells_all_that_is_wrong_in_all_rules() {
        let problems = Plan::parse(br#"{"rules":[{"fault":"cut"},{"fault":"x"},{"fault":"slow"}]}"#).unwrap_err();
        let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        assert_eq!(paths, ["rules[1].fault", "rules[2].ms"]);
        for (wrong, path) in
            [("{", ""), (r#"{"rules":1}"#, "rules"), (r#"{"seed":-1}"#, "seed"), (r#"{"rules":[],"a":1}"#, "a")]
        {
            assert_eq!(Plan::parse(wrong.as_bytes()).unwrap_err()[0].path, path, "{wrong}");
        }
        assert_eq!(Plan::parse(br#"{"seed":5}"#).unwrap().n_rules(), 0);
    }
}
