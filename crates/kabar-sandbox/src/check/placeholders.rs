//! Variables in texts: `{{1}}` or `{{name}}`.

/// The names between the braces, in order of appearance, repeated ones included.
pub(crate) fn names(text: &str) -> Vec<&str> {
    pieces(text).filter_map(|piece| if let Piece::Variable(name) = piece { Some(name) } else { None }).collect()
}

/// The distinct names, in order of first appearance.
pub(crate) fn distinct(text: &str) -> Vec<&str> {
    let mut distinct = Vec::new();
    for name in names(text) {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

/// Whether the variables are the numbers from 1 up without a gap, in any order.
pub(crate) fn numbered_without_gaps(names: &[&str]) -> bool {
    (1..=names.len()).all(|number| names.contains(&number.to_string().as_str()))
}

/// Whether a name is one for a named variable.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_')
}

/// The length in characters of the text with each variable replaced.
pub(crate) fn filled_length<'a>(text: &str, value_of: impl Fn(&str) -> Option<&'a str>) -> usize {
    pieces(text)
        .map(|piece| match piece {
            Piece::Text(text) => text.chars().count(),
            Piece::Variable(name) => value_of(name).map_or(0, |value| value.chars().count()),
        })
        .sum()
}

/// The text with each variable replaced; what is put in is not looked at again.
pub(crate) fn filled(text: &str, value_of: impl Fn(&str) -> String) -> String {
    let value = |piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Variable(name) => value_of(name),
    };
    pieces(text).map(value).collect()
}

/// Whether a variable is the first or the last of the text, white space aside.
pub(crate) fn stand_at_edge(text: &str) -> bool {
    let seen = || pieces(text).filter(|piece| !matches!(piece, Piece::Text(text) if text.trim().is_empty()));
    [seen().next(), seen().last()].iter().any(|piece| matches!(piece, Some(Piece::Variable(_))))
}

/// The text with `stand_in` in the place of each variable.
pub(crate) fn without(text: &str, stand_in: &str) -> String {
    pieces(text).map(|piece| if let Piece::Text(text) = piece { text } else { stand_in }).collect()
}

/// The text with no white space inside its variables, so that it can be split into words.
pub(crate) fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => joined.push_str(text),
            Piece::Variable(name) => {
                joined.push_str("{{");
                joined.extend(name.chars().filter(|char| !char.is_whitespace()));
                joined.push_str("}}");
            }
        }
    }
    joined
}

enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let opening = rest.find("{{");
        let variable = opening.and_then(|start| Some((start, rest.get(start + 2..)?.find("}}")?)));
        match variable {
            None => Some(Piece::Text(std::mem::take(&mut rest))),
            Some((0, length)) => {
                let name = &rest[2..2 + length];
                rest = &rest[length + 4..];
                Some(Piece::Variable(name))
            }
            Some((start, _)) => {
                let (before, after) = rest.split_at(start);
                rest = after;
                Some(Piece::Text(before))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_wherever_they_stand() {
        assert_eq!(names("{{1}} a {{2}}{{1}} b {{name}} {{"), ["1", "2", "1", "name"]);
        // What stands there is the name, blanks and all: such a one is neither a number nor a name.
        assert_eq!(names("{{ 1 }}"), [" 1 "]);
        assert!(!numbered_without_gaps(&names("{{ 1 }}")) && !is_name(" a"));
        assert_eq!(distinct("{{2}} {{1}} {{2}}"), ["2", "1"]);
        assert!(names("no }} variable {{ here").is_empty());
        assert_eq!(names("{{}}"), [""]);
    }

    #[test]
    fn numbering_has_no_gaps() {
        assert!(numbered_without_gaps(&["2", "1"]));
        assert!(numbered_without_gaps(&[]));
        assert!(!numbered_without_gaps(&["1", "3"]));
        assert!(!numbered_without_gaps(&["0"]));
        assert!(!numbered_without_gaps(&["01"]));
    }

    #[test]
    fn a_filled_text_is_counted_in_characters() {
        assert_eq!(filled_length("Hé {{1}}!", |_| Some("wörld")), 9);
    }
}
