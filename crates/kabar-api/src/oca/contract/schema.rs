//! The JSON Schema of a body that sends by a template.
//!
//! What it takes binds, as far as a schema can say. It can't say how long a text gets with all its values in it, that the
//! code of a button is the code of the text, how many products all sections have together, and which phone numbers
//! exist. Where the dialect takes several spellings it has one of them; and it takes the cards in their order.

use kabar_domain::clock::Moment;
use kabar_domain::ids::TemplateCode;
use kabar_domain::send::{Parameter, Part, Position, Values};
use kabar_domain::template::Category;
use kabar_domain::template::contract::{ButtonNeed, Cards, Contract, HeaderNeed, Slots, TextNeed, VariableName};
use serde_json::{Value, json};

mod kinds;

/// The schema of a body.
pub(super) fn body(code: &TemplateCode, contract: &Contract, samples: &Values, now: Moment) -> Value {
    let mut parts = slots(contract.message(), &samples.0, contract.category());
    if contract.offer_ends() {
        let position = Position::LimitedTimeOffer.word();
        parts.push(Known::required(position, listed(position, kinds::offer_ends(now))));
    }
    if let Some(cards) = contract.cards() {
        parts.push(Known::required(Position::Carousel.word(), carousel(cards, &samples.0, contract.category())));
    }
    for (is_taken, position, kind) in [
        (contract.takes_order_status(), Position::OrderStatus, kinds::order_status()),
        (contract.takes_tap_target(), Position::TapTarget, kinds::tap_target()),
    ] {
        if is_taken {
            parts.push(Known {
                position: position.word(),
                index: None,
                schema: listed(position.word(), kind),
                needed: false,
            });
        }
    }
    let mut template = object(&["template_code_id"], json!({ "template_code_id": { "const": code.to_string() } }));
    put_payload(&mut template, &parts);
    let message = object(&["type", "template"], json!({ "type": { "const": "template" }, "template": template }));
    let phone = json!({
        "type": "string", "pattern": "^\\+?[1-9][0-9]{6,14}$", "examples": [super::RECIPIENT],
        "description": "Country code and number, with or without +."
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": code.to_string(),
        "type": "object",
        "required": ["phone_number", "message"],
        "properties": { "phone_number": phone, "message": message }
    })
}

/// A part that the list may have, or must.
struct Known {
    position: &'static str,
    /// Which button.
    index: Option<usize>,
    schema: Value,
    needed: bool,
}

impl Known {
    const fn required(position: &'static str, schema: Value) -> Self {
        Self { position, index: None, schema, needed: true }
    }

    /// What tells it from the other parts of the list.
    fn sign(&self) -> Value {
        let mut properties = json!({ "position": { "const": self.position } });
        let mut required = vec!["position"];
        if let Some(index) = self.index {
            properties["index"] = json!({ "const": index });
            required.push("index");
        }
        object(&required, properties)
    }
}

/// Says of an object that it has this list: each of the parts at most once, each that is needed at least once, and none
/// beside them.
fn put_payload(object: &mut Value, parts: &[Known]) {
    let choices: Vec<&Value> = parts.iter().map(|part| &part.schema).collect();
    let mut list = json!({ "type": "array" });
    if choices.is_empty() {
        list["maxItems"] = json!(0);
    } else {
        list["items"] = json!({ "oneOf": choices });
        list["allOf"] = parts
            .iter()
            .map(|part| json!({ "contains": part.sign(), "minContains": u8::from(part.needed), "maxContains": 1 }))
            .collect();
    }
    object["properties"]["payload"] = list;
    if parts.iter().any(|part| part.needed)
        && let Some(required) = object["required"].as_array_mut()
    {
        required.push(json!("payload"));
    }
}

/// What a message and a card have alike.
fn slots(slots: &Slots, samples: &[Part], category: Category) -> Vec<Known> {
    let mut parts = Vec::new();
    let sample =
        |position: Position| samples.iter().find(|part| part.position == position).map(|part| &part.parameters);
    if let Some(need) = &slots.header {
        let word = Position::Header.word();
        let schema = match need {
            HeaderNeed::Text(text) => texts(word, text, sample(Position::Header), category),
            HeaderNeed::Media(kind) => listed(word, kinds::media(*kind)),
            HeaderNeed::Location => listed(word, kinds::location()),
            HeaderNeed::Product => listed(word, kinds::product()),
        };
        parts.push(Known::required(word, schema));
    }
    if !slots.body.variables().is_empty() {
        let word = Position::Body.word();
        parts.push(Known::required(word, texts(word, &slots.body, sample(Position::Body), category)));
    }
    for (index, need) in slots.buttons.iter().enumerate() {
        if let Some(schema) = button(*need, index) {
            parts.push(Known { position: "button", index: Some(index), schema, needed: need.is_required() });
        }
    }
    parts
}

fn button(need: ButtonNeed, index: usize) -> Option<Value> {
    let kind = need.button_use()?;
    let parameters = match need {
        ButtonNeed::Call => kinds::call(),
        ButtonNeed::Nothing
        | ButtonNeed::Payload
        | ButtonNeed::UrlSuffix
        | ButtonNeed::Code
        | ButtonNeed::CouponCode
        | ButtonNeed::Catalog
        | ButtonNeed::Products
        | ButtonNeed::Flow
        | ButtonNeed::OrderDetails => {
            json!({ "type": "array", "minItems": 1, "maxItems": 1, "items": kinds::of_button(need) })
        }
    };
    Some(object(
        &["position", "sub_types", "index", "parameters"],
        json!({
            "position": { "const": "button" },
            "sub_types": { "const": kind.word() },
            "index": { "const": index },
            "parameters": parameters
        }),
    ))
}

/// The part for a text: by place, each variable has a place of its own; by name, each has its name, in any order.
fn texts(position: &str, need: &TextNeed, samples: Option<&Vec<Parameter>>, category: Category) -> Value {
    let n_variables = need.variables().len();
    // A login code is a text and nothing else, and in a header the dialect has no other word.
    let text_only = category == Category::Authentication || position == Position::Header.word();
    let variables: Vec<Value> = need
        .variables()
        .iter()
        .enumerate()
        .map(|(place, variable)| {
            let name = match variable.name() {
                VariableName::Number(_) => None,
                VariableName::Name(name) => Some(name.as_str()),
            };
            let sample = samples.and_then(|samples| samples.get(place)).and_then(text_of);
            kinds::variable(name, &variable.name().to_string(), need.longest(place), sample, text_only)
        })
        .collect();
    let mut list = json!({ "type": "array", "minItems": n_variables, "maxItems": n_variables });
    if need.is_named() {
        list["items"] = json!({ "oneOf": variables });
        list["allOf"] = need
            .variables()
            .iter()
            .map(|variable| {
                let name = variable.name().to_string();
                json!({ "contains": object(&["parameter_name"], json!({ "parameter_name": { "const": name } })) })
            })
            .collect();
    } else {
        list["prefixItems"] = json!(variables);
    }
    object(&["position", "parameters"], json!({ "position": { "const": position }, "parameters": list }))
}

fn text_of(parameter: &Parameter) -> Option<&str> {
    if let Parameter::Text(text) | Parameter::NamedText { text, .. } = parameter { Some(text) } else { None }
}

fn carousel(cards: &Cards, samples: &[Part], category: Category) -> Value {
    let samples =
        samples.iter().find(|part| part.position == Position::Carousel).map(|part| part.parameters.as_slice());
    let (fewest, most) = cards.count().into_inner();
    let of_cards: Vec<Value> = (0..most)
        .filter_map(|index| {
            let slots_of_card = cards.card(index)?;
            let sample = samples.and_then(|cards| cards.get(index).or_else(|| cards.first()));
            let parts = sample.map_or(&[][..], parts_of);
            let mut card = object(&["card_index"], json!({ "card_index": { "const": index } }));
            put_payload(&mut card, &slots(slots_of_card, parts, category));
            Some(card)
        })
        .collect();
    let list = json!({ "type": "array", "minItems": fewest, "maxItems": most, "prefixItems": of_cards });
    object(&["position", "cards"], json!({ "position": { "const": Position::Carousel.word() }, "cards": list }))
}

fn parts_of(parameter: &Parameter) -> &[Part] {
    if let Parameter::Card(card) = parameter { &card.parts } else { &[] }
}

/// A part with exactly one value.
fn listed(position: &str, kind: Value) -> Value {
    let mut list = json!({ "type": "array", "minItems": 1, "maxItems": 1 });
    list["items"] = kind;
    object(&["position", "parameters"], json!({ "position": { "const": position }, "parameters": list }))
}

/// An object with these fields, and any other beside them: the dialect passes over what it does not know.
fn object(required: &[&str], properties: Value) -> Value {
    let mut object = json!({ "type": "object", "required": required });
    object["properties"] = properties;
    object
}
