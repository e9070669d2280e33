//! Which messages somebody asks for, read from the names and values of a query.

use crate::clock::Moment;
use crate::fault::{Fault, Faults, Path};
use crate::ids::SenderId;
use crate::message::State;
use crate::phone::PhoneNumber;
use crate::rule::Rule;

/// The longest name or code of a template that is looked for.
const MAX_TEMPLATE: usize = 600;

/// Which messages are asked for: those for which everything holds that is said here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// To this recipient.
    pub recipient: Option<PhoneNumber>,
    /// By the template of this name or code.
    pub template: Option<String>,
    /// In one of these states; empty for all.
    pub states: Vec<State>,
    /// Accepted from this moment on.
    pub from: Option<Moment>,
    /// Accepted before this moment.
    pub to: Option<Moment>,
    /// From this sender.
    pub sender: Option<SenderId>,
    /// With this number among the reasons of what happened to it.
    pub code: Option<u32>,
}

impl Search {
    /// The names that a query may have.
    pub const NAMES: [&str; 7] = ["recipient", "template", "state", "from", "to", "sender", "error"];

    /// Reads one name of a query and its value; what is wrong with it goes to the faults. `false` for a name that is none
    /// of [`Search::NAMES`].
    pub fn read(&mut self, name: &str, value: &str, faults: &mut Faults) -> bool {
        // A plus that nobody encoded comes as a space.
        let value = value.trim();
        match name {
            "recipient" => {
                let digits = value.strip_prefix('+').unwrap_or(value);
                self.recipient = found(PhoneNumber::kept(&format!("+{digits}")).ok(), name, Rule::PhoneNumber, faults);
            }
            "template" => {
                let length = value.chars().count();
                if value.is_empty() {
                    faults.push(fault(name, Rule::Empty));
                } else if length > MAX_TEMPLATE {
                    faults.push(fault(name, Rule::TooLong).with("max", MAX_TEMPLATE).with("got", length));
                }
                self.template = Some(value.to_owned());
            }
            "state" => {
                for word in value.split(',').map(str::trim) {
                    match State::parse(word) {
                        Some(state) => self.states.push(state),
                        None => {
                            let names: Vec<&str> = State::ALL.iter().map(|state| state.as_str()).collect();
                            faults.push(fault(name, Rule::NotOneOf).with("choices", names.join(", ")));
                        }
                    }
                }
            }
            "from" => self.from = found(Moment::parse(value), name, Rule::PointInTime, faults),
            "to" => self.to = found(Moment::parse(value), name, Rule::PointInTime, faults),
            "sender" => {
                let sender = SenderId::parse(value);
                if sender.is_err() {
                    faults.push(fault(name, Rule::WrongType).with("type", "number"));
                }
                self.sender = sender.ok();
            }
            "error" => {
                let code = value.parse();
                if code.is_err() {
                    faults.push(fault(name, Rule::WrongType).with("type", "number"));
                }
                self.code = code.ok();
            }
            _ => return false,
        }
        true
    }
}

fn fault(name: &str, rule: Rule) -> Fault {
    Fault::new(Path::root().key(name.to_owned()), rule)
}

fn found<T>(value: Option<T>, name: &str, rule: Rule, faults: &mut Faults) -> Option<T> {
    if value.is_none() {
        faults.push(fault(name, rule));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Search, Vec<(String, &'static str)>> {
        let (mut search, mut faults) = (Search::default(), Faults::none());
        for (name, value) in pairs {
            assert!(search.read(name, value, &mut faults), "{name}");
        }
        faults
            .or(search)
            .map_err(|faults| faults.iter().map(|fault| (fault.path.to_string(), fault.rule.id())).collect())
    }

    #[test]
    fn a_query_says_which_messages() {
        let search = read(&[
            // As a browser sends a plus.
            ("recipient", " 6281381475159"),
            ("template", "pesanan_dikirim"),
            ("state", "failed, in_doubt"),
            ("from", "2026-11-21T00:00:00Z"),
            ("to", "2026-11-22T00:00:00+07:00"),
            ("sender", "106540352242922"),
            ("error", "131026"),
        ]);
        let expected = Search {
            recipient: PhoneNumber::kept("+6281381475159").ok(),
            template: Some("pesanan_dikirim".to_owned()),
            states: vec![State::Failed, State::InDoubt],
            from: Some(Moment::from_seconds(1_795_219_200)),
            to: Some(Moment::from_seconds(1_795_280_400)),
            sender: SenderId::parse("106540352242922").ok(),
            code: Some(131_026),
        };
        assert_eq!(search.unwrap(), expected);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let faults = read(&[
            ("recipient", "toko"),
            ("template", " "),
            ("state", "failed,lost,gone"),
            ("from", "yesterday"),
            ("to", "1"),
            ("sender", "x"),
            ("error", "-1"),
        ]);
        let faults: Vec<String> =
            faults.unwrap_err().into_iter().map(|(path, rule)| format!("{path} {rule}")).collect();
        assert_eq!(
            faults,
            [
                "recipient recipient_phone_number",
                "template empty",
                "state not_one_of",
                "state not_one_of",
                "from point_in_time",
                "to point_in_time",
                "sender wrong_type",
                "error wrong_type"
            ]
        );
        assert!(!Search::default().read("recipent", "1", &mut Faults::none()));
        let mut all = Search::default();
        assert!(Search::NAMES.iter().all(|name| all.read(name, "1", &mut Faults::none())));
    }
}
