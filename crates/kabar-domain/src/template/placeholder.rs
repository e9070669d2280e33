//! Placeholders of a text: `{{1}}`, `{{2}}`, … or `{{named}}`.

use std::collections::BTreeSet;

use crate::fault::{Fault, Faults, Path};
use crate::rule::Rule;
use crate::template::ParameterFormat;

/// What stands between the double braces of a text, in order of appearance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placeholders<'t> {
    names: Vec<&'t str>,
    /// The same with the blanks that stand within the braces, which the upstream does not take.
    written: Vec<&'t str>,
    /// What stands before, between and after them: one more than there are placeholders.
    beside: Vec<&'t str>,
}

impl<'t> Placeholders<'t> {
    /// Finds every `{{…}}`.
    pub fn of(text: &'t str) -> Self {
        let mut found = Self::default();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            let inner = &rest[open + 2..];
            let Some(close) = inner.find("}}") else { break };
            found.names.push(inner[..close].trim());
            found.written.push(&inner[..close]);
            found.beside.push(&rest[..open]);
            rest = &inner[close + 2..];
        }
        found.beside.push(rest);
        found
    }

    /// What stands before, between and after the placeholders: always one text more than there are placeholders.
    pub fn beside(&self) -> &[&'t str] {
        &self.beside
    }

    /// Whether one of them is no number.
    pub fn has_named(&self) -> bool {
        self.names.iter().any(|name| !name.bytes().all(|b| b.is_ascii_digit()))
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// How many variables there are: a variable that stands twice counts once.
    pub fn count(&self) -> usize {
        self.names.iter().collect::<BTreeSet<_>>().len()
    }

    /// The names in order of first appearance, each once.
    pub fn names(&self) -> Vec<&'t str> {
        once(&self.names).collect()
    }

    /// The names in order of appearance, repetitions among them.
    pub fn all(&self) -> &[&'t str] {
        &self.names
    }

    /// How often placeholders stand in the text, repetitions counted.
    pub const fn occurrences(&self) -> usize {
        self.names.len()
    }

    /// Notes what is wrong with placeholders that are written in this way.
    pub fn check(&self, format: ParameterFormat, path: &Path, faults: &mut Faults) {
        match format {
            ParameterFormat::Positional => self.check_numbered(path, faults),
            ParameterFormat::Named => {
                for name in once(&self.written).filter(|name| !is_name(name)) {
                    let found = format!("{{{{{name}}}}}");
                    faults.push(Fault::new(path.clone(), Rule::VariableName).with("found", found));
                }
            }
        }
        if self.beside.iter().any(|text| text.contains("{{") || text.contains("}}")) {
            faults.push(Fault::new(path.clone(), Rule::BracesOpen));
        }
    }

    /// Notes what is wrong with numbered placeholders: something else than a number, or numbers that are not 1, 2, … n.
    pub fn check_numbered(&self, path: &Path, faults: &mut Faults) {
        let mut numbers = BTreeSet::new();
        for name in &self.written {
            match number(name) {
                Some(number) => {
                    numbers.insert(number);
                }
                None => {
                    let found = format!("{{{{{name}}}}}");
                    faults.push(Fault::new(path.clone(), Rule::PlaceholderForm).with("found", found));
                }
            }
        }
        let gapless = numbers.iter().enumerate().all(|(place, number)| *number == place + 1);
        if !gapless {
            let found: Vec<String> = numbers.iter().map(|number| format!("{{{{{number}}}}}")).collect();
            faults.push(
                Fault::new(path.clone(), Rule::PlaceholderNumbers)
                    .with("first", "{{1}}")
                    .with("found", found.join(" ")),
            );
        }
    }
}

/// Each text once, in order of first appearance.
fn once<'a, 't>(texts: &'a [&'t str]) -> impl Iterator<Item = &'t str> + use<'a, 't> {
    let mut seen = BTreeSet::new();
    texts.iter().copied().filter(move |text| seen.insert(*text))
}

/// Whether a named placeholder may have this name.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// The number of a placeholder: digits without a leading zero.
fn number(name: &str) -> Option<usize> {
    let digits = !name.is_empty() && name.len() <= 4 && name.bytes().all(|b| b.is_ascii_digit());
    if digits && !name.starts_with('0') { name.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::proptest;

    use super::*;

    fn rules(text: &str) -> Vec<Rule> {
        let mut faults = Faults::none();
        Placeholders::of(text).check_numbered(&Path::root(), &mut faults);
        faults.iter().map(|fault| fault.rule).collect()
    }

    #[test]
    fn numbers_may_come_in_any_order_and_twice_but_without_gaps() {
        assert!(rules("no variable").is_empty());
        assert!(rules("{{2}} before {{1}} and {{2}} again").is_empty());
        assert_eq!(Placeholders::of("{{2}} before {{1}} and {{2}} again").count(), 2);
        assert_eq!(rules("{{1}} and {{3}}"), [Rule::PlaceholderNumbers]);
        assert_eq!(rules("{{0}}"), [Rule::PlaceholderForm]);
        assert_eq!(rules("{{2}}"), [Rule::PlaceholderNumbers]);
        assert_eq!(rules("{{name}} and {{}} and {{#1}} and {{ 1 }}"), [Rule::PlaceholderForm; 4]);
        assert!(rules("{1} }} {{ open").is_empty());
    }

    #[test]
    fn names_are_in_lower_case_and_start_with_a_letter() {
        let rules = |text: &str| {
            let mut faults = Faults::none();
            Placeholders::of(text).check(ParameterFormat::Named, &Path::root(), &mut faults);
            faults.iter().map(|fault| fault.rule).collect::<Vec<Rule>>()
        };
        assert!(rules("{{first_name}} and {{day2}} and {{first_name}}").is_empty());
        assert_eq!(rules("{{1}}, {{Name}}, {{_x}}, {{}}, {{a-b}}, {{ a }}"), [Rule::VariableName; 6]);
        assert_eq!(rules("{{a}} and }}"), [Rule::BracesOpen]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC*") {
            let found = Placeholders::of(&text);
            assert!(found.count() <= found.occurrences());
            assert_eq!(found.beside().len(), found.occurrences() + 1);
        }
    }
}
