//! Buttons: each value put to the button with its index.

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::rule::Rule;
use crate::send::{Parameter, Place, Position};
use crate::template::contract::ButtonNeed;
use crate::template::contract::bind::Binder;

impl<'b> Binder<'b> {
    /// `code` is the login code of the body, where it has one.
    pub(super) fn buttons(&mut self, needs: &[ButtonNeed], code: Option<&str>) {
        let mut given: Vec<Option<usize>> = vec![None; needs.len()];
        for (place, part) in self.parts.iter().enumerate() {
            let Position::Button { index, .. } = part.position else { continue };
            match given.get_mut(index) {
                None => {
                    let fault = self.fault(Place::ButtonIndex(place), Rule::NoSuchButton).with("index", index);
                    self.faults.push(fault);
                }
                Some(Some(_)) => {
                    let position = format!("button {index}");
                    let fault = self.fault(Place::ButtonIndex(place), Rule::PositionTwice).with("position", position);
                    self.faults.push(fault);
                }
                Some(free) => *free = Some(place),
            }
        }
        for (index, (need, place)) in needs.iter().zip(given).enumerate() {
            match place {
                Some(place) => self.button(index, *need, place, code),
                None => self.button_without_value(index, *need, code),
            }
        }
    }

    fn button_without_value(&mut self, index: usize, need: ButtonNeed, code: Option<&str>) {
        match need {
            ButtonNeed::Nothing | ButtonNeed::Payload | ButtonNeed::Catalog | ButtonNeed::Call => {}
            ButtonNeed::UrlSuffix | ButtonNeed::CouponCode | ButtonNeed::Products | ButtonNeed::OrderDetails => {
                let fault = self.fault(Place::Values, Rule::ButtonMissing).with("index", index);
                self.faults.push(fault);
            }
            // The upstream needs the code here as well, and nobody should have to write it twice.
            ButtonNeed::Code => {
                if let Some(code) = code {
                    self.push_button(need, index, vec![json!({ "type": "text", "text": code })]);
                }
            }
            // The upstream was seen to refuse a flow's button that is left out, and says what its token is by default.
            ButtonNeed::Flow => {
                let action = json!({ "type": "action", "action": { "flow_token": "unused" } });
                self.push_button(need, index, vec![action]);
            }
        }
    }

    fn button(&mut self, index: usize, need: ButtonNeed, place: usize, code: Option<&str>) {
        let part = &self.parts[place];
        let Position::Button { kind, .. } = part.position else { return };
        let Some(wanted) = need.button_use() else {
            if !part.parameters.is_empty() {
                let fault = self.fault(Place::Part(place), Rule::ButtonWithoutValue).with("index", index);
                self.faults.push(fault);
            }
            return;
        };
        if kind != wanted {
            let fault = self.fault(Place::ButtonKind(place), Rule::ButtonKind).with("index", index);
            self.faults.push(fault.with("want", wanted.word()).with("got", kind.word()));
            return;
        }
        if part.parameters.is_empty() {
            // An empty list is legal on the page; it is as if the button had been left out.
            self.button_without_value(index, need, code);
            return;
        }
        if need == ButtonNeed::Call {
            if let Some(parameters) = self.call(place, part) {
                self.push_button(need, index, parameters);
            }
            return;
        }
        let Some(given) = self.one(place, part) else { return };
        let spot = Place::Parameter(place, 0);
        match self.button_value(spot, need, given, code) {
            // What there is to say is said by leaving it out.
            Some(Value::Null) => self.button_without_value(index, need, code),
            Some(parameter) => self.push_button(need, index, vec![parameter]),
            None => {}
        }
    }

    /// What the upstream is sent for a button; null where its value is as good as none.
    fn button_value(
        &mut self,
        spot: Place,
        need: ButtonNeed,
        given: &'b Parameter,
        code: Option<&str>,
    ) -> Option<Value> {
        let path = self.path_maker(spot);
        match (need, given) {
            (_, Parameter::Unreadable) => None,
            (ButtonNeed::Payload, Parameter::Payload(payload)) => self
                .not_empty_and_within(|| path().key("payload"), payload, Rule::PayloadLength)
                .then(|| json!({ "type": "payload", "payload": payload })),
            (ButtonNeed::UrlSuffix, Parameter::Text(text)) => self
                .plain_text(|| path().key("text"), text, Rule::UrlLength)
                .then(|| json!({ "type": "text", "text": text })),
            (ButtonNeed::Code, Parameter::Text(text)) => {
                if code.is_some_and(|code| code != text) {
                    self.faults.push(Fault::new(path().key("text"), Rule::CodeDiffers));
                    return None;
                }
                self.plain_text(|| path().key("text"), text, Rule::CodeLength)
                    .then(|| json!({ "type": "text", "text": text }))
            }
            (ButtonNeed::CouponCode, Parameter::CouponCode(coupon)) => {
                let path = || path().key("coupon_code");
                let is_code = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let fits = self.not_empty_and_within(path, coupon, Rule::CouponLength)
                    && self.check(is_code(coupon), path, Rule::CouponShape);
                fits.then(|| json!({ "type": "coupon_code", "coupon_code": coupon }))
            }
            (
                ButtonNeed::Catalog | ButtonNeed::Products | ButtonNeed::Flow | ButtonNeed::OrderDetails,
                Parameter::Action(action),
            ) => self.action(spot, need, action),
            (need, other) => {
                self.wrong_kind(spot, need.kind(), other);
                None
            }
        }
    }

    fn push_button(&mut self, need: ButtonNeed, index: usize, parameters: Vec<Value>) {
        let Some(used) = need.button_use() else { return };
        let mut component = json!({ "type": "button", "sub_type": used.sub_type(), "index": index.to_string() });
        component["parameters"] = Value::Array(parameters);
        self.components.push(component);
    }
}
