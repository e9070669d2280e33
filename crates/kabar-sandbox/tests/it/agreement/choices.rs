//! Choices made from a list of numbers, so that a case that fails can be made smaller.

use serde_json::{Value, json};

/// Numbers by which something is chosen; zeros when they are used up. The first choice of each is the plainest.
pub(super) struct Choices<'n> {
    numbers: &'n [u32],
    next: usize,
}

impl<'n> Choices<'n> {
    pub(super) const fn new(numbers: &'n [u32]) -> Self {
        Self { numbers, next: 0 }
    }

    /// A number below `n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        let number = self.numbers.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        number as usize % n
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub(super) fn char_of(&mut self, all: &str) -> char {
        all.chars().nth(self.below(all.chars().count())).unwrap()
    }

    /// True in so many of a hundred cases.
    pub(super) fn in_percent(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }

    /// Gives an object a field in so many of a hundred cases.
    pub(super) fn perhaps(&mut self, percent: usize, object: &mut Value, key: &str, value: Value) {
        if self.in_percent(percent) {
            object[key] = value;
        }
    }

    /// A word of an enum in one of the letter cases in which it may come.
    pub(super) fn cased(&mut self, word: &str) -> Value {
        match self.below(3) {
            0 => json!(word),
            1 => json!(word.to_ascii_lowercase()),
            _ => json!(format!("{}{}", &word[..1], word[1..].to_ascii_lowercase())),
        }
    }
}
