//! Headers: a text, a file, a place, a product.

use serde_json::{Value, json};

use crate::rule::Rule;
use crate::send::{Location, Media, MediaSource, Parameter, Place, Position, Product};
use crate::template::contract::bind::{Binder, Given};
use crate::template::contract::{HeaderNeed, MediaKind};

impl<'b> Binder<'b> {
    pub(super) fn header(&mut self, need: Option<&HeaderNeed>, given: Given<'b>) {
        let Some(need) = need else { return self.surplus(given) };
        let Some((place, part)) = given else { return self.missing(Position::Header, 1) };
        if let HeaderNeed::Text(text) = need {
            if let Some(parameters) = self.texts(text, place, part, Place::Parameter(place, 0)) {
                self.push("header", parameters);
            }
            return;
        }
        let spot = Place::Parameter(place, 0);
        let Some(given) = self.one(place, part) else { return };
        let value = match (need, given) {
            (_, Parameter::Unreadable) => None,
            (HeaderNeed::Media(kind @ MediaKind::Image), Parameter::Image(media))
            | (HeaderNeed::Media(kind @ MediaKind::Video), Parameter::Video(media))
            | (HeaderNeed::Media(kind @ MediaKind::Gif), Parameter::Gif(media))
            | (HeaderNeed::Media(kind @ MediaKind::Document), Parameter::Document(media)) => {
                self.media(spot, *kind, media)
            }
            (HeaderNeed::Location, Parameter::Location(location)) => self.location(spot, location),
            (HeaderNeed::Product, Parameter::Product(product)) => self.product(spot, product),
            (_, other) => {
                self.wrong_kind(spot, need.kind(), other);
                None
            }
        };
        if let Some(value) = value {
            let kind = need.kind();
            self.push("header", vec![json!({ "type": kind, kind: value })]);
        }
    }

    fn media(&mut self, spot: Place, kind: MediaKind, media: &Media) -> Option<Value> {
        let path = self.path(spot).key(kind.word());
        let mut value = match &media.source {
            MediaSource::Url(url) if self.url(|| path.key("url"), url) => json!({ "link": url }),
            MediaSource::Id(id) if self.upstream_id(|| path.key("id"), id) => json!({ "id": id }),
            MediaSource::Url(_) | MediaSource::Id(_) => return None,
        };
        if let (MediaKind::Document, Some(filename)) = (kind, &media.filename) {
            value["filename"] = json!(filename);
        }
        Some(value)
    }

    fn location(&mut self, spot: Place, location: &Location) -> Option<Value> {
        let path = self.path(spot).key("location");
        let fits = [
            self.check(is_degrees(&location.latitude, Rule::Latitude), || path.key("latitude"), Rule::Latitude),
            self.check(is_degrees(&location.longitude, Rule::Longitude), || path.key("longitude"), Rule::Longitude),
            self.plain_text(|| path.key("name"), &location.name, Rule::BodyLength),
            self.plain_text(|| path.key("address"), &location.address, Rule::BodyLength),
        ];
        fits.iter().all(|fits| *fits).then(|| {
            json!({
                "latitude": location.latitude, "longitude": location.longitude,
                "name": location.name, "address": location.address
            })
        })
    }

    fn product(&mut self, spot: Place, product: &Product) -> Option<Value> {
        let path = self.path(spot).key("product");
        let fits = [
            self.not_empty(|| path.key("product_retailer_id"), &product.retailer_id),
            self.upstream_id(|| path.key("catalog_id"), &product.catalog_id),
        ];
        fits.iter()
            .all(|fits| *fits)
            .then(|| json!({ "product_retailer_id": product.retailer_id, "catalog_id": product.catalog_id }))
    }
}

/// Whether a text is a decimal number, not farther from zero than the rule allows.
fn is_degrees(text: &str, limit: Rule) -> bool {
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    let most = f64::from(limit.row().max.unwrap_or(u32::MAX));
    is_decimal && text.parse::<f64>().is_ok_and(|degrees| (-most..=most).contains(&degrees))
}
