//! The body of a send request as the documentation describes it. Nothing is read by these types: [`super::read`] reads
//! more spellings than a schema can say.

use serde::Serialize;
use utoipa::ToSchema;

/// One template message for one recipient.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::PushMessage)]
pub(super) struct PushMessage {
    message: Message,
    /// Country code and number, with or without `+`.
    #[schema(example = "6281381475159")]
    phone_number: &'static str,
}

/// What to send.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::Message)]
pub(super) struct Message {
    r#type: MessageType,
    template: Template,
    /// For how many seconds the message may wait to be sent; as long as its template says, or a day, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 2_592_000, example = 3600)]
    expires_in: Option<u32>,
}

/// The kind of message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = oca::MessageType)]
pub(super) enum MessageType {
    /// A template.
    Template,
}

/// Which template, and the values for its variables.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::Template)]
pub(super) struct Template {
    /// The template's code, as the details of a template tell it. Letter case does not count.
    #[schema(example = "0199a4f4_0000_7000_8000_000000000001:pesanan_dikirim")]
    template_code_id: &'static str,
    /// The values. It may be left out, null or empty for a template without variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    payload: Vec<Part>,
}

/// The values for one part of the template.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "position", rename_all = "snake_case")]
#[schema(as = oca::Part)]
pub(super) enum Part {
    /// What stands above the text.
    Header {
        /// One value.
        parameters: Vec<HeaderParameter>,
    },
    /// The text.
    Body {
        /// A value for each variable, in order.
        parameters: Vec<BodyParameter>,
    },
    /// A button.
    Button {
        /// What the button does. The key `sub_type` and the value `url` are understood as well.
        sub_types: ButtonKind,
        /// The button's place, from 0. A string of digits is understood as well.
        #[schema(minimum = 0)]
        index: u32,
        /// One value; one object without a list around it is understood as well.
        parameters: Vec<ButtonParameter>,
    },
}

/// What a button does.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = oca::ButtonKind)]
pub(super) enum ButtonKind {
    /// Sends a payload back.
    QuickReply,
    /// Opens a URL whose end is given here.
    UrlDynamic,
}

/// A value for a header.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::HeaderParameter)]
pub(super) enum HeaderParameter {
    /// A text, at most 60 characters.
    Text {
        /// The text.
        text: &'static str,
    },
    /// A picture.
    Image {
        /// Where it is.
        image: Media,
    },
    /// A film.
    Video {
        /// Where it is.
        video: Media,
    },
    /// A file.
    Document {
        /// Where it is.
        document: Media,
    },
}

/// A value for a variable of the text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::BodyParameter)]
pub(super) enum BodyParameter {
    /// A text without line breaks, tabs, or more than four spaces in a row.
    Text {
        /// The text.
        text: &'static str,
    },
}

/// A value for a button.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schema(as = oca::ButtonParameter)]
pub(super) enum ButtonParameter {
    /// What a quick reply sends back, at most 256 characters.
    Payload {
        /// The payload.
        payload: &'static str,
    },
    /// How the URL ends; for a login code, the code.
    Text {
        /// The text.
        text: &'static str,
    },
}

/// A file on the web.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::Media)]
pub(super) struct Media {
    /// Where it is, http or https.
    #[schema(format = "uri", example = "https://example.com/invoice.pdf")]
    url: &'static str,
    /// For a document, the name under which the recipient sees it; passed over for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'static str>,
}

impl PushMessage {
    fn of(template_code_id: &'static str, payload: Vec<Part>) -> Self {
        Self {
            message: Message {
                r#type: MessageType::Template,
                template: Template { template_code_id, payload },
                expires_in: None,
            },
            phone_number: "6281381475159",
        }
    }

    /// An order's update, with two variables.
    pub(super) fn order() -> Self {
        let parameters = vec![BodyParameter::Text { text: "Budi" }, BodyParameter::Text { text: "INV-2024-001" }];
        Self::of("0199a4f4_0000_7000_8000_000000000001:pesanan_dikirim", vec![Part::Body { parameters }])
    }

    /// A header with a variable.
    pub(super) fn greeting() -> Self {
        let parameters = vec![HeaderParameter::Text { text: "Budi" }];
        Self::of("0199a4f4_0000_7000_8000_000000000004:salam", vec![Part::Header { parameters }])
    }

    /// A header with a picture.
    pub(super) fn picture() -> Self {
        let image = Media { url: "https://example.com/promo.jpg", caption: None };
        let parameters = vec![HeaderParameter::Image { image }];
        Self::of("0199a4f4_0000_7000_8000_000000000005:promo", vec![Part::Header { parameters }])
    }

    /// A header with a film.
    pub(super) fn film() -> Self {
        let video = Media { url: "https://example.com/tour.mp4", caption: None };
        let parameters = vec![HeaderParameter::Video { video }];
        Self::of("0199a4f4_0000_7000_8000_000000000006:tur", vec![Part::Header { parameters }])
    }

    /// A header with a file, and both kinds of button.
    pub(super) fn everything() -> Self {
        let document = Media { url: "https://example.com/invoice.pdf", caption: Some("Faktur.pdf") };
        Self::of(
            "0199a4f4_0000_7000_8000_000000000002:faktur",
            vec![
                Part::Header { parameters: vec![HeaderParameter::Document { document }] },
                Part::Body { parameters: vec![BodyParameter::Text { text: "Budi" }] },
                Part::Button {
                    sub_types: ButtonKind::QuickReply,
                    index: 0,
                    parameters: vec![ButtonParameter::Payload { payload: "STOP" }],
                },
                Part::Button {
                    sub_types: ButtonKind::UrlDynamic,
                    index: 1,
                    parameters: vec![ButtonParameter::Text { text: "INV-2024-001" }],
                },
            ],
        )
    }

    /// A login code.
    pub(super) fn login_code() -> Self {
        let parameters = vec![BodyParameter::Text { text: "123456" }];
        Self::of("0199a4f4_0000_7000_8000_000000000003:kode_masuk", vec![Part::Body { parameters }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oca::read::read;

    #[test]
    fn the_examples_can_be_sent() {
        for example in [
            PushMessage::order(),
            PushMessage::greeting(),
            PushMessage::picture(),
            PushMessage::film(),
            PushMessage::everything(),
            PushMessage::login_code(),
        ] {
            let body = serde_json::to_value(&example).unwrap();
            assert!(read(&body).faults.is_empty(), "{body}");
        }
    }
}
