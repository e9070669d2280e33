//! Rules of a template as a whole.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live, Own};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Template, rule, id, limits)
}

const RANGE_INDONESIAN: &str = "{field} harus antara {min} dan {max} detik";
const RANGE_ENGLISH: &str = "{field} must be between {min} and {max} seconds";

pub(super) const ROWS: &[Row] = &[
    row(Rule::NameLength, "name_length", "Characters of `name`")
        .most(512)
        .subcode(2_388_046)
        .from(Documented, "upstream documentation")
        .says(
            "{field} paling panjang {max} karakter, sekarang {got}",
            "{field} must have at most {max} characters, it has {got}",
        ),
    row(Rule::TemplateName, "name_form", "`name`: lower-case words and digits with single underscores between them")
        .subcode(2_388_046)
        .from(Live, "Unswer page; upstream error")
        .says(
            "{field} harus dalam format snake_case: huruf kecil, angka, dan garis bawah",
            "{field} must be in snake_case: lower-case letters, digits and underscores",
        ),
    row(Rule::SampleName, "name_sample", "Names of the upstream's sample templates")
        .subcode(2_388_155)
        .from(Live, "upstream error")
        .says("Nama {name} dipakai oleh template contoh", "The name {name} belongs to a sample template"),
    row(Rule::UnknownLanguage, "language", "Languages")
        .subcode(2_388_049)
        .from(Documented, "upstream documentation, list of languages")
        .says(
            "{field} bukan kode bahasa yang dikenal, misalnya id atau en_US",
            "{field} is not a known language code such as id or en_US",
        ),
    row(Rule::TtlCategory, "ttl_category", "Categories that `ttl` stands at; `message_send_ttl_seconds` stands at all")
        .words(&["AUTHENTICATION"])
        .from(Documented, "Unswer page, field table")
        .says("{field} hanya untuk template {words}", "{field} is only for {words} templates"),
    row(Rule::TtlAuthentication, "ttl_authentication", "Seconds of trying to deliver a login code, or -1 for 30 days")
        .between(30, 900)
        .from(Documented, "upstream documentation")
        .says(RANGE_INDONESIAN, RANGE_ENGLISH),
    row(Rule::TtlUtility, "ttl_utility", "Seconds of trying to deliver a utility message, or -1 for 30 days")
        .between(30, 43_200)
        .from(Documented, "upstream documentation")
        .says(RANGE_INDONESIAN, RANGE_ENGLISH),
    row(Rule::TtlMarketing, "ttl_marketing", "Seconds of trying to deliver a marketing message")
        .between(43_200, 2_592_000)
        .from(Documented, "upstream documentation")
        .says(RANGE_INDONESIAN, RANGE_ENGLISH),
    row(Rule::SubCategory, "sub_category_order_status", "The category of an ORDER_STATUS template")
        .words(&["UTILITY"])
        .warns()
        .from(Documented, "upstream documentation, by its only example")
        .says("{field} {got} biasanya untuk template {words}", "{field} {got} is meant for {words} templates"),
    row(Rule::ComponentTwice, "component_twice", "Components of one type")
        .most(1)
        .from(Documented, "upstream documentation")
        .says("Komponen {component} hanya boleh satu", "There may be only one {component} component"),
    row(Rule::BodyMissing, "body_missing", "BODY components")
        .between(1, 1)
        .subcode(2_388_043)
        .from(Documented, "upstream documentation; the error by its title")
        .says("Komponen BODY wajib ada", "A BODY component is required"),
    row(Rule::GreetingLength, "greeting_text_length", "Characters of a GREETING's text")
        .most(1024)
        .from(Own, "the upstream names GREETING without a shape; as long as a body")
        .says(
            "{field} paling panjang {max} karakter, sekarang {got}",
            "{field} must have at most {max} characters, it has {got}",
        ),
];
