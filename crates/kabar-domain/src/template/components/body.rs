//! BODY: the text, of all categories but authentication.

use crate::fault::Faults;
use crate::reading::{Node, ObjectNode};
use crate::rule::Rule;
use crate::template::components::{Setting, examples};
use crate::template::placeholder::Placeholders;
use crate::template::text::{self, Edge};

pub(super) fn read(object: &ObjectNode<'_>, setting: Setting, faults: &mut Faults) -> Option<String> {
    object.only("BODY", &["type", "text", "example"], faults);
    let node = object.required("text", faults)?;
    let text = node.text(faults)?;
    let placeholders = Placeholders::of(text);
    placeholders.check(setting.format, node.path(), faults);
    text::check_length(&node, text, setting.body_length, faults);
    check_shape(&node, text, &placeholders, faults);
    check_ratio(&node, &placeholders, faults);
    match text::edge(&placeholders) {
        Edge::Safe => {}
        Edge::Punctuation => faults.push(node.fault(Rule::BodyEdgesClose)),
        Edge::Bare => faults.push(node.fault(Rule::BodyEdges)),
    }
    if text::has_adjacent(&placeholders) {
        faults.push(node.fault(Rule::VariablesAdjacent));
    }
    examples::check_body(object, &placeholders, setting.format, faults);
    Some(text.to_owned())
}

fn check_shape(node: &Node<'_>, text: &str, placeholders: &Placeholders<'_>, faults: &mut Faults) {
    let only_variables = placeholders.beside().iter().all(|text| text.trim().is_empty());
    if only_variables {
        faults.push(node.fault(Rule::BodyOnlyVariables));
    }
    for (rule, got) in [(Rule::BodyNewlines, text::longest_break(text)), (Rule::BodyEmoji, text::n_emoji(text))] {
        if !rule.allows(got) {
            faults.push(node.fault(rule).with("got", got));
        }
    }
}

/// The upstream wants words beside variables; it publishes neither the figure nor what it counts as a word.
fn check_ratio(node: &Node<'_>, placeholders: &Placeholders<'_>, faults: &mut Faults) {
    let variables = placeholders.count();
    if variables == 0 {
        return;
    }
    let words = text::words(placeholders);
    for (rule, got) in [(Rule::BodyRatio, words.lenient), (Rule::BodyRatioClose, words.strict)] {
        let want = rule.row().per.map_or(0, |per| per as usize) * variables + rule.min();
        if got < want {
            faults.push(node.fault(rule).with("variables", variables).with("want", want).with("got", got));
            return;
        }
    }
}
