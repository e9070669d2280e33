//! Cards: each bound as a message of its own.

use serde_json::{Value, json};

use crate::fault::Faults;
use crate::rule::Rule;
use crate::send::{Card, CardSpot, Parameter, Place, Position};
use crate::template::contract::bind::{Binder, Given};
use crate::template::contract::{Cards, Slots};

impl<'b> Binder<'b> {
    pub(super) fn carousel(&mut self, need: Option<&Cards>, given: Given<'b>) {
        let Some(cards) = need else { return self.surplus(given) };
        let (fewest, most) = cards.count().into_inner();
        let Some((place, part)) = given else { return self.missing(Position::Carousel, fewest) };
        let n_given = part.parameters.len();
        if !cards.count().contains(&n_given) {
            let want = if fewest == most { fewest.to_string() } else { format!("{fewest}–{most}") };
            let fault = self.fault(Place::Parameters(place), Rule::CardCount);
            self.faults.push(fault.with("want", want).with("got", n_given));
        }
        // Cards of products are as many as are given.
        let n_cards = if fewest == most { most } else { n_given.min(most) };
        let mut bound: Vec<Option<Value>> = vec![None; n_cards];
        let mut seen = vec![false; n_cards];
        for (nth, parameter) in part.parameters.iter().enumerate() {
            let card = match (parameter, n_cards) {
                (Parameter::Unreadable, _) => continue,
                (Parameter::Card(card), _) => card,
                (other, _) => {
                    self.wrong_kind(Place::Parameter(place, nth), "card", other);
                    continue;
                }
            };
            let spot = CardSpot { part: place, card: nth };
            let rule = match seen.get_mut(card.index) {
                None => Some(Rule::NoSuchCard),
                Some(seen) => std::mem::replace(seen, true).then_some(Rule::PositionTwice),
            };
            if let Some(rule) = rule {
                let fault = self.fault(Place::CardIndex(place, nth), rule).with("index", card.index);
                self.faults.push(fault.with("position", format!("card {}", card.index)));
            } else if let Some(slots) = cards.card(card.index) {
                bound[card.index] = self.card(slots, spot, card);
            }
        }
        let bound: Option<Vec<Value>> = bound.into_iter().collect();
        if let Some(cards) = bound {
            let mut component = json!({ "type": "carousel" });
            component["cards"] = Value::Array(cards);
            self.components.push(component);
        }
    }

    /// The card as the upstream is sent it; `None` where something does not fit.
    fn card(&mut self, slots: &Slots, spot: CardSpot, card: &'b Card) -> Option<Value> {
        let mut binder =
            Binder { parts: &card.parts, card: Some(spot), faults: Faults::none(), components: Vec::new(), ..*self };
        binder.slots(slots);
        let Binder { faults, components, .. } = binder;
        let fits = faults.is_empty();
        self.faults.append(faults);
        fits.then(|| {
            let mut bound = json!({ "card_index": card.index });
            bound["components"] = Value::Array(components);
            bound
        })
    }
}
