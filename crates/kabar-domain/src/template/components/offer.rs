//! `LIMITED_TIME_OFFER`, and GREETING, which the upstream names and does not describe.

use crate::fault::Faults;
use crate::reading::ObjectNode;
use crate::rule::Rule;
use crate::template::Category;
use crate::template::components::Setting;
use crate::template::text;

/// An offer whose time is limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What stands beside the clock.
    pub text: String,
    /// Whether a send must say when the offer ends.
    pub has_expiration: bool,
}

pub(super) fn read(object: &ObjectNode<'_>, setting: Setting, faults: &mut Faults) -> Option<Offer> {
    let part = "LIMITED_TIME_OFFER";
    object.only(part, &["type", "limited_time_offer"], faults);
    if setting.is_not(Category::Marketing) {
        faults.push(object.fault("type", Rule::OfferCategory));
    }
    let inner = object.required("limited_time_offer", faults)?.object(faults)?;
    inner.only(part, &["text", "has_expiration"], faults);
    let has_expiration = inner.optional("has_expiration").and_then(|node| node.boolean(faults)).unwrap_or(false);
    let node = inner.required("text", faults)?;
    let text = node.text(faults)?;
    text::check_length(&node, text, Rule::OfferText, faults);
    Some(Offer { text: text.to_owned(), has_expiration })
}

/// GREETING has no documented shape: an object with an optional text.
pub(super) fn read_greeting(object: &ObjectNode<'_>, faults: &mut Faults) {
    if let Some(node) = object.optional("text")
        && let Some(text) = node.string(faults)
    {
        text::check_length(&node, text, Rule::GreetingLength, faults);
    }
}
