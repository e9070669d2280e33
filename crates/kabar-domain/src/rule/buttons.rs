//! Rules of buttons.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live, Own};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Buttons, rule, id, limits)
}

/// How many buttons of a kind there may be.
const fn count(rule: Rule, id: &'static str, limits: &'static str, max: u32) -> Row {
    row(rule, id, limits).most(max).from(Documented, "upstream documentation").says(
        "Tombol {kind} paling banyak {max}, sekarang {got}",
        "There may be at most {max} {kind} button(s), there are {got}",
    )
}

/// A label that the upstream fixes.
const fn label(rule: Rule, id: &'static str, limits: &'static str, words: &'static [&'static str]) -> Row {
    row(rule, id, limits)
        .words(words)
        .from(Documented, "upstream documentation")
        .says("{field} tombol ini harus berbunyi: {words}", "{field} of this button must read: {words}")
}

const LONG_INDONESIAN: &str = "{field} paling panjang {max} karakter, sekarang {got}";
const LONG_ENGLISH: &str = "{field} must have at most {max} characters, it has {got}";
const PERHAPS_LONG_INDONESIAN: &str = "{field} sebaiknya paling panjang {max} karakter, sekarang {got}";
const PERHAPS_LONG_ENGLISH: &str = "{field} should have at most {max} characters, it has {got}";

pub(super) const ROWS: &[Row] = &[
    row(Rule::ButtonsTotal, "buttons_total", "Buttons of a message")
        .most(10)
        .from(Documented, "upstream documentation")
        .says("Tombol paling banyak {max}, sekarang {got}", "There may be at most {max} buttons, there are {got}"),
    count(Rule::ButtonsQuickReply, "buttons_quick_reply", "QUICK_REPLY buttons", 10),
    count(Rule::ButtonsUrl, "buttons_url", "URL buttons", 2),
    count(Rule::ButtonsPhone, "buttons_phone_number", "PHONE_NUMBER buttons", 1),
    count(Rule::ButtonsCopyCode, "buttons_copy_code", "COPY_CODE buttons", 1),
    count(Rule::ButtonsOfKind, "buttons_once", "Buttons of each other kind: FLOW, CATALOG, MPM, SPM, VOICE_CALL, …", 1)
        .from(Own, "no example of the upstream has two"),
    row(Rule::ButtonsGrouping, "buttons_grouping", "Quick replies: all before, or all after, the other buttons")
        .from(Documented, "upstream documentation")
        .says(
            "Tombol QUICK_REPLY harus berurutan, di awal atau di akhir daftar tombol",
            "QUICK_REPLY buttons must stand together, before or after all others",
        ),
    row(Rule::OrderDetailsFirst, "buttons_order_details_first", "The place of an ORDER_DETAILS button: the first")
        .warns()
        .from(Documented, "upstream documentation, of one variant")
        .says("Tombol ORDER_DETAILS sebaiknya yang pertama", "The ORDER_DETAILS button should be the first"),
    row(Rule::LabelLength, "button_text_length", "Characters of a button's label")
        .between(1, 25)
        .subcode(2_388_060)
        .from(Documented, "upstream documentation")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::LabelShape, "button_text_shape", "Variables, line breaks, emoji and formatting in a label: none")
        .subcode(2_388_060)
        .from(Live, "upstream error")
        .says("{field} tombol tidak boleh memuat {found}", "{field} of a button must not have {found}"),
    row(Rule::LabelVoiceCall, "button_text_length_call", "Characters of a VOICE_CALL button's label")
        .most(20)
        .warns()
        .from(Documented, "upstream documentation of interactive messages")
        .says(PERHAPS_LONG_INDONESIAN, PERHAPS_LONG_ENGLISH),
    label(Rule::LabelCatalog, "button_text_catalog", "The label of a CATALOG button", &["View catalog"]),
    label(Rule::LabelMpm, "button_text_mpm", "The label of an MPM button", &["View items"]),
    label(Rule::LabelSpm, "button_text_spm", "The label of an SPM button", &["View"]),
    label(
        Rule::LabelContactInfo,
        "button_text_contact_info",
        "The label of a REQUEST_CONTACT_INFO button",
        &["Share Contact Info"],
    ),
    row(Rule::NotUrl, "url_form", "A URL: complete, http or https")
        .code(100)
        .from(Live, "upstream error")
        .says("{field} harus berupa URL http atau https yang lengkap", "{field} must be a complete http or https URL"),
    row(Rule::UrlLength, "url_length", "Characters of a URL")
        .most(2000)
        .subcode(2_388_040)
        .from(Documented, "upstream documentation")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::UrlPlaceholder, "url_variables", "Variables of a URL, at its very end")
        .most(1)
        .from(Documented, "upstream documentation")
        .says(
            "{field} paling banyak memuat satu variabel, dan harus di bagian akhir",
            "{field} has at most one variable, at its very end",
        ),
    row(Rule::UrlWhatsApp, "url_whatsapp", "Hosts that a URL must not lead to, with all below them")
        .words(&["wa.me", "whatsapp.com"])
        .subcode(2_388_081)
        .from(Live, "upstream error")
        .says("{field} tidak boleh menuju ke {words}", "{field} must not lead to {words}"),
    row(Rule::ButtonPhone, "phone_number", "Characters of a telephone number: digits, with or without `+`")
        .between(5, 20)
        .code(192)
        .from(Live, "Unswer page, sample error; upstream error; the least is Kabar's")
        .says("{field} harus ber-tipe data number", "{field} must be of type number"),
    row(Rule::CopyCodeLength, "copy_code_length", "Characters of the example of a code to be copied")
        .most(20)
        .from(Documented, "upstream documentation of coupons")
        .says(LONG_INDONESIAN, LONG_ENGLISH),
    row(Rule::CopyCodeClose, "copy_code_length_close", "Characters of the example of a code to be copied, to be safe")
        .most(15)
        .warns()
        .from(Documented, "upstream documentation of components and offers, against that of coupons")
        .says(PERHAPS_LONG_INDONESIAN, PERHAPS_LONG_ENGLISH),
    row(Rule::SpmHeader, "button_spm_header", "The header that an SPM button needs")
        .words(&["PRODUCT"])
        .from(Own, "follows from what the button opens")
        .says("Tombol SPM membutuhkan header {words}", "An SPM button needs a {words} header"),
    row(Rule::OtpCategory, "button_otp_category", "Categories that an OTP button stands at")
        .words(&["AUTHENTICATION"])
        .from(Own, "the upstream describes it for these templates only")
        .says("Tombol OTP hanya untuk template {words}", "An OTP button is only for {words} templates"),
];
