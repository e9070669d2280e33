//! Rules of the footer.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Footer, rule, id, limits)
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::FooterLength, "footer_text_length", "Characters of a footer's text")
        .most(60)
        .subcode(2_388_040)
        .from(Documented, "upstream documentation")
        .says(
            "{field} paling panjang {max} karakter, sekarang {got}",
            "{field} must have at most {max} characters, it has {got}",
        ),
    row(Rule::FooterPlaceholder, "footer_variables", "Variables of a footer's text: none")
        .subcode(2_388_073)
        .from(Documented, "upstream documentation of components; one other page of it says otherwise")
        .says("Footer tidak boleh memuat variabel", "A footer must not have variables"),
    row(Rule::FooterShape, "footer_text_shape", "Line breaks and emoji in a footer's text: none")
        .subcode(2_388_073)
        .from(Live, "upstream error")
        .says("Footer tidak boleh memuat {found}", "A footer must not have {found}"),
];
