//! What a send says of catalogues, products, flows and orders.

use serde_json::{Map, Value};

use crate::check::keys::{array, object, only, required_string};
use crate::check::sent::Parameter;
use crate::check::spec::ButtonKind;
use crate::graph::errors::GraphError;

/// Sections of a message of several products, products in all of them, and characters of a section's title.
const MAX_SECTIONS: usize = 10;
const MAX_PRODUCTS: usize = 30;
const MAX_TITLE_CHARS: usize = 24;

/// Checks what a button of that kind shall do.
pub(super) fn check(kind: ButtonKind, parameter: &Parameter<'_>) -> Result<(), GraphError> {
    let path = format!("{}['action']", parameter.path);
    let action = parameter.value.ok_or_else(|| GraphError::required(&path))?;
    let action = object(action, &path)?;
    let known: &[&str] = match kind.wire {
        "CATALOG" => &["thumbnail_product_retailer_id"],
        "MPM" => &["thumbnail_product_retailer_id", "sections"],
        "FLOW" => &["flow_token", "flow_action_data"],
        _ => &["order_details"],
    };
    only(action, known, &path)?;
    match kind.wire {
        "MPM" => check_sections(action, &path),
        "FLOW" => match action.get("flow_action_data") {
            Some(data) => object(data, &format!("{path}['flow_action_data']")).map(|_| ()),
            None => Ok(()),
        },
        "ORDER_DETAILS" => check_order(action, &path),
        _ => Ok(()),
    }
}

fn too_many(what: &str, got: usize, most: usize) -> GraphError {
    GraphError::send(131_009, format!("{what}: {got} were given, at most {most} are allowed"))
}

fn check_sections(action: &Map<String, Value>, path: &str) -> Result<(), GraphError> {
    let path = format!("{path}['sections']");
    let sections = array(action.get("sections").ok_or_else(|| GraphError::required(&path))?, &path)?;
    if sections.is_empty() {
        return Err(GraphError::required(&path));
    }
    if sections.len() > MAX_SECTIONS {
        return Err(too_many(&path, sections.len(), MAX_SECTIONS));
    }
    let mut n_products = 0;
    for (index, section) in sections.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let section = object(section, &path)?;
        only(section, &["title", "product_items"], &path)?;
        let title = required_string(section, "title", &format!("{path}['title']"))?;
        if title.chars().count() > MAX_TITLE_CHARS {
            return Err(too_many(&format!("characters of {path}['title']"), title.chars().count(), MAX_TITLE_CHARS));
        }
        let path = format!("{path}['product_items']");
        let items = array(section.get("product_items").ok_or_else(|| GraphError::required(&path))?, &path)?;
        for (index, item) in items.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let item = object(item, &path)?;
            only(item, &["product_retailer_id"], &path)?;
            required_string(item, "product_retailer_id", &format!("{path}['product_retailer_id']"))?;
        }
        if items.is_empty() {
            return Err(GraphError::required(&path));
        }
        n_products += items.len();
    }
    if n_products > MAX_PRODUCTS { Err(too_many("products", n_products, MAX_PRODUCTS)) } else { Ok(()) }
}

fn check_order(action: &Map<String, Value>, path: &str) -> Result<(), GraphError> {
    let path = format!("{path}['order_details']");
    let details = object(action.get("order_details").ok_or_else(|| GraphError::required(&path))?, &path)?;
    for key in ["reference_id", "type", "currency"] {
        required_string(details, key, &format!("{path}['{key}']"))?;
    }
    for key in ["total_amount", "order"] {
        let path = format!("{path}['{key}']");
        object(details.get(key).ok_or_else(|| GraphError::required(&path))?, &path)?;
    }
    let path = format!("{path}['order']['items']");
    let items = details["order"].get("items").ok_or_else(|| GraphError::required(&path))?;
    if array(items, &path)?.is_empty() { Err(GraphError::required(&path)) } else { Ok(()) }
}

/// Checks the one parameter of `order_status` or `tap_target_configuration`.
pub(super) fn check_beside(parameter: &Parameter<'_>) -> Result<(), GraphError> {
    let path = format!("{}['{}']", parameter.path, parameter.kind);
    let value = parameter.value.ok_or_else(|| GraphError::required(&path))?;
    if parameter.kind == "order_status" { check_status(value, &path) } else { check_targets(value, &path) }
}

fn check_status(value: &Value, path: &str) -> Result<(), GraphError> {
    let states = ["PROCESSING", "PARTIALLY_SHIPPED", "SHIPPED", "COMPLETED", "CANCELED"];
    let status = object(value, path)?;
    only(status, &["reference_id", "order"], path)?;
    required_string(status, "reference_id", &format!("{path}['reference_id']"))?;
    let path = format!("{path}['order']");
    let order = object(status.get("order").ok_or_else(|| GraphError::required(&path))?, &path)?;
    only(order, &["status", "description"], &path)?;
    let path = format!("{path}['status']");
    crate::check::keys::one_of(required_string(order, "status", &path)?, &states, &path).map(|_| ())
}

fn check_targets(value: &Value, path: &str) -> Result<(), GraphError> {
    let targets = array(value, path)?;
    for (index, target) in targets.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let target = object(target, &path)?;
        only(target, &["url", "title"], &path)?;
        required_string(target, "url", &format!("{path}['url']"))?;
        required_string(target, "title", &format!("{path}['title']"))?;
    }
    if targets.is_empty() { Err(GraphError::required(path)) } else { Ok(()) }
}
