//! What a text with variables needs, and how long it gets when they are filled.

use std::fmt;

use crate::rule::Rule;
use crate::template::placeholder::Placeholders;

/// What a text with variables needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextNeed {
    /// In the order in which values come.
    variables: Vec<Variable>,
    /// Characters beside the variables.
    fixed: usize,
    /// How long one value may be.
    value_limit: Rule,
    /// How long the whole text may be.
    limit: Rule,
}

/// A variable of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    name: VariableName,
    /// How often it stands in the text.
    uses: usize,
}

/// By what a variable is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum VariableName {
    /// By its number, from 1: its value is known by its place.
    Number(usize),
    /// By a name, which its value must carry.
    Name(String),
}

impl fmt::Display for VariableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl Variable {
    /// By what it is known.
    pub const fn name(&self) -> &VariableName {
        &self.name
    }

    /// How often it stands in the text, at least once.
    pub const fn uses(&self) -> usize {
        self.uses
    }
}

impl TextNeed {
    /// Of a text that may be as long as `limit` says, with its values in it.
    pub(super) fn of(text: &str, limit: Rule) -> Self {
        let placeholders = Placeholders::of(text);
        let fixed = placeholders.beside().iter().map(|piece| piece.chars().count()).sum();
        let mut variables: Vec<Variable> = Vec::new();
        for written in placeholders.all() {
            let name = match written.parse() {
                Ok(number) if written.bytes().all(|b| b.is_ascii_digit()) => VariableName::Number(number),
                Ok(_) | Err(_) => VariableName::Name((*written).to_owned()),
            };
            match variables.iter_mut().find(|variable| variable.name == name) {
                Some(variable) => variable.uses += 1,
                None => variables.push(Variable { name, uses: 1 }),
            }
        }
        // Names keep the order in which they stand in the text; numbers say their order themselves.
        if variables.iter().all(|variable| matches!(variable.name, VariableName::Number(_))) {
            variables.sort_by(|one, other| one.name.cmp(&other.name));
        }
        Self { variables, fixed, value_limit: limit, limit }
    }

    /// Of the text of a login code, which is the upstream's own, in whichever language; it is short, and so is a code.
    pub(super) fn login_code(text: Option<&str>) -> Self {
        let listed = text.map(|text| Self::of(text, Rule::BodyLength).variables);
        let variables = listed.unwrap_or_else(|| vec![Variable { name: VariableName::Number(1), uses: 1 }]);
        Self { variables, fixed: 0, value_limit: Rule::CodeLength, limit: Rule::BodyLength }
    }

    /// The variables, in the order in which values without names are put to them.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Whether values must carry the names of their variables.
    pub fn is_named(&self) -> bool {
        self.variables.iter().any(|variable| matches!(variable.name, VariableName::Name(_)))
    }

    /// The rule that says how long one value may be.
    pub const fn value_limit(&self) -> Rule {
        self.value_limit
    }

    /// The rule that says how long the text may be with its values in it.
    pub const fn limit(&self) -> Rule {
        self.limit
    }

    /// The most characters that the value of the variable at a place can have: as many as there is room for where every
    /// other value has one.
    pub fn longest(&self, place: usize) -> usize {
        let Some(variable) = self.variables.get(place) else { return 0 };
        let uses: usize = self.variables.iter().map(|variable| variable.uses).sum();
        let room = self.limit.max().saturating_sub(self.fixed + uses - variable.uses);
        (room / variable.uses).min(self.value_limit.max())
    }

    /// The length in characters with values of these lengths, in the order of the variables.
    pub(super) fn length_with(&self, lengths: impl Iterator<Item = usize>) -> usize {
        let filled: usize =
            self.variables.iter().zip(lengths).map(|(variable, length)| variable.uses.saturating_mul(length)).sum();
        self.fixed + filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length_with(text: &TextNeed, values: &[&str]) -> usize {
        text.length_with(values.iter().map(|value| value.chars().count()))
    }

    #[test]
    fn a_text_is_as_long_as_what_is_seen() {
        let text = TextNeed::of("Halo {{2}}, {{1}} dan {{1}} lagi.", Rule::BodyLength);
        assert_eq!(length_with(&text, &["ab", "Bú"]), "Halo Bú, ab dan ab lagi.".chars().count());
        assert_eq!(length_with(&TextNeed::of("Halo", Rule::BodyLength), &[]), 4);
        assert_eq!(length_with(&TextNeed::login_code(None), &["x"]), 1);
        let named = TextNeed::of("{{kota}} {{nama}} {{kota}}", Rule::BodyLength);
        assert_eq!(length_with(&named, &["ab", "c"]), 7);
    }

    #[test]
    fn variables_come_in_the_order_of_their_values() {
        let names = |text: &str| -> Vec<String> {
            let need = TextNeed::of(text, Rule::BodyLength);
            need.variables().iter().map(|variable| variable.name().to_string()).collect()
        };
        assert_eq!(names("{{2}} {{10}} {{1}} {{2}}"), ["1", "2", "10"]);
        assert_eq!(names("{{nama}} {{ kota }} {{nama}}"), ["nama", "kota"]);
        assert!(!TextNeed::of("{{1}}", Rule::BodyLength).is_named());
        assert!(TextNeed::of("{{n1}}", Rule::BodyLength).is_named());
    }

    #[test]
    fn the_longest_value_is_the_one_that_fits_beside_the_shortest() {
        let text = TextNeed::of(&format!("{} {{{{1}}}} {{{{2}}}} {{{{2}}}}", "x".repeat(1000)), Rule::BodyLength);
        assert_eq!((text.longest(0), text.longest(1), text.longest(2)), (19, 10, 0));
        assert_eq!(length_with(&text, &["a", &"b".repeat(10)]), 1024);
        assert_eq!(TextNeed::login_code(None).longest(0), 15);
        let tight = TextNeed::of(&format!("{}{{{{1}}}}", "x".repeat(60)), Rule::HeaderLength);
        assert_eq!(tight.longest(0), 0);
    }
}
