//! The contract of a template: what a send must provide. Compiled once from the components; binding reads it only.

use crate::fault::{Fault, Faults, Path};
use crate::reading::Node;
use crate::rule::Rule;
use crate::send::{Spot, Values};
use crate::template::Category;
use crate::template::components::{ButtonKind, Components, Header};
use crate::template::placeholder::Placeholders;

mod bind;
mod filled;

pub use bind::Bound;
use filled::Filled;

/// Every variable of a template, its place and its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// What the template is for: a login code has rules of its own.
    category: Category,
    header: HeaderNeed,
    /// What the header's text measures, where it has variables.
    header_text: Filled,
    /// How many variables the text has.
    body: usize,
    /// What the text measures.
    body_text: Filled,
    /// One for each button, in order.
    buttons: Vec<ButtonNeed>,
    /// Parts that a send would have to fill, and that no dialect can express: such a template can't be sent by.
    not_expressible: Vec<String>,
}

/// What a header needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeaderNeed {
    /// Nothing: there is none, or its text is fixed.
    Nothing,
    /// A text.
    Text,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A file.
    Document,
}

impl HeaderNeed {
    const fn kind(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Text => "text",
            Self::Image => "image",
            Self::Video => "video",
            Self::Document => "document",
        }
    }
}

/// What a button needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ButtonNeed {
    /// It takes no value.
    Nothing,
    /// It takes a payload, and has its label for one when none is given.
    Payload,
    /// It must be told how its URL ends.
    UrlSuffix,
    /// It must have the code of the body.
    Code,
}

impl Contract {
    /// Compiles the contract from components as they were created, or as the upstream lists them.
    pub fn compile(category: Category, components: &serde_json::Value) -> Self {
        // What is wrong with them does not matter here: the upstream has taken them.
        let mut passed_over = Faults::none();
        let read = Components::read(&Node::root(components), Some(category), &mut passed_over);
        let mut not_expressible: Vec<String> = read.others.iter().map(|&name| name.to_owned()).collect();
        let header_text = match &read.header {
            Some(Header::Text(text)) => Filled::of(text),
            Some(_) | None => Filled::default(),
        };
        // The text of a login code is the upstream's, in whichever language; it is short, and so is a code.
        let own_text = read.body.as_deref().filter(|_| category != Category::Authentication);
        let body_text = own_text.map(Filled::of).unwrap_or_default();
        let header = match read.header {
            None => HeaderNeed::Nothing,
            Some(Header::Text(text)) if Placeholders::of(&text).is_empty() => HeaderNeed::Nothing,
            Some(Header::Text(text)) => {
                note_named(&text, &mut not_expressible);
                HeaderNeed::Text
            }
            Some(Header::Image) => HeaderNeed::Image,
            Some(Header::Video) => HeaderNeed::Video,
            Some(Header::Document) => HeaderNeed::Document,
            Some(Header::Location) => {
                not_expressible.push("HEADER LOCATION".to_owned());
                HeaderNeed::Nothing
            }
            Some(header @ (Header::Gif | Header::Product | Header::Other(_))) => {
                not_expressible.push(format!("HEADER {}", header.format()));
                HeaderNeed::Nothing
            }
        };
        let body = match (&read.body, category) {
            (Some(text), _) => {
                note_named(text, &mut not_expressible);
                Placeholders::of(text).count()
            }
            // The upstream's own text for a login code has the code and nothing else.
            (None, Category::Authentication) => 1,
            (None, Category::Utility | Category::Marketing) => 0,
        };
        let buttons = read.buttons.iter().map(|button| need_of(&button.kind, category, &mut not_expressible)).collect();
        Self { category, header, header_text, body, body_text, buttons, not_expressible }
    }

    /// The category by which it was compiled.
    pub const fn category(&self) -> Category {
        self.category
    }

    /// Binds values to the variables: gives the upstream's `components`, or every mismatch at once, each at the path that
    /// `path_of` gives for its place in the caller's own spelling.
    pub fn bind(&self, values: &Values, path_of: &dyn Fn(Spot) -> Path) -> Result<Bound, Faults> {
        let mut faults = Faults::none();
        for part in &self.not_expressible {
            faults.push(Fault::new(path_of(Spot::Values), Rule::NotExpressible).with("part", part));
        }
        bind::bind(self, values, path_of, faults)
    }
}

/// Named variables are filled by name, for which the dialects have no field.
fn note_named(text: &str, not_expressible: &mut Vec<String>) {
    if Placeholders::of(text).has_named() && !not_expressible.iter().any(|part| part == "named variables") {
        not_expressible.push("named variables".to_owned());
    }
}

fn need_of(kind: &ButtonKind, category: Category, not_expressible: &mut Vec<String>) -> ButtonNeed {
    match kind {
        ButtonKind::QuickReply => ButtonNeed::Payload,
        // The upstream lists the button of a login code as a URL button whose address ends in the code.
        ButtonKind::Url { dynamic: true, .. } if category == Category::Authentication => ButtonNeed::Code,
        ButtonKind::Url { dynamic: true, .. } => ButtonNeed::UrlSuffix,
        ButtonKind::Url { dynamic: false, .. } | ButtonKind::PhoneNumber => ButtonNeed::Nothing,
        ButtonKind::Otp(_) => ButtonNeed::Code,
        // A call needs nothing, and has defaults for what it could be told.
        ButtonKind::VoiceCall => ButtonNeed::Nothing,
        ButtonKind::CopyCode { .. }
        | ButtonKind::Flow(_)
        | ButtonKind::Catalog
        | ButtonKind::Mpm
        | ButtonKind::Spm
        | ButtonKind::OrderDetails
        | ButtonKind::RequestContactInfo
        | ButtonKind::Other(_) => {
            not_expressible.push(format!("a {} button", kind.name()));
            ButtonNeed::Nothing
        }
    }
}

#[cfg(test)]
#[path = "contract/tests.rs"]
mod tests;
