//! FLOW buttons.

use crate::fault::Faults;
use crate::reading::{ObjectNode, one_of};
use crate::rule::Rule;

/// A flow, and where it starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flow {
    /// Which flow. It is absent only where the template is at fault.
    pub name: Option<FlowName>,
    /// Whether the flow asks the business for data as it starts, instead of showing its first screen.
    pub exchanges_data: bool,
    /// The screen that is shown first, where the template says so.
    pub screen: Option<String>,
}

/// How a template names its flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowName {
    /// By the upstream's id.
    Id(String),
    /// By its name in the account.
    Name(String),
    /// By its whole definition.
    Json(String),
}

pub(super) fn read(object: &ObjectNode<'_>, faults: &mut Faults) -> Flow {
    let exchanges_data = object
        .optional("flow_action")
        .and_then(|node| one_of(&node, &[("navigate", false), ("data_exchange", true)], true, faults))
        .unwrap_or(false);
    let screen = object.optional("navigate_screen").and_then(|node| node.text(faults)).map(str::to_owned);
    if let Some(node) = object.optional("icon") {
        one_of(&node, &[("DOCUMENT", ()), ("PROMOTION", ()), ("REVIEW", ())], true, faults);
    }
    Flow { name: read_name(object, faults), exchanges_data, screen }
}

/// Exactly one of the three ways; the dialect's page has the first only, so that one is missed where there is none.
fn read_name(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<FlowName> {
    let given: Vec<_> = ["flow_id", "flow_name", "flow_json"]
        .into_iter()
        .filter_map(|key| object.optional(key).map(|node| (key, node)))
        .collect();
    for (_, node) in given.iter().skip(1) {
        faults.push(node.fault(Rule::OnlyOneOf).with("choices", "flow_id, flow_name, flow_json"));
    }
    let Some((key, node)) = given.into_iter().next() else {
        object.required("flow_id", faults);
        return None;
    };
    if let (true, Some(id)) = (key == "flow_id", node.value().as_u64()) {
        return Some(FlowName::Id(id.to_string()));
    }
    let text = node.text(faults)?.to_owned();
    Some(match key {
        "flow_id" => FlowName::Id(text),
        "flow_name" => FlowName::Name(text),
        _ => FlowName::Json(text),
    })
}
