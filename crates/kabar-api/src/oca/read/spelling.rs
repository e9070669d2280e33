//! How the caller spelled the values, so that later faults name them in the caller's own words.

use kabar_domain::fault::Path;
use kabar_domain::send::{CardSpot, Place, Spot};

/// The spelling of all values.
#[derive(Debug, Default)]
pub(in crate::oca) struct Spelling {
    /// One for each part that could be read.
    pub(super) parts: Vec<PartSpelling>,
}

#[derive(Debug)]
pub(super) struct PartSpelling {
    /// The part's place in its list, where parts that could not be read stand as well.
    pub(super) place: usize,
    /// Under which key a button's kind stands.
    pub(super) kind_key: &'static str,
    /// Under which key the values stand.
    pub(super) list_key: &'static str,
    /// Whether there is no list but the one value itself.
    pub(super) one_object: bool,
    /// The parts of each card, where the values are cards.
    pub(super) cards: Vec<Vec<Self>>,
}

impl Spelling {
    /// Where in the body something stands.
    pub(in crate::oca) fn path_of(&self, spot: Spot) -> Path {
        let payload = Path::root().key("message").key("template").key("payload");
        match spot.card {
            None => place_in(&self.parts, payload, spot.place),
            Some(CardSpot { part, card }) => {
                let list = place_in(&self.parts, payload, Place::Parameter(part, card)).key("payload");
                let parts = self.parts.get(part).and_then(|part| part.cards.get(card));
                place_in(parts.map_or(&[], Vec::as_slice), list, spot.place)
            }
        }
    }
}

fn place_in(parts: &[PartSpelling], list: Path, place: Place) -> Path {
    let spelled = |part: usize| parts.get(part);
    let part = |part: usize| match spelled(part) {
        Some(spelling) => list.index(spelling.place),
        None => list.clone(),
    };
    let values = |place: usize| part(place).key(spelled(place).map_or("parameters", |part| part.list_key));
    match place {
        Place::Values => list,
        Place::Part(place) => part(place),
        Place::Position(place) => part(place).key("position"),
        Place::ButtonIndex(place) => part(place).key("index"),
        Place::ButtonKind(place) => part(place).key(spelled(place).map_or("sub_types", |part| part.kind_key)),
        Place::Parameters(place) => values(place),
        Place::Parameter(place, _) if spelled(place).is_some_and(|part| part.one_object) => values(place),
        Place::Parameter(place, index) => values(place).index(index),
        Place::CardIndex(place, index) => values(place).index(index).key("card_index"),
    }
}
