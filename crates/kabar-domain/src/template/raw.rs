//! Components as they came, looked up by what they are: texts and examples, which the parsed components do without.
//!
//! Nothing is judged here. What is not there, or is of another kind, is empty.

use serde_json::Value;

/// Components, a component or a button.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw<'c>(&'c Value);

const NULL: Value = Value::Null;

impl<'c> Raw<'c> {
    /// A list of components.
    pub(super) const fn of(components: &'c Value) -> Self {
        Self(components)
    }

    /// The component of this kind in a list of them.
    pub(super) fn component(&self, kind: &str) -> Self {
        let is_it = |component: &&Value| component["type"].as_str().is_some_and(|word| word.eq_ignore_ascii_case(kind));
        Self(self.0.as_array().and_then(|list| list.iter().find(is_it)).unwrap_or(&NULL))
    }

    /// The header in a list of components.
    pub(super) fn header(&self) -> Self {
        self.component("HEADER")
    }

    /// The body in a list of components.
    pub(super) fn body(&self) -> Self {
        self.component("BODY")
    }

    /// A button of a list of components.
    pub(super) fn button(&self, index: usize) -> Self {
        self.component("BUTTONS").get("buttons").at(index)
    }

    /// The components of a card of a list of components.
    pub(super) fn card(&self, index: usize) -> Self {
        self.component("CAROUSEL").get("cards").at(index).get("components")
    }

    /// The text of a component, or the label of a button.
    pub(super) fn text(&self) -> &'c str {
        self.get("text").str().unwrap_or_default()
    }

    /// The URL of a button.
    pub(super) fn url(&self) -> &'c str {
        self.get("url").str().unwrap_or_default()
    }

    /// A field that is text.
    pub(super) fn field(&self, key: &str) -> Option<&'c str> {
        self.get(key).str()
    }

    /// A field that is text, or a number and means its digits.
    pub(super) fn digits(&self, key: &str) -> String {
        let field = self.get(key);
        field.str().map_or_else(|| field.0.as_u64().map(|number| number.to_string()).unwrap_or_default(), str::to_owned)
    }

    /// The example at a place, however it is nested: a bare text, a list, a row in a list; in a component under the key
    /// for its kind, in a button bare.
    pub(super) fn example_at(&self, place: usize) -> Option<&'c str> {
        let example = self.get("example");
        let texts =
            ["header_text", "body_text"].into_iter().map(|key| example.get(key)).find(|texts| !texts.0.is_null());
        let mut texts = texts.unwrap_or(example);
        while texts.0.is_array() && texts.at(0).0.is_array() {
            texts = texts.at(0);
        }
        let text = if texts.0.is_array() { texts.at(place) } else { texts };
        text.str().filter(|_| texts.0.is_array() || place == 0)
    }

    /// The example for a variable with a name.
    pub(super) fn example_named(&self, name: &str) -> Option<&'c str> {
        let example = self.get("example");
        ["header_text_named_params", "body_text_named_params"].into_iter().find_map(|key| {
            let list = example.get(key).0.as_array()?;
            let found = list.iter().find(|entry| entry["param_name"].as_str() == Some(name))?;
            found["example"].as_str()
        })
    }

    fn get(&self, key: &str) -> Self {
        Self(self.0.get(key).unwrap_or(&NULL))
    }

    fn at(&self, index: usize) -> Self {
        Self(self.0.get(index).unwrap_or(&NULL))
    }

    fn str(&self) -> Option<&'c str> {
        self.0.as_str()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn examples_are_found_however_they_are_nested() {
        for body_text in [json!("Budi"), json!(["Budi", "x"]), json!([["Budi", "x"]])] {
            let body = json!({ "type": "body", "example": { "body_text": body_text } });
            assert_eq!(Raw::of(&body).example_at(0), Some("Budi"), "{body}");
        }
        let bare = json!({ "example": "SEPATU" });
        assert_eq!((Raw::of(&bare).example_at(0), Raw::of(&bare).example_at(1)), (Some("SEPATU"), None));
        let named = json!({ "example": { "body_text_named_params": [{ "param_name": "hari", "example": "Rabu" }] } });
        assert_eq!(Raw::of(&named).example_named("hari"), Some("Rabu"));
        assert_eq!(Raw::of(&named).example_named("jam"), None);
    }

    #[test]
    fn what_is_not_there_is_empty() {
        for nothing in [json!(null), json!([]), json!([7]), json!({ "type": 7 }), json!("text")] {
            let raw = Raw::of(&nothing);
            assert_eq!(raw.body().text(), "");
            assert_eq!(raw.button(3).url(), "");
            assert_eq!(raw.card(0).header().example_at(0), None);
        }
    }
}
