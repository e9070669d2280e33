//! Rules of variables and their examples.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live, Own};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Variables, rule, id, limits)
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::PlaceholderNumbers, "variables_numbered", "Positional variables: 1, 2, … without a gap, in any order")
        .subcode(2_388_072)
        .from(Documented, "upstream documentation")
        .says(
            "Variabel pada {field} harus bernomor urut mulai {first} tanpa lompatan; ditemukan: {found}",
            "The variables of {field} must be numbered from {first} without gaps; found: {found}",
        ),
    row(Rule::PlaceholderForm, "variables_digits", "What stands in double braces, without `parameter_format` NAMED")
        .from(Documented, "upstream documentation")
        .says(
            "{field} memuat kurung kurawal ganda yang bukan variabel bernomor: {found}",
            "{field} has double braces that are no numbered variable: {found}",
        ),
    row(
        Rule::VariableName,
        "variables_named",
        "Named variables: a lower-case letter, then letters, digits, underscores",
    )
    .from(Documented, "upstream documentation; digits seen accepted")
    .says(
        "{field} memuat nama variabel yang bukan huruf kecil, angka, dan garis bawah: {found}",
        "{field} has a variable's name that is not lower-case letters, digits and underscores: {found}",
    ),
    row(Rule::BracesOpen, "variables_braces", "Double braces that are opened or closed alone")
        .warns()
        .from(Own, "the upstream would take them for text, and nobody means that")
        .says(
            "{field} memuat kurung kurawal ganda yang tidak berpasangan",
            "{field} has double braces without a counterpart",
        ),
    row(Rule::ExampleCount, "examples_count", "Examples: one for each variable, one handle for a media header")
        .subcode(2_388_043)
        .from(Live, "upstream error")
        .says(
            "{field} harus berisi {want} contoh, satu untuk setiap variabel; sekarang {got}",
            "{field} must have {want} examples, one for each variable; it has {got}",
        ),
    row(Rule::ExampleName, "examples_names", "Named examples: each variable once, and nothing else")
        .subcode(2_388_043)
        .from(Documented, "upstream documentation")
        .says(
            "{field}: {found} bukan variabel pada teks, atau sudah memiliki contoh",
            "{field}: {found} is no variable of the text, or has its example already",
        ),
];
