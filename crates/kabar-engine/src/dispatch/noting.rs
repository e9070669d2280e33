//! Notes of outcomes that are not the plain one, for whoever asks later what became of a message.

use kabar_domain::message::{Answer, Note, NoteKind};
use kabar_store::ledger::{Begun, Noted, Outcome, Verdict};
use serde_json::Value;

/// An outcome with what is noted of it.
pub(super) fn noted(outcome: Outcome, message: &Begun, noted: Option<(NoteKind, Answer)>) -> Noted {
    let note = noted.map(|(kind, mut answer)| {
        answer.text = answer.text.map(|text| blanked(&text, &message.components));
        let due = match &outcome.verdict {
            Verdict::Later { due } | Verdict::NotYet { due } => Some(*due).filter(|due| *due > outcome.at),
            Verdict::InDoubt { until } => Some(*until),
            Verdict::Submitted { .. } | Verdict::Held { .. } | Verdict::Ended { .. } => None,
        };
        let is_over = matches!(outcome.verdict, Verdict::Ended { .. });
        let kind = if is_over && kind == NoteKind::RefusedForNow { NoteKind::Refused } else { kind };
        Box::new(Note { kind, attempt: message.attempt, at: outcome.at, due, answer })
    });
    Noted { outcome, note }
}

/// A text of the upstream without the values of the message that it may quote.
fn blanked(text: &str, components: &str) -> String {
    let mut values = Vec::new();
    if let Ok(components) = serde_json::from_str(components) {
        collect(&components, &mut values);
    }
    // Of two values of which one is within the other, the longer goes first.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    values.into_iter().fold(text.to_owned(), |text, value| without(&text, &value))
}

/// Every text and number among the parameters, but for the words of the wire itself.
fn collect(node: &Value, values: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            for (key, value) in fields {
                if !matches!(key.as_str(), "type" | "sub_type" | "index" | "parameter_name") {
                    collect(value, values);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        Value::String(text) if !text.trim().is_empty() => values.push(text.clone()),
        Value::Number(number) => values.push(number.to_string()),
        Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// Blanks a value out where it stands by itself, and not within a word.
fn without(text: &str, value: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let (before, after) = (&rest[..at], &rest[at + value.len()..]);
        let is_within = |neighbour: Option<char>, edge: Option<char>| {
            neighbour.is_some_and(char::is_alphanumeric) && edge.is_some_and(char::is_alphanumeric)
        };
        let joined = is_within(before.chars().next_back(), value.chars().next())
            || is_within(after.chars().next(), value.chars().next_back());
        kept.push_str(before);
        kept.push_str(if joined { value } else { "…" });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_quotes_no_value() {
        let components = r#"[{"type":"body","parameters":[{"type":"text","text":"Sari Dewi"},{"type":"text","text":"7"}]},
            {"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"123456"}]}]"#;
        for (said, expected) in [
            ("body: 'Sari Dewi' is not valid", "body: '…' is not valid"),
            ("the text 123456 is too long, Sari Dewi", "the text … is too long, …"),
            ("(#132000) expected 7 parameters, got 17", "(#132000) expected … parameters, got 17"),
            ("the type body of the button at index 0", "the type body of the button at index 0"),
        ] {
            assert_eq!(blanked(said, components), expected);
        }
        assert_eq!(blanked("as it is", "no JSON"), "as it is");
    }
}
