//! Rules of the body.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live, Own, ThirdParty};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Body, rule, id, limits)
}

const LONG_INDONESIAN: &str = "{field} paling panjang {max} karakter, sekarang {got}";
const LONG_ENGLISH: &str = "{field} must have at most {max} characters, it has {got}";

pub(super) const ROWS: &[Row] = &[
    row(Rule::BodyLength, "body_text_length", "Characters of a body's text")
        .most(1024)
        .subcode(2_388_040)
        .from(Documented, "upstream documentation")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::BodyLengthOffer, "body_text_length_offer", "Characters of a body's text beside a limited-time offer")
        .most(600)
        .subcode(2_388_040)
        .from(Documented, "upstream documentation")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::BodyLengthCard, "body_text_length_card", "Characters of a body's text in a card, or below a product")
        .most(160)
        .subcode(2_388_040)
        .from(Documented, "upstream documentation")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::BodyNewlines, "body_newlines", "Line breaks that follow each other")
        .most(2)
        .subcode(2_388_072)
        .from(Live, "upstream error")
        .says(
            "{field} paling banyak memuat {max} baris baru berurutan, sekarang {got}",
            "{field} must have at most {max} line breaks in a row, it has {got}",
        ),
    row(Rule::BodyOnlyVariables, "body_only_variables", "A body that is nothing but variables")
        .subcode(2_388_072)
        .from(Live, "upstream error")
        .says("{field} tidak boleh hanya berisi variabel", "{field} must not be made of variables alone"),
    row(Rule::BodyEmoji, "body_emoji", "Emoji")
        .most(10)
        .subcode(2_388_072)
        .from(Live, "upstream error")
        .says("{field} paling banyak memuat {max} emoji, sekarang {got}", "{field} must have at most {max} emoji, it has {got}"),
    row(Rule::BodyRatio, "body_words_ratio", "Words beside n variables")
        .per(2, 1)
        .subcode(2_388_293)
        .from(ThirdParty, "four measurements that agree; the upstream publishes no figure")
        .says(
            "{field} terlalu pendek untuk {variables} variabel: dibutuhkan setidaknya {want} kata di luar variabel, sekarang {got}",
            "{field} is too short for {variables} variable(s): it needs at least {want} words beside them, it has {got}",
        ),
    row(Rule::BodyRatioClose, "body_words_ratio_close", "Words beside n variables, when lone punctuation is no word")
        .per(2, 1)
        .warns()
        .subcode(2_388_293)
        .from(Own, "the vendor's own example has fewer words, and is taken")
        .says(
            "{field} mungkin terlalu pendek untuk {variables} variabel: dianjurkan setidaknya {want} kata di luar variabel, sekarang {got}",
            "{field} may be too short for {variables} variable(s): at least {want} words beside them are safe, it has {got}",
        ),
    row(Rule::BodyEdges, "body_edges", "A variable at the very start or end")
        .subcode(2_388_299)
        .from(Live, "upstream error")
        .says(
            "{field} tidak boleh diawali atau diakhiri variabel",
            "{field} must not start or end with a variable",
        ),
    row(Rule::BodyEdgesClose, "body_edges_close", "A variable with nothing but punctuation between it and the start or end")
        .warns()
        .subcode(2_388_299)
        .from(ThirdParty, "contested: the upstream's own examples end so")
        .says(
            "{field} diawali atau diakhiri variabel yang hanya disertai tanda baca; WhatsApp mungkin menolaknya",
            "{field} starts or ends with a variable and punctuation alone, which WhatsApp may refuse",
        ),
    row(Rule::VariablesAdjacent, "body_variables_adjacent", "Two variables with nothing but space between them")
        .warns()
        .from(Documented, "upstream documentation of the review; no error was seen")
        .says(
            "{field} memuat dua variabel tanpa teks di antaranya; peninjau WhatsApp mungkin menolaknya",
            "{field} has two variables without text between them, which WhatsApp's reviewers may refuse",
        ),
];
