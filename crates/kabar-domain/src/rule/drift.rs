//! What is told of a send by a template that has turned; what becomes of it the app's drift guard says.

use crate::rule::Rule;
use crate::rule::row::Confidence::Documented;
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Drift, rule, id, limits).warns().from(Documented, "upstream documentation")
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::DriftMarketing, "drift_marketing", "Templates that the app asked for in another category").says(
        "Template ini sekarang berkategori MARKETING, bukan {asked} seperti yang diminta",
        "The template is MARKETING now, not {asked} as was asked for",
    ),
    row(Rule::DriftPaused, "drift_paused", "Templates that are paused for their quality")
        .code(132_015)
        .says("Template ini sedang dijeda oleh WhatsApp", "The template is paused by WhatsApp"),
    row(Rule::DriftRed, "drift_red", "Templates whose quality is red")
        .says("Kualitas template ini dinilai RED oleh WhatsApp", "WhatsApp scores the quality of the template RED"),
];
