//! Files that messages carry: the picture, film or document above a text or on a card.
//!
//! A caller names one by its URL. It goes to the upstream as that link, or as the id of a file that was uploaded before.

use serde_json::{Value, json};

use crate::template::contract::MediaKind;

mod content;

pub use content::{Looks, Unfit, bytes_worth_reading, check, most_bytes};

/// How a file that is named by its URL goes to the upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AtSend {
    /// It is uploaded once, and messages name it by the upstream's id.
    Upload,
    /// As its URL: the upstream fetches it for each message.
    Link,
}

impl AtSend {
    /// Both, with their words.
    pub const WORDS: [(&'static str, Self); 2] = [("upload", Self::Upload), ("link", Self::Link)];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Link => "link",
        }
    }

    /// What a word says.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, at_send)| at_send)
    }
}

/// A file that a message names by its URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Linked<'a> {
    /// What it is shown as.
    pub kind: MediaKind,
    /// Where it is.
    pub url: &'a str,
}

const KINDS: [MediaKind; 4] = [MediaKind::Image, MediaKind::Video, MediaKind::Gif, MediaKind::Document];

/// Whether components, as they stand on disk, may name a file by its URL. Cheap, and never wrong with a `false`.
pub fn may_link(components: &str) -> bool {
    components.contains("\"link\"")
}

/// The files that the headers of a message and of its cards name by their URLs, in their order.
pub fn linked(components: &[Value]) -> Vec<Linked<'_>> {
    let mut found = Vec::new();
    for parameter in components.iter().flat_map(header_parameters) {
        if let Some(one) = link_of(parameter) {
            found.push(one);
        }
    }
    for card in components.iter().filter_map(|component| component["cards"].as_array()).flatten() {
        found.extend(card["components"].as_array().map(|inner| linked(inner)).unwrap_or_default());
    }
    found
}

/// Puts ids in the places of links: `id_of` is asked for each of [`linked`]; where it knows none, the link stays.
pub fn put_ids(components: &mut [Value], id_of: &dyn Fn(Linked<'_>) -> Option<String>) {
    for component in components {
        if component["type"] == "header" {
            for parameter in component["parameters"].as_array_mut().into_iter().flatten() {
                put_id(parameter, id_of);
            }
        }
        for card in component.get_mut("cards").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(inner) = card.get_mut("components").and_then(Value::as_array_mut) {
                put_ids(inner, id_of);
            }
        }
    }
}

fn put_id(parameter: &mut Value, id_of: &dyn Fn(Linked<'_>) -> Option<String>) {
    let Some(linked) = link_of(parameter) else { return };
    let (word, Some(id)) = (linked.kind.word(), id_of(linked)) else { return };
    if let Some(media) = parameter[word].as_object_mut() {
        // The id stands where the link stood; a document's name stays behind it.
        let rest: Vec<(String, Value)> =
            media.iter().filter(|(key, _)| *key != "link").map(|(key, value)| (key.clone(), value.clone())).collect();
        media.clear();
        media.insert("id".to_owned(), json!(id));
        media.extend(rest);
    }
}

fn header_parameters(component: &Value) -> impl Iterator<Item = &Value> {
    let header = Some(component).filter(|component| component["type"] == "header");
    header.and_then(|header| header["parameters"].as_array()).into_iter().flatten()
}

fn link_of(parameter: &Value) -> Option<Linked<'_>> {
    let kind = KINDS.into_iter().find(|kind| parameter["type"] == kind.word())?;
    let url = parameter[kind.word()]["link"].as_str()?;
    Some(Linked { kind, url })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(kind: &str, media: &Value) -> Value {
        json!({ "type": "header", "parameters": [{ "type": kind, kind: media }] })
    }

    #[test]
    fn links_of_headers_and_cards_are_found_and_nothing_else() {
        let components = [
            header("document", &json!({ "link": "https://a.example/1.pdf", "filename": "a.pdf" })),
            json!({ "type": "body", "parameters": [{ "type": "text", "text": "\"link\"" }] }),
            json!({ "type": "button", "parameters": [{ "type": "action", "action": { "image": { "link": "https://b" } } }] }),
            json!({ "type": "carousel", "cards": [
                { "card_index": 0, "components": [header("image", &json!({ "link": "https://a.example/2.png" }))] },
                { "card_index": 1, "components": [header("image", &json!({ "id": "77" }))] },
                { "card_index": 2, "components": [header("gif", &json!({ "link": "https://a.example/3.mp4" }))] }
            ] }),
        ];
        let found: Vec<(&str, &str)> = linked(&components).iter().map(|one| (one.kind.word(), one.url)).collect();
        assert_eq!(
            found,
            [
                ("document", "https://a.example/1.pdf"),
                ("image", "https://a.example/2.png"),
                ("gif", "https://a.example/3.mp4")
            ]
        );
        assert!(may_link(&Value::from(components.to_vec()).to_string()));
        assert!(!may_link(&header("image", &json!({ "id": "77" })).to_string()));
    }

    #[test]
    fn ids_take_the_places_of_links_and_all_else_stays() {
        let mut components = [
            header("document", &json!({ "link": "https://a.example/1.pdf", "filename": "a.pdf" })),
            json!({ "type": "carousel", "cards": [
                { "card_index": 0, "components": [header("image", &json!({ "link": "https://a.example/2.png" }))] },
                { "card_index": 1, "components": [header("image", &json!({ "link": "https://a.example/3.png" }))] }
            ] }),
        ];
        put_ids(&mut components, &|one| match one.url {
            "https://a.example/1.pdf" => Some("1".to_owned()),
            "https://a.example/2.png" => Some("2".to_owned()),
            _ => None,
        });
        assert_eq!(
            Value::from(components.to_vec()).to_string(),
            r#"[{"type":"header","parameters":[{"type":"document","document":{"id":"1","filename":"a.pdf"}}]},{"type":"carousel","cards":[{"card_index":0,"components":[{"type":"header","parameters":[{"type":"image","image":{"id":"2"}}]}]},{"card_index":1,"components":[{"type":"header","parameters":[{"type":"image","image":{"link":"https://a.example/3.png"}}]}]}]}]"#
        );
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for (word, at_send) in AtSend::WORDS {
            assert_eq!((AtSend::of_word(word), at_send.word()), (Some(at_send), word));
        }
        assert_eq!(AtSend::of_word("Upload"), None);
    }
}
