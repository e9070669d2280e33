//! A rule in the form in which it is written: a JSON object, read whole, with everything that is wrong told at once.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::check::template::CATEGORIES;
use crate::graph::errors::codes;

/// The longest time that a rule may name, in milliseconds: an hour.
const LONGEST_MS: u64 = 3_600_000;
/// For how long nothing is answered where the rule does not say.
const DEFAULT_HANG_MS: u64 = 60_000;
/// How often a status is told twice at most.
const MOST_COPIES: u64 = 100;

/// Something wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: the name of a field, with the rule's place before it in a list, as in `rules[2].code`.
    pub path: String,
    /// What, in a sentence.
    pub problem: String,
}

/// What meets a fault, how often, and what the fault is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    pub(crate) target: Target,
    pub(crate) times: Option<u64>,
    pub(crate) every: Option<u64>,
    pub(crate) probability: Option<f64>,
    /// After the call was handled, instead of before.
    pub(crate) after: bool,
    pub(crate) fault: Fault,
}

/// Which calls, or which statuses, a rule is about. What is not named may be anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) kind: Option<Kind>,
    pub(crate) method: Option<String>,
    /// A pattern with `*`, as those below.
    pub(crate) path: Option<String>,
    pub(crate) sender: Option<String>,
    pub(crate) template: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) status: Option<String>,
}

/// Kinds of what can meet a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A message is sent.
    Send,
    /// A call about templates.
    Templates,
    /// Any other Graph call.
    Other,
    /// A webhook is told a message's status.
    Status,
}

impl Kind {
    const NAMES: [(&'static str, Self); 4] =
        [("send", Self::Send), ("templates", Self::Templates), ("other", Self::Other), ("status", Self::Status)];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An error in the platform's envelope.
    Error { code: u32, retry_after: Option<u64> },
    /// An HTTP error of something in between, without the envelope.
    Proxy { http: u16 },
    /// The connection is closed, and nothing is answered.
    Close,
    /// The answer breaks off in its middle.
    Cut,
    /// Nothing is answered for so long; then the connection is closed.
    Hang { ms: u64 },
    /// The answer comes so much later.
    Slow { ms: u64 },
    /// This call and, for so long, every Graph call finds its connection closed.
    Down { ms: u64 },
    /// The status is never told.
    Lose,
    /// It is told so many times more.
    Duplicate { copies: u64 },
    /// It is told so much later.
    Delay { ms: u64 },
    /// It is told after any time up to this, so before or after others.
    Reorder { ms: u64 },
    /// It is told together with all others of the same span of so many milliseconds.
    Batch { ms: u64 },
}

impl Fault {
    const NAMES: [&'static str; 12] =
        ["error", "proxy", "close", "cut", "hang", "slow", "down", "lose", "duplicate", "delay", "reorder", "batch"];

    /// Its name, as a rule and the ledger have it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Error { .. } => "error",
            Self::Proxy { .. } => "proxy",
            Self::Close => "close",
            Self::Cut => "cut",
            Self::Hang { .. } => "hang",
            Self::Slow { .. } => "slow",
            Self::Down { .. } => "down",
            Self::Lose => "lose",
            Self::Duplicate { .. } => "duplicate",
            Self::Delay { .. } => "delay",
            Self::Reorder { .. } => "reorder",
            Self::Batch { .. } => "batch",
        }
    }

    /// Whether it befalls a status on its way to a webhook, and not a call.
    fn is_of_status(&self) -> bool {
        match self {
            Self::Lose | Self::Duplicate { .. } | Self::Delay { .. } | Self::Reorder { .. } | Self::Batch { .. } => {
                true
            }
            Self::Error { .. }
            | Self::Proxy { .. }
            | Self::Close
            | Self::Cut
            | Self::Hang { .. }
            | Self::Slow { .. }
            | Self::Down { .. } => false,
        }
    }
}

impl fmt::Display for Fault {
    /// As the ledger shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { code, .. } => write!(f, "error {code}"),
            Self::Proxy { http } => write!(f, "proxy {http}"),
            Self::Close
            | Self::Cut
            | Self::Hang { .. }
            | Self::Slow { .. }
            | Self::Down { .. }
            | Self::Lose
            | Self::Duplicate { .. }
            | Self::Delay { .. }
            | Self::Reorder { .. }
            | Self::Batch { .. } => f.write_str(self.name()),
        }
    }
}

impl Rule {
    /// Reads a rule; `path` is put before the names of its fields.
    pub(crate) fn read(value: &Value, path: &str) -> Result<Self, Vec<Problem>> {
        let Value::Object(fields) = value else {
            return Err(vec![Problem { path: path.to_owned(), problem: "a rule is a JSON object".to_owned() }]);
        };
        let mut reader = Reader { fields, path, used: Vec::new(), problems: Vec::new() };
        let rule = reader.rule();
        reader.look_for_unknown();
        match rule {
            Some(rule) if reader.problems.is_empty() => Ok(rule),
            _ => Err(reader.problems),
        }
    }

    /// The rule as [`Rule::read`] takes it.
    pub(crate) fn to_json(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        let target = &self.target;
        let kind = target.kind.map(|kind| kind.name().to_owned());
        let texts = [
            ("kind", &kind),
            ("method", &target.method),
            ("path", &target.path),
            ("sender", &target.sender),
            ("template", &target.template),
            ("category", &target.category),
            ("to", &target.to),
            ("status", &target.status),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                fields.insert(name.to_owned(), json!(text));
            }
        }
        for (name, number) in [("times", self.times), ("every", self.every)] {
            if let Some(number) = number {
                fields.insert(name.to_owned(), json!(number));
            }
        }
        if let Some(probability) = self.probability {
            fields.insert("probability".to_owned(), json!(probability));
        }
        if self.after {
            fields.insert("after".to_owned(), json!(true));
        }
        fields.insert("fault".to_owned(), json!(self.fault.name()));
        let mut with = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        match self.fault {
            Fault::Error { code, retry_after } => {
                with("code", json!(code));
                if let Some(seconds) = retry_after {
                    with("retry_after", json!(seconds));
                }
            }
            Fault::Proxy { http } => {
                with("http", json!(http));
            }
            Fault::Duplicate { copies } => {
                with("copies", json!(copies));
            }
            Fault::Hang { ms }
            | Fault::Slow { ms }
            | Fault::Down { ms }
            | Fault::Delay { ms }
            | Fault::Reorder { ms }
            | Fault::Batch { ms } => {
                with("ms", json!(ms));
            }
            Fault::Close | Fault::Cut | Fault::Lose => {}
        }
        fields
    }
}

struct Reader<'a> {
    fields: &'a Map<String, Value>,
    path: &'a str,
    used: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn rule(&mut self) -> Option<Rule> {
        let target = Target {
            kind: self.kind(),
            method: self.text("method").map(|method| method.to_ascii_uppercase()),
            path: self.text("path"),
            sender: self.text("sender"),
            template: self.text("template"),
            category: self.one_of("category", &CATEGORIES),
            to: self.text("to").map(|to| to.trim_start_matches('+').to_owned()),
            status: self.one_of("status", &["sent", "delivered", "read", "failed"]),
        };
        let times = self.number("times", 1, u64::MAX);
        let every = self.number("every", 1, u64::MAX);
        let probability = self.probability();
        if every.is_some() && probability.is_some() {
            self.wrong("probability", "a rule has `every` or `probability`, not both");
        }
        let after = self.flag("after");
        let fault = self.fault()?;
        self.check_together(&target, after, &fault);
        Some(Rule { target, times, every, probability, after, fault })
    }

    fn fault(&mut self) -> Option<Fault> {
        let Some(name) = self.one_of("fault", &Fault::NAMES) else {
            if !self.fields.contains_key("fault") {
                self.wrong("fault", "it is missing");
            }
            return None;
        };
        let fault = match name.as_str() {
            "error" => {
                let code = self.required("code", 0, u64::from(u32::MAX)).and_then(|code| u32::try_from(code).ok());
                if code.is_some_and(|code| !codes::is_known(code)) {
                    self.wrong("code", "the platform has no such code");
                }
                let retry_after = self.number("retry_after", 0, 86_400);
                Fault::Error { code: code?, retry_after }
            }
            "proxy" => {
                let http = self.number("http", 400, 599).unwrap_or(502);
                Fault::Proxy { http: u16::try_from(http).unwrap_or(502) }
            }
            "close" => Fault::Close,
            "cut" => Fault::Cut,
            "hang" => Fault::Hang { ms: self.number("ms", 1, LONGEST_MS).unwrap_or(DEFAULT_HANG_MS) },
            "lose" => Fault::Lose,
            "duplicate" => Fault::Duplicate { copies: self.number("copies", 1, MOST_COPIES).unwrap_or(1) },
            timed => {
                let ms = self.required("ms", 1, LONGEST_MS)?;
                match timed {
                    "slow" => Fault::Slow { ms },
                    "down" => Fault::Down { ms },
                    "delay" => Fault::Delay { ms },
                    "reorder" => Fault::Reorder { ms },
                    _ => Fault::Batch { ms },
                }
            }
        };
        Some(fault)
    }

    /// What is right alone, and not together.
    fn check_together(&mut self, target: &Target, after: bool, fault: &Fault) {
        let of_status = target.kind == Some(Kind::Status);
        if fault.is_of_status() != of_status {
            let text = if of_status {
                "a status can be lost, duplicated, delayed, reordered or batched"
            } else {
                "this befalls statuses: the rule needs `\"kind\": \"status\"`"
            };
            self.wrong("fault", text);
        }
        if after && (of_status || matches!(fault, Fault::Down { .. })) {
            self.wrong("after", "this fault has no after");
        }
        if target.status.is_some() && !of_status {
            self.wrong("status", "only a rule for statuses names one");
        }
        if of_status {
            for (name, given) in [("method", target.method.is_some()), ("path", target.path.is_some())] {
                if given {
                    self.wrong(name, "a status has none");
                }
            }
        }
        let is_send = matches!(target.kind, Some(Kind::Send | Kind::Status));
        for (name, given) in [
            ("sender", target.sender.is_some()),
            ("template", target.template.is_some()),
            ("category", target.category.is_some()),
            ("to", target.to.is_some()),
        ] {
            if given && !is_send {
                self.wrong(name, "only a rule of the kind `send` or `status` names one");
            }
        }
    }

    fn look_for_unknown(&mut self) {
        let unknown: Vec<String> =
            self.fields.keys().filter(|name| !self.used.contains(&name.as_str())).cloned().collect();
        let fault = self.fields.get("fault").and_then(Value::as_str).unwrap_or_default().to_owned();
        for name in unknown {
            // These belong to one fault and not to another.
            let known = ["code", "retry_after", "http", "ms", "copies"].contains(&name.as_str());
            if !known {
                self.wrong(&name, "a rule has no such field");
            } else if Fault::NAMES.contains(&fault.as_str()) {
                self.wrong(&name, &format!("the fault `{fault}` has no such field"));
            }
        }
    }

    fn wrong(&mut self, name: &str, problem: &str) {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        self.problems.push(Problem { path, problem: problem.to_owned() });
    }

    fn field(&mut self, name: &'static str) -> Option<Value> {
        self.used.push(name);
        self.fields.get(name).filter(|value| !value.is_null()).cloned()
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.field(name)?;
        let text = value.as_str().filter(|text| (1..=512).contains(&text.len()));
        if text.is_none() {
            self.wrong(name, "it must be a text of 1 to 512 bytes");
        }
        text.map(str::to_owned)
    }

    fn kind(&mut self) -> Option<Kind> {
        let names: Vec<&str> = Kind::NAMES.iter().map(|(name, _)| *name).collect();
        let name = self.one_of("kind", &names)?;
        Kind::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    fn one_of(&mut self, name: &'static str, set: &[&str]) -> Option<String> {
        let text = self.text(name)?;
        let found = set.iter().find(|known| known.eq_ignore_ascii_case(&text));
        if found.is_none() {
            self.wrong(name, &format!("it must be one of: {}", set.join(", ")));
        }
        found.map(|known| (*known).to_owned())
    }

    fn number(&mut self, name: &'static str, least: u64, most: u64) -> Option<u64> {
        let value = self.field(name)?;
        let number = value.as_u64().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let bound = if most == u64::MAX { String::new() } else { format!(" and at most {most}") };
            self.wrong(name, &format!("it must be a whole number of at least {least}{bound}"));
        }
        number
    }

    fn required(&mut self, name: &'static str, least: u64, most: u64) -> Option<u64> {
        if self.fields.get(name).is_none_or(Value::is_null) {
            self.used.push(name);
            self.wrong(name, "it is missing");
            return None;
        }
        self.number(name, least, most)
    }

    fn probability(&mut self) -> Option<f64> {
        let value = self.field("probability")?;
        let probability = value.as_f64().filter(|probability| *probability > 0.0 && *probability <= 1.0);
        if probability.is_none() {
            self.wrong("probability", "it must be a number above 0 and at most 1");
        }
        probability
    }

    fn flag(&mut self, name: &'static str) -> bool {
        match self.field(name) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.wrong(name, "it must be true or false");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_and_written_alike() {
        for text in [
            r#"{"kind":"send","template":"kode_*","times":3,"every":2,"after":true,"fault":"close"}"#,
            r#"{"kind":"send","category":"AUTHENTICATION","to":"62812*","probability":0.25,"fault":"error","code":131016,"retry_after":2}"#,
            r#"{"method":"GET","path":"/*/message_templates","fault":"proxy","http":504}"#,
            r#"{"fault":"down","ms":5000}"#,
            r#"{"kind":"other","after":true,"fault":"cut"}"#,
            r#"{"fault":"hang","ms":60000}"#,
            r#"{"kind":"templates","fault":"slow","ms":10}"#,
            r#"{"kind":"status","status":"read","fault":"lose"}"#,
            r#"{"kind":"status","fault":"duplicate","copies":2}"#,
            r#"{"kind":"status","sender":"1","fault":"delay","ms":1}"#,
            r#"{"kind":"status","fault":"reorder","ms":1}"#,
            r#"{"kind":"status","fault":"batch","ms":1}"#,
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            let rule = Rule::read(&value, "").unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
            assert_eq!(Value::Object(rule.to_json()).to_string(), text);
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let value = json!({
            "kind": "sends", "to": 1, "times": 0, "every": 2, "probability": 1, "after": "yes", "fault": "error",
            "code": 7, "ms": 1, "colour": "red"
        });
        let problems = Rule::read(&value, "rules[3]").unwrap_err();
        let mut paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            [
                "rules[3].after",
                "rules[3].code",
                "rules[3].colour",
                "rules[3].kind",
                "rules[3].ms",
                "rules[3].probability",
                "rules[3].times",
                "rules[3].to",
            ]
        );
        for (wrong, path) in [
            (json!({}), "fault"),
            (json!({"fault": "error"}), "code"),
            (json!({"fault": "slow"}), "ms"),
            (json!({"fault": "lose"}), "fault"),
            (json!({"kind": "status", "fault": "close"}), "fault"),
            (json!({"kind": "status", "fault": "lose", "after": true}), "after"),
            (json!({"kind": "status", "fault": "lose", "path": "/"}), "path"),
            (json!({"kind": "send", "status": "read", "fault": "cut"}), "status"),
            (json!({"to": "62812", "fault": "cut"}), "to"),
            (json!({"fault": "cut", "probability": 0}), "probability"),
            (json!([]), ""),
        ] {
            let problems = Rule::read(&wrong, "").unwrap_err();
            assert_eq!(problems.iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(), [path], "{wrong}");
        }
    }
}
