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

#[test]
fn offers_end_and_stand_only_where_there_is_one() {
    let offer = |expires: bool| {
        json!([{"type": "BODY", "text": "Hi"},
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "x", "has_expiration": expires}}])
    };
    let ends = |end: Value| {
        let parameter = json!({"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": end}});
        json!([{"type": "limited_time_offer", "parameters": [parameter]}])
    };
    assert_eq!(outcome(&offer(true), "MARKETING", &ends(json!(1_900_000_000_000_i64))), "accepted");
    assert_eq!(outcome(&offer(false), "MARKETING", &json!([])), "accepted");
    let missing = "131008: Parameter of type limited_time_offer is missing expiration_time_ms value";
    assert_eq!(outcome(&offer(true), "MARKETING", &json!([])), missing);
    assert_eq!(outcome(&offer(true), "MARKETING", &ends(json!("1900000000000"))), missing);
    let plain = json!([{"type": "BODY", "text": "Hi"}]);
    assert!(outcome(&plain, "MARKETING", &ends(json!(1))).starts_with("132018: limited_time_offer"));
    let twice = json!([ends(json!(1))[0], ends(json!(1))[0]]);
    assert!(outcome(&offer(true), "MARKETING", &twice).starts_with("131009"));
}

#[test]
fn buttons_that_do_more_are_told_what_to_do() {
    let with = |kind: &str| json!([{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": [{"type": kind}]}]);
    let act = |kind: &str, action: Value| {
        let button = button(kind, json!(0), json!({"type": "action", "action": action}));
        outcome(&with(kind), "MARKETING", &json!([button]))
    };
    let section = |n_products: usize, title: &str| json!({"title": title, "product_items": vec![json!({"product_retailer_id": "a"}); n_products]});
    let products = |sections: Vec<Value>| act("MPM", json!({"sections": sections}));
    assert_eq!(products(vec![section(3, &"a".repeat(24)); 10]), "accepted");
    assert!(products(vec![section(1, "a"); 11]).starts_with("131009"));
    assert!(products(vec![section(31, "a")]).starts_with("131009"));
    assert!(products(vec![section(1, &"a".repeat(25))]).starts_with("131009"));
    assert!(products(vec![]).contains("is required"));
    assert!(products(vec![section(0, "a")]).contains("is required"));
    assert!(act("MPM", json!({"section": []})).contains("Unexpected key"));
    assert_eq!(act("CATALOG", json!({"thumbnail_product_retailer_id": "a"})), "accepted");
    assert!(act("CATALOG", json!({"thumbnail": "a"})).contains("Unexpected key"));
    assert_eq!(act("FLOW", json!({"flow_token": "a", "flow_action_data": {"b": 1}})), "accepted");
    assert!(act("FLOW", json!({"flow_action_data": []})).contains("must be a JSON object"));
    assert!(act("ORDER_DETAILS", json!({})).contains("is required"));
    let order = json!({"reference_id": "1", "type": "physical-goods", "currency": "INR",
        "total_amount": {"value": 1, "offset": 100}, "order": {"items": [{}]}});
    assert_eq!(act("ORDER_DETAILS", json!({"order_details": order})), "accepted");
    assert!(act("SPM", json!({})).starts_with("132018"));

    let call = |parameters: Value| {
        let button = json!({"type": "button", "sub_type": "voice_call", "index": 0, "parameters": parameters});
        outcome(&with("VOICE_CALL"), "UTILITY", &json!([button]))
    };
    let minutes = |minutes: u32| json!({"type": "ttl_minutes", "ttl_minutes": minutes});
    assert_eq!(call(json!([minutes(43_200), {"type": "payload", "payload": "x"}])), "accepted");
    assert!(call(json!([minutes(0)])).starts_with("131009"));
    assert!(call(json!([minutes(1), minutes(1)])).starts_with("132018"));
    let long = json!({"type": "payload", "payload": "x".repeat(513)});
    assert!(call(json!([long])).starts_with("132018"));
}

#[test]
fn values_are_within_their_bounds() {
    let location = json!([{"type": "HEADER", "format": "LOCATION"}, {"type": "BODY", "text": "Hi"}]);
    let at = |value: Value| {
        let parameter = json!({"type": "location", "location": value});
        outcome(&location, "UTILITY", &json!([{"type": "header", "parameters": [parameter]}]))
    };
    assert_eq!(at(json!({"latitude": "-90", "longitude": 180})), "accepted");
    assert!(at(json!({"latitude": "-90.1", "longitude": "0"})).starts_with("131009"));
    assert!(at(json!({"latitude": "0", "longitude": "east"})).starts_with("131009"));
    assert!(at(json!({"latitude": "0", "longitude": "0", "lat": 1})).contains("Unexpected key"));
    let text = json!([{"type": "BODY", "text": "Hi {{1}}!"}]);
    let price = |code: &str| {
        let currency = json!({"fallback_value": "Rp1", "code": code, "amount_1000": 1000});
        outcome(
            &text,
            "UTILITY",
            &json!([{"type": "body", "parameters": [{"type": "currency", "currency": currency}]}]),
        )
    };
    assert_eq!(price("IDR"), "accepted");
    assert!(price("Rp").starts_with("131009"));
    let coupon = json!([{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE"}]}]);
    let code = button("copy_code", json!(0), json!({"type": "coupon_code", "coupon_code": "25% OFF"}));
    assert_eq!(outcome(&coupon, "MARKETING", &json!([code])), "132018: Coupon code must be alphanumeric");
}

#[test]
fn what_stands_beside_is_read() {
    let text = json!([{"type": "BODY", "text": "Hi"}]);
    let beside = |kind: &str, value: Value| {
        outcome(&text, "UTILITY", &json!([{"type": kind, "parameters": [{"type": kind, kind: value}]}]))
    };
    let status = |status: &str| beside("order_status", json!({"reference_id": "1", "order": {"status": status}}));
    assert_eq!(status("shipped"), "accepted");
    assert!(status("lost").starts_with("(#100)"));
    assert!(beside("order_status", json!({"order": {"status": "shipped"}})).contains("is required"));
    let target = "tap_target_configuration";
    assert_eq!(beside(target, json!([{"url": "https://a.test", "title": "x"}])), "accepted");
    assert!(beside(target, json!([])).contains("is required"));
    assert!(beside(target, json!({"url": "x"})).contains("must be an array"));
    let wrong = json!([{"type": "order_status", "parameters": [{"type": "text", "text": "x"}]}]);
    assert!(outcome(&text, "UTILITY", &wrong).starts_with("132012"));
}
