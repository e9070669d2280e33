//! Examples: one for each variable, or the upstream's reviewers turn the template down.

use crate::fault::Faults;
use crate::reading::{Node, ObjectNode};
use crate::rule::Rule;

/// `example.<key>` with `want` texts in one list.
pub(super) fn check_list(object: &ObjectNode<'_>, key: &'static str, want: usize, faults: &mut Faults) {
    let Some(node) = example_of(object, key, want, faults) else { return };
    if let Some(texts) = node.array(faults) {
        check_count(&node, texts.len(), want, faults);
        check_texts(&texts, faults);
    }
}

/// `example.<key>` with one row of `want` texts; the upstream also takes a bare row, and a bare text for one variable.
pub(super) fn check_rows(object: &ObjectNode<'_>, key: &'static str, want: usize, faults: &mut Faults) {
    let Some(node) = example_of(object, key, want, faults) else { return };
    if node.value().is_string() {
        check_count(&node, 1, want, faults);
        return;
    }
    let Some(rows) = node.array(faults) else { return };
    if rows.is_empty() {
        check_count(&node, 0, want, faults);
    } else if rows.iter().all(|row| row.value().is_string()) {
        check_count(&node, rows.len(), want, faults);
    } else {
        for row in &rows {
            if let Some(texts) = row.array(faults) {
                check_count(row, texts.len(), want, faults);
                check_texts(&texts, faults);
            }
        }
    }
}

/// `example.header_handle` with the handle of an uploaded sample.
pub(super) fn check_handle(object: &ObjectNode<'_>, faults: &mut Faults) {
    check_list(object, "header_handle", 1, faults);
}

/// The examples, where there are variables; without any, an example is passed over, as the upstream does.
fn example_of<'a>(object: &ObjectNode<'a>, key: &'static str, want: usize, faults: &mut Faults) -> Option<Node<'a>> {
    if want == 0 {
        return None;
    }
    let Some(example) = object.optional("example") else {
        let path = object.path().key("example").key(key);
        faults.push(crate::fault::Fault::new(path, Rule::Required));
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
