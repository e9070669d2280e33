//! Binding: a caller's values put to a template's variables.

use serde_json::{Value, json};

use crate::fault::{Fault, Faults, Path};
use crate::rule::Rule;
use crate::send::{ButtonUse, Media, Parameter, Part, Position, Spot, Values};
use crate::template::Category;
use crate::template::components::is_absolute_url;
use crate::template::contract::filled::Filled;
use crate::template::contract::{ButtonNeed, Contract, HeaderNeed};

/// Values that fit their template: the upstream's `components`, as a JSON array. `Debug` shows no value.
#[derive(Clone, PartialEq, Eq)]
pub struct Bound(String);

impl Bound {
    /// The array as JSON text; `[]` where a template needs nothing.
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// The array as JSON text.
    pub fn into_json(self) -> String {
        self.0
    }
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bound({} bytes)", self.0.len())
    }
}

pub(super) fn bind(
    contract: &Contract,
    values: &Values,
    path_of: &dyn Fn(Spot) -> Path,
    faults: Faults,
) -> Result<Bound, Faults> {
    let mut binder = Binder { contract, values, path_of, faults, components: Vec::new() };
    let header = binder.only(|position| position == Position::Header, "header");
    let body = binder.only(|position| position == Position::Body, "body");
    binder.header(header);
    let code = binder.body(body);
    binder.buttons(code.as_deref());
    let components = Value::Array(binder.components);
    binder.faults.or(Bound(components.to_string()))
}

struct Binder<'b> {
    contract: &'b Contract,
    values: &'b Values,
    path_of: &'b dyn Fn(Spot) -> Path,
    faults: Faults,
    components: Vec<Value>,
}

impl<'b> Binder<'b> {
    fn fault(&self, spot: Spot, rule: Rule) -> Fault {
        Fault::new((self.path_of)(spot), rule)
    }

    /// The first part at a position that may stand once; each further one is a fault.
    fn only(&mut self, wanted: impl Fn(Position) -> bool, name: &'static str) -> Option<(usize, &'b Part)> {
        let mut first = None;
        for (place, part) in self.values.0.iter().enumerate().filter(|(_, part)| wanted(part.position)) {
            if first.is_none() {
                first = Some((place, part));
            } else {
                self.faults.push(self.fault(Spot::Position(place), Rule::PositionTwice).with("position", name));
            }
        }
        first
    }

    fn header(&mut self, given: Option<(usize, &'b Part)>) {
        let need = self.contract.header;
        let Some((place, part)) = given else {
            if need != HeaderNeed::Nothing {
                let fault = self.fault(Spot::Values, Rule::ValuesMissing).with("want", 1).with("position", "header");
                self.faults.push(fault);
            }
            return;
        };
        if need == HeaderNeed::Nothing {
            if !part.parameters.is_empty() {
                let fault = self.fault(Spot::Part(place), Rule::PositionSurplus).with("position", "header");
                self.faults.push(fault);
            }
            return;
        }
        if !self.count_is(place, part, 1, "header") {
            return;
        }
        let value = match (need, &part.parameters[0]) {
            (_, Parameter::Unreadable) => None,
            (HeaderNeed::Text, Parameter::Text(text)) => {
                let spot = Spot::Parameter(place, 0);
                let contract = self.contract;
                (self.plain_text(spot, "text", text, Rule::HeaderLength)
                    && self.fits_filled(spot, &contract.header_text, &[text], Rule::HeaderLength))
                .then(|| text_parameter(text))
            }
            (HeaderNeed::Image, Parameter::Image(media))
            | (HeaderNeed::Video, Parameter::Video(media))
            | (HeaderNeed::Document, Parameter::Document(media)) => self.media(place, need, media),
            (_, other) => {
                let fault = self.fault(Spot::Parameter(place, 0), Rule::ValueKind);
                self.faults.push(fault.with("want", need.kind()).with("got", other.kind()));
                None
            }
        };
        if let Some(value) = value {
            self.components.push(json!({ "type": "header", "parameters": [value] }));
        }
    }

    fn media(&mut self, place: usize, need: HeaderNeed, media: &Media) -> Option<Value> {
        let kind = need.kind();
        let mut path = (self.path_of)(Spot::Parameter(place, 0)).key(kind);
        path = path.key("url");
        if !is_absolute_url(&media.url) {
            self.faults.push(Fault::new(path, Rule::MediaUrl));
            return None;
        }
        if let Some(fault) = too_long(&path, &media.url, Rule::UrlLength) {
            self.faults.push(fault);
            return None;
        }
        let mut object = json!({ "link": media.url });
        if let (HeaderNeed::Document, Some(filename)) = (need, &media.filename) {
            object["filename"] = json!(filename);
        }
        let mut parameter = json!({ "type": kind });
        parameter[kind] = object;
        Some(parameter)
    }

    /// Gives the login code of an authentication template, which its button needs as well.
    fn body(&mut self, given: Option<(usize, &'b Part)>) -> Option<String> {
        let want = self.contract.body;
        let Some((place, part)) = given else {
            if want > 0 {
                let fault = self.fault(Spot::Values, Rule::ValuesMissing).with("want", want).with("position", "body");
                self.faults.push(fault);
            }
            return None;
        };
        if want == 0 && !part.parameters.is_empty() {
            let fault = self.fault(Spot::Part(place), Rule::PositionSurplus).with("position", "body");
            self.faults.push(fault);
            return None;
        }
        let authentication = self.contract.category == Category::Authentication;
        let limit = if authentication { Rule::CodeLength } else { Rule::BodyLength };
        let count_is_right = self.count_is(place, part, want, "body");
        let mut texts = Vec::with_capacity(want);
        for (index, parameter) in part.parameters.iter().enumerate() {
            let spot = Spot::Parameter(place, index);
            match parameter {
                Parameter::Unreadable => {}
                Parameter::Text(text) => {
                    if self.plain_text(spot, "text", text, limit) {
                        texts.push(text.as_str());
                    }
                }
                other
                @ (Parameter::Image(_) | Parameter::Video(_) | Parameter::Document(_) | Parameter::Payload(_)) => {
                    let fault = self.fault(spot, Rule::ValueKind).with("want", "text").with("got", other.kind());
                    self.faults.push(fault);
                }
            }
        }
        if !count_is_right || texts.len() != want || want == 0 {
            return None;
        }
        let contract = self.contract;
        if !self.fits_filled(Spot::Parameters(place), &contract.body_text, &texts, Rule::BodyLength) {
            return None;
        }
        let parameters: Vec<Value> = texts.iter().map(|text| text_parameter(text)).collect();
        self.components.push(json!({ "type": "body", "parameters": parameters }));
        authentication.then(|| texts[0].to_owned())
    }

    fn buttons(&mut self, code: Option<&str>) {
        let mut given: Vec<Option<usize>> = vec![None; self.contract.buttons.len()];
        for (place, part) in self.values.0.iter().enumerate() {
            let Position::Button { index, .. } = part.position else { continue };
            match given.get_mut(index) {
                None => {
                    let fault = self.fault(Spot::ButtonIndex(place), Rule::NoSuchButton).with("index", index);
                    self.faults.push(fault);
                }
                Some(Some(_)) => {
                    let position = format!("button {index}");
                    let fault = self.fault(Spot::ButtonIndex(place), Rule::PositionTwice).with("position", position);
                    self.faults.push(fault);
                }
                Some(free) => *free = Some(place),
            }
        }
        for (index, place) in given.into_iter().enumerate() {
            let need = self.contract.buttons[index];
            match place {
                Some(place) => self.button(index, need, place, code),
                None => self.button_without_value(index, need, code),
            }
        }
    }

    fn button_without_value(&mut self, index: usize, need: ButtonNeed, code: Option<&str>) {
        match need {
            ButtonNeed::Nothing | ButtonNeed::Payload => {}
            ButtonNeed::UrlSuffix => {
                let fault = self.fault(Spot::Values, Rule::ButtonMissing).with("index", index);
                self.faults.push(fault);
            }
            // The upstream needs the code here as well, and nobody should have to write it twice.
            ButtonNeed::Code => {
                if let Some(code) = code {
                    self.push_button("url", index, &text_parameter(code));
                }
            }
        }
    }

    fn button(&mut self, index: usize, need: ButtonNeed, place: usize, code: Option<&str>) {
        let part = &self.values.0[place];
        let Position::Button { kind, .. } = part.position else { return };
        let wanted = match need {
            ButtonNeed::Nothing => {
                if !part.parameters.is_empty() {
                    let fault = self.fault(Spot::Part(place), Rule::ButtonWithoutValue).with("index", index);
                    self.faults.push(fault);
                }
                return;
            }
            ButtonNeed::Payload => ButtonUse::QuickReply,
            ButtonNeed::UrlSuffix | ButtonNeed::Code => ButtonUse::UrlSuffix,
        };
        if kind != wanted {
            let fault = self.fault(Spot::ButtonKind(place), Rule::ButtonKind).with("index", index);
            self.faults.push(fault.with("want", button_word(wanted)).with("got", button_word(kind)));
            return;
        }
        if part.parameters.is_empty() {
            // An empty list is legal on the page; it is as if the button had been left out.
            self.button_without_value(index, need, code);
            return;
        }
        if !self.count_is(place, part, 1, "button") {
            return;
        }
        let spot = Spot::Parameter(place, 0);
        match (need, &part.parameters[0]) {
            (_, Parameter::Unreadable) => {}
            (ButtonNeed::Payload, Parameter::Payload(payload)) => {
                if self.not_empty_and_within(spot, "payload", payload, Rule::PayloadLength) {
                    self.push_button("quick_reply", index, &json!({ "type": "payload", "payload": payload }));
                }
            }
            (ButtonNeed::UrlSuffix, Parameter::Text(text)) => {
                if self.plain_text(spot, "text", text, Rule::UrlLength) {
                    self.push_button("url", index, &text_parameter(text));
                }
            }
            (ButtonNeed::Code, Parameter::Text(text)) => {
                if code.is_some_and(|code| code != text) {
                    let path = (self.path_of)(spot).key("text");
                    self.faults.push(Fault::new(path, Rule::CodeDiffers));
                } else if self.plain_text(spot, "text", text, Rule::CodeLength) {
                    self.push_button("url", index, &text_parameter(text));
                }
            }
            (_, other) => {
                let want = if wanted == ButtonUse::QuickReply { "payload" } else { "text" };
                let fault = self.fault(spot, Rule::ValueKind).with("want", want).with("got", other.kind());
                self.faults.push(fault);
            }
        }
    }

    fn push_button(&mut self, sub_type: &str, index: usize, parameter: &Value) {
        self.components.push(json!({
            "type": "button", "sub_type": sub_type, "index": index.to_string(), "parameters": [parameter]
        }));
    }

    fn count_is(&mut self, place: usize, part: &Part, want: usize, position: &str) -> bool {
        let got = part.parameters.len();
        if got == want {
            return true;
        }
        let fault = self.fault(Spot::Parameters(place), Rule::ValueCount).with("position", position);
        self.faults.push(fault.with("want", want).with("got", got));
        false
    }

    /// A text as the upstream takes it for a variable.
    fn plain_text(&mut self, spot: Spot, key: &'static str, text: &str, limit: Rule) -> bool {
        if text.contains(['\n', '\r', '\t']) || longest_gap(text) > Rule::TextSpaces.max() {
            self.faults.push(Fault::new((self.path_of)(spot).key(key), Rule::TextSpaces));
            return false;
        }
        self.not_empty_and_within(spot, key, text, limit)
    }

    fn not_empty_and_within(&mut self, spot: Spot, key: &'static str, text: &str, limit: Rule) -> bool {
        if text.trim().is_empty() {
            self.faults.push(Fault::new((self.path_of)(spot).key(key), Rule::Empty));
            return false;
        }
        // Most values are far from any limit, and are not measured.
        let fault =
            if text.len() <= limit.max() { None } else { too_long(&(self.path_of)(spot).key(key), text, limit) };
        let fits = fault.is_none();
        if let Some(fault) = fault {
            self.faults.push(fault);
        }
        fits
    }

    /// Whether a text with its values in it is no longer than the upstream shows.
    fn fits_filled(&mut self, spot: Spot, text: &Filled, values: &[&str], limit: Rule) -> bool {
        let got = text.length_with(values);
        if got <= limit.max() {
            return true;
        }
        let fault = self.fault(spot, Rule::FilledLength).with("max", limit.max()).with("got", got);
        self.faults.push(fault);
        false
    }
}

/// The fault of a value that is longer than `limit` allows. A rule of template texts only lends its figure, since what the
/// upstream says about a value is another thing.
fn too_long(path: &Path, text: &str, limit: Rule) -> Option<Fault> {
    let got = text.chars().count();
    let rule = if matches!(limit, Rule::CodeLength | Rule::PayloadLength) { limit } else { Rule::TooLong };
    (got > limit.max()).then(|| Fault::new(path.clone(), rule).with("max", limit.max()).with("got", got))
}

/// The most spaces that follow each other.
fn longest_gap(text: &str) -> usize {
    text.split(|c| c != ' ').map(str::len).max().unwrap_or_default()
}

fn text_parameter(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

const fn button_word(kind: ButtonUse) -> &'static str {
    match kind {
        ButtonUse::QuickReply => "quick_reply",
        ButtonUse::UrlSuffix => "url_dynamic",
    }
}
