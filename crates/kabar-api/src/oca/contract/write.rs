//! Values in the dialect's spelling.

use kabar_domain::send::{Action, Media, MediaSource, Parameter, Part, Position};
use serde_json::{Value, json};

/// `payload[]`.
pub(super) fn payload(parts: &[Part]) -> Value {
    parts.iter().map(part).collect()
}

fn part(part: &Part) -> Value {
    let values: Value = part.parameters.iter().filter_map(parameter).collect();
    match part.position {
        Position::Carousel => json!({ "position": part.position.word(), "cards": values }),
        Position::Button { kind, index } => json!({
            "position": part.position.word(), "sub_types": kind.word(), "index": index, "parameters": values
        }),
        Position::Header
        | Position::Body
        | Position::LimitedTimeOffer
        | Position::OrderStatus
        | Position::TapTarget => json!({ "position": part.position.word(), "parameters": values }),
    }
}

/// A value; what could not be read can't be written.
fn parameter(parameter: &Parameter) -> Option<Value> {
    let value = match parameter {
        Parameter::Unreadable => return None,
        Parameter::NamedText { name, text } => {
            return Some(json!({ "type": "text", "parameter_name": name, "text": text }));
        }
        Parameter::Card(card) => {
            let mut written = json!({ "card_index": card.index });
            if !card.parts.is_empty() {
                written["payload"] = payload(&card.parts);
            }
            return Some(written);
        }
        Parameter::Text(text) | Parameter::Payload(text) | Parameter::CouponCode(text) => json!(text),
        Parameter::TtlMinutes(minutes) => json!(minutes),
        Parameter::DateTime(text) => json!({ "fallback_value": text }),
        Parameter::Currency(currency) => json!({
            "fallback_value": currency.fallback, "code": currency.code, "amount_1000": currency.amount_1000
        }),
        Parameter::Image(file) | Parameter::Video(file) | Parameter::Gif(file) | Parameter::Document(file) => {
            media(file)
        }
        Parameter::Location(location) => json!({
            "latitude": location.latitude, "longitude": location.longitude,
            "name": location.name, "address": location.address
        }),
        Parameter::Product(product) => {
            json!({ "product_retailer_id": product.retailer_id, "catalog_id": product.catalog_id })
        }
        Parameter::OfferEnds(end) => json!({ "expiration_time_ms": end.as_millis() }),
        Parameter::Action(given) => action(given),
        Parameter::OrderStatus(status) => status.clone(),
        Parameter::TapTargets(targets) => {
            targets.iter().map(|target| json!({ "url": target.url, "title": target.title })).collect()
        }
    };
    let kind = parameter.kind();
    let mut written = json!({ "type": kind });
    written[kind] = value;
    Some(written)
}

fn media(media: &Media) -> Value {
    let mut written = match &media.source {
        MediaSource::Url(url) => json!({ "url": url }),
        MediaSource::Id(id) => json!({ "id": id }),
    };
    if let Some(filename) = &media.filename {
        written["caption"] = json!(filename);
    }
    written
}

fn action(action: &Action) -> Value {
    const THUMBNAIL: &str = "thumbnail_product_retailer_id";
    let mut written = json!({});
    match action {
        Action::Catalog { thumbnail } => {
            if let Some(thumbnail) = thumbnail {
                written[THUMBNAIL] = json!(thumbnail);
            }
        }
        Action::Mpm { thumbnail, sections } => {
            let items = |products: &[String]| -> Value {
                products.iter().map(|product| json!({ "product_retailer_id": product })).collect()
            };
            written[THUMBNAIL] = json!(thumbnail);
            written["sections"] = sections
                .iter()
                .map(|section| json!({ "title": section.title, "product_items": items(&section.products) }))
                .collect();
        }
        Action::Flow { token, data } => {
            if let Some(token) = token {
                written["flow_token"] = json!(token);
            }
            if let Some(data) = data {
                written["flow_action_data"] = json!(data);
            }
        }
        Action::OrderDetails(order) => written["order_details"] = order.clone(),
    }
    written
}
