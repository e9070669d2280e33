//! Rules of the header.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live, Own};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Header, rule, id, limits)
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::HeaderLength, "header_text_length", "Characters of a header's text")
        .most(60)
        .subcode(2_388_040)
        .from(Documented, "upstream documentation")
        .says(
            "{field} paling panjang {max} karakter, sekarang {got}",
            "{field} must have at most {max} characters, it has {got}",
        ),
    row(Rule::HeaderPlaceholders, "header_variables", "Variables of a header's text")
        .most(1)
        .subcode(2_388_047)
        .from(Documented, "upstream documentation")
        .says("Header paling banyak memuat satu variabel", "A header has at most one variable"),
    row(
        Rule::HeaderShape,
        "header_text_shape",
        "Line breaks, emoji, asterisks and formatting in a header's text: none",
    )
    .subcode(2_388_047)
    .from(Live, "upstream error")
    .says("Header tidak boleh memuat {found}", "A header must not have {found}"),
    row(Rule::FormattingMark, "formatting_mark", "A lone `_`, `~` or backtick in a header or a label")
        .warns()
        .from(Own, "the upstream forbids formatting characters, and does not list them")
        .says(
            "{field} memuat {found}, yang mungkin dianggap tanda pemformatan",
            "{field} has {found}, which may be taken for formatting",
        ),
    row(Rule::HeaderGif, "header_gif", "GIF headers: only sent through the Marketing Messages API")
        .words(&["MARKETING"])
        .warns()
        .from(Documented, "upstream documentation")
        .says(
            "Header GIF hanya dapat dikirim lewat Marketing Messages API, untuk template {words}",
            "A GIF header can only be sent through the Marketing Messages API, by {words} templates",
        ),
    row(Rule::HeaderProductCategory, "header_product_category", "Categories that a PRODUCT header stands at")
        .words(&["MARKETING"])
        .from(Documented, "upstream documentation")
        .says("Header PRODUCT hanya untuk template {words}", "A PRODUCT header is only for {words} templates"),
    row(Rule::HeaderProductButton, "header_product_button", "What a PRODUCT header needs among the buttons")
        .words(&["SPM"])
        .from(Documented, "upstream documentation")
        .says("Header PRODUCT membutuhkan tombol {words}", "A PRODUCT header needs an {words} button"),
    row(
        Rule::HeaderHandle,
        "header_handle",
        "A header's sample: the handle of an upload, or a complete http or https URL",
    )
    .subcode(2_388_084)
    .from(Live, "upstream error")
    .says(
        "{field} harus berupa handle, atau URL http atau https yang lengkap tanpa nama pengguna",
        "{field} must be a handle, or a complete http or https URL without a user name",
    ),
];
