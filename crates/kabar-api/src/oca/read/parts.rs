//! `payload[]`: which part of the template each element is for, and the cards of a carousel.

use kabar_domain::fault::Faults;
use kabar_domain::reading::{Node, ObjectNode};
use kabar_domain::send::{ButtonUse, Card, Parameter, Part, Position, Values};

use crate::oca::read::spelling::{PartSpelling, Spelling};
use crate::oca::read::values::{Kinds, read_parameter};
use crate::oca::read::word_of;

const SUB_TYPES: &str = "sub_types";
const SUB_TYPE: &str = "sub_type";

pub(super) fn read(nodes: &[Node<'_>], faults: &mut Faults) -> (Values, Spelling) {
    let (parts, spelling) = read_parts(nodes, Level::Message, faults);
    (Values(parts), Spelling { parts: spelling })
}

/// Whose parts are read. Cards have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Message,
    Card,
}

fn read_parts(nodes: &[Node<'_>], level: Level, faults: &mut Faults) -> (Vec<Part>, Vec<PartSpelling>) {
    let mut parts = Vec::with_capacity(nodes.len());
    let mut spellings = Vec::with_capacity(nodes.len());
    for (place, node) in nodes.iter().enumerate() {
        let Some(object) = node.object(faults) else { continue };
        if let Some((part, spelling)) = read_part(&object, place, level, faults) {
            parts.push(part);
            spellings.push(spelling);
        }
    }
    (parts, spellings)
}

/// The kinds of part, before it is known which button.
#[derive(Debug, Clone, Copy)]
enum Word {
    Header,
    Body,
    Button,
    LimitedTimeOffer,
    Carousel,
    OrderStatus,
    TapTarget,
}

const PAGE: &[(&str, Word)] = &[("header", Word::Header), ("body", Word::Body), ("button", Word::Button)];
const ADDED: &[(&str, Word)] = &[
    ("limited_time_offer", Word::LimitedTimeOffer),
    ("carousel", Word::Carousel),
    ("order_status", Word::OrderStatus),
    ("tap_target_configuration", Word::TapTarget),
];

fn read_part(object: &ObjectNode<'_>, place: usize, level: Level, faults: &mut Faults) -> Option<(Part, PartSpelling)> {
    let kind_key =
        if object.optional(SUB_TYPES).is_none() && object.optional(SUB_TYPE).is_some() { SUB_TYPE } else { SUB_TYPES };
    let mut spelling = PartSpelling { place, kind_key, list_key: "parameters", one_object: false, cards: Vec::new() };
    let word = object.required("position", faults).and_then(|node| word_of(&node, PAGE, ADDED, faults));
    let mut button = None;
    let position = match word {
        None => None,
        Some(Word::Header) => Some(Position::Header),
        Some(Word::Body) => Some(Position::Body),
        Some(Word::LimitedTimeOffer) => Some(Position::LimitedTimeOffer),
        Some(Word::OrderStatus) => Some(Position::OrderStatus),
        Some(Word::TapTarget) => Some(Position::TapTarget),
        Some(Word::Carousel) => {
            spelling.list_key = "cards";
            let parameters = read_cards(object, level, &mut spelling, faults);
            return Some((Part { position: Position::Carousel, parameters }, spelling));
        }
        Some(Word::Button) => {
            button = object.required(kind_key, faults).and_then(|node| read_kind(&node, faults));
            let index = object.required("index", faults).and_then(|node| read_index(&node, faults));
            button.zip(index).map(|(kind, index)| Position::Button { kind, index })
        }
    };
    let given = object.required("parameters", faults);
    spelling.one_object =
        matches!(word, Some(Word::Button)) && given.as_ref().is_some_and(|node| node.value().is_object());
    let nodes = match given {
        None => Vec::new(),
        Some(object) if spelling.one_object => vec![object],
        Some(list) => list.array(faults).unwrap_or_default(),
    };
    // Without a place nobody knows what kinds of value would be right.
    let kinds = match word? {
        Word::Header => Kinds::Header,
        Word::Body => Kinds::Body,
        Word::Button => Kinds::Button(button),
        Word::LimitedTimeOffer => Kinds::Offer,
        Word::OrderStatus => Kinds::OrderStatus,
        Word::TapTarget => Kinds::TapTarget,
        Word::Carousel => return None,
    };
    let parameters =
        nodes.iter().map(|node| read_parameter(node, kinds, faults).unwrap_or(Parameter::Unreadable)).collect();
    Some((Part { position: position?, parameters }, spelling))
}

/// The cards, each with parts of its own. Cards in cards are there, and nothing is read of them.
fn read_cards(
    object: &ObjectNode<'_>,
    level: Level,
    spelling: &mut PartSpelling,
    faults: &mut Faults,
) -> Vec<Parameter> {
    let Some(nodes) = object.required("cards", faults).and_then(|node| node.array(faults)) else { return Vec::new() };
    let mut cards = Vec::with_capacity(nodes.len());
    for node in &nodes {
        let card = (level == Level::Message).then(|| read_card(node, faults)).flatten();
        let (card, parts) = card.unwrap_or((Parameter::Unreadable, Vec::new()));
        cards.push(card);
        spelling.cards.push(parts);
    }
    cards
}

fn read_card(node: &Node<'_>, faults: &mut Faults) -> Option<(Parameter, Vec<PartSpelling>)> {
    let object = node.object(faults)?;
    let index = object.required("card_index", faults).and_then(|node| read_index(&node, faults));
    let (parts, spelling) = match object.optional("payload") {
        None => (Vec::new(), Vec::new()),
        Some(payload) => read_parts(&payload.array(faults)?, Level::Card, faults),
    };
    Some((Parameter::Card(Card { index: index?, parts }), spelling))
}

fn read_kind(node: &Node<'_>, faults: &mut Faults) -> Option<ButtonUse> {
    let page = [ButtonUse::QuickReply, ButtonUse::UrlSuffix].map(|kind| (kind.word(), kind));
    // `url` is what callers write; the page has the other word.
    let added = ButtonUse::ALL.map(|kind| (kind.sub_type(), kind));
    word_of(node, &page, &added, faults)
}

fn read_index(node: &Node<'_>, faults: &mut Faults) -> Option<usize> {
    if let Some(text) = node.value().as_str()
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(index) = text.parse()
    {
        return Some(index);
    }
    node.count(faults).and_then(|index| usize::try_from(index).ok())
}
