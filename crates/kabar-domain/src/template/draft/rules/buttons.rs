//! Cases of buttons, and of authentication templates, which are little else.

use serde_json::{Value, json};

use super::{Case, buttons, created, link, marketing, plain, product_header, reply, spm, template, with_buttons};
use crate::rule::Rule;

pub(super) fn cases() -> Vec<Case> {
    [numbers(), labels(), links(), authentication()].into_iter().flatten().collect()
}

fn replies(n: usize) -> Value {
    with_buttons((0..n).map(|place| reply(&format!("Jawaban {place}"))).collect())
}

fn many(button: &Value, n: usize) -> Value {
    with_buttons(vec![button.clone(); n].into())
}

fn call() -> Value {
    json!({ "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+6281234567890" })
}

fn copy_code(example: &str) -> Value {
    json!({ "type": "COPY_CODE", "example": example })
}

fn numbers() -> Vec<Case> {
    let (order, catalog) =
        (json!({ "type": "ORDER_DETAILS", "text": "Bayar" }), json!({ "type": "CATALOG", "text": "View catalog" }));
    let flow = json!({ "type": "FLOW", "text": "Mulai", "flow_id": 17 });
    let mut cases = vec![
        created(Rule::ButtonsTotal, &replies(10), &replies(11)),
        created(Rule::ButtonsQuickReply, &replies(10), &replies(11)),
        created(Rule::ButtonsUrl, &many(&link(), 2), &many(&link(), 3)),
        created(Rule::ButtonsPhone, &many(&call(), 1), &many(&call(), 2)),
        created(Rule::ButtonsCopyCode, &many(&copy_code("A1"), 1), &many(&copy_code("A1"), 2)),
        created(Rule::ButtonsOfKind, &many(&catalog, 1), &many(&catalog, 2)),
        created(Rule::ButtonsOfKind, &many(&flow, 1), &many(&flow, 2)),
        created(
            Rule::OrderDetailsFirst,
            &with_buttons(json!([order, reply("Nanti")])),
            &with_buttons(json!([reply("Nanti"), order])),
        ),
        created(
            Rule::SpmHeader,
            &marketing(json!([product_header(), plain(), buttons(json!([spm()]))])),
            &marketing(json!([plain(), buttons(json!([spm()]))])),
        ),
        created(
            Rule::OnlyOneOf,
            &with_buttons(json!([{ "type": "FLOW", "text": "Mulai", "flow_name": "survei" }])),
            &with_buttons(json!([{ "type": "FLOW", "text": "Mulai", "flow_id": "1", "flow_json": "{}" }])),
        ),
    ];
    for (keeps, breaks) in [
        (json!([reply("a"), reply("b"), link(), call()]), json!([reply("a"), link(), reply("b")])),
        (json!([link(), call(), reply("a"), reply("b")]), json!([link(), reply("a"), link()])),
    ] {
        cases.push(created(Rule::ButtonsGrouping, &with_buttons(keeps), &with_buttons(breaks)));
    }
    cases
}

fn labels() -> Vec<Case> {
    let labelled = |kind: &str, text: &str| with_buttons(json!([{ "type": kind, "text": text }]));
    let mut cases = vec![
        created(
            Rule::LabelLength,
            &labelled("QUICK_REPLY", &"é".repeat(25)),
            &labelled("QUICK_REPLY", &"é".repeat(26)),
        ),
        created(
            Rule::LabelVoiceCall,
            &labelled("VOICE_CALL", &"é".repeat(20)),
            &labelled("VOICE_CALL", &"é".repeat(21)),
        ),
        created(Rule::LabelCatalog, &labelled("CATALOG", "View catalog"), &labelled("CATALOG", "Lihat katalog")),
        created(Rule::LabelMpm, &labelled("MPM", "View items"), &labelled("MPM", "View catalog")),
        created(
            Rule::LabelSpm,
            &marketing(json!([product_header(), plain(), buttons(json!([spm()]))])),
            &labelled("SPM", "View it"),
        ),
        created(
            Rule::LabelContactInfo,
            &labelled("REQUEST_CONTACT_INFO", "Share Contact Info"),
            &labelled("REQUEST_CONTACT_INFO", "Bagikan"),
        ),
    ];
    for bad in ["Halo {{1}}", "Dua\nbaris", "Ya 👍", "*Ya*", "_Ya_", "~Ya~"] {
        cases.push(created(Rule::LabelShape, &labelled("QUICK_REPLY", "Ya, setuju!"), &labelled("QUICK_REPLY", bad)));
    }
    cases
}

fn links() -> Vec<Case> {
    let url = |url: &str| {
        with_buttons(json!([{ "type": "URL", "text": "Buka", "url": url, "example": ["https://toko.example/x"] }]))
    };
    let long = |n: usize| format!("https://toko.example/{}", "a".repeat(n - 21));
    let phone =
        |number: &str| with_buttons(json!([{ "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": number }]));
    let coupon = |n: usize| with_buttons(json!([copy_code(&"A".repeat(n))]));
    vec![
        created(Rule::NotUrl, &url("https://toko.example"), &url("toko.example/a")),
        created(Rule::NotUrl, &url("https://toko.example/{{1}}"), &url("https://toko.example/{{ 1 }}")),
        created(Rule::UrlLength, &url(&long(2000)), &url(&long(2001))),
        created(Rule::UrlPlaceholder, &url("https://toko.example/{{1}}"), &url("https://toko.example/{{1}}/x")),
        created(Rule::UrlPlaceholder, &url("https://toko.example/{{1}}"), &url("https://toko.example/{{1}}{{1}}")),
        created(Rule::UrlWhatsApp, &url("https://toko.example/wa.me"), &url("https://wa.me/6281234567890")),
        created(Rule::UrlWhatsApp, &url("https://bukanwhatsapp.com"), &url("https://api.WhatsApp.com/send")),
        created(Rule::ButtonPhone, &phone("02130001234"), &phone("0213-0001234")),
        created(Rule::ButtonPhone, &phone("12345678901234567890"), &phone("123456789012345678901")),
        created(Rule::ButtonPhone, &phone("14045"), &phone("1404")),
        created(Rule::CopyCodeLength, &coupon(15), &coupon(21)),
        created(Rule::CopyCodeClose, &coupon(15), &coupon(16)),
    ]
}

fn code(button: Value) -> Value {
    template("AUTHENTICATION", json!([{ "type": "BODY" }, buttons(vec![button].into())]))
}

fn apps(apps: Value) -> Value {
    let mut button = json!({ "type": "OTP", "otp_type": "ONE_TAP" });
    button["supported_apps"] = apps;
    code(button)
}

fn app(package: &str, hash: &str) -> Value {
    json!({ "package_name": package, "signature_hash": hash })
}

fn authentication() -> Vec<Case> {
    let copy = json!({ "type": "OTP", "otp_type": "COPY_CODE", "text": "Salin kode" });
    let (package, hash) = ("id.toko.app", "Ab+/=1234zZ");
    let one = || app(package, hash);
    let minutes = |minutes: u32| {
        let footer = json!({ "type": "FOOTER", "code_expiration_minutes": minutes });
        template("AUTHENTICATION", json!([{ "type": "BODY" }, footer, buttons(json!([copy]))]))
    };
    let with =
        |component: Value| template("AUTHENTICATION", json!([{ "type": "BODY" }, component, buttons(json!([copy]))]));
    let zero_tap = |accepted: bool| {
        code(json!({
            "type": "OTP", "otp_type": "ZERO_TAP", "zero_tap_terms_accepted": accepted, "supported_apps": [one()]
        }))
    };
    let mut cases = vec![
        created(Rule::AuthenticationFixed, &code(copy.clone()), &{
            let text = json!({ "type": "BODY", "text": "Kode Anda {{1}}" });
            template("AUTHENTICATION", json!([text, buttons(json!([copy]))]))
        }),
        created(
            Rule::AuthenticationComponent,
            &code(copy.clone()),
            &with(json!({ "type": "HEADER", "format": "LOCATION" })),
        ),
        created(Rule::AuthenticationButton, &code(copy.clone()), &code(reply("Salin"))),
        created(
            Rule::AuthenticationButton,
            &code(copy.clone()),
            &template("AUTHENTICATION", json!([{ "type": "BODY" }, buttons(json!([copy, copy]))])),
        ),
        created(
            Rule::AuthenticationButton,
            &code(copy.clone()),
            &template("AUTHENTICATION", json!([{ "type": "BODY" }])),
        ),
        created(Rule::CodeExpiration, &minutes(1), &minutes(0)),
        created(Rule::CodeExpiration, &minutes(90), &minutes(91)),
        created(Rule::SupportedApps, &apps(vec![one(); 5].into()), &apps(vec![one(); 6].into())),
        created(Rule::SupportedApps, &apps(json!([one()])), &apps(json!([]))),
        created(
            Rule::PackageLength,
            &apps(json!([app(&format!("id.{}", "a".repeat(221)), hash)])),
            &apps(json!([app(&format!("id.{}", "a".repeat(222)), hash)])),
        ),
        created(Rule::ZeroTapTerms, &zero_tap(true), &zero_tap(false)),
        created(
            Rule::AppOutside,
            &apps(json!([one()])),
            &code(json!({
                "type": "OTP", "otp_type": "ONE_TAP", "package_name": package, "signature_hash": hash
            })),
        ),
        created(Rule::OtpCategory, &code(copy.clone()), &with_buttons(json!([copy]))),
    ];
    for bad in ["toko", "id.1toko", "id..toko", "id.toko-app", ".toko"] {
        cases.push(created(Rule::PackageName, &apps(json!([one()])), &apps(json!([app(bad, hash)]))));
    }
    for bad in ["Ab+/=1234z", "Ab+/=1234zZZ", "Ab+/=1234z_"] {
        cases.push(created(Rule::SignatureHash, &apps(json!([one()])), &apps(json!([app(package, bad)]))));
    }
    cases
}
