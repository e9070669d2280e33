//! What an app asks to have changed of a template that there is: the body of an edit, checked as a whole.
//!
//! What is given replaces what was there; what is not given stays. The upstream takes the components all together or not
//! at all, reviews the template again, and allows edits in some statuses only, and of an approved template only so often.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::clock::Moment;
use crate::fault::{Fault, Faults, Path};
use crate::reading::{Node, ObjectNode, one_of};
use crate::rule::Rule;
use crate::template::components::Components;
use crate::template::draft::{DISPLAY_FORMATS, read_sub_category, ttl, upstream};
use crate::template::{Category, ParameterFormat, Status};

const DAY: Duration = Duration::from_secs(24 * 3600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// What must be known of the template that is to be edited.
#[derive(Debug, Clone, Copy)]
pub struct Current<'c> {
    /// Its name.
    pub name: &'c str,
    /// Its language.
    pub language: &'c str,
    /// Its category.
    pub category: Category,
    /// Its status.
    pub status: Status,
    /// How its variables are written.
    pub parameter_format: ParameterFormat,
    /// When it was edited while it was approved, as far as that is known.
    pub edits: &'c [Moment],
}

/// An edit that may be put to the upstream: nothing is wrong with it that Kabar knows of.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The category, where one was given.
    pub category: Option<Category>,
    /// The components as they came, where they were given.
    pub components: Option<Vec<Value>>,
    /// How the variables of its texts are written.
    pub parameter_format: Option<ParameterFormat>,
    /// A finer kind.
    pub sub_category: Option<&'static str>,
    /// A finer way of showing it.
    pub display_format: Option<&'static str>,
    /// For how many seconds after sending the upstream tries to deliver.
    pub ttl: Option<u32>,
    /// Whether the upstream must not count who opens its URLs.
    pub link_tracking_opted_out: Option<bool>,
    /// What the upstream may refuse, or its sources contradict each other about.
    pub warnings: Faults,
    /// The category that the template has so far.
    was: Category,
}

impl Edit {
    /// Reads an edit of this template at this moment; every fault is told at once.
    pub fn parse(body: &Value, current: &Current<'_>, now: Moment) -> Result<Self, Faults> {
        let mut noted = Faults::none();
        check_status(current, &mut noted);
        check_frequency(current, now, &mut noted);
        let object = Node::root(body).object(&mut noted);
        let edit = object.map(|object| Self::read(&object, current, &mut noted));
        let (faults, warnings) = noted.split();
        match edit {
            Some(edit) => faults.or(Self { warnings, ..edit }),
            None => Err(faults),
        }
    }

    fn read(object: &ObjectNode<'_>, current: &Current<'_>, faults: &mut Faults) -> Self {
        for (key, is) in [("name", current.name), ("language", current.language)] {
            if let Some(node) = object.optional(key).filter(|node| node.value() != is) {
                faults.push(node.fault(Rule::EditFixed).with("want", is));
            }
        }
        let category = object.optional("category").and_then(|node| one_of(&node, &Category::NAMES, true, faults));
        let changes_category = category.is_some_and(|category| category != current.category);
        if changes_category && current.status == Status::Approved {
            faults.push(object.fault("category", Rule::EditCategory).with("want", current.category));
        }
        let will_be = category.unwrap_or(current.category);
        let format =
            object.optional("parameter_format").and_then(|node| one_of(&node, &ParameterFormat::NAMES, true, faults));
        let components = object.optional("components");
        if let Some(node) = &components {
            let format = format.unwrap_or(current.parameter_format);
            Components::read_in(node, Some(will_be), format, faults);
        }
        let edit = Self {
            category,
            components: components.as_ref().and_then(|node| node.value().as_array()).cloned(),
            parameter_format: format,
            sub_category: object
                .optional("sub_category")
                .and_then(|node| read_sub_category(&node, Some(will_be), faults)),
            display_format: object
                .optional("display_format")
                .and_then(|node| one_of(&node, DISPLAY_FORMATS, true, faults)),
            ttl: ttl::read(object, Some(will_be), faults),
            link_tracking_opted_out: object
                .optional("cta_url_link_tracking_opted_out")
                .and_then(|node| node.boolean(faults)),
            warnings: Faults::none(),
            was: current.category,
        };
        // Texts of login codes are the upstream's, so there is no way to them or from them without new components; and
        // the components say how their variables are written.
        let of_codes = [will_be, current.category].contains(&Category::Authentication);
        let needs_components = (changes_category && of_codes)
            || format.is_some_and(|format| format != current.parameter_format)
            || edit.changes().is_empty();
        if components.is_none() && needs_components && faults.is_empty() {
            faults.push(object.fault("components", Rule::Required));
        }
        edit
    }

    /// The body that makes the edit upstream: what is given, in the upstream's form.
    pub fn to_upstream(&self) -> Value {
        Value::Object(self.changes())
    }

    fn changes(&self) -> Map<String, Value> {
        let mut body = Map::new();
        let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
        if let Some(category) = self.category.filter(|category| *category != self.was) {
            put("category", json!(category.as_str()));
        }
        if let Some(format) = self.parameter_format.filter(|_| self.components.is_some()) {
            put("parameter_format", json!(format.as_str()));
        }
        if let Some(sub_category) = self.sub_category {
            put("sub_category", json!(sub_category));
        }
        if let Some(display_format) = self.display_format {
            put("display_format", json!(display_format));
        }
        if let Some(seconds) = self.ttl {
            let seconds = ttl::to_upstream(seconds, self.category.unwrap_or(self.was));
            put("message_send_ttl_seconds", json!(seconds));
        }
        if let Some(opted_out) = self.link_tracking_opted_out {
            put("cta_url_link_tracking_opted_out", json!(opted_out));
        }
        if let Some(components) = &self.components {
            put("components", Value::Array(components.iter().map(upstream::component).collect()));
        }
        body
    }
}

fn check_status(current: &Current<'_>, faults: &mut Faults) {
    if !Rule::EditStatus.row().words.contains(&current.status.as_str()) {
        let fault = Fault::new(Path::root().key("status"), Rule::EditStatus);
        faults.push(fault.with("got", current.status));
    }
}

/// Only edits of an approved template are counted; one that was rejected or is paused may be mended at any time.
fn check_frequency(current: &Current<'_>, now: Moment, faults: &mut Faults) {
    if current.status != Status::Approved {
        return;
    }
    for (rule, period) in [(Rule::EditDaily, DAY), (Rule::EditMonthly, MONTH)] {
        let mut within: Vec<Moment> = current.edits.iter().copied().filter(|at| now.since(*at) < period).collect();
        within.sort_unstable();
        if within.len() >= rule.max() {
            // It is free again when so many of them are too old that there is room for one more.
            let again = within[within.len() - rule.max()].plus(period);
            faults.push(Fault::new(Path::root().key("template"), rule).with("again", again));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_seconds(1_800_000_000);
    const CURRENT: Current<'static> = Current {
        name: "salam",
        language: "id",
        category: Category::Utility,
        status: Status::Rejected,
        parameter_format: ParameterFormat::Positional,
        edits: &[],
    };

    fn rules(body: &Value, current: &Current<'_>) -> Vec<(String, Rule)> {
        let Err(faults) = Edit::parse(body, current, NOW) else { return Vec::new() };
        faults.iter().map(|fault| (fault.path.dotted(), fault.rule)).collect()
    }

    fn found(pairs: &[(&str, Rule)]) -> Vec<(String, Rule)> {
        pairs.iter().map(|(path, rule)| ((*path).to_owned(), *rule)).collect()
    }

    #[test]
    fn only_what_is_given_is_put_to_the_upstream() {
        let body = json!({
            "name": "salam", "language": "id", "category": "utility", "message_send_ttl_seconds": -1,
            "components": [{"type": "body", "text": "Halo {{1}} di sana", "example": {"body_text": ["Budi"]}}],
            "id": "7",
        });
        let edit = Edit::parse(&body, &CURRENT, NOW).unwrap();
        assert_eq!((edit.category, edit.components.as_ref().map(Vec::len)), (Some(Category::Utility), Some(1)));
        assert_eq!(
            edit.to_upstream(),
            json!({
                "message_send_ttl_seconds": -1,
                "components": [{"type": "BODY", "text": "Halo {{1}} di sana", "example": {"body_text": [["Budi"]]}}],
            })
        );
        let other = json!({ "category": "MARKETING", "cta_url_link_tracking_opted_out": true });
        let edit = Edit::parse(&other, &CURRENT, NOW).unwrap();
        assert_eq!(edit.to_upstream(), json!({ "category": "MARKETING", "cta_url_link_tracking_opted_out": true }));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let body = json!({
            "name": "lain", "language": "en", "category": "MARKETING", "ttl": 60,
            "components": [{"type": "BODY", "text": "Halo {{2}} di sana"}],
        });
        let pending = Current { status: Status::Pending, ..CURRENT };
        let noted = rules(&body, &pending);
        for rule in [Rule::EditStatus, Rule::EditFixed, Rule::PlaceholderNumbers, Rule::TtlCategory] {
            assert!(noted.iter().any(|(_, noted)| *noted == rule), "{rule:?} in {noted:?}");
        }
        assert_eq!(rules(&json!([]), &CURRENT), found(&[("", Rule::WrongType)]));
    }

    #[test]
    fn an_edit_of_nothing_is_none() {
        for body in [json!({}), json!({ "name": "salam", "category": "UTILITY" }), json!({ "components": null })] {
            assert_eq!(rules(&body, &CURRENT), found(&[("components", Rule::Required)]), "{body}");
        }
        let to_codes = json!({ "category": "AUTHENTICATION" });
        assert_eq!(rules(&to_codes, &CURRENT), found(&[("components", Rule::Required)]));
        let named = json!({ "parameter_format": "NAMED", "ttl": null });
        assert_eq!(rules(&named, &CURRENT), found(&[("components", Rule::Required)]));
    }

    #[test]
    fn an_approved_template_keeps_its_category_and_is_edited_so_often() {
        let fine = json!({ "message_send_ttl_seconds": 60 });
        let edited = |hours: &[u64]| -> Vec<Moment> {
            hours
                .iter()
                .map(|hours| Moment::from_seconds(NOW.as_seconds() - i64::try_from(hours * 3600).unwrap()))
                .collect()
        };
        let with = |edits: &[Moment], status: Status, body: &Value| {
            rules(body, &Current { status, edits, ..CURRENT }).into_iter().map(|(_, rule)| rule).collect::<Vec<_>>()
        };
        let marketing = json!({ "category": "MARKETING" });
        assert_eq!(with(&[], Status::Approved, &marketing), [Rule::EditCategory]);
        assert_eq!(with(&[], Status::Paused, &marketing), []);
        assert_eq!(with(&edited(&[23]), Status::Approved, &fine), [Rule::EditDaily]);
        assert_eq!(with(&edited(&[24]), Status::Approved, &fine), []);
        assert_eq!(with(&edited(&[1, 1, 1]), Status::Rejected, &fine), []);
        let ten: Vec<u64> = (1..=10).map(|day| day * 48).collect();
        assert_eq!(with(&edited(&ten), Status::Approved, &fine), [Rule::EditMonthly]);
        assert_eq!(with(&edited(&ten[1..]), Status::Approved, &fine), []);
        let Err(faults) =
            Edit::parse(&fine, &Current { status: Status::Approved, edits: &edited(&[23, 30]), ..CURRENT }, NOW)
        else {
            panic!("it was edited an hour less than a day ago")
        };
        let again = NOW.plus(Duration::from_secs(3600)).to_string();
        assert_eq!(faults.iter().next().unwrap().args, [("again", again)]);
    }
}
