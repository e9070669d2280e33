//! The `fields` parameter: which attributes of an object are answered.

use serde_json::{Map, Value};

use crate::graph::errors::GraphError;
use crate::world::naming::Node;

/// The attributes of an object: what it has, and the names of those that it could have.
pub(crate) struct Attributes {
    pub(crate) node: Node,
    pub(crate) values: Map<String, Value>,
    /// Answered when no `fields` are asked for.
    pub(crate) by_default: &'static [&'static str],
    /// Known, although this object may have none.
    pub(crate) optional: &'static [&'static str],
}

impl Attributes {
    /// The asked attributes, `id` always among them.
    pub(crate) fn select(mut self, fields: Option<&[String]>) -> Result<Value, GraphError> {
        let mut selected = Map::new();
        match fields {
            None => {
                for name in self.by_default {
                    if let Some((name, value)) = self.values.remove_entry(*name) {
                        selected.insert(name, value);
                    }
                }
            }
            Some(fields) => {
                for name in fields {
                    if let Some(value) = self.values.get(name) {
                        selected.insert(name.clone(), value.clone());
                    } else if !self.optional.contains(&name.as_str()) {
                        return Err(GraphError::nonexisting_field(name, self.node.type_name()));
                    }
                }
            }
        }
        if let Some(id) = self.values.remove("id") {
            selected.insert("id".to_owned(), id);
        }
        Ok(Value::Object(selected))
    }
}
