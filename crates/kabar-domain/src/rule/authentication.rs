//! Rules of authentication templates.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Live};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Authentication, rule, id, limits).from(Documented, "upstream documentation")
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::AuthenticationFixed, "authentication_text", "Texts of BODY and FOOTER: the upstream's own")
        .subcode(2_388_042)
        .from(Live, "upstream error")
        .says(
            "{field} tidak boleh diisi pada template AUTHENTICATION: teksnya ditentukan oleh WhatsApp",
            "{field} is not allowed in an AUTHENTICATION template: WhatsApp writes its text",
        ),
    row(Rule::AuthenticationComponent, "authentication_components", "Components; so no header of any format")
        .words(&["BODY", "FOOTER", "BUTTONS"])
        .subcode(2_388_042)
        .says("Template AUTHENTICATION hanya boleh memuat {words}", "An AUTHENTICATION template may only have {words}"),
    row(Rule::AuthenticationButton, "authentication_button", "OTP buttons, and no other")
        .between(1, 1)
        .subcode(2_388_043)
        .says(
            "Template AUTHENTICATION harus memiliki tepat satu tombol, yaitu OTP",
            "An AUTHENTICATION template must have exactly one button, of type OTP",
        ),
    row(Rule::CodeExpiration, "code_expiration_minutes", "Minutes for which a code is valid")
        .between(1, 90)
        .says("{field} harus antara {min} dan {max}", "{field} must be between {min} and {max}"),
    row(Rule::SupportedApps, "supported_apps", "Apps that may read the code").between(1, 5).says(
        "{field} harus berisi {min} sampai {max} aplikasi, sekarang {got}",
        "{field} must have {min} to {max} apps, it has {got}",
    ),
    row(Rule::PackageLength, "package_name_length", "Characters of a package name").most(224).says(
        "{field} paling panjang {max} karakter, sekarang {got}",
        "{field} must have at most {max} characters, it has {got}",
    ),
    row(Rule::PackageName, "package_name_form", "Segments of a package name, each of which starts with a letter")
        .between(2, u32::MAX)
        .says(
            "{field} harus seperti com.example.app: segmen huruf, angka, dan garis bawah yang dipisah titik",
            "{field} must be like com.example.app: segments of letters, digits and underscores between dots",
        ),
    row(Rule::SignatureHash, "signature_hash", "Characters of a signature hash, of the Base64 alphabet")
        .between(11, 11)
        .says("{field} harus tepat {max} karakter Base64", "{field} must be exactly {max} characters of Base64"),
    row(Rule::ZeroTapTerms, "zero_tap_terms", "`zero_tap_terms_accepted` of a ZERO_TAP button: true")
        .says("{field} harus true untuk tombol ZERO_TAP", "{field} must be true for a ZERO_TAP button"),
    row(
        Rule::AppOutside,
        "supported_apps_outside",
        "An app that is named beside the button's type, as in old versions",
    )
    .words(&["supported_apps"])
    .warns()
    .says(
        "{field} sebaiknya berada di dalam {words}; bentuk lama mungkin ditolak",
        "{field} should stand within {words}; the old form may be refused",
    ),
];
