//! Texts: values without names in the order of the variables, values with names in any order.

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::rule::Rule;
use crate::send::{Currency, Parameter, Part, Place, Position};
use crate::template::contract::TextNeed;
use crate::template::contract::bind::{Binder, Given};

/// A value that fits: what the upstream is sent, and what the recipient sees of it.
struct Fitting<'b> {
    sent: Value,
    shown: &'b str,
}

impl<'b> Binder<'b> {
    /// Gives the login code of an authentication template, which its button needs as well.
    pub(super) fn body(&mut self, need: &TextNeed, given: Given<'b>) -> Option<String> {
        let want = need.variables().len();
        if want == 0 {
            self.surplus(given);
            return None;
        }
        let Some((place, part)) = given else {
            self.missing(Position::Body, want);
            return None;
        };
        let parameters = self.texts(need, place, part, Place::Parameters(place))?;
        let code = self.authentication.then(|| parameters[0]["text"].as_str().map(str::to_owned));
        self.push("body", parameters);
        code.flatten()
    }

    /// What the upstream is sent for the variables of a text; `None` where something does not fit. `whole` is where it is
    /// said that the text is too long with its values.
    pub(super) fn texts(&mut self, need: &TextNeed, place: usize, part: &'b Part, whole: Place) -> Option<Vec<Value>> {
        let fitting = if need.is_named() { self.named(need, place, part) } else { self.numbered(need, place, part) }?;
        let got = need.length_with(fitting.iter().map(|value| value.shown.chars().count()));
        if got > need.limit().max() {
            let fault = self.fault(whole, Rule::FilledLength).with("max", need.limit().max()).with("got", got);
            self.faults.push(fault);
            return None;
        }
        Some(fitting.into_iter().map(|value| value.sent).collect())
    }

    fn numbered(&mut self, need: &TextNeed, place: usize, part: &'b Part) -> Option<Vec<Fitting<'b>>> {
        let want = need.variables().len();
        let count_is_right = self.count_is(place, part, want);
        let mut fitting = Vec::with_capacity(want);
        for (index, parameter) in part.parameters.iter().enumerate() {
            let spot = Place::Parameter(place, index);
            if let Parameter::NamedText { .. } = parameter {
                let path = self.path(spot).key("parameter_name");
                self.faults.push(Fault::new(path, Rule::ParameterNameSurplus));
            }
            fitting.extend(self.value(spot, parameter, need.value_limit()));
        }
        (count_is_right && fitting.len() == want).then_some(fitting)
    }

    fn value(&mut self, spot: Place, parameter: &'b Parameter, limit: Rule) -> Option<Fitting<'b>> {
        let path = self.path_maker(spot);
        match (parameter, self.authentication) {
            (Parameter::Unreadable, _) => None,
            (Parameter::Text(text) | Parameter::NamedText { text, .. }, _) => self
                .plain_text(|| path().key("text"), text, limit)
                .then(|| Fitting { sent: json!({ "type": "text", "text": text }), shown: text }),
            (Parameter::Currency(currency), false) => self.currency(spot, currency, limit),
            (Parameter::DateTime(text), false) => {
                self.plain_text(|| path().key("date_time").key("fallback_value"), text, limit).then(|| {
                    let sent = json!({ "type": "date_time", "date_time": { "fallback_value": text } });
                    Fitting { sent, shown: text }
                })
            }
            (other, _) => {
                self.wrong_kind(spot, "text", other);
                None
            }
        }
    }

    fn currency(&mut self, spot: Place, currency: &'b Currency, limit: Rule) -> Option<Fitting<'b>> {
        let path = self.path(spot).key("currency");
        let fits = [
            self.plain_text(|| path.key("fallback_value"), &currency.fallback, limit),
            self.check(is_currency(&currency.code), || path.key("code"), Rule::CurrencyCode),
        ];
        fits.iter().all(|fits| *fits).then(|| {
            let value = json!({
                "fallback_value": currency.fallback, "code": currency.code, "amount_1000": currency.amount_1000
            });
            Fitting { sent: json!({ "type": "currency", "currency": value }), shown: &currency.fallback }
        })
    }

    fn named(&mut self, need: &TextNeed, place: usize, part: &'b Part) -> Option<Vec<Fitting<'b>>> {
        let known: Vec<String> = need.variables().iter().map(|variable| variable.name().to_string()).collect();
        let mut found: Vec<Option<Fitting<'b>>> = known.iter().map(|_| None).collect();
        let mut given = vec![false; known.len()];
        let mut all_fit = true;
        for (index, parameter) in part.parameters.iter().enumerate() {
            let spot = Place::Parameter(place, index);
            let variable = match (parameter, need.is_named()) {
                (Parameter::NamedText { name, .. }, _) => self.variable(spot, name, &known, &mut given),
                (Parameter::Text(_), _) => {
                    let fault = Fault::new(self.path(spot).key("parameter_name"), Rule::ParameterNameMissing);
                    self.faults.push(fault.with("choices", known.join(", ")));
                    None
                }
                (Parameter::Unreadable, _) => None,
                (other, _) => {
                    self.wrong_kind(spot, "text", other);
                    all_fit = false;
                    continue;
                }
            };
            match (self.value(spot, parameter, need.value_limit()), variable) {
                (Some(mut value), Some(variable)) => {
                    value.sent["parameter_name"] = json!(known[variable]);
                    found[variable] = Some(value);
                }
                (None, _) | (_, None) => all_fit = false,
            }
        }
        // What is left out may be the one that could not be read.
        let is_all_read = !part.parameters.contains(&Parameter::Unreadable);
        for (name, given) in known.iter().zip(given).filter(|_| is_all_read) {
            if !given {
                let fault = self.fault(Place::Parameters(place), Rule::VariableMissing).with("name", name);
                self.faults.push(fault);
            }
        }
        let found: Option<Vec<Fitting<'b>>> = found.into_iter().collect();
        found.filter(|_| all_fit)
    }

    /// Which variable a name means, if it is one that has no value yet.
    fn variable(&mut self, spot: Place, name: &str, known: &[String], given: &mut [bool]) -> Option<usize> {
        let place = known.iter().position(|known| known == name);
        let rule = match place {
            None => Rule::ParameterNameUnknown,
            Some(place) if given[place] => Rule::ParameterNameTwice,
            Some(place) => {
                given[place] = true;
                return Some(place);
            }
        };
        let fault = Fault::new(self.path(spot).key("parameter_name"), rule);
        self.faults.push(fault.with("name", name).with("choices", known.join(", ")));
        None
    }
}

/// Whether a text has the form of a currency's code in ISO 4217.
pub(super) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
