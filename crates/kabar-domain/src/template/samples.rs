//! Values made of a template's own examples: what a send by it looks like.
//!
//! They bind, whatever the examples are: a template that was made elsewhere may have any, or none.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::Moment;
use crate::rule::Rule;
use crate::send::{
    Action, ButtonUse, Card, Location, Media, MediaSource, Parameter, Part, Position, Product, Section, Values,
};
use crate::template::Category;
use crate::template::contract::{ButtonNeed, Contract, HeaderNeed, MediaKind, Slots, TextNeed, Variable, VariableName};
use crate::template::placeholder::Placeholders;
use crate::template::raw::Raw;

/// For how long a sample's offer lasts.
const OFFER: Duration = Duration::from_secs(7 * 24 * 3600);
/// A login code, where the template has no example of one.
const CODE: &str = "123456";
/// A text, where the template has no example of one that would do.
const TEXT: &str = "contoh";
/// A product, as a catalogue may name one.
const PRODUCT: &str = "SEPATU-01";

/// Values for everything that the contract asks for, and for what it takes beside that where it teaches something.
/// `components` are those that the contract was compiled from.
pub fn values(contract: &Contract, components: &Value, now: Moment) -> Values {
    let raw = Raw::of(components);
    let mut parts = slots(contract.message(), &raw, contract.category());
    if contract.offer_ends() {
        parts.push(part(Position::LimitedTimeOffer, Parameter::OfferEnds(now.plus(OFFER))));
    }
    if let Some(cards) = contract.cards() {
        let cards = cards.defined().iter().enumerate().map(|(index, need)| {
            Parameter::Card(Card { index, parts: slots(need, &raw.card(index), contract.category()) })
        });
        parts.push(Part { position: Position::Carousel, parameters: cards.collect() });
    }
    Values(parts)
}

fn part(position: Position, parameter: Parameter) -> Part {
    Part { position, parameters: vec![parameter] }
}

/// The values of a message, or of a card.
fn slots(need: &Slots, raw: &Raw<'_>, category: Category) -> Vec<Part> {
    let mut parts = Vec::new();
    match &need.header {
        None => {}
        Some(HeaderNeed::Text(text)) => {
            let parameters = texts(text, raw.header().text(), &raw.header());
            parts.push(Part { position: Position::Header, parameters });
        }
        Some(HeaderNeed::Media(kind)) => parts.push(part(Position::Header, media(*kind))),
        Some(HeaderNeed::Location) => parts.push(part(Position::Header, location())),
        Some(HeaderNeed::Product) => parts.push(part(Position::Header, product())),
    }
    if !need.body.variables().is_empty() {
        let body = raw.body();
        let parameters = match category {
            Category::Authentication => {
                need.body.variables().iter().map(|_| Parameter::Text(CODE.to_owned())).collect()
            }
            Category::Utility | Category::Marketing => texts(&need.body, body.text(), &body),
        };
        parts.push(Part { position: Position::Body, parameters });
    }
    for (index, need) in need.buttons.iter().enumerate() {
        if let Some((kind, parameter)) = button(*need, &raw.button(index)) {
            parts.push(part(Position::Button { kind, index }, parameter));
        }
    }
    parts
}

/// A value for each variable of a text, from the examples beside it.
fn texts(need: &TextNeed, text: &str, component: &Raw<'_>) -> Vec<Parameter> {
    let mut values: Vec<String> = Vec::new();
    for (place, variable) in need.variables().iter().enumerate() {
        let example = match variable.name() {
            VariableName::Number(number) => number.checked_sub(1).and_then(|place| component.example_at(place)),
            VariableName::Name(name) => component.example_named(name),
        };
        values.push(fitting(example.unwrap_or(TEXT), need.longest(place)));
    }
    // Each fits beside the shortest values of the others; all together they may still be too long.
    let fixed: usize = Placeholders::of(text).beside().iter().map(|piece| piece.chars().count()).sum();
    let filled = need.variables().iter().zip(&values).map(|(variable, value)| variable.uses() * value.chars().count());
    if fixed + filled.sum::<usize>() > need.limit().max() {
        values.iter_mut().for_each(|value| *value = fitting(value, 1));
    }
    let with_name = |(variable, text): (&VariableName, String)| match variable {
        VariableName::Number(_) => Parameter::Text(text),
        VariableName::Name(name) => Parameter::NamedText { name: name.clone(), text },
    };
    need.variables().iter().map(Variable::name).zip(values).map(with_name).collect()
}

/// An example as the upstream takes it for a value of at most so many characters.
fn fitting(example: &str, longest: usize) -> String {
    let cut = |text: &str| -> String {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        words.chars().take(longest).collect::<String>().trim_end().to_owned()
    };
    Some(cut(example)).filter(|text| !text.is_empty()).unwrap_or_else(|| cut(TEXT))
}

fn media(kind: MediaKind) -> Parameter {
    let at = |name: &str| Media::at(format!("https://toko.example/{name}"));
    match kind {
        MediaKind::Image => Parameter::Image(at("gambar.jpg")),
        MediaKind::Video => Parameter::Video(at("video.mp4")),
        MediaKind::Gif => Parameter::Gif(at("animasi.mp4")),
        MediaKind::Document => {
            let source = MediaSource::Url("https://toko.example/dokumen.pdf".to_owned());
            Parameter::Document(Media { source, filename: Some("dokumen.pdf".to_owned()) })
        }
    }
}

fn location() -> Parameter {
    Parameter::Location(Location {
        latitude: "-6.175392".to_owned(),
        longitude: "106.827153".to_owned(),
        name: "Monumen Nasional".to_owned(),
        address: "Gambir, Jakarta Pusat".to_owned(),
    })
}

fn product() -> Parameter {
    Parameter::Product(Product { retailer_id: PRODUCT.to_owned(), catalog_id: "1234567890".to_owned() })
}

/// The value of a button that needs one, or that takes one which is worth showing.
fn button(need: ButtonNeed, raw: &Raw<'_>) -> Option<(ButtonUse, Parameter)> {
    let value = match need {
        // The code of the body is put there without being asked for.
        ButtonNeed::Nothing | ButtonNeed::Code => return None,
        ButtonNeed::Payload => Parameter::Payload(fitting(raw.text(), Rule::PayloadLength.max())),
        ButtonNeed::UrlSuffix => Parameter::Text(url_suffix(raw)),
        ButtonNeed::CouponCode => Parameter::CouponCode(coupon(raw)),
        ButtonNeed::Catalog => Parameter::Action(Action::Catalog { thumbnail: Some(PRODUCT.to_owned()) }),
        ButtonNeed::Products => {
            let products = vec![PRODUCT.to_owned(), "SEPATU-02".to_owned()];
            let sections = vec![Section { title: "Sepatu".to_owned(), products }];
            Parameter::Action(Action::Mpm { thumbnail: PRODUCT.to_owned(), sections })
        }
        ButtonNeed::Flow => Parameter::Action(Action::Flow { token: Some("pesanan-2041".to_owned()), data: None }),
        ButtonNeed::Call => Parameter::TtlMinutes(1440),
        ButtonNeed::OrderDetails => Parameter::Action(Action::OrderDetails(order_details())),
    };
    need.button_use().zip(Some(value))
}

/// What follows the fixed beginning of a URL. Examples are whole URLs by the upstream's word, and bare endings by its
/// own examples.
fn url_suffix(raw: &Raw<'_>) -> String {
    let example = raw.example_at(0).unwrap_or(TEXT);
    let begins = Placeholders::of(raw.url()).beside()[0];
    let ending = match example.strip_prefix(begins) {
        Some(ending) => ending,
        // Of another URL than the button's, the last piece.
        None if example.contains("://") => example.rsplit(['/', '=', '?']).next().unwrap_or_default(),
        None => example,
    };
    fitting(&ending.split_whitespace().collect::<String>(), Rule::UrlLength.max())
}

/// Letters and digits only.
fn coupon(raw: &Raw<'_>) -> String {
    let example: String = raw.example_at(0).unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let example = if example.is_empty() { "HEMAT25".to_owned() } else { example };
    fitting(&example, Rule::CouponLength.max())
}

/// An order as the upstream's payment pages describe one.
fn order_details() -> Value {
    let amount = |value: u32| json!({ "value": value, "offset": 100 });
    json!({
        "reference_id": "INV-2041",
        "type": "physical-goods",
        "currency": "INR",
        "total_amount": amount(50_000),
        "order": {
            "status": "pending",
            "items": [
                { "retailer_id": PRODUCT, "name": "Sepatu lari", "amount": amount(50_000), "quantity": 1 }
            ],
            "subtotal": amount(50_000)
        }
    })
}

#[cfg(test)]
mod tests;
