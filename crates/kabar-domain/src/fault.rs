//! What is wrong with a request: every fault with its path, its rule and the rule's arguments.
//!
//! Sentences are made from faults at the edge, by [`crate::catalogue`]; nothing here is meant to be read by a person.

use std::borrow::Cow;
use std::fmt;

use crate::rule::Rule;

/// One step into a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into an object, by key.
    Key(Cow<'static, str>),
    /// Into an array, by position from 0.
    Index(usize),
}

/// A place in a JSON document, from its root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Path(Vec<Step>);

impl Path {
    /// The document itself.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The value of `key` in the object at this path.
    #[must_use]
    pub fn key(&self, key: impl Into<Cow<'static, str>>) -> Self {
        self.then(Step::Key(key.into()))
    }

    /// The element at `index` of the array at this path.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The key nearest to the end: the name of the field that is at this path, or that this path is in.
    pub fn field(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_ref()),
            Step::Index(_) => None,
        })
    }

    /// With dots alone: `components.0.buttons.1.url`.
    pub fn dotted(&self) -> String {
        let steps: Vec<String> = self
            .0
            .iter()
            .map(|step| match step {
                Step::Key(key) => key.to_string(),
                Step::Index(index) => index.to_string(),
            })
            .collect();
        steps.join(".")
    }
}

/// With brackets around positions: `components[0].buttons[1].url`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if place == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub path: Path,
    /// Which rule does not hold there.
    pub rule: Rule,
    /// The rule's arguments by name, such as `max`; the sentences of the catalogue name the same.
    pub args: Vec<(&'static str, String)>,
}

impl Fault {
    /// A fault whose rule has no arguments, or none yet.
    pub const fn new(path: Path, rule: Rule) -> Self {
        Self { path, rule, args: Vec::new() }
    }

    /// The same fault with one more argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
}

/// All that is wrong, in the order in which it was found. As an error it holds at least one fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Nothing wrong yet.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Notes one more.
    pub fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Notes all of the others, after those that are noted already.
    pub fn append(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Whether nothing is wrong.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// What refuses a request, and what only warns, each in the order in which it was found.
    pub fn split(self) -> (Self, Self) {
        let (warnings, faults) = self.0.into_iter().partition(|fault| fault.rule.is_warning());
        (Self(faults), Self(warnings))
    }

    /// The faults, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    /// `value` if nothing is wrong, and all the faults otherwise.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// For logs: the paths and rules, without any value of the request.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{}: {:?}", fault.path, fault.rule)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_in_both_spellings() {
        let path = Path::root().key("components").index(0).key("buttons").index(12).key("url");
        assert_eq!(path.dotted(), "components.0.buttons.12.url");
        assert_eq!(path.to_string(), "components[0].buttons[12].url");
        assert_eq!(path.field(), Some("url"));
        assert_eq!(Path::root().key("body_text").index(0).index(1).field(), Some("body_text"));
        assert_eq!(Path::root().to_string(), "");
    }
}
