//! Every rule that a request can break, as one table: its id, its sentences in both languages, and where it comes from.
//!
//! Sentences name their arguments in braces. `{field}` is always there: the label of the field that the fault's path
//! ends in.

/// A rule, by what breaks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    // Of any document.
    /// A field is missing.
    Required,
    /// A text is blank.
    Empty,
    /// A value has another JSON type.
    WrongType,
    /// A word is none of those that are known.
    NotOneOf,
    /// A text is too long.
    TooLong,
    /// A list is empty that needs an element.
    EmptyList,
    /// A number is outside its range.
    OutOfRange,

    // Of templates.
    /// A template's name is not in `snake_case`.
    TemplateName,
    /// The upstream does not know the language.
    UnknownLanguage,
    /// `ttl` stands at a template that is not for authentication.
    TtlCategory,
    /// A component stands there twice.
    ComponentTwice,
    /// There is no BODY.
    BodyMissing,
    /// An authentication template carries what the upstream writes itself.
    AuthenticationFixed,
    /// Placeholders are not numbered from 1 without gaps.
    PlaceholderNumbers,
    /// `{{` and `}}` hold no placeholder.
    PlaceholderForm,
    /// A header has more than one placeholder.
    HeaderPlaceholders,
    /// A footer has a placeholder.
    FooterPlaceholder,
    /// A URL has more than one placeholder, or not at its end.
    UrlPlaceholder,
    /// The examples are not as many as the placeholders.
    ExampleCount,
    /// Not an absolute http or https URL.
    NotUrl,
    /// A button's phone number is not one.
    ButtonPhone,
    /// The app has a template of that name in that language.
    TemplateExists,
    /// The name belongs to the upstream's sample templates.
    SampleName,
    /// The upstream said no, in its own words.
    RefusedUpstream,

    // Of sending.
    /// The recipient has no country code.
    CountryCode,
    /// The recipient is no phone number.
    PhoneNumber,
    /// The template wants values for a position, and none came.
    ValuesMissing,
    /// The number of values is not the number of variables.
    ValueCount,
    /// A position came that the template does not have.
    PositionSurplus,
    /// A position, or a button, came twice.
    PositionTwice,
    /// A value is of another kind than the variable.
    ValueKind,
    /// No button of the template has that position.
    NoSuchButton,
    /// The button takes no value.
    ButtonWithoutValue,
    /// The button is of another kind.
    ButtonKind,
    /// A button that needs a value has none.
    ButtonMissing,
    /// A button of an authentication template names another code than the body.
    CodeDiffers,
    /// A text has a line break, a tab, or more than four spaces in a row.
    TextSpaces,
    /// A media URL is not http or https.
    MediaUrl,
    /// The template has a part that this dialect has no words for.
    NotExpressible,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The rule.
    pub rule: Rule,
    /// The sentence in Indonesian.
    pub indonesian: &'static str,
    /// The sentence in English.
    pub english: &'static str,
    /// Where the rule comes from: the vendor's page, the upstream's documentation or error, or Kabar's own choice.
    pub source: &'static str,
}

impl Rule {
    /// The rule's row. The table has the rules in the order of the enum, which a test sees kept.
    pub fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

const fn row(rule: Rule, indonesian: &'static str, english: &'static str, source: &'static str) -> Row {
    Row { rule, indonesian, english, source }
}

const PAGE_TEMPLATES: &str = "Unswer page, field table";
const PAGE_SENDING: &str = "OCA page, parameter tables";
const OWN: &str = "Kabar";

/// All rules.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row(Rule::Required, "{field} wajib diisi", "{field} is required", PAGE_TEMPLATES),
    row(Rule::Empty, "{field} tidak boleh kosong", "{field} must not be empty", "upstream 131008, 2388043"),
    row(Rule::WrongType, "{field} harus ber-tipe data {type}", "{field} must be of type {type}", "Unswer page, sample error"),
    row(Rule::NotOneOf, "{field} harus salah satu dari: {choices}", "{field} must be one of: {choices}", PAGE_TEMPLATES),
    row(Rule::TooLong, "{field} paling panjang {max} karakter, sekarang {got}", "{field} must have at most {max} characters, it has {got}", "upstream 2388040"),
    row(Rule::EmptyList, "{field} harus berisi setidaknya satu", "{field} must have at least one element", OWN),
    row(Rule::OutOfRange, "{field} harus antara {min} dan {max}", "{field} must be between {min} and {max}", "upstream documentation"),
    row(Rule::TemplateName, "{field} harus dalam format snake_case: huruf kecil, angka, dan garis bawah", "{field} must be in snake_case: lower-case letters, digits and underscores", "Unswer page; upstream 2388046"),
    row(Rule::UnknownLanguage, "{field} bukan kode bahasa yang dikenal, misalnya id atau en_US", "{field} is not a known language code such as id or en_US", "upstream documentation, list of languages"),
    row(Rule::TtlCategory, "{field} hanya untuk template AUTHENTICATION", "{field} is only for AUTHENTICATION templates", PAGE_TEMPLATES),
    row(Rule::ComponentTwice, "Komponen {component} hanya boleh satu", "There may be only one {component} component", "upstream documentation"),
    row(Rule::BodyMissing, "Komponen BODY wajib ada", "A BODY component is required", "upstream documentation"),
    row(Rule::AuthenticationFixed, "{field} tidak boleh diisi pada template AUTHENTICATION: teksnya ditentukan oleh WhatsApp", "{field} is not allowed in an AUTHENTICATION template: WhatsApp writes its text", "upstream 2388042"),
    row(Rule::PlaceholderNumbers, "Variabel pada {field} harus bernomor urut mulai {first} tanpa lompatan; ditemukan: {found}", "The variables of {field} must be numbered from {first} without gaps; found: {found}", "upstream 2388072"),
    row(Rule::PlaceholderForm, "{field} memuat kurung kurawal ganda yang bukan variabel bernomor: {found}", "{field} has double braces that are no numbered variable: {found}", "upstream documentation"),
    row(Rule::HeaderPlaceholders, "Header paling banyak memuat satu variabel", "A header has at most one variable", "upstream 2388047"),
    row(Rule::FooterPlaceholder, "Footer tidak boleh memuat variabel", "A footer must not have variables", "upstream 2388073"),
    row(Rule::UrlPlaceholder, "{field} paling banyak memuat satu variabel, dan harus di bagian akhir", "{field} has at most one variable, at its very end", "upstream documentation"),
    row(Rule::ExampleCount, "{field} harus berisi {want} contoh, satu untuk setiap variabel; sekarang {got}", "{field} must have {want} examples, one for each variable; it has {got}", "upstream 2388043"),
    row(Rule::NotUrl, "{field} harus berupa URL http atau https yang lengkap", "{field} must be a complete http or https URL", "upstream 100"),
    row(Rule::ButtonPhone, "{field} harus ber-tipe data number", "{field} must be of type number", "Unswer page, sample error"),
    row(Rule::TemplateExists, "Template dengan nama {name} dan bahasa {language} sudah ada", "A template named {name} in the language {language} exists already", "upstream 2388024"),
    row(Rule::SampleName, "Nama {name} dipakai oleh template contoh", "The name {name} belongs to a sample template", "upstream 2388155"),
    row(Rule::RefusedUpstream, "Ditolak oleh WhatsApp: {reason}", "WhatsApp refused it: {reason}", "upstream"),
    row(Rule::CountryCode, "Kode negara tidak valid", "Invalid country code", "OCA sister channel"),
    row(Rule::PhoneNumber, "Nomor telepon tidak valid", "Invalid phone number", OWN),
    row(Rule::ValuesMissing, "Template membutuhkan {want} nilai pada posisi {position}", "The template needs {want} value(s) at position {position}", "upstream 132000"),
    row(Rule::ValueCount, "Template membutuhkan {want} nilai pada posisi {position}, diterima {got}", "The template needs {want} value(s) at position {position}, got {got}", "upstream 132000"),
    row(Rule::PositionSurplus, "Template ini tidak menerima nilai pada posisi {position}", "The template takes no value at position {position}", "upstream 132018"),
    row(Rule::PositionTwice, "Posisi {position} hanya boleh satu kali", "The position {position} may stand only once", OWN),
    row(Rule::ValueKind, "Nilai harus berjenis {want}, diterima {got}", "The value must be of kind {want}, got {got}", "upstream 132012"),
    row(Rule::NoSuchButton, "Template ini tidak memiliki tombol dengan index {index}", "The template has no button with index {index}", "upstream 132018"),
    row(Rule::ButtonWithoutValue, "Tombol dengan index {index} tidak menerima nilai", "The button with index {index} takes no value", "upstream 132018"),
    row(Rule::ButtonKind, "Tombol dengan index {index} berjenis {want}, bukan {got}", "The button with index {index} is {want}, not {got}", "upstream 132018"),
    row(Rule::ButtonMissing, "Tombol dengan index {index} membutuhkan nilai", "The button with index {index} needs a value", "upstream 131008"),
    row(Rule::CodeDiffers, "Kode pada tombol harus sama dengan kode pada body", "The code of the button must be the code of the body", OWN),
    row(Rule::TextSpaces, "{field} tidak boleh memuat baris baru, tab, atau lebih dari empat spasi berurutan", "{field} must not have line breaks, tabs, or more than four spaces in a row", "upstream 132018"),
    row(Rule::MediaUrl, "{field} harus berupa URL http atau https", "{field} must be an http or https URL", PAGE_SENDING),
    row(Rule::NotExpressible, "Template ini memiliki {part}, yang tidak dapat diisi lewat format permintaan ini", "The template has {part}, which this form of request cannot fill", PAGE_SENDING),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_rule_in_the_order_of_the_enum() {
        for (place, row) in TABLE.iter().enumerate() {
            assert_eq!(row.rule as usize, place, "{:?}", row.rule);
            assert!(!row.source.is_empty(), "{:?}", row.rule);
        }
        assert_eq!(Rule::NotExpressible as usize + 1, TABLE.len());
    }
}
