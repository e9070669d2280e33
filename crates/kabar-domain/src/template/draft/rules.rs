//! Every row of the table of rules has a request that keeps it and one that breaks it. The figures stand here once more,
//! so that a wrong one in the table is found.

use serde_json::{Value, json};

use crate::rule::{Rule, TABLE, Topic};
use crate::template::draft::Draft;

mod buttons;
mod cards;
mod others;
mod requests;
mod samples;
mod sending;
mod texts;

/// A rule, what is noted about a request that keeps it, and about one that breaks it.
struct Case {
    rule: Rule,
    keeps: Vec<Rule>,
    breaks: Vec<Rule>,
}

/// A case of two templates to be created.
fn created(rule: Rule, keeps: &Value, breaks: &Value) -> Case {
    Case { rule, keeps: noted(keeps), breaks: noted(breaks) }
}

/// What is noted about a template, warnings included.
fn noted(body: &Value) -> Vec<Rule> {
    let noted = match Draft::parse(body) {
        Ok(draft) => draft.warnings,
        Err(faults) => faults,
    };
    noted.iter().map(|fault| fault.rule).collect()
}

/// Rules that no request breaks by itself: somebody has to be called to see it. Whole-program tests break them.
const FOUND_BY_CALLING: [Rule; 8] = [
    Rule::RefusedUpstream,
    Rule::SampleAddress,
    Rule::SampleHost,
    Rule::SampleConnection,
    Rule::SampleTime,
    Rule::SampleStatus,
    Rule::SampleRedirects,
    Rule::SampleNotConfigured,
];

#[test]
fn every_row_of_the_table_has_a_case_that_keeps_it_and_one_that_breaks_it() {
    let cases: Vec<Case> = [
        texts::cases(),
        buttons::cases(),
        cards::cases(),
        samples::cases(),
        others::cases(),
        requests::cases(),
        sending::cases(),
    ]
    .into_iter()
    .flatten()
    .collect();
    // The cases of callbacks are where callbacks are read.
    let of_templates = TABLE.iter().filter(|row| row.topic != Topic::Callbacks);
    for row in of_templates.filter(|row| !FOUND_BY_CALLING.contains(&row.rule)) {
        assert!(cases.iter().any(|case| case.rule == row.rule), "{:?} has no case", row.rule);
    }
    for case in &cases {
        assert!(case.keeps.is_empty(), "{:?} is kept, and this is noted: {:?}", case.rule, case.keeps);
        assert!(case.breaks.contains(&case.rule), "{:?} is broken, and this is noted: {:?}", case.rule, case.breaks);
    }
}

#[test]
fn only_what_warns_lets_a_template_pass() {
    let warned = utility(json!([body("Halo, nomor pesanan Anda sekarang adalah {{1}}.", &["INV-1"])]));
    let draft = Draft::parse(&warned).unwrap();
    assert_eq!(draft.warnings.iter().map(|fault| fault.rule).collect::<Vec<_>>(), [Rule::BodyEdgesClose]);
    let refused = utility(json!([body("Halo, nomor pesanan Anda sekarang adalah {{1}}.", &[])]));
    let faults = Draft::parse(&refused).unwrap_err();
    assert!(faults.iter().all(|fault| !fault.rule.is_warning()), "{faults}");
}

fn template(category: &str, components: Value) -> Value {
    let mut template = json!({ "name": "kabar", "category": category, "language": "id" });
    template["components"] = components;
    template
}

fn utility(components: Value) -> Value {
    template("UTILITY", components)
}

fn marketing(components: Value) -> Value {
    template("MARKETING", components)
}

fn body(text: &str, examples: &[&str]) -> Value {
    if examples.is_empty() {
        json!({ "type": "BODY", "text": text })
    } else {
        json!({ "type": "BODY", "text": text, "example": { "body_text": [examples] } })
    }
}

fn plain() -> Value {
    body("Toko kami buka lagi besok pagi.", &[])
}

fn media(format: &str) -> Value {
    json!({ "type": "HEADER", "format": format, "example": { "header_handle": ["4::aW1hZ2U="] } })
}

fn buttons(buttons: Value) -> Value {
    let mut component = json!({ "type": "BUTTONS" });
    component["buttons"] = buttons;
    component
}

/// A template with these buttons.
fn with_buttons(list: Value) -> Value {
    utility(json!([plain(), buttons(list)]))
}

fn reply(text: &str) -> Value {
    json!({ "type": "QUICK_REPLY", "text": text })
}

fn link() -> Value {
    json!({ "type": "URL", "text": "Buka", "url": "https://toko.example/" })
}

fn product_header() -> Value {
    json!({ "type": "HEADER", "format": "PRODUCT" })
}

fn spm() -> Value {
    json!({ "type": "SPM", "text": "View" })
}
