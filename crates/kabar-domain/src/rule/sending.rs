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
    row(Rule::ParameterNameSurplus, "parameter_name_surplus", "Names of values where variables have numbers")
        .from(Own, "the order of the values counts there, and a name says that the caller thinks otherwise")
        .says(
            "Variabel template ini bernomor: nilainya diisi menurut urutan, tanpa nama",
            "This template's variables have numbers: values are taken in their order, without names",
        ),
    row(Rule::ParameterNameMissing, "parameter_name_missing", "Names of values where variables have names")
        .code(100)
        .says(
            "Variabel template ini bernama: sebutkan salah satu dari {choices}",
            "This template's variables have names: say which of {choices} it is",
        ),
    row(Rule::ParameterNameUnknown, "parameter_name_unknown", "Names of values: those of the template's variables")
        .code(132_012)
        .from(Own, "follows from the template")
        .says(
            "Template ini tidak memiliki variabel {name}, yang ada: {choices}",
            "The template has no variable {name}, it has {choices}",
        ),
    row(Rule::ParameterNameTwice, "parameter_name_twice", "Values of one name")
        .most(1)
        .code(132_012)
        .from(Own, "nobody could say which one is meant")
        .says("Variabel {name} hanya boleh diisi satu kali", "The variable {name} may be filled only once"),
    row(Rule::VariableMissing, "variable_missing", "Values of variables with names: one for each")
        .code(132_000)
        .says("Variabel {name} belum diisi", "The variable {name} has no value"),
    row(Rule::CurrencyCode, "currency_code", "Codes of currencies: three capital letters")
        .from(Documented, "ISO 4217, upstream examples")
        .says(
            "{field} harus berupa tiga huruf besar, seperti IDR",
            "{field} must be three capital letters, such as IDR",
        ),
    row(Rule::UpstreamId, "upstream_id", "Digits of an id that WhatsApp gave").between(1, 32).code(100).says(
        "{field} harus berupa angka saja, {min} sampai {max}",
        "{field} must be digits only, {min} to {max} of them",
    ),
    row(Rule::Latitude, "latitude", "Degrees from the equator")
        .most(90)
        .from(Own, "there is no such place otherwise")
        .says("{field} harus berupa angka dari -{max} sampai {max}", "{field} must be a number from -{max} to {max}"),
    row(Rule::Longitude, "longitude", "Degrees from Greenwich")
        .most(180)
        .from(Own, "there is no such place otherwise")
        .says("{field} harus berupa angka dari -{max} sampai {max}", "{field} must be a number from -{max} to {max}"),
    row(Rule::CouponLength, "coupon_length", "Characters of a coupon's code")
        .most(20)
        .code(132_018)
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::CouponShape, "coupon_shape", "Characters of a coupon's code: letters and digits")
        .code(132_018)
        .from(Documented, "coupon templates")
        .says("{field} hanya boleh memuat huruf dan angka", "{field} must have letters and digits only"),
    row(Rule::EndPast, "end_past", "Ends of offers and orders: in the future")
        .from(Own, "an offer that is over is none")
        .says("{field} harus di masa depan", "{field} must be in the future"),
    row(Rule::Sections, "product_sections", "Sections of a button for several products")
        .most(10)
        .from(Documented, "templates for several products")
        .says(
            "Paling banyak {max} bagian produk, sekarang {got}",
            "There must be at most {max} sections, there are {got}",
        ),
    row(Rule::SectionProducts, "section_products", "Products of a button for several products, in all its sections")
        .most(30)
        .from(Documented, "templates for several products")
        .says("Paling banyak {max} produk, sekarang {got}", "There must be at most {max} products, there are {got}"),
    row(Rule::SectionTitle, "section_title", "Characters of a section's title")
        .most(24)
        .from(Documented, "templates for several products")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::CallTtl, "call_ttl", "Minutes for which a button calls")
        .between(1, 43_200)
        .from(Documented, "templates with a call button")
        .says("{field} harus antara {min} dan {max} menit", "{field} must be from {min} to {max} minutes"),
    row(Rule::CallPayloadLength, "call_payload_length", "Characters of a call's payload")
        .most(512)
        .from(Documented, "templates with a call button")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::Quantity, "order_quantity", "How many of a thing are ordered: at least one")
        .from(Own, "what is not ordered is no part of the order")
        .says("{field} harus paling sedikit 1", "{field} must be at least 1"),
    row(
        Rule::CardCount,
        "card_count",
        "Cards of a carousel: as many as the template has; of products, as many as are wanted",
    )
    .code(132_000)
    .from(Documented, "carousel templates")
    .says("Carousel membutuhkan {want} kartu, diterima {got}", "The carousel needs {want} cards, got {got}"),
    row(Rule::NoSuchCard, "card_index", "Indexes of cards: from 0, without gaps")
        .from(Documented, "carousel templates")
        .says("Carousel tidak memiliki kartu dengan index {index}", "The carousel has no card with index {index}"),
    row(
        Rule::NotExpressible,
        "not_expressible",
        "Parts of a template that Kabar does not know, and that a send may have to fill",
    )
    .from(Own, "nobody could say what WhatsApp wants there")
    .says(
        "Template ini memiliki {part}, yang belum dikenal Kabar dan tidak dapat diisi",
        "The template has {part}, which Kabar does not know and cannot fill",
    ),
];
