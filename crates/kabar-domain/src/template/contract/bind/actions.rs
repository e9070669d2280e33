//! What buttons do that takes more than a text: a catalogue, products, a flow, an order, a call.

use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::rule::Rule;
use crate::send::{Action, Parameter, Part, Place, Section};
use crate::template::contract::ButtonNeed;
use crate::template::contract::bind::Binder;

impl<'b> Binder<'b> {
    /// What the upstream is sent for an action; null where it says nothing.
    pub(super) fn action(&mut self, spot: Place, need: ButtonNeed, given: &'b Action) -> Option<Value> {
        let action = match (need, given) {
            (ButtonNeed::Catalog, Action::Catalog { thumbnail: None }) => return Some(Value::Null),
            (ButtonNeed::Catalog, Action::Catalog { thumbnail: Some(thumbnail) }) => {
                self.thumbnail(spot, thumbnail).then(|| json!({ "thumbnail_product_retailer_id": thumbnail }))
            }
            (ButtonNeed::Products, Action::Mpm { thumbnail, sections }) => {
                let fits = [self.thumbnail(spot, thumbnail), self.sections(spot, sections)];
                let sections: Vec<Value> = sections.iter().map(section).collect();
                fits.iter()
                    .all(|fits| *fits)
                    .then(|| json!({ "thumbnail_product_retailer_id": thumbnail, "sections": sections }))
            }
            (ButtonNeed::Flow, Action::Flow { token: None, data: None }) => return Some(Value::Null),
            (ButtonNeed::Flow, Action::Flow { token, data }) => self.flow(spot, token.as_deref(), data.as_ref()),
            (ButtonNeed::OrderDetails, Action::OrderDetails(order)) => {
                let path = self.path(spot).key("action").key("order_details");
                self.order_details(order, path).then(|| json!({ "order_details": order }))
            }
            // A dialect reads an action by the kind of button that the caller named, and that is the right one.
            (_, Action::Catalog { .. } | Action::Mpm { .. } | Action::Flow { .. } | Action::OrderDetails(_)) => {
                self.faults.push(self.fault(spot, Rule::ValueKind).with("want", "action").with("got", "action"));
                None
            }
        };
        action.map(|action| json!({ "type": "action", "action": action }))
    }

    fn thumbnail(&mut self, spot: Place, product: &str) -> bool {
        let path = self.path_maker(spot);
        self.not_empty(|| path().key("action").key("thumbnail_product_retailer_id"), product)
    }

    fn sections(&mut self, spot: Place, sections: &[Section]) -> bool {
        let path = self.path(spot).key("action").key("sections");
        let before = self.faults.len();
        if sections.is_empty() {
            self.faults.push(Fault::new(path.clone(), Rule::EmptyList));
        } else if !Rule::Sections.allows(sections.len()) {
            self.faults.push(Fault::new(path.clone(), Rule::Sections).with("got", sections.len()));
        }
        let n_products: usize = sections.iter().map(|section| section.products.len()).sum();
        if !Rule::SectionProducts.allows(n_products) {
            self.faults.push(Fault::new(path.clone(), Rule::SectionProducts).with("got", n_products));
        }
        for (place, section) in sections.iter().enumerate() {
            let path = path.index(place);
            self.not_empty_and_within(|| path.key("title"), &section.title, Rule::SectionTitle);
            let items = path.key("product_items");
            if section.products.is_empty() {
                self.faults.push(Fault::new(items.clone(), Rule::EmptyList));
            }
            for (place, product) in section.products.iter().enumerate() {
                self.not_empty(|| items.index(place).key("product_retailer_id"), product);
            }
        }
        self.faults.len() == before
    }

    fn flow(&mut self, spot: Place, token: Option<&str>, data: Option<&Map<String, Value>>) -> Option<Value> {
        let path = self.path_maker(spot);
        let fits = token.is_none_or(|token| self.not_empty(|| path().key("action").key("flow_token"), token));
        let mut action = json!({ "flow_token": token.unwrap_or("unused") });
        if let Some(data) = data {
            action["flow_action_data"] = json!(data);
        }
        fits.then_some(action)
    }

    /// For how long a button calls, and its payload: either, both, each once.
    pub(super) fn call(&mut self, place: usize, part: &'b Part) -> Option<Vec<Value>> {
        let mut sent = Vec::new();
        let mut kinds: Vec<&str> = Vec::new();
        for (index, parameter) in part.parameters.iter().enumerate() {
            let spot = Place::Parameter(place, index);
            let path = self.path_maker(spot);
            let value = match (parameter, kinds.contains(&parameter.kind())) {
                (Parameter::Unreadable, _) => None,
                (Parameter::TtlMinutes(_) | Parameter::Payload(_), true) => {
                    let fault = Fault::new(path(), Rule::PositionTwice);
                    self.faults.push(fault.with("position", parameter.kind()));
                    None
                }
                (Parameter::TtlMinutes(minutes), false) => {
                    let allowed = usize::try_from(*minutes).is_ok_and(|minutes| Rule::CallTtl.allows(minutes));
                    self.check(allowed, || path().key("ttl_minutes"), Rule::CallTtl)
                        .then(|| json!({ "type": "ttl_minutes", "ttl_minutes": minutes }))
                }
                (Parameter::Payload(payload), false) => self
                    .not_empty_and_within(|| path().key("payload"), payload, Rule::CallPayloadLength)
                    .then(|| json!({ "type": "payload", "payload": payload })),
                (other, _) => {
                    self.wrong_kind(spot, "ttl_minutes", other);
                    None
                }
            };
            kinds.push(parameter.kind());
            sent.extend(value);
        }
        (sent.len() == part.parameters.len()).then_some(sent)
    }
}

fn section(section: &Section) -> Value {
    let items: Vec<Value> = section.products.iter().map(|product| json!({ "product_retailer_id": product })).collect();
    json!({ "title": section.title, "product_items": items })
}
