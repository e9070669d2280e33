//! The page of rules, made from the table.

use std::fmt::Write as _;

use crate::language::LanguageCode;
use crate::rule::row::{Row, Severity, Topic};
use crate::rule::{Rule, TABLE};

/// The page of all rules that WhatsApp has to do with, in Markdown: a table for each topic, in the order of the table.
pub fn document() -> String {
    let mut page = String::from(INTRODUCTION);
    for topic in Topic::ALL.into_iter().filter(|topic| *topic != Topic::Callbacks) {
        page.push_str("\n## ");
        page.push_str(topic.title());
        page.push_str(HEAD);
        for row in TABLE.iter().filter(|row| row.topic == topic) {
            push_row(&mut page, row);
        }
        if topic == Topic::Template {
            push_languages(&mut page);
        }
    }
    page
}

const INTRODUCTION: &str = "\
# The rules of templates

What Kabar checks before anything reaches WhatsApp, all faults at once. This page is made from the table in
`crates/kabar-domain/src/rule.rs`; `KABAR_RENEW=1 cargo test -p kabar-domain rules_document` writes it anew.

A *warning* refuses nothing: sources contradict each other there, or WhatsApp was not seen to refuse it. *Upstream* is the
`code`/`error_subcode` that WhatsApp answers with where that is known. How sure a rule is: `doc` stands in documentation, `live` was
seen in published answers of WhatsApp, `third-party` is said by others only, `own` is Kabar's choice or follows from other rules.
Braces in sentences are filled in.
";

const HEAD: &str =
    "\n\n| rule | what | figure | upstream | source | sentence |\n| --- | --- | --- | --- | --- | --- |\n";

fn push_row(page: &mut String, row: &Row) {
    let warning = if row.severity == Severity::Warned { " (warning)" } else { "" };
    let upstream = match row.upstream {
        None => String::new(),
        Some(error) => match error.subcode {
            None => error.code.to_string(),
            Some(subcode) => format!("{}/{subcode}", error.code),
        },
    };
    let (limits, figure) = (cell(row.limits), figure_of(row));
    let (id, source, confidence, english) = (row.id, cell(row.source), row.confidence.as_str(), cell(row.english));
    let line =
        writeln!(page, "| `{id}`{warning} | {limits} | {figure} | {upstream} | {confidence}: {source} | {english} |");
    line.expect("writing to a text cannot fail");
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The figures of a row as people write them.
fn figure_of(row: &Row) -> String {
    let words: Vec<String> = row.words.iter().map(|word| format!("`{word}`")).collect();
    let number = match (row.per, row.min, row.max) {
        (Some(per), min, _) => format!("≥ {per} × n + {}", min.unwrap_or_default()),
        (None, Some(min), Some(max)) if min == max => grouped(min),
        (None, Some(min), Some(u32::MAX) | None) => format!("≥ {}", grouped(min)),
        (None, Some(min), Some(max)) => format!("{} to {}", grouped(min), grouped(max)),
        (None, None, Some(max)) => format!("≤ {}", grouped(max)),
        (None, None, None) => String::new(),
    };
    if number.is_empty() { words.join(", ") } else { [vec![number], words].concat().join(", ") }
}

/// A number with commas between its thousands.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn push_languages(page: &mut String) {
    let codes: Vec<String> = LanguageCode::all().map(|code| format!("`{code}`")).collect();
    let id = Rule::UnknownLanguage.id();
    let line = writeln!(page, "\nThe {} codes of `{id}`: {}.", codes.len(), codes.join(", "));
    line.expect("writing to a text cannot fail");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn rules_document_is_up_to_date() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/template-rules.md");
        let page = document();
        if std::env::var_os("KABAR_RENEW").is_some() {
            std::fs::write(&file, &page).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(kept == page, "renew it: KABAR_RENEW=1 cargo test -p kabar-domain rules_document");
    }

    #[test]
    fn figures_are_written_as_people_write_them() {
        assert_eq!(figure_of(Rule::BodyLength.row()), "≤ 1,024");
        assert_eq!(figure_of(Rule::TtlMarketing.row()), "43,200 to 2,592,000");
        assert_eq!(figure_of(Rule::BodyRatio.row()), "≥ 2 × n + 1");
        assert_eq!(figure_of(Rule::SignatureHash.row()), "11");
        assert_eq!(figure_of(Rule::PackageName.row()), "≥ 2");
        assert_eq!(figure_of(Rule::UrlWhatsApp.row()), "`wa.me`, `whatsapp.com`");
    }
}
