//! Values that a schema takes, made from the schema: every choice of it, the longest texts and the oddest.

use proptest::prelude::{BoxedStrategy, Just, Strategy as _, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::string::string_regex;
use proptest::{bool, collection};
use serde_json::{Map, Value, json};

use super::accepts;

/// Any value that the schema takes.
pub(super) fn instance(schema: &Value) -> BoxedStrategy<Value> {
    let taken = schema.clone();
    candidate(schema).prop_filter("the schema takes it", move |value| accepts(&taken, value)).boxed()
}

/// Mostly what the schema takes.
fn candidate(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(value) = schema.get("const") {
        return Just(value.clone()).boxed();
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        return select(choices.clone()).boxed();
    }
    match schema["type"].as_str() {
        Some("object") => object(schema),
        Some("array") => array(schema),
        Some("string") => text(schema),
        Some("integer") => {
            let least = schema["minimum"].as_i64().or_else(|| schema["exclusiveMinimum"].as_i64().map(|end| end + 1));
            let (least, most) = (least.unwrap_or(i64::MIN), schema["maximum"].as_i64().unwrap_or(i64::MAX));
            prop_oneof![(least..=most).prop_map(Value::from), Just(json!(least)), Just(json!(most))].boxed()
        }
        Some("number") => {
            let bound = |key: &str| schema[key].as_f64().unwrap();
            prop_oneof![(bound("minimum")..=bound("maximum")).prop_map(Value::from), Just(schema["maximum"].clone())]
                .boxed()
        }
        Some(other) => panic!("the type {other}"),
        None => {
            let choices = ["oneOf", "anyOf"].iter().find_map(|word| schema[*word].as_array());
            Union::new(choices.unwrap_or_else(|| panic!("nothing is said: {schema}")).iter().map(instance)).boxed()
        }
    }
}

/// All fields that are required, and each of the others or not.
fn object(schema: &Value) -> BoxedStrategy<Value> {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let fields: Vec<BoxedStrategy<Option<(String, Value)>>> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, schema)| {
            let is_there = if required.contains(&json!(key)) { Just(true).boxed() } else { bool::ANY.boxed() };
            let key = key.clone();
            (is_there, instance(schema))
                .prop_map(move |(is_there, value)| is_there.then(|| (key.clone(), value)))
                .boxed()
        })
        .collect();
    fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect::<Map<_, _>>())).boxed()
}

fn array(schema: &Value) -> BoxedStrategy<Value> {
    let count = |key: &str| schema[key].as_u64().map(|count| usize::try_from(count).unwrap());
    let (fewest, most) = (count("minItems").unwrap_or(0), count("maxItems"));
    if let Some(first) = schema["prefixItems"].as_array() {
        let items: Vec<_> = first.iter().map(instance).collect();
        return (fewest..=most.unwrap_or(items.len()).min(items.len()), items)
            .prop_map(|(count, items)| items.into_iter().take(count).collect())
            .boxed();
    }
    let Some(item) = schema.get("items") else { return Just(json!([])).boxed() };
    if let Some(kinds) = item["oneOf"].as_array().filter(|_| schema.get("allOf").is_some()) {
        // Each kind has its word on how often it stands, at the same place.
        let items: Vec<_> = kinds
            .iter()
            .zip(schema["allOf"].as_array().unwrap())
            .map(|(kind, often)| {
                let is_needed = often.get("minContains").is_none_or(|least| *least != json!(0));
                let is_there = if is_needed { Just(true).boxed() } else { bool::ANY.boxed() };
                (is_there, instance(kind)).prop_map(|(is_there, item)| is_there.then_some(item)).boxed()
            })
            .collect();
        return items
            .prop_map(|items| items.into_iter().flatten().collect::<Vec<_>>())
            .prop_shuffle()
            .prop_map(Value::from)
            .boxed();
    }
    let some = most.unwrap_or(fewest + 3).min(fewest + 3);
    collection::vec(instance(item), fewest..=some).prop_map(Value::from).boxed()
}

fn text(schema: &Value) -> BoxedStrategy<Value> {
    let longest = schema["maxLength"].as_u64().map_or(40, |most| usize::try_from(most).unwrap());
    let pattern = schema["pattern"].as_str().unwrap_or(".*").trim_start_matches('^').trim_end_matches('$').to_owned();
    let odd =
        ["a", "a'\"\\b", "{{1}}", "*a* _b_", "é👍", "a    b", " a ", "a\u{a0}b", "\u{2003}x", "a\u{85}b", "a\u{2028}b"];
    prop_oneof![
        string_regex(&pattern).unwrap(),
        "[A-Za-z0-9]{1,6}",
        select(odd.to_vec()).prop_map(str::to_owned),
        Just("x".repeat(longest)),
        any::<String>(),
    ]
    .prop_map(move |text| Value::from(text.chars().take(longest).collect::<String>()))
    .boxed()
}
