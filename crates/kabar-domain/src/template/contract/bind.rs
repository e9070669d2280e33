//! Binding: a caller's values put to a template's variables.

use serde_json::{Value, json};

use crate::clock::Moment;
use crate::fault::{Fault, Faults, Path};
use crate::rule::Rule;
use crate::send::{CardSpot, Parameter, Part, Place, Position, Spot, Values};
use crate::template::Category;
use crate::template::contract::{Contract, Slots};

mod actions;
mod buttons;
mod cards;
mod checks;
mod header;
mod orders;
mod texts;

/// Values that fit their template: the upstream's `components`, as a JSON array. `Debug` shows no value.
#[derive(Clone, PartialEq, Eq)]
pub struct Bound(String);

impl Bound {
    /// The array as JSON text; `[]` where a template needs nothing.
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// The array as JSON text.
    pub fn into_json(self) -> String {
        self.0
    }
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bound({} bytes)", self.0.len())
    }
}

pub(super) fn bind(
    contract: &Contract,
    values: &Values,
    now: Moment,
    path_of: &dyn Fn(Spot) -> Path,
    faults: Faults,
) -> Result<Bound, Faults> {
    let mut binder = Binder {
        authentication: contract.category == Category::Authentication,
        parts: &values.0,
        card: None,
        now,
        path_of,
        faults,
        components: Vec::new(),
    };
    let [header, body, offer, carousel, status, target] = [
        Position::Header,
        Position::Body,
        Position::LimitedTimeOffer,
        Position::Carousel,
        Position::OrderStatus,
        Position::TapTarget,
    ]
    .map(|position| binder.only(position));
    binder.header(contract.header(), header);
    let code = binder.body(contract.body(), body);
    binder.offer(contract.offer_ends, offer);
    binder.carousel(contract.cards.as_ref(), carousel);
    binder.buttons(&contract.message.buttons, code.as_deref());
    binder.order_status(contract.order_status, status);
    binder.tap_target(contract.takes_tap_target(), target);
    let components = Value::Array(binder.components);
    binder.faults.or(Bound(components.to_string()))
}

/// Puts the values of a message, or of a card, to what is needed.
struct Binder<'b> {
    authentication: bool,
    parts: &'b [Part],
    /// Which card the parts are of.
    card: Option<CardSpot>,
    now: Moment,
    path_of: &'b dyn Fn(Spot) -> Path,
    faults: Faults,
    components: Vec<Value>,
}

/// A part that was given, with its place among the parts.
type Given<'b> = Option<(usize, &'b Part)>;

impl<'b> Binder<'b> {
    fn path(&self, place: Place) -> Path {
        (self.path_of)(Spot { card: self.card, place })
    }

    /// Makes the path when it is needed: mostly it is not.
    fn path_maker(&self, place: Place) -> impl Fn() -> Path + use<'b> {
        let (path_of, card) = (self.path_of, self.card);
        move || path_of(Spot { card, place })
    }

    fn fault(&self, place: Place, rule: Rule) -> Fault {
        Fault::new(self.path(place), rule)
    }

    /// The first part at a position that may stand once; each further one is a fault.
    fn only(&mut self, wanted: Position) -> Given<'b> {
        let mut first = None;
        for (place, part) in self.parts.iter().enumerate().filter(|(_, part)| part.position == wanted) {
            if first.is_none() {
                first = Some((place, part));
            } else {
                let fault = self.fault(Place::Position(place), Rule::PositionTwice);
                self.faults.push(fault.with("position", wanted.word()));
            }
        }
        first
    }

    /// Notes that a part that needs values has none.
    fn missing(&mut self, position: Position, want: usize) {
        let fault = self.fault(Place::Values, Rule::ValuesMissing).with("want", want);
        self.faults.push(fault.with("position", position.word()));
    }

    /// Notes values for a part that takes none. An empty list is as if it had been left out.
    fn surplus(&mut self, given: Given<'_>) {
        if let Some((place, part)) = given.filter(|(_, part)| !part.parameters.is_empty()) {
            let fault = self.fault(Place::Part(place), Rule::PositionSurplus);
            self.faults.push(fault.with("position", part.position.word()));
        }
    }

    fn wrong_kind(&mut self, place: Place, want: &str, got: &Parameter) {
        let fault = self.fault(place, Rule::ValueKind).with("want", want).with("got", got.kind());
        self.faults.push(fault);
    }

    fn count_is(&mut self, place: usize, part: &Part, want: usize) -> bool {
        let got = part.parameters.len();
        if got == want {
            return true;
        }
        let fault = self.fault(Place::Parameters(place), Rule::ValueCount).with("position", part.position.word());
        self.faults.push(fault.with("want", want).with("got", got));
        false
    }

    /// The one value of a part that takes one of a kind; `None` where there is another number of them.
    fn one(&mut self, place: usize, part: &'b Part) -> Option<&'b Parameter> {
        self.count_is(place, part, 1).then(|| &part.parameters[0])
    }

    fn push(&mut self, kind: &str, parameters: Vec<Value>) {
        let mut component = json!({ "type": kind });
        component["parameters"] = Value::Array(parameters);
        self.components.push(component);
    }

    fn offer(&mut self, ends: bool, given: Given<'b>) {
        if !ends {
            return self.surplus(given);
        }
        let Some((place, part)) = given else { return self.missing(Position::LimitedTimeOffer, 1) };
        let spot = Place::Parameter(place, 0);
        match self.one(place, part) {
            Some(Parameter::OfferEnds(end)) if *end > self.now => {
                let offer = json!({ "expiration_time_ms": end.as_millis() });
                let parameter = json!({ "type": "limited_time_offer", "limited_time_offer": offer });
                self.push("limited_time_offer", vec![parameter]);
            }
            Some(Parameter::OfferEnds(_)) => {
                let path = self.path(spot).key("limited_time_offer").key("expiration_time_ms");
                self.faults.push(Fault::new(path, Rule::EndPast));
            }
            None | Some(Parameter::Unreadable) => {}
            Some(other) => self.wrong_kind(spot, "limited_time_offer", other),
        }
    }

    /// What the message itself and each card have alike.
    fn slots(&mut self, slots: &Slots) {
        let [header, body] = [Position::Header, Position::Body].map(|position| self.only(position));
        self.header(slots.header.as_ref(), header);
        self.body(&slots.body, body);
        self.buttons(&slots.buttons, None);
        for position in [Position::LimitedTimeOffer, Position::Carousel, Position::OrderStatus, Position::TapTarget] {
            let given = self.only(position);
            self.surplus(given);
        }
    }
}
