//! Rules of the values of a send.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live, Own};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Sending, rule, id, limits).from(Live, "upstream error")
}

const LONG_INDONESIAN: &str = "{field} paling panjang {max} karakter, sekarang {got}";
const LONG_ENGLISH: &str = "{field} must have at most {max} characters, it has {got}";

pub(super) const ROWS: &[Row] = &[
    row(Rule::CountryCode, "recipient_country_code", "Country codes of recipients")
        .from(Documented, "OCA page of the sister channel")
        .says("Kode negara tidak valid", "Invalid country code"),
    row(Rule::PhoneNumber, "recipient_phone_number", "Phone numbers of recipients")
        .from(Own, "E.164 and the numbering plans")
        .says("Nomor telepon tidak valid", "Invalid phone number"),
    row(Rule::ValuesMissing, "values_missing", "Positions that need values").code(132_000).says(
        "Template membutuhkan {want} nilai pada posisi {position}",
        "The template needs {want} value(s) at position {position}",
    ),
    row(Rule::ValueCount, "value_count", "Values at a position: one for each variable").code(132_000).says(
        "Template membutuhkan {want} nilai pada posisi {position}, diterima {got}",
        "The template needs {want} value(s) at position {position}, got {got}",
    ),
    row(Rule::PositionSurplus, "position_surplus", "Positions that the template does not have").code(132_018).says(
        "Template ini tidak menerima nilai pada posisi {position}",
        "The template takes no value at position {position}",
    ),
    row(Rule::PositionTwice, "position_twice", "Parts with one position")
        .most(1)
        .from(Own, "nobody could say which one is meant")
        .says("Posisi {position} hanya boleh satu kali", "The position {position} may stand only once"),
    row(Rule::ValueKind, "value_kind", "Kinds of value")
        .code(132_012)
        .says("Nilai harus berjenis {want}, diterima {got}", "The value must be of kind {want}, got {got}"),
    row(Rule::NoSuchButton, "button_index", "Positions of buttons").code(132_018).says(
        "Template ini tidak memiliki tombol dengan index {index}",
        "The template has no button with index {index}",
    ),
    row(Rule::ButtonWithoutValue, "button_without_value", "Values of buttons that take none")
        .code(132_018)
        .says("Tombol dengan index {index} tidak menerima nilai", "The button with index {index} takes no value"),
    row(Rule::ButtonKind, "button_kind", "Kinds of button").code(132_018).says(
        "Tombol dengan index {index} berjenis {want}, bukan {got}",
        "The button with index {index} is {want}, not {got}",
    ),
    row(Rule::ButtonMissing, "button_missing", "Buttons that need a value")
        .code(131_008)
        .says("Tombol dengan index {index} membutuhkan nilai", "The button with index {index} needs a value"),
    row(Rule::CodeDiffers, "code_differs", "The code of the button and that of the body")
        .from(Own, "the button would hand over another code than the one that is shown")
        .says(
            "Kode pada tombol harus sama dengan kode pada body",
            "The code of the button must be the code of the body",
        ),
    row(Rule::CodeLength, "code_length", "Characters of a login code")
        .most(15)
        .code(132_018)
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(
        Rule::FilledLength,
        "filled_length",
        "Characters of a text with its values in it: as many as the template's own may have",
    )
    .code(132_005)
    .says(
        "Teks dengan nilainya paling panjang {max} karakter, sekarang {got}",
        "The text with its values must have at most {max} characters, it has {got}",
    ),
    row(Rule::PayloadLength, "payload_length", "Characters of a quick reply's payload")
        .most(256)
        .from(Own, "the upstream states none for templates")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::TextSpaces, "text_spaces", "Spaces in a row in a value; no line breaks and no tabs")
        .most(4)
        .code(132_018)
        .says(
            "{field} tidak boleh memuat baris baru, tab, atau lebih dari empat spasi berurutan",
            "{field} must not have line breaks, tabs, or more than four spaces in a row",
        ),
    row(Rule::MediaUrl, "media_url", "URLs of media: http or https")
        .from(Documented, "OCA page, parameter tables")
        .says("{field} harus berupa URL http atau https", "{field} must be an http or https URL"),
    row(Rule::NotExpressible, "not_expressible", "Parts that the form of request has no words for")
        .from(Documented, "OCA page, parameter tables")
        .says(
            "Template ini memiliki {part}, yang tidak dapat diisi lewat format permintaan ini",
            "The template has {part}, which this form of request cannot fill",
        ),
];
