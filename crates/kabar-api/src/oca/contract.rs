//! The contract of a template in this dialect: which bodies send by it, and a sample of one.

use kabar_domain::clock::Moment;
use kabar_domain::fault::{Fault, Faults, Path, Step};
use kabar_domain::ids::TemplateCode;
use kabar_domain::rule::Rule;
use kabar_domain::send::{Spot, Values};
use kabar_domain::template::contract::Contract;
use serde_json::{Value, json};

use crate::oca::read::{Reading, read};
use crate::sending::{Given, Sending};

mod schema;
mod write;

/// A recipient for samples: an Indonesian mobile number.
const RECIPIENT: &str = "+6281234567890";

/// This dialect, for those who show how a template is sent.
#[derive(Debug)]
pub(crate) struct Oca;

impl Sending for Oca {
    fn path(&self) -> &'static str {
        "/api/v2/push/message"
    }

    fn read(&self, document: &Value, code: &TemplateCode) -> Given {
        if document.is_array() {
            return read_list(document, code);
        }
        let Reading { faults, template, values, spelling, .. } = read(document);
        // Nobody is written to, so it does not matter to whom.
        let recipient = Path::root().key("phone_number");
        let mut about_values = Faults::none();
        faults.iter().filter(|fault| fault.path != recipient).for_each(|fault| about_values.push(fault.clone()));
        if template.is_some_and(|named| named != *code) {
            let path = Path::root().key("message").key("template").key("template_code_id");
            about_values.push(Fault::new(path, Rule::NotOneOf).with("choices", code));
        }
        Given { faults: about_values, values, path_of: Box::new(move |spot| spelling.path_of(spot)) }
    }

    fn body(&self, code: &TemplateCode, values: &Values) -> Value {
        whole(code, &write::payload(&values.0))
    }

    fn schema(&self, code: &TemplateCode, contract: &Contract, samples: &Values, now: Moment) -> Value {
        schema::body(code, contract, samples, now)
    }
}

/// Reads the list as if it stood in its place in a body, and names places from `payload` on, which is what it is called
/// there.
fn read_list(list: &Value, code: &TemplateCode) -> Given {
    let Reading { faults, values, spelling, .. } = read(&whole(code, list));
    let mut from_list = Faults::none();
    for fault in &faults {
        from_list.push(Fault { path: from_payload(&fault.path), ..fault.clone() });
    }
    let path_of = move |spot: Spot| from_payload(&spelling.path_of(spot));
    Given { faults: from_list, values, path_of: Box::new(path_of) }
}

/// The steps to what has the list.
const ABOVE: usize = 2;

fn from_payload(path: &Path) -> Path {
    path.steps().iter().skip(ABOVE).fold(Path::root(), |path, step| match step {
        Step::Key(key) => path.key(key.clone()),
        Step::Index(index) => path.index(*index),
    })
}

/// A body; without values the list of them is left out.
fn whole(code: &TemplateCode, payload: &Value) -> Value {
    let mut template = json!({ "template_code_id": code.to_string() });
    if payload.as_array().is_some_and(|parts| !parts.is_empty()) {
        template["payload"] = payload.clone();
    }
    json!({ "phone_number": RECIPIENT, "message": { "type": "template", "template": template } })
}

#[cfg(test)]
mod tests;
