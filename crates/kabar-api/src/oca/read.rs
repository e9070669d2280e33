//! The body of a send request, read as far as it can be understood, with every fault noted.
//!
//! Both spellings of the page and of its callers are understood (`sub_types` and `sub_type`, `url_dynamic` and `url`,
//! an index as number or as digits, one object or a list), and fields that nobody knows are passed over. The caption of
//! a document becomes the name under which the recipient sees the file; a picture's or a film's has no place in the
//! upstream's template messages, and is dropped.
//!
//! What the page has no words for is read by the upstream's own. Where a word is none at all, the sentence names those of
//! the page.

use kabar_domain::fault::Faults;
use kabar_domain::ids::TemplateCode;
use kabar_domain::phone::PhoneNumber;
use kabar_domain::reading::{Node, ObjectNode, one_of};
use kabar_domain::rule::Rule;
use kabar_domain::send::Values;
use serde_json::Value;

mod parts;
mod spelling;
mod values;

use spelling::Spelling;

/// What was understood of a body, and what was not.
#[derive(Debug)]
pub(super) struct Reading {
    /// What is wrong with it so far: the template may find more.
    pub(super) faults: Faults,
    pub(super) template: Option<TemplateCode>,
    pub(super) recipient: Option<PhoneNumber>,
    /// The values, as many as could be read; `None` where there is no list of them to speak of.
    pub(super) values: Option<Values>,
    pub(super) spelling: Spelling,
}

/// Reads a body.
pub(super) fn read(body: &Value) -> Reading {
    let mut reading = Reading {
        faults: Faults::none(),
        template: None,
        recipient: None,
        values: None,
        spelling: Spelling::default(),
    };
    let mut faults = Faults::none();
    if let Some(object) = Node::root(body).object(&mut faults) {
        if let Some(message) = object.required("message", &mut faults).and_then(|node| node.object(&mut faults)) {
            read_message(&message, &mut reading, &mut faults);
        }
        reading.recipient =
            object.required("phone_number", &mut faults).and_then(|node| read_phone(&node, &mut faults));
    }
    reading.faults = faults;
    reading
}

fn read_message(message: &ObjectNode<'_>, reading: &mut Reading, faults: &mut Faults) {
    if let Some(kind) = message.required("type", faults) {
        one_of(&kind, &[("template", ())], false, faults);
    }
    let Some(template) = message.required("template", faults).and_then(|node| node.object(faults)) else { return };
    reading.template = template.required_text("template_code_id", faults).map(TemplateCode::from_caller);
    reading.values = match template.optional("payload") {
        None => Some(Values::default()),
        Some(payload) => payload.array(faults).map(|nodes| {
            let (values, spelling) = parts::read(&nodes, faults);
            reading.spelling = spelling;
            values
        }),
    };
}

fn read_phone(node: &Node<'_>, faults: &mut Faults) -> Option<PhoneNumber> {
    match PhoneNumber::parse(node.text(faults)?) {
        Ok(number) => Some(number),
        Err(invalid) => {
            faults.push(node.fault(Rule::of_phone_number(invalid)));
            None
        }
    }
}

/// One of the page's words, or one of those that were added to them. Another word is noted with those of the page.
fn word_of<T: Copy>(
    node: &Node<'_>,
    page: &[(&'static str, T)],
    added: &[(&'static str, T)],
    faults: &mut Faults,
) -> Option<T> {
    let found = node.value().as_str().and_then(|text| added.iter().find(|(word, _)| *word == text));
    found.map(|(_, choice)| *choice).or_else(|| one_of(node, page, false, faults))
}

#[cfg(test)]
mod tests;
