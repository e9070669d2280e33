//! What a recipient sees of a message: a template with its values in it.
//!
//! The values are those that bind to the template's contract. What does not bind leaves its variables as they are
//! written, and nothing fails.

use serde_json::Value;

use crate::clock::Moment;
use crate::fault::Faults;
use crate::reading::Node;
use crate::send::{Action, Card as SentCard, Location, Media, Parameter, Part, Position, Product, Values};
use crate::template::Category;
use crate::template::components::{self, Components};
use crate::template::contract::{Contract, MediaKind};
use crate::template::fixed::FixedTexts;
use crate::template::markup::Markup;
use crate::template::placeholder::Placeholders;
use crate::template::raw::Raw;

mod button;

pub use button::{Button, Opens};

/// A message as its recipient sees it. `Debug` shows what it says: it is for people, not for logs.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Header, text and buttons.
    pub message: Bubble,
    /// The small line below the text.
    pub footer: Option<String>,
    /// The offer whose time is limited.
    pub offer: Option<Offer>,
    /// The cards of a carousel, from the first.
    pub cards: Vec<Bubble>,
    /// Whether the recipient is asked to allow calls.
    pub asks_to_call: bool,
}

/// What a message and a card have alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Bubble {
    /// What stands above the text.
    pub header: Option<Header>,
    /// The text; a card may have none.
    pub body: Option<Text>,
    /// The buttons, from the first.
    pub buttons: Vec<Button>,
}

/// A text with its variables filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// With the marks of its formatting.
    pub marked: String,
    /// As it is seen.
    pub markup: Markup,
}

/// What stands above a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Header {
    /// A line of text, which has no formatting.
    Text(String),
    /// A picture, a film or a file; which one is known when there is a value for it.
    Media(MediaKind, Option<Media>),
    /// A place on a map.
    Location(Option<Location>),
    /// A product of the catalogue.
    Product(Option<Product>),
}

/// The offer whose time is limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What stands beside the clock.
    pub text: String,
    /// When it ends, where the message says so.
    pub ends: Option<Moment>,
}

impl Preview {
    /// The template of these components, in this language, with these values. `contract` is what was compiled from the
    /// components.
    pub fn of(contract: &Contract, language: &str, components: &Value, values: &Values) -> Self {
        let category = contract.category();
        // What is wrong with them does not matter here: what can be shown is shown.
        let read = Components::read(&Node::root(components), Some(category), &mut Faults::none());
        let parts = values.0.as_slice();
        let fixed = FixedTexts::of(language);
        let body = match (&read.body, category) {
            (None, Category::Authentication) => Some(fixed.body(read.security_line)),
            (text, Category::Authentication | Category::Utility | Category::Marketing) => text.clone(),
        };
        let footer = read.footer.or_else(|| read.code_expiration_minutes.map(|minutes| fixed.footer(minutes)));
        let setting = Setting { category, fixed, code: code_in(parts) };
        let raw = Raw::of(components);
        let cards = read.cards.iter().enumerate();
        let offer = read.offer.map(|offer| Offer { text: offer.text, ends: ends_in(parts) });
        Self {
            message: bubble(read.header.as_ref(), body.as_deref(), &read.buttons, &raw, parts, &setting),
            footer,
            offer,
            cards: match sent_cards(parts) {
                [] => cards.map(|(index, card)| of_card(card, &raw.card(index), &[], &setting)).collect(),
                // Cards of products are as many as are sent, and all like the first.
                sent => (0..sent.len().max(read.cards.len()))
                    .filter_map(|index| {
                        let place = if index < read.cards.len() { index } else { 0 };
                        let parts = sent.iter().find_map(|parameter| card_parts(parameter, index)).unwrap_or_default();
                        Some(of_card(read.cards.get(place)?, &raw.card(place), parts, &setting))
                    })
                    .collect(),
            },
            asks_to_call: read.asks_to_call,
        }
    }
}

/// What is the same for all parts of a message.
struct Setting<'v> {
    category: Category,
    fixed: FixedTexts,
    /// The login code, if it is for one.
    code: Option<&'v str>,
}

fn of_card(card: &components::Card, raw: &Raw<'_>, parts: &[Part], setting: &Setting<'_>) -> Bubble {
    bubble(card.header.as_ref(), card.body.as_deref(), &card.buttons, raw, parts, setting)
}

fn bubble(
    header: Option<&components::Header>,
    body: Option<&str>,
    buttons: &[components::Button],
    raw: &Raw<'_>,
    parts: &[Part],
    setting: &Setting<'_>,
) -> Bubble {
    let text = |text: &str| {
        let marked = fill(text, values_of(parts, Position::Body));
        Text { markup: Markup::parse(&marked), marked }
    };
    let buttons = buttons
        .iter()
        .enumerate()
        .map(|(index, button)| button::of(button, &raw.button(index), values_of_button(parts, index), setting));
    Bubble {
        header: header.and_then(|header| of_header(header, values_of(parts, Position::Header))),
        body: body.map(text),
        buttons: buttons.collect(),
    }
}

fn of_header(header: &components::Header, values: &[Parameter]) -> Option<Header> {
    let media = |kind| {
        let found = values.iter().find_map(|value| {
            if let Parameter::Image(media)
            | Parameter::Video(media)
            | Parameter::Gif(media)
            | Parameter::Document(media) = value
            {
                Some(media.clone())
            } else {
                None
            }
        });
        Header::Media(kind, found)
    };
    Some(match header {
        components::Header::Text(text) => Header::Text(fill(text, values)),
        components::Header::Image => media(MediaKind::Image),
        components::Header::Video => media(MediaKind::Video),
        components::Header::Gif => media(MediaKind::Gif),
        components::Header::Document => media(MediaKind::Document),
        components::Header::Location => {
            Header::Location(values.iter().find_map(|value| {
                if let Parameter::Location(location) = value { Some(location.clone()) } else { None }
            }))
        }
        components::Header::Product => {
            Header::Product(
                values.iter().find_map(|value| {
                    if let Parameter::Product(product) = value { Some(product.clone()) } else { None }
                }),
            )
        }
        components::Header::Other(_) => return None,
    })
}

/// A text with values in the places of its variables.
fn fill(text: &str, values: &[Parameter]) -> String {
    let placeholders = Placeholders::of(text);
    let mut numbers: Vec<usize> = placeholders.names().iter().filter_map(|name| name.parse().ok()).collect();
    numbers.sort_unstable();
    let value_of = |name: &str| match name.parse::<usize>() {
        Ok(number) => values.get(numbers.iter().position(|other| *other == number)?).and_then(shown),
        Err(_) => values.iter().find_map(|value| {
            if let Parameter::NamedText { name: given, text } = value
                && given == name
            {
                Some(text.as_str())
            } else {
                None
            }
        }),
    };
    let (beside, names) = (placeholders.beside(), placeholders.all());
    let mut filled = beside[0].to_owned();
    for (name, after) in names.iter().zip(&beside[1..]) {
        match value_of(name) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["{{", name, "}}"]),
        }
        filled.push_str(after);
    }
    filled
}

/// What is seen of a value in a text.
fn shown(value: &Parameter) -> Option<&str> {
    if let Parameter::Text(text) | Parameter::NamedText { text, .. } | Parameter::DateTime(text) = value {
        Some(text)
    } else if let Parameter::Currency(currency) = value {
        Some(&currency.fallback)
    } else {
        None
    }
}

fn values_of(parts: &[Part], position: Position) -> &[Parameter] {
    parts.iter().find(|part| part.position == position).map_or(&[], |part| &part.parameters)
}

fn values_of_button(parts: &[Part], wanted: usize) -> &[Parameter] {
    let is_it = |part: &&Part| matches!(part.position, Position::Button { index, .. } if index == wanted);
    parts.iter().find(is_it).map_or(&[], |part| &part.parameters)
}

fn code_in(parts: &[Part]) -> Option<&str> {
    values_of(parts, Position::Body).first().and_then(shown)
}

fn ends_in(parts: &[Part]) -> Option<Moment> {
    values_of(parts, Position::LimitedTimeOffer)
        .iter()
        .find_map(|value| if let Parameter::OfferEnds(end) = value { Some(*end) } else { None })
}

fn sent_cards(parts: &[Part]) -> &[Parameter] {
    values_of(parts, Position::Carousel)
}

fn card_parts(parameter: &Parameter, wanted: usize) -> Option<&[Part]> {
    if let Parameter::Card(SentCard { index, parts }) = parameter
        && *index == wanted
    {
        Some(parts)
    } else {
        None
    }
}

/// The action of a button that takes one.
fn action(values: &[Parameter]) -> Option<&Action> {
    values.iter().find_map(|value| if let Parameter::Action(action) = value { Some(action) } else { None })
}

#[cfg(test)]
mod tests;
