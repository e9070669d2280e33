//! Reading the components of a send. Only their shape is checked here, whatever the template is.

use serde_json::{Map, Value};

use crate::check::keys::{array, object, one_of, only, required_string, string};
use crate::check::spec::{BUTTON_KINDS, ButtonKind};
use crate::graph::errors::GraphError;

/// The components of a send, sorted.
#[derive(Debug, Default)]
pub(crate) struct Sent<'a> {
    pub(crate) header: Option<Vec<Parameter<'a>>>,
    pub(crate) body: Vec<Parameter<'a>>,
    pub(crate) buttons: Vec<SentButton<'a>>,
    pub(crate) cards: Option<Vec<Self>>,
    pub(crate) offer: Option<Vec<Parameter<'a>>>,
    /// `order_status` and `tap_target_configuration`, by those names.
    pub(crate) beside: Vec<(&'static str, Vec<Parameter<'a>>)>,
}

#[derive(Debug)]
pub(crate) struct SentButton<'a> {
    pub(crate) index: usize,
    pub(crate) kind: ButtonKind,
    pub(crate) parameters: Vec<Parameter<'a>>,
}

#[derive(Debug)]
pub(crate) struct Parameter<'a> {
    /// In lower case.
    pub(crate) kind: &'static str,
    pub(crate) name: Option<&'a str>,
    /// What stands under the key that the kind names.
    pub(crate) value: Option<&'a Value>,
    /// In the Graph API's notation.
    pub(crate) path: String,
}

const COMPONENT_TYPES: [&str; 7] =
    ["HEADER", "BODY", "BUTTON", "CAROUSEL", "LIMITED_TIME_OFFER", "ORDER_STATUS", "TAP_TARGET_CONFIGURATION"];

const PARAMETER_TYPES: [&str; 16] = [
    "text",
    "currency",
    "date_time",
    "image",
    "video",
    "gif",
    "document",
    "location",
    "product",
    "payload",
    "coupon_code",
    "limited_time_offer",
    "action",
    "order_status",
    "tap_target_configuration",
    "ttl_minutes",
];

impl<'a> Sent<'a> {
    /// Reads `template['components']`; none at all is the same as an empty array.
    pub(crate) fn read(components: Option<&'a Value>, name: &str) -> Result<Self, GraphError> {
        let mut sent = Self::default();
        let Some(components) = components.filter(|components| !components.is_null()) else { return Ok(sent) };
        for (index, component) in array(components, name)?.iter().enumerate() {
            let path = format!("{name}[{index}]");
            sent.read_component(object(component, &path)?, &path)?;
        }
        Ok(sent)
    }

    fn read_component(&mut self, component: &'a Map<String, Value>, path: &str) -> Result<(), GraphError> {
        let type_path = format!("{path}['type']");
        let kind = one_of(required_string(component, "type", &type_path)?, &COMPONENT_TYPES, &type_path)?;
        let known: &[&str] = match kind {
            "BUTTON" => &["type", "sub_type", "index", "parameters"],
            "CAROUSEL" => &["type", "cards"],
            _ => &["type", "parameters"],
        };
        only(component, known, path)?;
        let parameters = read_parameters(component, path)?;
        match kind {
            "HEADER" if self.header.is_some() => return Err(twice(path)),
            "HEADER" => self.header = Some(parameters),
            "BODY" if !self.body.is_empty() => return Err(twice(path)),
            "BODY" => self.body = parameters,
            "BUTTON" => {
                let kind_path = format!("{path}['sub_type']");
                let kind = ButtonKind::of(required_string(component, "sub_type", &kind_path)?);
                let kind =
                    kind.ok_or_else(|| GraphError::not_one_of(&kind_path, &BUTTON_KINDS.map(|known| known.wire)))?;
                let index = button_index(component.get("index"), &format!("{path}['index']"))?;
                self.buttons.push(SentButton { index, kind, parameters });
            }
            "CAROUSEL" if self.cards.is_some() => return Err(twice(path)),
            "CAROUSEL" => self.cards = Some(read_cards(component, path)?),
            "LIMITED_TIME_OFFER" if self.offer.is_some() => return Err(twice(path)),
            "LIMITED_TIME_OFFER" => self.offer = Some(parameters),
            "ORDER_STATUS" => self.beside.push(("order_status", parameters)),
            _ => self.beside.push(("tap_target_configuration", parameters)),
        }
        Ok(())
    }
}

fn twice(path: &str) -> GraphError {
    GraphError::send(131_009, format!("{path}: there can be only one component of this type"))
}

fn read_parameters<'a>(component: &'a Map<String, Value>, path: &str) -> Result<Vec<Parameter<'a>>, GraphError> {
    let path = format!("{path}['parameters']");
    let Some(parameters) = component.get("parameters").filter(|parameters| !parameters.is_null()) else {
        return Ok(Vec::new());
    };
    array(parameters, &path)?
        .iter()
        .enumerate()
        .map(|(index, parameter)| read_parameter(parameter, format!("{path}[{index}]")))
        .collect()
}

fn read_parameter(parameter: &Value, path: String) -> Result<Parameter<'_>, GraphError> {
    let parameter = object(parameter, &path)?;
    let type_path = format!("{path}['type']");
    let kind = one_of(required_string(parameter, "type", &type_path)?, &PARAMETER_TYPES, &type_path)?;
    only(parameter, &["type", "parameter_name", kind], &path)?;
    let name = match parameter.get("parameter_name") {
        None | Some(Value::Null) => None,
        Some(name) => Some(string(name, &format!("{path}['parameter_name']"))?),
    };
    let value = parameter.get(kind).filter(|value| !value.is_null());
    if let Some(value) = value {
        let value_path = format!("{path}['{kind}']");
        match kind {
            "text" | "payload" | "coupon_code" => {
                string(value, &value_path)?;
            }
            "ttl_minutes" | "tap_target_configuration" => {}
            _ => {
                object(value, &value_path)?;
            }
        }
    }
    Ok(Parameter { kind, name, value, path })
}

fn button_index(index: Option<&Value>, path: &str) -> Result<usize, GraphError> {
    let read = match index {
        None | Some(Value::Null) => Some(0),
        Some(Value::String(text)) => text.parse().ok(),
        Some(number) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
    };
    read.ok_or_else(|| GraphError::parameter(format!("Param {path} must be a number greater than or equal to 0.")))
}

fn read_cards<'a>(component: &'a Map<String, Value>, path: &str) -> Result<Vec<Sent<'a>>, GraphError> {
    let path = format!("{path}['cards']");
    let cards = component.get("cards").ok_or_else(|| GraphError::required(&path))?;
    let mut sent = Vec::new();
    for (index, card) in array(cards, &path)?.iter().enumerate() {
        let card_path = format!("{path}[{index}]");
        let card = object(card, &card_path)?;
        only(card, &["card_index", "components"], &card_path)?;
        if card.get("card_index").and_then(Value::as_u64) != u64::try_from(index).ok() {
            return Err(GraphError::parameter(format!("Param {card_path}['card_index'] must count up from 0.")));
        }
        sent.push(Sent::read(card.get("components"), &format!("{card_path}['components']"))?);
    }
    Ok(sent)
}
