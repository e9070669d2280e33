//! Placeholders of a text: `{{1}}`, `{{2}}`, … or `{{named}}`.

use std::collections::BTreeSet;

use crate::fault::{Fault, Faults, Path};
use crate::rule::Rule;

/// What stands between the double braces of a text, in order of appearance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placeholders<'t>(Vec<&'t str>);

impl<'t> Placeholders<'t> {
    /// Finds every `{{…}}`.
    pub fn of(text: &'t str) -> Self {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find("{{") {
            let inner = &rest[open + 2..];
            let Some(close) = inner.find("}}") else { break };
            found.push(inner[..close].trim());
            rest = &inner[close + 2..];
        }
        Self(found)
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many variables there are: a variable that stands twice counts once.
    pub fn count(&self) -> usize {
        self.0.iter().collect::<BTreeSet<_>>().len()
    }

    /// The names in order of first appearance, each once.
    pub fn names(&self) -> Vec<&'t str> {
        let mut names: Vec<&str> = Vec::new();
        for name in &self.0 {
            if !names.contains(name) {
                names.push(name);
            }
        }
        names
    }

    /// How often placeholders stand in the text, repetitions counted.
    pub const fn occurrences(&self) -> usize {
        self.0.len()
    }

    /// Notes what is wrong with numbered placeholders: something else than a number, or numbers that are not 1, 2, … n.
    pub fn check_numbered(&self, path: &Path, faults: &mut Faults) {
        let mut numbers = BTreeSet::new();
        for name in &self.0 {
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
        assert_eq!(rules("{{name}} and {{}} and {{#1}}"), [Rule::PlaceholderForm; 3]);
        assert!(rules("{1} }} {{ open").is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC*") {
            let found = Placeholders::of(&text);
            assert!(found.count() <= found.occurrences());
        }
    }
}
