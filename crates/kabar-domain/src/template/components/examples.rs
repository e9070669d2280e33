//! Examples: one for each variable, or the upstream's reviewers turn the template down.

use std::collections::BTreeSet;

use crate::fault::{Fault, Faults};
use crate::reading::{Node, ObjectNode};
use crate::rule::Rule;
use crate::sample::{self, Purpose};
use crate::template::ParameterFormat;
use crate::template::placeholder::Placeholders;

/// The examples of a header's text.
pub(super) fn check_header(
    object: &ObjectNode<'_>,
    placeholders: &Placeholders<'_>,
    format: ParameterFormat,
    faults: &mut Faults,
) {
    match format {
        ParameterFormat::Positional => check_list(object, "header_text", placeholders.count(), faults),
        ParameterFormat::Named => check_named(object, "header_text_named_params", placeholders, faults),
    }
}

/// The examples of a body's text.
pub(super) fn check_body(
    object: &ObjectNode<'_>,
    placeholders: &Placeholders<'_>,
    format: ParameterFormat,
    faults: &mut Faults,
) {
    match format {
        ParameterFormat::Positional => check_rows(object, "body_text", placeholders.count(), faults),
        ParameterFormat::Named => check_named(object, "body_text_named_params", placeholders, faults),
    }
}

/// `example.header_handle` with the handle of an uploaded sample, or the URL from which it is to be fetched.
pub(super) fn check_handle(object: &ObjectNode<'_>, purpose: Purpose, faults: &mut Faults) {
    let key = "header_handle";
    check_list(object, key, 1, faults);
    let handle = object.map().get("example").and_then(|example| example.get(key)?.get(0)?.as_str());
    if let Some(handle) = handle {
        sample::check_handle(handle, purpose, &object.path().key("example").key(key).index(0), faults);
    }
}

/// `example` of a button: a list with one text; the upstream takes a bare text too. Gives the text.
pub(super) fn read_one<'a>(object: &ObjectNode<'a>, faults: &mut Faults) -> Option<Node<'a>> {
    let node = object.required("example", faults)?;
    if node.value().is_string() {
        node.text(faults)?;
        return Some(node);
    }
    let texts = node.array(faults)?;
    check_count(&node, texts.len(), 1, faults);
    check_texts(&texts, faults);
    texts.into_iter().next().filter(|text| text.value().is_string())
}

/// `example.<key>` with `want` texts in one list.
fn check_list(object: &ObjectNode<'_>, key: &'static str, want: usize, faults: &mut Faults) {
    let Some(node) = example_of(object, key, want, faults) else { return };
    if let Some(texts) = node.array(faults) {
        check_count(&node, texts.len(), want, faults);
        check_texts(&texts, faults);
    }
}

/// `example.<key>` with one row of `want` texts. A bare row is taken and passed on as the row that it stands for; a bare
/// text, for one variable, is as the upstream takes it.
fn check_rows(object: &ObjectNode<'_>, key: &'static str, want: usize, faults: &mut Faults) {
    let Some(node) = example_of(object, key, want, faults) else { return };
    if node.value().is_string() {
        node.text(faults);
        check_count(&node, 1, want, faults);
        return;
    }
    let Some(rows) = node.array(faults) else { return };
    if rows.is_empty() {
        check_count(&node, 0, want, faults);
    } else if rows.iter().all(|row| row.value().is_string()) {
        check_count(&node, rows.len(), want, faults);
        check_texts(&rows, faults);
    } else {
        for row in &rows {
            if let Some(texts) = row.array(faults) {
                check_count(row, texts.len(), want, faults);
                check_texts(&texts, faults);
            }
        }
    }
}

/// `example.<key>` with an object for each named variable.
fn check_named(object: &ObjectNode<'_>, key: &'static str, placeholders: &Placeholders<'_>, faults: &mut Faults) {
    let mut missing: BTreeSet<&str> = placeholders.names().into_iter().collect();
    let want = missing.len();
    let Some(node) = example_of(object, key, want, faults) else { return };
    let Some(elements) = node.array(faults) else { return };
    check_count(&node, elements.len(), want, faults);
    for element in &elements {
        let Some(object) = element.object(faults) else { continue };
        object.required_text("example", faults);
        let Some(node) = object.required("param_name", faults) else { continue };
        let Some(name) = node.text(faults) else { continue };
        if !missing.remove(name) {
            faults.push(node.fault(Rule::ExampleName).with("found", name));
        }
    }
}

/// The examples, where there are variables; without any, an example is passed over, as the upstream does.
fn example_of<'a>(object: &ObjectNode<'a>, key: &'static str, want: usize, faults: &mut Faults) -> Option<Node<'a>> {
    if want == 0 {
        return None;
    }
    let Some(example) = object.optional("example") else {
        faults.push(Fault::new(object.path().key("example").key(key), Rule::Required));
        return None;
    };
    example.object(faults)?.required(key, faults)
}

fn check_count(node: &Node<'_>, got: usize, want: usize, faults: &mut Faults) {
    if got != want {
        faults.push(node.fault(Rule::ExampleCount).with("want", want).with("got", got));
    }
}

fn check_texts(texts: &[Node<'_>], faults: &mut Faults) {
    for text in texts {
        text.text(faults);
    }
}
