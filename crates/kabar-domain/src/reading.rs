//! Reading a JSON document so that every fault of it is found in one go.
//!
//! A [`Node`] is a value and its path. Each of its readers gives the value that was asked for, or notes why it cannot
//! and gives nothing, and the caller goes on with the next.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::fault::{Fault, Faults, Path};
use crate::rule::Rule;

/// A value of a document, and where it stands.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    value: &'a Value,
    path: Path,
}

/// An object of a document, and where it stands.
#[derive(Debug, Clone)]
pub struct ObjectNode<'a> {
    map: &'a Map<String, Value>,
    path: Path,
}

impl<'a> Node<'a> {
    /// A document.
    pub const fn root(value: &'a Value) -> Self {
        Self { value, path: Path::root() }
    }

    /// The value at `path`.
    pub const fn at(value: &'a Value, path: Path) -> Self {
        Self { value, path }
    }

    /// The value as it came.
    pub const fn value(&self) -> &'a Value {
        self.value
    }

    /// Where it stands.
    pub const fn path(&self) -> &Path {
        &self.path
    }

    /// Notes that a rule does not hold here.
    pub fn fault(&self, rule: Rule) -> Fault {
        Fault::new(self.path.clone(), rule)
    }

    fn wrong_type(&self, wanted: &'static str, faults: &mut Faults) {
        faults.push(self.fault(Rule::WrongType).with("type", wanted));
    }

    /// The text here.
    pub fn string(&self, faults: &mut Faults) -> Option<&'a str> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong_type("string", faults);
        }
        text
    }

    /// The text here, which must not be blank.
    pub fn text(&self, faults: &mut Faults) -> Option<&'a str> {
        let text = self.string(faults)?;
        if text.trim().is_empty() {
            faults.push(self.fault(Rule::Empty));
            return None;
        }
        Some(text)
    }

    /// `true` or `false`.
    pub fn boolean(&self, faults: &mut Faults) -> Option<bool> {
        let flag = self.value.as_bool();
        if flag.is_none() {
            self.wrong_type("boolean", faults);
        }
        flag
    }

    /// The whole number here, not below zero.
    pub fn count(&self, faults: &mut Faults) -> Option<u64> {
        let number = self.value.as_u64();
        if number.is_none() {
            self.wrong_type("number", faults);
        }
        number
    }

    /// The object here.
    pub fn object(&self, faults: &mut Faults) -> Option<ObjectNode<'a>> {
        let Some(map) = self.value.as_object() else {
            self.wrong_type("object", faults);
            return None;
        };
        Some(ObjectNode { map, path: self.path.clone() })
    }

    /// The elements of the array here.
    pub fn array(&self, faults: &mut Faults) -> Option<Vec<Self>> {
        let Some(elements) = self.value.as_array() else {
            self.wrong_type("array", faults);
            return None;
        };
        Some(self.elements(elements))
    }

    /// The elements of the array here, or the object here as the only one.
    pub fn array_or_one(&self, faults: &mut Faults) -> Option<Vec<Self>> {
        match self.value {
            Value::Object(_) => Some(vec![self.clone()]),
            Value::Array(elements) => Some(self.elements(elements)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.wrong_type("array", faults);
                None
            }
        }
    }

    fn elements(&self, elements: &'a [Value]) -> Vec<Self> {
        elements.iter().enumerate().map(|(index, value)| Self { value, path: self.path.index(index) }).collect()
    }
}

impl<'a> ObjectNode<'a> {
    /// Where the object stands.
    pub const fn path(&self) -> &Path {
        &self.path
    }

    /// The object as it came.
    pub const fn map(&self) -> &'a Map<String, Value> {
        self.map
    }

    /// Notes that a rule does not hold for the object, or for its field `key`.
    pub fn fault(&self, key: &'static str, rule: Rule) -> Fault {
        Fault::new(self.path.key(key), rule)
    }

    /// The field, if it is there and not `null`.
    pub fn optional(&self, key: impl Into<Cow<'static, str>>) -> Option<Node<'a>> {
        let key = key.into();
        match self.map.get(key.as_ref()) {
            None | Some(Value::Null) => None,
            Some(value) => Some(Node { value, path: self.path.key(key) }),
        }
    }

    /// The field, which must be there.
    pub fn required(&self, key: &'static str, faults: &mut Faults) -> Option<Node<'a>> {
        let node = self.optional(key);
        if node.is_none() {
            faults.push(self.fault(key, Rule::Required));
        }
        node
    }

    /// Notes every field that is not one of `known`, for a part of the document that people call `part`.
    pub fn only(&self, part: &str, known: &[&str], faults: &mut Faults) {
        for (key, value) in self.map {
            if !value.is_null() && !known.contains(&key.as_str()) {
                let fault = Fault::new(self.path.key(key.clone()), Rule::UnexpectedField);
                faults.push(fault.with("part", part));
            }
        }
    }

    /// The text of a field which must be there and not blank.
    pub fn required_text(&self, key: &'static str, faults: &mut Faults) -> Option<&'a str> {
        self.required(key, faults)?.text(faults)
    }
}

/// One of a few words, in any letter case where `any_case` says so; another word is noted with all that would do.
pub fn one_of<T: Copy>(
    node: &Node<'_>,
    choices: &[(&'static str, T)],
    any_case: bool,
    faults: &mut Faults,
) -> Option<T> {
    let text = node.string(faults)?;
    let found = choices
        .iter()
        .find(|(word, _)| if any_case { word.eq_ignore_ascii_case(text) } else { *word == text })
        .map(|(_, choice)| *choice);
    if found.is_none() {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        faults.push(node.fault(Rule::NotOneOf).with("choices", words.join(", ")));
    }
    found
}
