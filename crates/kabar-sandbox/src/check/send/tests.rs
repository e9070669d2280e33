use serde_json::json;

use super::*;

/// What a send of `components` by a template of `template` components is answered, as `code: detail`.
fn outcome(template: &Value, category: &str, components: &Value) -> String {
    let named = template.to_string().contains("{{name}}");
    let spec = Spec::of(template.as_array().unwrap(), named, category);
    let result = Sent::read(Some(components), "template['components']").and_then(|sent| check(&spec, &sent));
    match result {
        Ok(()) => "accepted".to_owned(),
        Err(error) => match error.details() {
            Some(details) => format!("{}: {details}", error.code),
            None => error.message().to_owned(),
        },
    }
}

fn order() -> Value {
    json!([
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Hi {{1}}, order {{2}}"},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "a", "url": "https://a.test/{{1}}"},
            {"type": "QUICK_REPLY", "text": "b"},
            {"type": "PHONE_NUMBER", "text": "c", "phone_number": "+6281"}
        ]}
    ])
}

fn header() -> Value {
    json!({"type": "header", "parameters": [{"type": "image", "image": {"link": "https://a.test/a.png"}}]})
}

fn texts(place: &str, texts: &[&str]) -> Value {
    let parameters: Vec<Value> = texts.iter().map(|text| json!({"type": "text", "text": text})).collect();
    json!({"type": place, "parameters": parameters})
}

#[expect(clippy::needless_pass_by_value, reason = "reads better where it is called with `json!`")]
fn button(sub_type: &str, index: Value, parameter: Value) -> Value {
    json!({"type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter]})
}

fn url() -> Value {
    button("url", json!("0"), json!({"type": "text", "text": "x"}))
}

#[test]
fn a_right_send_is_accepted_in_either_case_and_with_either_index() {
    let reply = button("QUICK_REPLY", json!(1), json!({"type": "payload", "payload": "yes"}));
    let components = json!([header(), texts("BODY", &["Budi", "7"]), url(), reply]);
    assert_eq!(outcome(&order(), "UTILITY", &components), "accepted");
    let without_reply = json!([header(), texts("body", &["Budi", "7"]), url()]);
    assert_eq!(outcome(&order(), "UTILITY", &without_reply), "accepted");
    assert_eq!(outcome(&json!([{"type": "BODY", "text": "Hi"}]), "UTILITY", &Value::Null), "accepted");
}

#[test]
fn the_live_details_are_given() {
    let body = || texts("body", &["Budi", "7"]);
    let cases = [
        (json!([]), "132000: body: number of localizable_params (0) does not match the expected number of params (2)"),
        (json!([body(), url()]), "132012: header: Format mismatch, expected IMAGE, received UNKNOWN"),
        (
            json!([{"type": "header", "parameters": [{"type": "video", "video": {"id": "1"}}]}, body(), url()]),
            "132012: header: Format mismatch, expected IMAGE, received VIDEO",
        ),
        (json!([header(), body()]), "131008: buttons: Button at index 0 of type Url requires a parameter"),
        (
            json!([header(), body(), button("quick_reply", json!(0), json!({"type": "payload", "payload": "x"}))]),
            "132018: Button at index 0 must be of type Url",
        ),
        (json!([header(), texts("body", &["", "7"]), url()]), "131008: Parameter of type text is missing text value"),
        (
            json!([header(), texts("body", &["a\nb", "7"]), url()]),
            "132018: Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
        ),
        (
            json!([header(), texts("body", &["a     b", "7"]), url()]),
            "132018: Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
        ),
        (
            json!([{"type": "header", "parameters": [{"type": "image", "image": {"id": "abc"}}]}, body(), url()]),
            "(#100) Param template['components'][0]['parameters'][0]['image']['id'] is not a valid whatsapp business \
             account media attachment ID",
        ),
    ];
    for (components, expected) in cases {
        assert_eq!(outcome(&order(), "UTILITY", &components), expected);
    }
    // Four spaces are still right.
    assert_eq!(outcome(&order(), "UTILITY", &json!([header(), texts("body", &["a    b", "7"]), url()])), "accepted");
}

#[test]
fn lengths_are_those_of_the_filled_text() {
    let template = json!([
        {"type": "HEADER", "format": "TEXT", "text": "A {{1}}"},
        {"type": "BODY", "text": format!("{} {{{{1}}}}", "x".repeat(1000))}
    ]);
    let send = |header: usize, body: usize| {
        let components = json!([texts("header", &[&"h".repeat(header)]), texts("body", &[&"é".repeat(body)])]);
        outcome(&template, "UTILITY", &components)
    };
    assert_eq!(send(58, 23), "accepted");
    assert!(send(59, 23).starts_with("132005: header"));
    assert!(send(58, 24).starts_with("132005: body"));
}

#[test]
fn a_header_where_there_is_none_is_refused() {
    let template = json!([{"type": "BODY", "text": "Hi"}]);
    assert!(outcome(&template, "UTILITY", &json!([header()])).starts_with("132018: header"));
    let fixed = json!([{"type": "HEADER", "format": "TEXT", "text": "Hello"}, {"type": "BODY", "text": "Hi"}]);
    assert_eq!(
        outcome(&fixed, "UTILITY", &json!([texts("header", &["a"])])),
        "132000: header: number of localizable_params (1) does not match the expected number of params (0)"
    );
}

#[test]
fn named_parameters_need_their_names() {
    let template = json!([{"type": "BODY", "text": "Hi {{name}}!"}]);
    let named = |name: &str| json!([{"type": "body", "parameters": [{"type": "text", "parameter_name": name, "text": "Budi"}]}]);
    assert_eq!(outcome(&template, "UTILITY", &named("name")), "accepted");
    assert_eq!(
        outcome(&template, "UTILITY", &json!([texts("body", &["Budi"])])),
        "100: Parameter name is missing or empty"
    );
    assert!(outcome(&template, "UTILITY", &named("nama")).starts_with("132012: body"));
}

#[test]
fn a_login_code_has_15_characters_at_most() {
    let template = json!([
        {"type": "BODY", "text": "*{{1}}* is your verification code."},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copy", "url": "https://a.test/?code=otp{{1}}"}]}
    ]);
    let code = |code: &str| {
        let button = button("url", json!("0"), json!({"type": "text", "text": code}));
        outcome(&template, "AUTHENTICATION", &json!([texts("body", &[code]), button]))
    };
    assert_eq!(code("123456789012345"), "accepted");
    assert_eq!(code("1234567890123456"), "132018: body: Parameter at index 1 exceeds the parameter length limit 15");
}

#[test]
fn other_kinds_have_their_required_parts() {
    let template = json!([{"type": "HEADER", "format": "LOCATION"}, {"type": "BODY", "text": "{{1}} and {{2}}!"}]);
    let send = |location: Value, currency: Value| {
        let date = json!({"type": "date_time", "date_time": {"fallback_value": "1 May"}});
        let components = json!([
            {"type": "header", "parameters": [{"type": "location", "location": location}]},
            {"type": "body", "parameters": [{"type": "currency", "currency": currency}, date]}
        ]);
        outcome(&template, "UTILITY", &components)
    };
    let place = json!({"latitude": "-6.2", "longitude": "106.8", "name": "Monas", "address": "Jakarta"});
    let price = json!({"fallback_value": "Rp1", "code": "IDR", "amount_1000": 1000});
    assert_eq!(send(place.clone(), price.clone()), "accepted");
    assert_eq!(send(json!({"latitude": "1"}), price), "131008: Parameter of type location is missing longitude value");
    assert_eq!(
        send(place, json!({"code": "IDR", "amount_1000": 1})),
        "131008: Parameter of type currency is missing fallback_value value"
    );
}

#[test]
fn coupons_and_carousels_are_checked() {
    let coupon = json!([
        {"type": "BODY", "text": "Hi"},
        {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": ["X"]}]}
    ]);
    let code = |code: &str| json!([button("copy_code", json!(0), json!({"type": "coupon_code", "coupon_code": code}))]);
    assert_eq!(outcome(&coupon, "MARKETING", &code("25OFF")), "accepted");
    assert!(outcome(&coupon, "MARKETING", &code(&"x".repeat(21))).starts_with("132018"));
    assert_eq!(
        outcome(&coupon, "MARKETING", &json!([])),
        "131008: buttons: Button at index 0 of type CopyCode requires a parameter"
    );
    let card = json!({"components": [{"type": "HEADER", "format": "IMAGE"}]});
    let carousel = json!([{"type": "BODY", "text": "Hi"}, {"type": "CAROUSEL", "cards": [card, card]}]);
    let cards = |n_cards: usize| {
        let cards: Vec<Value> =
            (0..n_cards).map(|index| json!({"card_index": index, "components": [header()]})).collect();
        json!([{"type": "carousel", "cards": cards}])
    };
    assert_eq!(outcome(&carousel, "MARKETING", &cards(2)), "accepted");
    assert!(outcome(&carousel, "MARKETING", &cards(1)).starts_with("132000: carousel"));
    assert!(outcome(&coupon, "MARKETING", &cards(1)).starts_with("131008"));
}

#[test]
fn what_is_misspelt_is_refused() {
    let template = json!([{"type": "BODY", "text": "Hi {{1}}!"}]);
    let cases = [
        (json!([{"type": "body", "params": []}]), "Unexpected key \"params\" on param \"template['components'][0]\"."),
        (
            json!([{"type": "body", "parameters": [{"type": "text", "txt": "a"}]}]),
            "Unexpected key \"txt\" on param \"template['components'][0]['parameters'][0]\".",
        ),
        (
            json!([{"type": "body", "parameters": [{"type": "text", "text": 7}]}]),
            "Param template['components'][0]['parameters'][0]['text'] must be a string.",
        ),
        (
            json!([{"type": "button", "index": 0, "parameters": []}]),
            "The parameter template['components'][0]['sub_type'] is required.",
        ),
    ];
    for (components, expected) in cases {
        assert_eq!(outcome(&template, "UTILITY", &components), format!("(#100) {expected}"));
    }
}
