//! Rules of any document.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live, Own};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Document, rule, id, limits)
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::Required, "required", "Fields that must be there")
        .subcode(2_388_043)
        .from(Live, "Unswer page, field table; upstream error")
        .says("{field} wajib diisi", "{field} is required"),
    row(Rule::Empty, "empty", "Texts that must not be blank")
        .subcode(2_388_043)
        .from(Live, "upstream errors; 131008 when sending")
        .says("{field} tidak boleh kosong", "{field} must not be empty"),
    row(Rule::WrongType, "wrong_type", "The JSON type of a field")
        .code(100)
        .from(Documented, "Unswer page, sample error")
        .says("{field} harus ber-tipe data {type}", "{field} must be of type {type}"),
    row(Rule::NotOneOf, "not_one_of", "Words that are known; letter case does not count")
        .code(100)
        .from(Live, "Unswer page, field table; upstream reference")
        .says("{field} harus salah satu dari: {choices}", "{field} must be one of: {choices}"),
    row(Rule::TooLong, "too_long", "Characters of a value that is sent, by where it goes")
        .code(132_005)
        .from(Live, "upstream error")
        .says(
            "{field} paling panjang {max} karakter, sekarang {got}",
            "{field} must have at most {max} characters, it has {got}",
        ),
    row(Rule::EmptyList, "empty_list", "Lists that need an element")
        .subcode(2_388_043)
        .from(Own, "follows from what the list is for")
        .says("{field} harus berisi setidaknya satu", "{field} must have at least one element"),
    row(Rule::OnlyOneOf, "only_one_of", "Fields that exclude each other")
        .from(Documented, "upstream documentation: flow buttons")
        .says("Hanya salah satu yang boleh diisi: {choices}", "Only one of these may be given: {choices}"),
    row(Rule::UnexpectedField, "unexpected_field", "Fields of a component or a button that the upstream does not know")
        .subcode(2_388_042)
        .from(Live, "upstream error")
        .says("{part} tidak punya isian bernama {key}", "{part} has no field named {key}"),
];
