//! Whatever JSON comes in, the checker answers, and what it says can be read.

use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};
use serde_json::{Value, json};

use crate::catalogue::{Locale, sentence};
use crate::template::Category;
use crate::template::contract::Contract;
use crate::template::draft::Draft;

/// All words and keys that the checker knows, and some that it does not.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "UTILITY", "marketing", "AUTHENTICATION", "id", "NAMED", "ORDER_STATUS", "GREETING", "HEADER", "BODY", "FOOTER",
    "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST", "TEXT", "IMAGE", "VIDEO", "DOCUMENT",
    "LOCATION", "GIF", "PRODUCT", "QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "ONE_TAP", "ZERO_TAP",
    "FLOW", "CATALOG", "MPM", "SPM", "View", "VOICE_CALL", "ORDER_DETAILS", "REQUEST_CONTACT_INFO", "{{1}}",
    "Halo {{1}} dan {{2}}", "Halo {{nama}}", "{{", "}}{{", "{{}}", "a\n\n\nb", "🎉👨\u{200D}👩", "_a_ *b*",
    "https://a.example/{{1}}", "https://wa.me/é", "https://é", "http://", "com.example.app", "K8a/AINcGX7", "é", "",
];
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "name", "category", "language", "sub_category", "parameter_format", "display_format", "ttl",
    "message_send_ttl_seconds", "components", "type", "format", "text", "example", "header_text", "header_handle",
    "header_text_named_params", "body_text", "body_text_named_params", "param_name", "buttons", "url", "phone_number",
    "otp_type", "autofill_text", "supported_apps", "package_name", "signature_hash", "zero_tap_terms_accepted",
    "add_security_recommendation", "code_expiration_minutes", "flow_id", "flow_name", "flow_action", "icon", "cards",
    "limited_time_offer", "has_expiration", "app_deep_link", "other",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2_i64..100).prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
        prop::sample::select(WORDS).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(7, 96, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(KEYS), inner), 0..7)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

/// Components of known kinds with anything in their fields, so that every reader is reached.
fn likely_components() -> impl Strategy<Value = Value> {
    let typed = |words: &'static [&'static str]| {
        (
            prop::sample::select(words),
            prop::sample::select(WORDS),
            prop::collection::vec((prop::sample::select(KEYS), any_json()), 0..5),
        )
            .prop_map(|(kind, text, pairs)| {
                let mut object: Value = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
                object["type"] = Value::from(kind);
                object["text"] = Value::from(text);
                object
            })
    };
    let button = move || typed(&WORDS[21..36]);
    let component = move || {
        (typed(&WORDS[6..14]), prop::sample::select(&WORDS[14..21]), prop::collection::vec(button(), 0..4)).prop_map(
            |(mut component, format, buttons)| {
                component["format"] = Value::from(format);
                component["buttons"] = Value::Array(buttons);
                component
            },
        )
    };
    let cards = prop::collection::vec(prop::collection::vec(component(), 0..3), 0..3);
    (prop::collection::vec(component(), 1..5), cards).prop_map(|(mut components, cards)| {
        let cards: Vec<Value> = cards.into_iter().map(|components| json!({ "components": components })).collect();
        components.push(json!({ "type": "CAROUSEL", "cards": cards }));
        Value::Array(components)
    })
}

/// Every fault has a sentence without an argument that is missing, in both languages.
fn check(body: &Value) {
    let noted = match Draft::parse(body) {
        Ok(draft) => {
            assert!(draft.to_upstream().is_object());
            assert!(draft.warnings.iter().all(|fault| fault.rule.is_warning()));
            draft.warnings
        }
        Err(faults) => {
            assert!(!faults.is_empty() && faults.iter().all(|fault| !fault.rule.is_warning()));
            faults
        }
    };
    for fault in &noted {
        let arguments: Vec<&str> = fault.args.iter().map(|(_, value)| value.as_str()).collect();
        for locale in [Locale::Indonesian, Locale::English] {
            let mut sentence = sentence(fault, locale);
            // What came from the request may have braces of its own.
            let field = fault.path.field().unwrap_or_default();
            for own in arguments.iter().chain([&field]).filter(|own| !own.is_empty()) {
                sentence = sentence.replace(own, "");
            }
            assert!(!sentence.contains('{'), "{fault:?}: {sentence}");
        }
    }
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(body in any_json()) {
        check(&body);
    }

    #[test]
    fn no_components_make_it_panic(
        components in likely_components(), category in prop::sample::select(&WORDS[..3]), named in any::<bool>()
    ) {
        let format = if named { "NAMED" } else { "POSITIONAL" };
        check(&json!({
            "name": "n", "language": "id", "category": category, "parameter_format": format, "components": components
        }));
        for category in [Category::Authentication, Category::Utility] {
            drop(Contract::compile(category, &components));
        }
    }
}
