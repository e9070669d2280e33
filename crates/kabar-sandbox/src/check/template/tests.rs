use serde_json::json;

use super::*;

fn refused(template: &Value) -> GraphError {
    check(template.as_object().unwrap()).unwrap_err()
}

/// A template with these components, and whatever else `more` changes.
#[expect(clippy::needless_pass_by_value, reason = "reads better where it is called with `json!`")]
fn template(components: Value, more: &Value) -> Value {
    let mut template = json!({"name": "order", "language": "id", "category": "utility", "components": components});
    for (key, value) in more.as_object().unwrap() {
        template[key] = value.clone();
    }
    template
}

fn body() -> Value {
    json!([{"type": "body", "text": "Halo"}])
}

#[test]
fn enums_are_taken_in_either_case() {
    let new = check(
        template(
            json!([
                {"type": "header", "format": "text", "text": "A {{1}}", "example": {"header_text": ["b"]}},
                {"type": "BODY", "text": "a {{2}} and then b {{1}} c", "example": {"body_text": [["x", "y"]]}},
                {"type": "Footer", "text": "c"},
                {"type": "buttons", "buttons": [
                    {"type": "quick_reply", "text": "Ya"},
                    {"type": "URL", "text": "Lihat", "url": "https://a.test/{{1}}", "example": ["https://a.test/1"]}
                ]}
            ]),
            &json!({"parameter_format": "positional", "sub_category": "order_status"}),
        )
        .as_object()
        .unwrap(),
    )
    .unwrap();
    assert_eq!((new.category, new.named), ("UTILITY", false));
    assert_eq!(new.attributes["sub_category"], "ORDER_STATUS");
}

#[test]
fn parameters_are_refused_in_the_platforms_words() {
    for (key, message) in [
        ("name", "(#100) The parameter name is required."),
        ("language", "(#100) The parameter language is required."),
        ("category", "(#100) The parameter category is required."),
        ("components", "(#100) The parameter components is required."),
    ] {
        let mut without = template(body(), &json!({}));
        without.as_object_mut().unwrap().remove(key);
        assert_eq!(refused(&without).message(), message);
    }
    let category = refused(&template(body(), &json!({"category": "OTP"})));
    assert_eq!(category.message(), "(#100) Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}");
    let misspelt = refused(&template(body(), &json!({"paramter_format": "NAMED"})));
    assert_eq!(misspelt.message(), "(#100) Unexpected key \"paramter_format\" on param \"message_templates\".");
}

#[test]
fn names_and_languages_have_subcodes() {
    for (more, subcode) in [
        (json!({"name": "Order"}), 2_388_046),
        (json!({"name": "a-b"}), 2_388_046),
        (json!({"name": "a".repeat(513)}), 2_388_046),
        (json!({"name": "hello_world"}), 2_388_155),
        (json!({"language": "pt"}), 2_388_049),
        (json!({"language": "xx"}), 2_388_049),
    ] {
        assert_eq!(refused(&template(body(), &more)).subcode, Some(subcode), "{more}");
    }
    let error = refused(&template(body(), &json!({"name": "Order"})));
    assert_eq!(error.body()["error"]["error_data"], json!({"blame_field_specs": [["name"]]}));
    assert_eq!(error.body()["error"]["error_user_title"], "Name Format is Incorrect");
    assert_eq!(error.body()["error"]["is_transient"], false);
}

#[test]
fn components_lack_or_have_too_much() {
    let cases = [
        (json!([{"type": "footer", "text": "c"}]), "component of type BODY is missing expected field(s) (text)"),
        (json!([{"type": "body"}]), "component of type BODY is missing expected field(s) (text)"),
        (json!([{"type": "body", "text": "a {{1}}"}]), "component of type BODY is missing expected field(s) (example)"),
        (
            json!([{"type": "body", "text": "a {{1}} {{2}}", "example": {"body_text": [["x"]]}}]),
            "component of type BODY is missing expected field(s) (example)",
        ),
        (json!([{"type": "body", "text": "a", "texts": 1}]), "component of type BODY has unexpected field(s) (texts)"),
        (
            json!([{"type": "header", "format": "image"}, {"type": "body", "text": "a"}]),
            "component of type HEADER is missing expected field(s) (example)",
        ),
        (
            json!([{"type": "header", "format": "text"}, {"type": "body", "text": "a"}]),
            "component of type HEADER is missing expected field(s) (text)",
        ),
        (
            json!([{"type": "body", "text": "a"}, {"type": "buttons", "buttons": [
                {"type": "url", "text": "b", "url": "https://a.test/{{1}}"}
            ]}]),
            "component of type BUTTONS is missing expected field(s) (example)",
        ),
    ];
    for (components, text) in cases {
        assert_eq!(refused(&template(components, &json!({}))).user_text(), Some(text));
    }
    let twice = refused(&template(json!([{"type": "body", "text": "a"}, {"type": "BODY", "text": "b"}]), &json!({})));
    assert_eq!(twice.message(), "(#100) Param components must have only one component of type BODY.");
    let unknown = refused(&template(json!([{"type": "bodi", "text": "a"}]), &json!({})));
    assert!(unknown.message().starts_with("(#100) Param components[0]['type'] must be one of {HEADER, BODY, "));
}

#[test]
fn variables_are_numbered_without_gaps_or_named_rightly() {
    let text = |text: &str, format: &str| {
        let components = json!([{"type": "body", "text": text, "example": {"body_text": [["x", "y"]]}}]);
        template(components, &json!({"parameter_format": format}))
    };
    for (body, format) in [("a {{1}} {{3}}", "positional"), ("a {{name}}", "positional"), ("a {{Name}}", "named")] {
        assert_eq!(refused(&text(body, format)).subcode, Some(2_388_072), "{body}");
    }
    let named = json!([{"type": "body", "text": "a {{name}} b c", "example": {
        "body_text_named_params": [{"param_name": "name", "example": "x"}]
    }}]);
    check(template(named.clone(), &json!({"parameter_format": "named"})).as_object().unwrap()).unwrap();
    let mut other = named;
    other[0]["example"]["body_text_named_params"][0]["param_name"] = json!("nam");
    assert_eq!(refused(&template(other, &json!({"parameter_format": "named"}))).subcode, Some(2_388_043));
}

#[test]
fn addresses_and_numbers_of_buttons_are_checked() {
    let button = |button: Value| {
        template(json!([{"type": "body", "text": "a"}, {"type": "buttons", "buttons": [button]}]), &json!({}))
    };
    for url in ["a.test", "https://", "https://a.test/{{1}}/b", "https://a.test/{{2}}", "ftp://a.test"] {
        let error = refused(&button(json!({"type": "url", "text": "b", "url": url, "example": ["https://a.test/1"]})));
        assert_eq!(error.message(), "(#100) Param components[1]['buttons'][0]['url'] is not a valid URI.", "{url}");
    }
    for number in [json!("abc"), json!("+62 21"), json!(6221), json!("1")] {
        let error = refused(&button(json!({"type": "phone_number", "text": "b", "phone_number": number})));
        let message = "(#192) Param components[1]['buttons'][0]['phone_number'] is not a valid phone number.";
        assert_eq!((error.code, error.message()), (192, message));
    }
    let copy_code = json!({"type": "copy_code", "text": "b", "example": "x"});
    assert_eq!(
        refused(&button(copy_code)).user_text(),
        Some("component of type BUTTONS has unexpected field(s) (text)")
    );
}

#[test]
fn a_login_code_has_only_switches_and_one_button() {
    let login = |components: Value| template(components, &json!({"category": "AUTHENTICATION"}));
    let button = json!({"type": "buttons", "buttons": [{"type": "otp", "otp_type": "copy_code", "text": "Salin"}]});
    check(login(json!([{"type": "body"}, button])).as_object().unwrap()).unwrap();
    let cases = [
        (json!([{"type": "body", "text": "{{1}}"}, button]), 2_388_042),
        (json!([{"type": "header", "format": "text", "text": "a"}, {"type": "body"}, button]), 2_388_042),
        (json!([{"type": "body"}]), 2_388_043),
        (json!([button]), 2_388_043),
        (json!([{"type": "body"}, {"type": "buttons", "buttons": [{"type": "url", "text": "a"}]}]), 2_388_042),
        (
            json!([{"type": "body"}, {"type": "buttons", "buttons": [{"type": "otp", "otp_type": "one_tap"}]}]),
            2_388_043,
        ),
    ];
    for (components, subcode) in cases {
        assert_eq!(refused(&login(components.clone())).subcode, Some(subcode), "{components}");
    }
    let text = refused(&login(json!([{"type": "body", "text": "{{1}}"}, button])));
    assert_eq!(text.user_text(), Some("component of type BODY has unexpected field(s) (text)"));
}
