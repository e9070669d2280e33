//! Orders. Their documents are the payment's, so they are passed on as they came; what every one of them has is checked.

use serde_json::{Value, json};

use crate::clock::Moment;
use crate::fault::{Faults, Path};
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::send::{Parameter, Place, TapTarget};
use crate::template::contract::bind::texts::is_currency;
use crate::template::contract::bind::{Binder, Given};

/// States of an order that a message can tell.
const STATES: &[(&str, ())] =
    &[("processing", ()), ("partially_shipped", ()), ("shipped", ()), ("completed", ()), ("canceled", ())];

impl<'b> Binder<'b> {
    pub(super) fn order_status(&mut self, is_taken: bool, given: Given<'b>) {
        let Some((place, part)) = given.filter(|(_, part)| is_taken && !part.parameters.is_empty()) else {
            return self.surplus(given);
        };
        let spot = Place::Parameter(place, 0);
        match self.one(place, part) {
            None | Some(Parameter::Unreadable) => {}
            Some(Parameter::OrderStatus(status)) => {
                let node = Node::at(status, self.path(spot).key("order_status"));
                let before = self.faults.len();
                check_status(&node, &mut self.faults);
                if self.faults.len() == before {
                    self.push("order_status", vec![json!({ "type": "order_status", "order_status": status })]);
                }
            }
            Some(other) => self.wrong_kind(spot, "order_status", other),
        }
    }

    pub(super) fn tap_target(&mut self, is_taken: bool, given: Given<'b>) {
        let kind = "tap_target_configuration";
        let Some((place, part)) = given.filter(|(_, part)| is_taken && !part.parameters.is_empty()) else {
            return self.surplus(given);
        };
        let spot = Place::Parameter(place, 0);
        match self.one(place, part) {
            None | Some(Parameter::Unreadable) => {}
            Some(Parameter::TapTargets(targets)) => {
                let path = self.path(spot).key(kind);
                if !self.check(!targets.is_empty(), || path.clone(), Rule::EmptyList) {
                    return;
                }
                let fits: Vec<bool> = targets
                    .iter()
                    .enumerate()
                    .flat_map(|(place, target)| {
                        let path = path.index(place);
                        [
                            self.url(|| path.key("url"), &target.url),
                            self.plain_text(|| path.key("title"), &target.title, Rule::BodyLength),
                        ]
                    })
                    .collect();
                if fits.iter().all(|fits| *fits) {
                    let targets: Vec<Value> = targets.iter().map(tap_target).collect();
                    self.push(kind, vec![json!({ "type": kind, kind: targets })]);
                }
            }
            Some(other) => self.wrong_kind(spot, kind, other),
        }
    }

    pub(super) fn order_details(&mut self, order: &Value, path: Path) -> bool {
        let before = self.faults.len();
        check_details(&Node::at(order, path), self.now, &mut self.faults);
        self.faults.len() == before
    }
}

fn tap_target(target: &TapTarget) -> Value {
    json!({ "url": target.url, "title": target.title })
}

fn check_status(node: &Node<'_>, faults: &mut Faults) {
    let Some(status) = node.object(faults) else { return };
    status.required_text("reference_id", faults);
    let Some(order) = status.required("order", faults).and_then(|node| node.object(faults)) else { return };
    if let Some(state) = order.required("status", faults) {
        one_of(&state, STATES, false, faults);
    }
    order.optional("description").and_then(|node| node.text(faults));
}

fn check_details(node: &Node<'_>, now: Moment, faults: &mut Faults) {
    let Some(details) = node.object(faults) else { return };
    details.required_text("reference_id", faults);
    if let Some(kind) = details.required("type", faults) {
        one_of(&kind, &[("digital-goods", ()), ("physical-goods", ())], false, faults);
    }
    details.optional("payment_type").and_then(|node| node.text(faults));
    details.optional("payment_settings").and_then(|node| node.array(faults));
    if let Some(node) = details.required("currency", faults)
        && let Some(code) = node.text(faults)
        && !is_currency(code)
    {
        faults.push(node.fault(Rule::CurrencyCode));
    }
    check_amount(&details, "total_amount", true, faults);
    let Some(order) = details.required("order", faults).and_then(|node| node.object(faults)) else { return };
    order.required_text("status", faults);
    check_amount(&order, "subtotal", true, faults);
    for key in ["tax", "shipping", "discount"] {
        check_amount(&order, key, false, faults);
    }
    if let Some(items) = order.required("items", faults)
        && let Some(elements) = items.array(faults)
    {
        if elements.is_empty() {
            faults.push(items.fault(Rule::EmptyList));
        }
        elements.iter().for_each(|item| check_item(item, faults));
    }
    if let Some(expiration) = order.optional("expiration").and_then(|node| node.object(faults)) {
        check_end(&expiration, now, faults);
    }
}

fn check_item(node: &Node<'_>, faults: &mut Faults) {
    let Some(item) = node.object(faults) else { return };
    item.required_text("retailer_id", faults);
    item.required_text("name", faults);
    check_amount(&item, "amount", true, faults);
    if let Some(node) = item.required("quantity", faults)
        && node.count(faults) == Some(0)
    {
        faults.push(node.fault(Rule::Quantity));
    }
}

/// An amount of money: a whole number, and by what it is to be divided.
fn check_amount(object: &ObjectNode<'_>, key: &'static str, is_required: bool, faults: &mut Faults) {
    let node = if is_required { object.required(key, faults) } else { object.optional(key) };
    let Some(amount) = node.and_then(|node| node.object(faults)) else { return };
    for key in ["value", "offset"] {
        amount.required(key, faults).and_then(|node| node.count(faults));
    }
}

/// The end of an order's offer: seconds since 1970, as text.
fn check_end(expiration: &ObjectNode<'_>, now: Moment, faults: &mut Faults) {
    let Some(node) = expiration.required("timestamp", faults) else { return };
    let Some(text) = node.text(faults) else { return };
    let end = text.parse().map(Moment::from_seconds);
    if end.is_ok_and(|end| end <= now) {
        faults.push(node.fault(Rule::EndPast));
    }
}
