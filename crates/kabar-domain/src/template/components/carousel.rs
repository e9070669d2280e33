//! CAROUSEL: cards that are moved through.

use crate::fault::{Fault, Faults};
use crate::reading::{Node, ObjectNode};
use crate::rule::Rule;
use crate::template::components::{Button, ButtonKind, Header, Kind, Setting, body, buttons, header, kind_of, name_of};

/// A card of a carousel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// What it shows: a picture, a film or a product.
    pub header: Option<Header>,
    /// Its text.
    pub body: Option<String>,
    /// Its buttons, in order.
    pub buttons: Vec<Button>,
}

pub(super) fn read(object: &ObjectNode<'_>, setting: Setting, faults: &mut Faults) -> Vec<Card> {
    object.only("CAROUSEL", &["type", "cards"], faults);
    let Some(list) = object.required("cards", faults) else { return Vec::new() };
    let Some(elements) = list.array(faults) else { return Vec::new() };
    let got = elements.len();
    if !Rule::CarouselCards.allows(got) {
        faults.push(list.fault(Rule::CarouselCards).with("got", got));
    }
    let setting = Setting { body_length: Rule::BodyLengthCard, ..setting };
    let cards: Vec<Card> = elements.iter().map(|element| read_card(element, setting, faults)).collect();
    if cards.iter().any(|card| card.header == Some(Header::Product)) && !Rule::CarouselProductCards.allows(got) {
        faults.push(list.fault(Rule::CarouselProductCards).with("got", got));
    }
    check_alike(&elements, &cards, faults);
    cards
}

fn read_card(element: &Node<'_>, setting: Setting, faults: &mut Faults) -> Card {
    let mut card = Card::default();
    let Some(object) = element.object(faults) else { return card };
    object.only("CAROUSEL card", &["components"], faults);
    let Some(list) = object.required("components", faults) else { return card };
    let Some(elements) = list.array(faults) else { return card };
    let mut seen: Vec<Kind> = Vec::new();
    for element in &elements {
        let Some((kind, object)) = kind_of(element, faults) else { continue };
        if seen.contains(&kind) {
            faults.push(element.fault(Rule::ComponentTwice).with("component", name_of(kind)));
            continue;
        }
        seen.push(kind);
        if !Rule::CardComponent.row().words.contains(&name_of(kind)) {
            faults.push(object.fault("type", Rule::CardComponent));
        }
        match kind {
            Kind::Header => card.header = read_header(&object, setting, faults),
            Kind::Body => card.body = body::read(&object, setting, faults),
            Kind::Buttons => {
                card.buttons = buttons::read(&object, setting, faults);
                if let Some(list) = object.optional("buttons") {
                    buttons::check_number(&list, card.buttons.len(), Rule::CardButtons, faults);
                }
            }
            Kind::Greeting | Kind::Footer | Kind::Carousel | Kind::LimitedTimeOffer | Kind::CallPermissionRequest => {}
        }
    }
    if !seen.contains(&Kind::Header) {
        faults.push(list.fault(Rule::CardHeader));
    }
    check_product(&elements, &card, faults);
    card
}

fn read_header(object: &ObjectNode<'_>, setting: Setting, faults: &mut Faults) -> Option<Header> {
    let header = header::read(object, setting, faults);
    let is_refused = |header: &Header| !Rule::CardHeader.row().words.contains(&header.format());
    if header.as_ref().is_some_and(|header| !matches!(header, Header::Other(_)) && is_refused(header)) {
        faults.push(object.fault("format", Rule::CardHeader));
    }
    header
}

/// A product is shown by its own button, and that button needs a product.
fn check_product(elements: &[Node<'_>], card: &Card, faults: &mut Faults) {
    let is_product = card.header == Some(Header::Product);
    let buttons = elements.iter().find_map(|element| {
        let list = Node::at(element.value().get("buttons")?, element.path().key("buttons"));
        list.value().as_array().map(|_| list)
    });
    let Some(list) = buttons else { return };
    for (place, button) in card.buttons.iter().enumerate() {
        let path = list.path().index(place).key("type");
        let is_known = !matches!(button.kind, ButtonKind::Other(_));
        if is_product && is_known && !Rule::CardProductButton.row().words.contains(&button.kind.name()) {
            faults.push(Fault::new(path, Rule::CardProductButton));
        } else if !is_product && button.kind == ButtonKind::Spm {
            faults.push(Fault::new(path, Rule::SpmHeader));
        }
    }
}

/// All cards are made of the same parts as the first.
fn check_alike(elements: &[Node<'_>], cards: &[Card], faults: &mut Faults) {
    let Some(first) = cards.first() else { return };
    let shape = shape_of(first);
    for (element, card) in elements.iter().zip(cards).skip(1) {
        if shape_of(card) != shape {
            faults.push(element.fault(Rule::CardsAlike));
        } else if card.header.as_ref().map(Header::format) != first.header.as_ref().map(Header::format) {
            faults.push(element.fault(Rule::CardHeadersAlike));
        }
    }
}

/// What must be the same on all cards; a picture may stand beside a film.
fn shape_of(card: &Card) -> (bool, bool, bool, Vec<&str>) {
    let kinds = card.buttons.iter().map(|button| button.kind.name()).collect();
    (card.header.is_some(), card.header == Some(Header::Product), card.body.is_some(), kinds)
}
