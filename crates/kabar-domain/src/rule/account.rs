//! Rules of the account, and what the upstream itself says.

use crate::rule::Rule;
use crate::rule::row::Confidence::Live;
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Account, rule, id, limits).from(Live, "upstream error")
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::TemplateExists, "template_exists", "Templates with one name and language")
        .most(1)
        .subcode(2_388_024)
        .says(
            "Template dengan nama {name} dan bahasa {language} sudah ada",
            "A template named {name} in the language {language} exists already",
        ),
    row(Rule::NameCategory, "name_category", "Categories of one name over all its languages").most(1).code(100).says(
        "Kategori {got} berbeda dari kategori template {name} dalam bahasa lain, yaitu {want}",
        "The category {got} is not that of the template {name} in other languages, {want}",
    ),
    row(Rule::NameBlocked, "name_blocked", "Days for which a deleted, once approved name and language is not free")
        .most(30)
        .subcode(2_388_023)
        .says(
            "Nama {name} dalam bahasa {language} baru dapat dipakai lagi {max} hari setelah template-nya dihapus",
            "The name {name} in the language {language} is free again {max} days after its template was deleted",
        ),
    row(Rule::RefusedUpstream, "refused_upstream", "What the upstream refuses in its own words")
        .says("Ditolak oleh WhatsApp: {reason}", "WhatsApp refused it: {reason}"),
];
