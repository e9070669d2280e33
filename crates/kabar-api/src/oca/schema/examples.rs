//! Bodies that can be sent, for the documentation: those of the vendor's page, and one for each kind of template beyond it.

use serde_json::{Value, json};

fn body(template_code_id: &str, payload: &Value) -> Value {
    json!({
        "message": { "type": "template", "template": { "template_code_id": template_code_id, "payload": payload } },
        "phone_number": "6281381475159"
    })
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

/// An order's update, with two variables.
pub(in crate::oca) fn order() -> Value {
    let parameters = [text("Budi"), text("INV-2024-001")];
    let payload = json!([{ "position": "body", "parameters": parameters }]);
    body("0199a4f4_0000_7000_8000_000000000001:pesanan_dikirim", &payload)
}

/// A header with a variable.
pub(in crate::oca) fn greeting() -> Value {
    let payload = json!([{ "position": "header", "parameters": [text("Budi")] }]);
    body("0199a4f4_0000_7000_8000_000000000004:salam", &payload)
}

/// A header with a picture.
pub(in crate::oca) fn picture() -> Value {
    let image = json!({ "type": "image", "image": { "url": "https://example.com/promo.jpg" } });
    let payload = json!([{ "position": "header", "parameters": [image] }]);
    body("0199a4f4_0000_7000_8000_000000000005:promo", &payload)
}

/// A header with a film.
pub(in crate::oca) fn film() -> Value {
    let video = json!({ "type": "video", "video": { "url": "https://example.com/tour.mp4" } });
    let payload = json!([{ "position": "header", "parameters": [video] }]);
    body("0199a4f4_0000_7000_8000_000000000006:tur", &payload)
}

/// A header with a file, and both kinds of button.
pub(in crate::oca) fn everything() -> Value {
    let file = json!({ "url": "https://example.com/invoice.pdf", "caption": "Faktur.pdf" });
    let payload = json!([
        { "position": "header", "parameters": [{ "type": "document", "document": file }] },
        { "position": "body", "parameters": [text("Budi")] },
        { "position": "button", "sub_types": "quick_reply", "index": 0,
          "parameters": [{ "type": "payload", "payload": "STOP" }] },
        { "position": "button", "sub_types": "url_dynamic", "index": 1, "parameters": [text("INV-2024-001")] }
    ]);
    body("0199a4f4_0000_7000_8000_000000000002:faktur", &payload)
}

/// A login code.
pub(in crate::oca) fn login_code() -> Value {
    let payload = json!([{ "position": "body", "parameters": [text("123456")] }]);
    body("0199a4f4_0000_7000_8000_000000000003:kode_masuk", &payload)
}

/// The example of a kind of template, which is kept where people find it and tried out against the sandbox.
pub(in crate::oca) fn kind(kind: &str) -> Value {
    let found = KINDS.iter().find(|(name, _)| *name == kind);
    // A test reads each of them.
    found.and_then(|(_, text)| serde_json::from_str(text).ok()).unwrap_or_default()
}

macro_rules! kinds {
    ($($kind:literal),* $(,)?) => {
        const KINDS: &[(&str, &str)] =
            &[$(($kind, include_str!(concat!("../../../../../docs/examples/", $kind, "/send.json")))),*];
    };
}

kinds!(
    "named_variables",
    "location_header",
    "gif_header",
    "money_and_dates",
    "coupon",
    "limited_time_offer",
    "media_carousel",
    "product_carousel",
    "catalog",
    "products",
    "product",
    "flow",
    "voice_call",
    "order_details",
    "order_status",
    "tap_target",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oca::read::read;
    use crate::oca::schema::PushMessage;

    #[test]
    fn the_examples_can_be_sent_and_the_schema_has_all_that_they_have() {
        let page = [order(), greeting(), picture(), film(), everything(), login_code()];
        for body in page.into_iter().chain(KINDS.iter().map(|(name, _)| kind(name))) {
            assert!(read(&body).faults.is_empty(), "{body}");
            let read: PushMessage = serde_json::from_value(body.clone()).unwrap_or_else(|err| panic!("{err}: {body}"));
            assert_eq!(serde_json::to_value(&read).unwrap(), body);
        }
    }
}
