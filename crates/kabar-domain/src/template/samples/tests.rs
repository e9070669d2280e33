use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use proptest::{collection, option};

use super::*;
use crate::fault::Path;

const NOW: Moment = Moment::from_seconds(1_709_263_378);

/// What a send with the samples gives the upstream.
fn bound(category: Category, components: &Value) -> Value {
    let contract = Contract::compile(category, components);
    let samples = values(&contract, components, NOW);
    match contract.bind(&samples, NOW, &|spot| Path::root().key(format!("{spot:?}"))) {
        Ok(bound) => serde_json::from_str(bound.as_json()).unwrap(),
        Err(faults) => panic!("{components}: {faults}"),
    }
}

#[test]
fn a_template_s_own_examples_are_what_is_sent() {
    let sent = bound(
        Category::Utility,
        &json!([
            { "type": "HEADER", "format": "TEXT", "text": "Pesanan {{1}}", "example": { "header_text": ["INV-1"] } },
            { "type": "BODY", "text": "Halo {{1}}, {{2}}.", "example": { "body_text": [["Budi", "siap"]] } },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Terima kasih" },
                { "type": "URL", "text": "Lacak", "url": "https://toko.example/a/{{1}}", "example": ["https://toko.example/a/INV-1"] },
                { "type": "COPY_CODE", "example": ["HEMAT10"] }
            ] }
        ]),
    );
    assert_eq!(
        sent,
        json!([
            { "type": "header", "parameters": [{ "type": "text", "text": "INV-1" }] },
            { "type": "body", "parameters": [{ "type": "text", "text": "Budi" }, { "type": "text", "text": "siap" }] },
            { "type": "button", "sub_type": "quick_reply", "index": "0",
              "parameters": [{ "type": "payload", "payload": "Terima kasih" }] },
            { "type": "button", "sub_type": "url", "index": "1", "parameters": [{ "type": "text", "text": "INV-1" }] },
            { "type": "button", "sub_type": "copy_code", "index": "2",
              "parameters": [{ "type": "coupon_code", "coupon_code": "HEMAT10" }] }
        ])
    );
}

#[test]
fn an_ending_is_found_in_whatever_example_a_url_has() {
    for (url, example, ending) in [
        ("https://a.example/{{1}}", json!(["https://a.example/b/c"]), "b/c"),
        ("https://a.example/{{1}}", json!("b"), "b"),
        ("https://a.example/?kode={{1}}", json!(["https://a.example/?ref=n3"]), "n3"),
        ("https://a.example/{{1}}", json!(["https://b.example/"]), "contoh"),
        ("https://a.example/{{1}}", json!([]), "contoh"),
    ] {
        let button = json!({ "type": "URL", "text": "Buka", "url": url, "example": example });
        let components = json!([{ "type": "BODY", "text": "Halo" }, { "type": "BUTTONS", "buttons": [button] }]);
        let sent = bound(Category::Utility, &components);
        assert_eq!(sent[0]["parameters"][0]["text"], ending, "{example}");
    }
}

#[test]
fn an_offer_a_login_code_and_cards_have_samples() {
    let offer = json!([
        { "type": "BODY", "text": "Promo" },
        { "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Cepat", "has_expiration": true } },
        { "type": "BUTTONS", "buttons": [{ "type": "COPY_CODE", "example": "A1" }] }
    ]);
    let ends =
        bound(Category::Marketing, &offer)[0]["parameters"][0]["limited_time_offer"]["expiration_time_ms"].clone();
    assert_eq!(ends, json!(NOW.plus(OFFER).as_millis()));

    let login =
        json!([{ "type": "BODY" }, { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] }]);
    let sent = bound(Category::Authentication, &login);
    assert_eq!((&sent[0]["parameters"][0]["text"], &sent[1]["parameters"][0]["text"]), (&json!(CODE), &json!(CODE)));

    let card = |handle: &str| {
        json!({ "components": [
            { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": [handle] } },
            { "type": "BODY", "text": "Hanya {{1}} lagi.", "example": { "body_text": [[handle]] } },
            { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Ya" }] }
        ] })
    };
    let carousel =
        json!([{ "type": "BODY", "text": "Lihat" }, { "type": "CAROUSEL", "cards": [card("a"), card("b")] }]);
    let sent = bound(Category::Marketing, &carousel);
    assert_eq!(sent[0]["cards"][1]["components"][1]["parameters"][0]["text"], "b");
}

/// Texts that no value may be, among them.
fn examples() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "\\PC{0,12}",
        "[ \n\t]{0,8}",
        Just("x".repeat(3000)),
        Just("a      b\n\nc\t".to_owned()),
        Just("https://lain.example/".to_owned()),
    ];
    let list = collection::vec(text.clone(), 0..4);
    prop_oneof![
        text.prop_map(Value::from),
        list.clone().prop_map(Value::from),
        list.prop_map(|list| json!([list])),
        Just(Value::Null),
        Just(json!({ "param_name": 7 })),
    ]
}

proptest! {
    #[test]
    fn samples_bind_whatever_the_examples_are(
        (header, body, url, code) in (examples(), examples(), examples(), examples()),
        fixed in 0_usize..1010,
        named in any::<bool>(),
        offer in option::of(any::<bool>()),
    ) {
        let text = if named { "{{nama}} {{kota}} {{nama}}" } else { "{{2}} {{1}} {{2}}" };
        let mut components = json!([
            { "type": "HEADER", "format": "TEXT", "text": "Kabar untuk {{1}}", "example": { "header_text": header } },
            { "type": "BODY", "text": format!("{} {text}", "x".repeat(fixed)),
              "example": { "body_text": body, "body_text_named_params": [{ "param_name": "nama", "example": body }] } },
            { "type": "BUTTONS", "buttons": [
                { "type": "URL", "text": "Buka", "url": "https://toko.example/{{1}}", "example": url },
                { "type": "COPY_CODE", "example": code }
            ] }
        ]);
        if let Some(ends) = offer {
            // Half of the text has room beside an offer.
            components[1]["text"] = json!(format!("{} {text}", "x".repeat(fixed / 2)));
            components.as_array_mut().unwrap().push(json!({
                "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Cepat", "has_expiration": ends }
            }));
        }
        bound(Category::Marketing, &components);
    }
}
