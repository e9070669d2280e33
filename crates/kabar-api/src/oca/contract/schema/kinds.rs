//! Schemas of single values.

use kabar_domain::clock::Moment;
use kabar_domain::rule::Rule;
use kabar_domain::template::contract::{ButtonNeed, MediaKind};
use serde_json::{Map, Value, json};

use crate::oca::contract::schema::object;

/// The value of a variable, by its name where it has one. `shown` is what people call it; `text_only` that there can be
/// no amount of money and no date.
pub(super) fn variable(
    name: Option<&str>,
    shown: &str,
    longest: usize,
    sample: Option<&str>,
    text_only: bool,
) -> Value {
    let mut text = plain_text(longest);
    text["description"] = json!(format!("{{{{{shown}}}}}"));
    if let Some(sample) = sample {
        text["examples"] = json!([sample]);
    }
    let currency = object(
        &["fallback_value", "code", "amount_1000"],
        json!({
            "fallback_value": plain_text(longest),
            "code": { "type": "string", "pattern": "^[A-Z]{3}$" },
            "amount_1000": { "type": "integer", "minimum": 0, "maximum": i64::MAX }
        }),
    );
    let date_time = object(&["fallback_value"], json!({ "fallback_value": plain_text(longest) }));
    let mut choices = vec![of_kind("text", text)];
    if !text_only {
        choices.extend([of_kind("currency", currency), of_kind("date_time", date_time)]);
    }
    if let Some(name) = name {
        // The upstream has names for texts only.
        choices.truncate(1);
        choices[0]["properties"]["parameter_name"] = json!({ "const": name });
        if let Some(required) = choices[0]["required"].as_array_mut() {
            required.push(json!("parameter_name"));
        }
    }
    if choices.len() == 1 { choices.remove(0) } else { json!({ "oneOf": choices }) }
}

pub(super) fn media(kind: MediaKind) -> Value {
    let mut properties = json!({ "url": web_address(), "id": upstream_id() });
    if kind == MediaKind::Document {
        properties["caption"] = json!({ "type": "string", "description": "The name that the file is shown with." });
    }
    let mut media = object(&[], properties);
    media["oneOf"] = json!([{ "required": ["url"] }, { "required": ["id"] }]);
    of_kind(kind.word(), media)
}

pub(super) fn location() -> Value {
    let degrees = |limit: Rule, pattern: &str| {
        let most = i64::try_from(limit.max()).unwrap_or(i64::MAX);
        json!({ "anyOf": [
            { "type": "number", "minimum": -most, "maximum": most },
            { "type": "string", "pattern": pattern }
        ] })
    };
    let location = object(
        &["latitude", "longitude", "name", "address"],
        json!({
            "latitude": degrees(Rule::Latitude, "^-?([0-8]?[0-9](\\.[0-9]+)?|90(\\.0+)?)$"),
            "longitude": degrees(Rule::Longitude, "^-?((1[0-7][0-9]|[0-9]?[0-9])(\\.[0-9]+)?|180(\\.0+)?)$"),
            "name": plain_text(Rule::BodyLength.max()),
            "address": plain_text(Rule::BodyLength.max())
        }),
    );
    of_kind("location", location)
}

pub(super) fn product() -> Value {
    let product = object(
        &["product_retailer_id", "catalog_id"],
        json!({ "product_retailer_id": filled(None), "catalog_id": upstream_id() }),
    );
    of_kind("product", product)
}

/// The one value of a button.
pub(super) fn of_button(need: ButtonNeed) -> Value {
    match need {
        ButtonNeed::Payload => of_kind("payload", filled(Some(Rule::PayloadLength))),
        ButtonNeed::UrlSuffix => of_kind("text", plain_text(Rule::UrlLength.max())),
        ButtonNeed::Code => {
            let mut code = plain_text(Rule::CodeLength.max());
            code["description"] = json!("The same as in the text, from where it is taken if this button is left out.");
            of_kind("text", code)
        }
        ButtonNeed::CouponCode => of_kind(
            "coupon_code",
            json!({ "type": "string", "pattern": "^[A-Za-z0-9]+$", "maxLength": Rule::CouponLength.max() }),
        ),
        ButtonNeed::Catalog => of_action(&[], json!({ "thumbnail_product_retailer_id": filled(None) })),
        ButtonNeed::Products => of_action(
            &["thumbnail_product_retailer_id", "sections"],
            json!({ "thumbnail_product_retailer_id": filled(None), "sections": sections() }),
        ),
        ButtonNeed::Flow => {
            of_action(&[], json!({ "flow_token": filled(None), "flow_action_data": { "type": "object" } }))
        }
        ButtonNeed::OrderDetails => of_action(&["order_details"], json!({ "order_details": order_details() })),
        // Neither has one value: the first has none, and the second has a list of its own.
        ButtonNeed::Nothing | ButtonNeed::Call => json!(false),
    }
}

/// The values of a button that calls: for how long, and what is told to who answers, each at most once.
pub(super) fn call() -> Value {
    let minutes = json!({ "type": "integer", "minimum": Rule::CallTtl.min(), "maximum": Rule::CallTtl.max() });
    let once = |kind: &str| {
        let sign = object(&["type"], json!({ "type": { "const": kind } }));
        json!({ "contains": sign, "minContains": 0, "maxContains": 1 })
    };
    json!({
        "type": "array", "minItems": 1, "maxItems": 2,
        "items": { "oneOf": [
            of_kind("ttl_minutes", minutes),
            of_kind("payload", filled(Some(Rule::CallPayloadLength)))
        ] },
        "allOf": [once("ttl_minutes"), once("payload")]
    })
}

pub(super) fn offer_ends(now: Moment) -> Value {
    let end = json!({
        "type": "integer", "exclusiveMinimum": now.as_millis(),
        "description": "Milliseconds since 1970, in the future."
    });
    of_kind("limited_time_offer", object(&["expiration_time_ms"], json!({ "expiration_time_ms": end })))
}

pub(super) fn order_status() -> Value {
    let order = object(
        &["status"],
        json!({
            "status": { "enum": ["processing", "partially_shipped", "shipped", "completed", "canceled"] },
            "description": filled(None)
        }),
    );
    of_kind("order_status", object(&["reference_id", "order"], json!({ "reference_id": filled(None), "order": order })))
}

pub(super) fn tap_target() -> Value {
    let target =
        object(&["url", "title"], json!({ "url": web_address(), "title": plain_text(Rule::BodyLength.max()) }));
    of_kind("tap_target_configuration", json!({ "type": "array", "minItems": 1, "items": target }))
}

fn order_details() -> Value {
    let amount = || {
        let count = json!({ "type": "integer", "minimum": 0 });
        object(&["value", "offset"], json!({ "value": count, "offset": count }))
    };
    let item = object(
        &["retailer_id", "name", "amount", "quantity"],
        json!({
            "retailer_id": filled(None), "name": filled(None), "amount": amount(),
            "quantity": { "type": "integer", "minimum": 1 }
        }),
    );
    let order = object(
        &["status", "items", "subtotal"],
        json!({
            "status": filled(None),
            "items": { "type": "array", "minItems": 1, "items": item },
            "subtotal": amount(), "tax": amount(), "shipping": amount(), "discount": amount()
        }),
    );
    object(
        &["reference_id", "type", "currency", "total_amount", "order"],
        json!({
            "reference_id": filled(None),
            "type": { "enum": ["digital-goods", "physical-goods"] },
            "payment_type": filled(None),
            "payment_settings": { "type": "array" },
            "currency": { "type": "string", "pattern": "^[A-Z]{3}$" },
            "total_amount": amount(),
            "order": order
        }),
    )
}

fn sections() -> Value {
    let products = Rule::SectionProducts.max();
    let item = object(&["product_retailer_id"], json!({ "product_retailer_id": filled(None) }));
    let items = json!({ "type": "array", "minItems": 1, "maxItems": products, "items": item });
    let title = filled(Some(Rule::SectionTitle));
    let section = object(&["title", "product_items"], json!({ "title": title, "product_items": items }));
    json!({ "type": "array", "minItems": 1, "maxItems": Rule::Sections.max(), "items": section })
}

/// A value of this kind, which stands under the kind's own name.
fn of_kind(kind: &str, value: Value) -> Value {
    let mut properties = Map::new();
    properties.insert("type".to_owned(), json!({ "const": kind }));
    properties.insert(kind.to_owned(), value);
    object(&["type", kind], Value::Object(properties))
}

fn of_action(required: &[&str], properties: Value) -> Value {
    of_kind("action", object(required, properties))
}

/// A text as it may stand for a variable: no line breaks, no tabs, not many spaces in a row, and not only spaces.
fn plain_text(longest: usize) -> Value {
    let spaces = Rule::TextSpaces.max() + 1;
    json!({
        "type": "string", "pattern": "^[^\\n\\r\\t]*[^\\s][^\\n\\r\\t]*$",
        "not": { "pattern": format!(" {{{spaces}}}") },
        "maxLength": longest
    })
}

/// A text that is not blank.
fn filled(longest: Option<Rule>) -> Value {
    let mut text = json!({ "type": "string", "pattern": "[^\\s]" });
    if let Some(rule) = longest {
        text["maxLength"] = json!(rule.max());
    }
    text
}

fn web_address() -> Value {
    let pattern = "^https?://[^\\s/?#\\u0000-\\u001f\\u007f-\\u009f][^\\s\\u0000-\\u001f\\u007f-\\u009f]*$";
    json!({ "type": "string", "pattern": pattern, "maxLength": Rule::UrlLength.max() })
}

fn upstream_id() -> Value {
    let (fewest, most) = (Rule::UpstreamId.min(), Rule::UpstreamId.max());
    json!({ "type": "string", "pattern": format!("^[0-9]{{{fewest},{most}}}$") })
}
