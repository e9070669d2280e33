//! What a caller asks to have sent, in nobody's dialect.

use std::fmt;

use crate::ids::TemplateCode;
use crate::phone::PhoneNumber;

/// One template, with values, for one recipient.
#[derive(Debug, Clone, PartialEq)]
pub struct SendRequest {
    /// The template.
    pub template: TemplateCode,
    /// Who shall have it.
    pub recipient: PhoneNumber,
    /// What its variables shall say.
    pub values: Values,
}

/// The values of a request, in the order in which the caller gave them. `Debug` shows no value.
#[derive(Clone, PartialEq, Default)]
pub struct Values(pub Vec<Part>);

/// The values for one part of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which part.
    pub position: Position,
    /// Its values, in order.
    pub parameters: Vec<Parameter>,
}

/// A part of a template that takes values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// What stands above the text.
    Header,
    /// The text.
    Body,
    /// A button.
    Button {
        /// What the caller takes it for.
        kind: ButtonUse,
        /// Its place among the template's buttons, from 0.
        index: usize,
    },
}

/// What a caller may do with a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonUse {
    /// Choose what comes back when it is pressed.
    QuickReply,
    /// Say how its URL ends.
    UrlSuffix,
}

/// One value. `Debug` shows its kind only.
#[derive(Clone, PartialEq)]
pub enum Parameter {
    /// Text for a variable.
    Text(String),
    /// A picture.
    Image(Media),
    /// A film.
    Video(Media),
    /// A file.
    Document(Media),
    /// What a quick reply sends back.
    Payload(String),
    /// A value that is already known to be unreadable, so that the places of the others stay true. It binds to nothing.
    Unreadable,
}

/// A file on the web.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// Where it is, http or https.
    pub url: String,
    /// What a document is shown as.
    pub filename: Option<String>,
}

impl Parameter {
    /// What kind of value it is, in the words of the dialects and the upstream.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::Video(_) => "video",
            Self::Document(_) => "document",
            Self::Payload(_) => "payload",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("media")
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

/// Where in the caller's values something is wrong. The dialect knows how its own path is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// All the values: something is missing.
    Values,
    /// The part with this place among the parts.
    Part(usize),
    /// The position that the part names.
    Position(usize),
    /// The index that the part's button names.
    ButtonIndex(usize),
    /// The kind that the part's button names.
    ButtonKind(usize),
    /// The list of the part's values.
    Parameters(usize),
    /// A value: the part's place, and the value's within it.
    Parameter(usize, usize),
}
