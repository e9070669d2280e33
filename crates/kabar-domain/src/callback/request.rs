//! What an app asks for: a new callback, a change of one, a new key. Every fault is found in one go.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::Value;

use crate::callback::{CallbackUrl, Pattern, Signing, Subscription};
use crate::clock::Moment;
use crate::fault::Faults;
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;

/// The most characters of a description.
const MAX_DESCRIPTION: usize = 200;
/// For how many hours an old key signs beside the new one, unless it is said.
const OVERLAP_HOURS: u64 = 24;
/// What the parts of such requests are called in faults.
const PART: &str = "callback";

/// Which addresses an app may name. What is dialled is looked at again.
#[expect(missing_debug_implementations, reason = "it holds a question, of which nothing can be shown")]
pub struct AddressRules<'a> {
    /// Whether clear http will do.
    pub clear_http: bool,
    /// Whether an address may be called.
    pub allows: &'a dyn Fn(IpAddr) -> bool,
}

/// A callback that an app asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCallback {
    /// Where.
    pub url: CallbackUrl,
    /// Of what.
    pub events: Subscription,
    /// What people call it; may be empty.
    pub description: String,
    /// How its calls are signed.
    pub signing: Signing,
}

/// What shall be other with a callback; nothing where it stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub url: Option<CallbackUrl>,
    /// Of what.
    pub events: Option<Subscription>,
    /// What people call it.
    pub description: Option<String>,
}

/// A new key for a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// For how long the old key signs beside the new one.
    pub overlap: Duration,
    /// How calls are signed from now on; as before where it is not said.
    pub signing: Option<Signing>,
}

/// Deliveries that shall be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redrive {
    /// Of events from this moment on.
    pub from: Moment,
    /// Of events before this moment.
    pub to: Moment,
    /// Those that were delivered as well, not only those that failed.
    pub delivered_too: bool,
}

impl NewCallback {
    /// Reads a request.
    pub fn parse(document: &Value, rules: &AddressRules<'_>) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let Some(object) = Node::root(document).object(&mut faults) else { return Err(faults) };
        object.only(PART, &["url", "events", "description", "signing"], &mut faults);
        let url = object.required("url", &mut faults).and_then(|node| url_at(&node, rules, &mut faults));
        let events = object.required("events", &mut faults).and_then(|node| events_at(&node, &mut faults));
        let description = description_in(&object, &mut faults);
        let signing = signing_in(&object, &mut faults);
        match (url, events) {
            (Some(url), Some(events)) => faults.or(Self {
                url,
                events,
                description: description.unwrap_or_default(),
                signing: signing.unwrap_or_default(),
            }),
            _ => Err(faults),
        }
    }
}

impl Change {
    /// Reads a request.
    pub fn parse(document: &Value, rules: &AddressRules<'_>) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let Some(object) = Node::root(document).object(&mut faults) else { return Err(faults) };
        object.only(PART, &["url", "events", "description"], &mut faults);
        let url = object.optional("url").and_then(|node| url_at(&node, rules, &mut faults));
        let events = object.optional("events").and_then(|node| events_at(&node, &mut faults));
        let description = description_in(&object, &mut faults);
        faults.or(Self { url, events, description })
    }
}

impl Rotation {
    /// Reads a request; `None` asks for what is usual.
    pub fn parse(document: Option<&Value>) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let mut overlap_hours = OVERLAP_HOURS;
        let mut signing = None;
        if let Some(document) = document {
            let Some(object) = Node::root(document).object(&mut faults) else { return Err(faults) };
            object.only("rotation", &["overlap_hours", "signing"], &mut faults);
            if let Some(node) = object.optional("overlap_hours")
                && let Some(hours) = node.count(&mut faults)
            {
                overlap_hours = hours;
                if usize::try_from(hours).map_or(true, |hours| !Rule::CallbackOverlap.allows(hours)) {
                    faults.push(node.fault(Rule::CallbackOverlap));
                }
            }
            signing = signing_in(&object, &mut faults);
        }
        faults.or(Self { overlap: Duration::from_secs(overlap_hours.saturating_mul(3600)), signing })
    }
}

impl Redrive {
    /// Reads a request.
    pub fn parse(document: &Value) -> Result<Self, Faults> {
        let mut faults = Faults::none();
        let Some(object) = Node::root(document).object(&mut faults) else { return Err(faults) };
        object.only("redrive", &["from", "to", "state"], &mut faults);
        let from = object.required("from", &mut faults).and_then(|node| moment_at(&node, &mut faults));
        let to = object.required("to", &mut faults).and_then(|node| moment_at(&node, &mut faults));
        let choices = [("failed", false), ("all", true)];
        let delivered_too = object.optional("state").and_then(|node| one_of(&node, &choices, false, &mut faults));
        match (from, to) {
            (Some(from), Some(to)) => faults.or(Self { from, to, delivered_too: delivered_too.unwrap_or(false) }),
            _ => Err(faults),
        }
    }
}

fn url_at(node: &Node<'_>, rules: &AddressRules<'_>, faults: &mut Faults) -> Option<CallbackUrl> {
    let Ok(url) = CallbackUrl::parse(node.text(faults)?) else {
        faults.push(node.fault(Rule::CallbackUrl));
        return None;
    };
    if !url.is_https() && !rules.clear_http {
        faults.push(node.fault(Rule::CallbackHttps));
    }
    if let Some(address) = url.literal().filter(|address| !(rules.allows)(*address)) {
        faults.push(node.fault(Rule::CallbackAddress).with("address", address));
    }
    Some(url)
}

fn events_at(node: &Node<'_>, faults: &mut Faults) -> Option<Subscription> {
    let elements = node.array(faults)?;
    if elements.is_empty() {
        faults.push(node.fault(Rule::EmptyList));
    }
    let mut patterns = Vec::new();
    for element in elements {
        let Some(text) = element.string(faults) else { continue };
        match Pattern::parse(text) {
            Some(pattern) => patterns.push(pattern),
            None => faults.push(element.fault(Rule::NotOneOf).with("choices", Pattern::choices().join(", "))),
        }
    }
    Subscription::of(patterns)
}

fn description_in(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<String> {
    let node = object.optional("description")?;
    let text = node.string(faults)?;
    let length = text.chars().count();
    if length > MAX_DESCRIPTION {
        faults.push(node.fault(Rule::TooLong).with("max", MAX_DESCRIPTION).with("got", length));
    }
    Some(text.to_owned())
}

fn signing_in(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<Signing> {
    one_of(&object.optional("signing")?, &Signing::NAMES, false, faults)
}

fn moment_at(node: &Node<'_>, faults: &mut Faults) -> Option<Moment> {
    let moment = Moment::parse(node.text(faults)?);
    if moment.is_none() {
        faults.push(node.fault(Rule::PointInTime));
    }
    moment
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn strict() -> AddressRules<'static> {
        AddressRules { clear_http: false, allows: &|address| !address.is_loopback() }
    }

    fn faults_of<T>(parsed: Result<T, Faults>) -> Vec<(String, &'static str)> {
        let faults = parsed.err().unwrap();
        faults.iter().map(|fault| (fault.path.to_string(), fault.rule.id())).collect()
    }

    #[test]
    fn a_callback_needs_an_address_and_events() {
        let asked =
            json!({ "url": "https://toko.example/kabar", "events": ["message.*", "template.status", "message.*"] });
        let new = NewCallback::parse(&asked, &strict()).unwrap();
        assert_eq!((new.events.joined().as_str(), new.signing), ("message.* template.status", Signing::Hmac));
        assert_eq!(
            faults_of(NewCallback::parse(&json!({}), &strict())),
            [("url".to_owned(), "required"), ("events".to_owned(), "required")]
        );
        assert_eq!(faults_of(NewCallback::parse(&json!([]), &strict())), [(String::new(), "wrong_type")]);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let asked = json!({
            "url": "http://127.0.0.1/", "events": ["message.*", "message.seen", 7], "description": "x".repeat(201),
            "signing": "rsa", "secret": "mine"
        });
        assert_eq!(
            faults_of(NewCallback::parse(&asked, &strict())),
            [
                ("secret".to_owned(), "unexpected_field"),
                ("url".to_owned(), "callback_https"),
                ("url".to_owned(), "callback_address"),
                ("events[1]".to_owned(), "not_one_of"),
                ("events[2]".to_owned(), "wrong_type"),
                ("description".to_owned(), "too_long"),
                ("signing".to_owned(), "not_one_of"),
            ]
        );
        let open = AddressRules { clear_http: true, allows: &|_| true };
        assert!(Change::parse(&json!({ "url": "http://127.0.0.1/" }), &open).is_ok());
        assert_eq!(
            faults_of(Change::parse(&json!({ "url": "toko", "events": [] }), &open)),
            [("url".to_owned(), "callback_url"), ("events".to_owned(), "empty_list")]
        );
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        assert_eq!(Change::parse(&json!({}), &strict()), Ok(Change::default()));
        let change = Change::parse(&json!({ "description": "", "url": null }), &strict()).unwrap();
        assert_eq!(change, Change { description: Some(String::new()), ..Change::default() });
    }

    #[test]
    fn a_rotation_has_an_overlap_of_a_week_at_most() {
        let usual = Rotation { overlap: Duration::from_secs(86_400), signing: None };
        assert_eq!((Rotation::parse(None), Rotation::parse(Some(&json!({})))), (Ok(usual), Ok(usual)));
        let at_once = Rotation::parse(Some(&json!({ "overlap_hours": 0, "signing": "ed25519" }))).unwrap();
        assert_eq!(at_once, Rotation { overlap: Duration::ZERO, signing: Some(Signing::Ed25519) });
        let long = Rotation::parse(Some(&json!({ "overlap_hours": 169 })));
        assert_eq!(faults_of(long), [("overlap_hours".to_owned(), "callback_overlap")]);
    }

    #[test]
    fn a_range_has_two_ends() {
        let asked = json!({ "from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00+07:00", "state": "all" });
        assert!(Redrive::parse(&asked).unwrap().delivered_too);
        assert_eq!(
            faults_of(Redrive::parse(&json!({ "from": "yesterday", "state": "some" }))),
            [("from".to_owned(), "point_in_time"), ("to".to_owned(), "required"), ("state".to_owned(), "not_one_of"),]
        );
    }
}
