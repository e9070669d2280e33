//! FOOTER: the small line below, of all categories but authentication.

use crate::fault::Faults;
use crate::reading::ObjectNode;
use crate::rule::Rule;
use crate::template::placeholder::Placeholders;
use crate::template::text;

pub(super) fn read(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<String> {
    object.only("FOOTER", &["type", "text"], faults);
    let node = object.required("text", faults)?;
    let text = node.text(faults)?;
    if !Placeholders::of(text).is_empty() {
        faults.push(node.fault(Rule::FooterPlaceholder));
    }
    text::check_length(&node, text, Rule::FooterLength, faults);
    let found = text::line_breaks_and_emoji(text);
    if !found.is_empty() {
        faults.push(node.fault(Rule::FooterShape).with("found", found.join(", ")));
    }
    Some(text.to_owned())
}
