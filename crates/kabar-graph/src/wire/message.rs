//! Sending one template message.

use std::borrow::Cow;
use std::fmt;

use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

/// One template message for one recipient, as it is sent.
///
/// The components are JSON already, and go into the body byte for byte.
#[derive(Clone, Copy)]
pub struct TemplateMessage<'a> {
    /// The recipient's number in digits with its country code; the leading `+` is added where it lacks.
    pub to: &'a str,
    /// The template's name.
    pub name: &'a str,
    /// The template's language, as `id` or `en_US`.
    pub language: &'a str,
    /// The array of components with the values; `None` for a template that takes none.
    pub components: Option<&'a RawValue>,
    /// What every status of this message brings back.
    pub biz_opaque_callback_data: Option<&'a str>,
}

#[derive(Serialize)]
struct Template<'a> {
    name: &'a str,
    language: Language<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Language<'a> {
    code: &'a str,
}

impl Serialize for TemplateMessage<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let to = if self.to.starts_with('+') { Cow::Borrowed(self.to) } else { Cow::Owned(format!("+{}", self.to)) };
        let template =
            Template { name: self.name, language: Language { code: self.language }, components: self.components };
        let mut body = serializer.serialize_struct("TemplateMessage", 6)?;
        body.serialize_field("messaging_product", "whatsapp")?;
        body.serialize_field("recipient_type", "individual")?;
        body.serialize_field("to", &to)?;
        body.serialize_field("type", "template")?;
        body.serialize_field("template", &template)?;
        match self.biz_opaque_callback_data {
            Some(data) => body.serialize_field("biz_opaque_callback_data", data)?,
            None => body.skip_field("biz_opaque_callback_data")?,
        }
        body.end()
    }
}

/// Shows no value that goes into the message, and of the recipient the last four digits.
impl fmt::Debug for TemplateMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateMessage")
            .field("to", &Masked(self.to))
            .field("name", &self.name)
            .field("language", &self.language)
            .field("biz_opaque_callback_data", &self.biz_opaque_callback_data)
            .finish_non_exhaustive()
    }
}

/// A number of which only the last four digits are shown.
pub(crate) struct Masked<'a>(pub(crate) &'a str);

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.0.len() > 4 { self.0.get(self.0.len() - 4..).unwrap_or_default() } else { "" };
        write!(f, "…{shown}")
    }
}

/// The answer to a message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Meta's id of the message; statuses name it. Opaque.
    pub wamid: String,
    /// What Meta does with the message now.
    pub message_status: SendStatus,
}

/// What Meta does with a message that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendStatus {
    /// It goes out. Also what an answer without a status means.
    Accepted,
    /// It waits until the first receivers of a new template have reacted; sent later, or failed with code 132015.
    HeldForQualityAssessment,
    /// It waits because the template is paused.
    Paused,
    /// A status that this version does not know.
    Other(String),
}

#[derive(Deserialize)]
pub(crate) struct SendAnswer {
    messages: Vec<SentMessage>,
}

#[derive(Deserialize)]
struct SentMessage {
    id: String,
    message_status: Option<String>,
}

impl SendAnswer {
    /// The one message of the answer; `None` when there is none.
    pub(crate) fn into_sent(self) -> Option<Sent> {
        let message = self.messages.into_iter().next()?;
        if message.id.is_empty() {
            return None;
        }
        let message_status = match message.message_status.as_deref() {
            None | Some("accepted") => SendStatus::Accepted,
            Some("held_for_quality_assessment") => SendStatus::HeldForQualityAssessment,
            Some("paused") => SendStatus::Paused,
            Some(other) => SendStatus::Other(other.to_owned()),
        };
        Some(Sent { wamid: message.id, message_status })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::RawValue;

    use super::{SendAnswer, SendStatus, TemplateMessage};

    #[test]
    fn the_body_is_metas_and_the_components_stay_byte_for_byte() {
        let components = r#"[ {"type":"body", "parameters":[{"type":"text","text":"Ayu \u00e9"}]} ]"#;
        let raw: &RawValue = serde_json::from_str(components).unwrap();
        let message = TemplateMessage {
            to: "6281234567890",
            name: "pesanan_dikirim",
            language: "id",
            components: Some(raw),
            biz_opaque_callback_data: Some("msg-1"),
        };
        let body = serde_json::to_string(&message).unwrap();
        assert_eq!(
            body,
            format!(
                r#"{{"messaging_product":"whatsapp","recipient_type":"individual","to":"+6281234567890","type":"template","template":{{"name":"pesanan_dikirim","language":{{"code":"id"}},"components":{components}}},"biz_opaque_callback_data":"msg-1"}}"#
            )
        );
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let message = TemplateMessage {
            to: "+6281234567890",
            name: "halo",
            language: "en_US",
            components: None,
            biz_opaque_callback_data: None,
        };
        assert_eq!(
            serde_json::to_value(message).unwrap(),
            json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+6281234567890",
                "type": "template", "template": {"name": "halo", "language": {"code": "en_US"}}})
        );
    }

    #[test]
    fn debug_shows_neither_values_nor_the_number() {
        let raw: &RawValue = serde_json::from_str(r#"[{"text":"kode 4711"}]"#).unwrap();
        let message = TemplateMessage {
            to: "+6281234567890",
            name: "kode",
            language: "id",
            components: Some(raw),
            biz_opaque_callback_data: None,
        };
        let shown = format!("{message:?}");
        assert!(shown.contains("…7890") && !shown.contains("67890") && !shown.contains("4711"), "{shown}");
    }

    #[test]
    fn statuses_of_answers() {
        for (status, expected) in [
            (json!("accepted"), SendStatus::Accepted),
            (json!("held_for_quality_assessment"), SendStatus::HeldForQualityAssessment),
            (json!("paused"), SendStatus::Paused),
            (json!(null), SendStatus::Accepted),
            (json!("queued"), SendStatus::Other("queued".to_owned())),
        ] {
            let answer = json!({"messages": [{"id": "wamid.1", "message_status": status}]});
            let sent = serde_json::from_value::<SendAnswer>(answer).unwrap().into_sent().unwrap();
            assert_eq!((sent.wamid.as_str(), sent.message_status), ("wamid.1", expected));
        }
        let empty = serde_json::from_value::<SendAnswer>(json!({"messages": []})).unwrap();
        assert_eq!(empty.into_sent(), None);
    }
}
