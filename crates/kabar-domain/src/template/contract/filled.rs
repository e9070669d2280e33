//! How long a text gets when its variables are filled.

use crate::template::placeholder::Placeholders;

/// The measure of a text with numbered variables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Filled {
    /// Characters beside the variables.
    fixed: usize,
    /// How often each variable stands in the text, by its number from 1.
    uses: Vec<usize>,
}

impl Filled {
    pub(super) fn of(text: &str) -> Self {
        let placeholders = Placeholders::of(text);
        let fixed = placeholders.beside().iter().map(|piece| piece.chars().count()).sum();
        let mut uses = Vec::new();
        for name in placeholders.all() {
            // Variables with names are filled by no dialect, and are not measured.
            let Some(number) = name.parse::<usize>().ok().filter(|number| (1..=1000).contains(number)) else {
                continue;
            };
            if uses.len() < number {
                uses.resize(number, 0);
            }
            uses[number - 1] += 1;
        }
        Self { fixed, uses }
    }

    /// The length in characters with these values, in the order of the variables.
    pub(super) fn length_with(&self, values: &[&str]) -> usize {
        let filled: usize = self.uses.iter().zip(values).map(|(uses, value)| uses * value.chars().count()).sum();
        self.fixed + filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_as_long_as_what_is_seen() {
        let text = Filled::of("Halo {{2}}, {{1}} dan {{1}} lagi.");
        assert_eq!(text.length_with(&["ab", "Bú"]), "Halo Bú, ab dan ab lagi.".chars().count());
        assert_eq!(Filled::of("Halo").length_with(&[]), 4);
        assert_eq!(Filled::default().length_with(&["x"]), 0);
    }
}
