//! A message as WhatsApp shows it: the bubble with header, text, footer and buttons, and the cards beneath it.

use kabar_domain::catalogue::Locale;
use kabar_domain::template::markup::{Block, Item, Markup as Formatted, Span};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use crate::glyph::Glyph;

/// What is seen of a message, or of a card.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Bubble {
    header: Option<Header>,
    body: Option<String>,
    footer: Option<String>,
    offer: Option<Offer>,
    cards: Vec<Self>,
    asks_to_call: bool,
    buttons: Vec<Button>,
}

/// What stands above the text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Header {
    kind: String,
    text: Option<String>,
    link: Option<String>,
    filename: Option<String>,
    name: Option<String>,
    address: Option<String>,
    latitude: Value,
    longitude: Value,
}

/// An offer whose time is limited.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Offer {
    text: Option<String>,
    ends_at: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Button {
    index: usize,
    kind: String,
    text: String,
    url: Option<String>,
    phone_number: Option<String>,
    code: Option<Value>,
}

/// How a quick reply is pressed: the form's target, and the fields that name the message.
#[derive(Debug)]
pub(crate) struct Press<'a> {
    pub(crate) action: &'a str,
    pub(crate) fields: Vec<(&'a str, &'a str)>,
}

impl Bubble {
    /// The bubble, with what belongs into its corner; quick replies can be pressed if it is said how.
    pub(crate) fn draw(&self, locale: Locale, corner: &Markup, press: Option<&Press<'_>>) -> Markup {
        let is_empty = self.header.is_none() && self.body.is_none() && self.cards.is_empty();
        html! {
            div.bubble {
                @if is_empty {
                    p.text.muted { (say(locale, "(templatenya tidak dikenal lagi)", "(its template is not known any more)")) }
                }
                (self.inner(locale))
                @if let Some(footer) = &self.footer { p.footer { (footer) } }
                div.corner { (corner) }
                (self.buttons(locale, None, press))
            }
            @if !self.cards.is_empty() {
                ul.cards tabindex="0" aria-label=(say(locale, "Kartu", "Cards")) {
                    @for (index, card) in self.cards.iter().enumerate() {
                        li.bubble.card { (card.inner(locale)) (card.buttons(locale, Some(index), press)) }
                    }
                }
            }
        }
    }

    fn inner(&self, locale: Locale) -> Markup {
        html! {
            @if let Some(header) = &self.header { (header.draw(locale)) }
            @if let Some(offer) = &self.offer {
                p.offer {
                    (Glyph::Clock.draw())
                    span {
                        strong { (offer.text.as_deref().unwrap_or_default()) }
                        @if let Some(ends) = &offer.ends_at {
                            br;
                            small { (say(locale, "Sampai ", "Until ")) time datetime=(ends) { (short(ends)) } }
                        }
                    }
                }
            }
            @if let Some(body) = &self.body { div.text { (formatted(&Formatted::parse(body))) } }
            @if self.asks_to_call {
                p.text { strong { (say(locale, "Izinkan bisnis ini menelepon Anda?", "May this business call you?")) } }
            }
        }
    }

    fn buttons(&self, locale: Locale, card: Option<usize>, press: Option<&Press<'_>>) -> Markup {
        html! {
            @if !self.buttons.is_empty() {
                div.buttons { @for button in &self.buttons { (button.draw(locale, card, press)) } }
            }
        }
    }
}

impl Header {
    fn draw(&self, locale: Locale) -> Markup {
        let picture = |glyph: Glyph, what: &str| {
            html! {
                div.media role="img" aria-label=(what) { (glyph.draw()) }
                @if let Some(link) = &self.link {
                    p.source { a href=(link) target="_blank" rel="noreferrer" { (tail(link)) } }
                }
            }
        };
        match self.kind.as_str() {
            "text" => html! { p.title { (self.text.as_deref().unwrap_or_default()) } },
            "image" => picture(Glyph::Picture, say(locale, "Gambar", "A picture")),
            "video" => picture(Glyph::Play, say(locale, "Video", "A video")),
            "gif" => picture(Glyph::Play, say(locale, "GIF", "A GIF")),
            "document" => html! {
                div.document {
                    (Glyph::Document.draw())
                    @let name = self.filename.as_deref().or_else(|| self.link.as_deref().map(tail));
                    @let name = name.unwrap_or_else(|| say(locale, "Dokumen", "A document"));
                    @if let Some(link) = &self.link {
                        a href=(link) target="_blank" rel="noreferrer" { (name) }
                    } @else {
                        span { (name) }
                    }
                }
            },
            "location" => html! {
                div.media.map role="img" aria-label=(say(locale, "Tempat di peta", "A place on a map")) {
                    (Glyph::Pin.draw())
                }
                p.place {
                    @if let Some(name) = &self.name { strong { (name) } br; }
                    @if let Some(address) = &self.address { (address) br; }
                    small { (plain(&self.latitude)) ", " (plain(&self.longitude)) }
                }
            },
            "product" => picture(Glyph::Bag, say(locale, "Produk dari katalog", "A product of the catalogue")),
            other => html! { p.title { (other) } },
        }
    }
}

impl Button {
    fn draw(&self, locale: Locale, card: Option<usize>, press: Option<&Press<'_>>) -> Markup {
        let label = |glyph: Glyph| html! { (glyph.draw()) " " (self.label(locale)) };
        match (self.kind.as_str(), press) {
            ("quick_reply", Some(press)) => html! {
                form method="post" action=(press.action) data-enhance {
                    @for (name, value) in &press.fields { input type="hidden" name=(name) value=(value); }
                    @if let Some(card) = card { input type="hidden" name="card" value=(card); }
                    button.pressable type="submit" name="button" value=(self.index) { (label(Glyph::Answer)) }
                }
            },
            ("url", _) if self.url.is_some() => html! {
                a.pressable href=[&self.url] target="_blank" rel="noreferrer" { (label(Glyph::Out)) }
            },
            ("phone_number", _) => html! {
                a.pressable href=(format!("tel:{}", self.phone_number.as_deref().unwrap_or_default())) { (label(Glyph::Phone)) }
            },
            ("copy_code" | "login_code", _) => {
                let code = self.code.as_ref().map(plain).unwrap_or_default();
                html! {
                    button.pressable type="button" data-copy=(code) data-copied=(say(locale, "Disalin", "Copied")) {
                        (label(Glyph::Copy)) @if !code.is_empty() { " " code { (code) } }
                    }
                }
            }
            _ => {
                html! { span.pressable.inert title=(say(locale, "Tidak dijalankan di sini", "Not run here")) { (label(Glyph::List)) } }
            }
        }
    }

    /// Some buttons have a label of the platform's own.
    fn label(&self, locale: Locale) -> &str {
        match (self.kind.as_str(), self.text.is_empty()) {
            (_, false) => &self.text,
            ("copy_code", true) => say(locale, "Salin kode penawaran", "Copy offer code"),
            ("order_details", true) => say(locale, "Tinjau dan bayar", "Review and pay"),
            ("voice_call", true) => say(locale, "Telepon", "Call"),
            (kind, true) => kind,
        }
    }
}

/// A text with its formatting.
fn formatted(text: &Formatted) -> Markup {
    html! {
        @for block in &text.blocks {
            @match block {
                Block::Text(spans) => p { (spans_of(spans)) },
                Block::Bullets(items) => ul { @for item in items { li { (item_of(item)) } } },
                Block::Numbers(items) => ul.numbers { @for item in items { li { (item.sign) " " (item_of(item)) } } },
                Block::Quote(lines) => blockquote { @for line in lines { p { (spans_of(line)) } } },
            }
        }
    }
}

fn item_of(item: &Item) -> Markup {
    spans_of(&item.spans)
}

fn spans_of(spans: &[Span]) -> Markup {
    html! {
        @for span in spans {
            @match span {
                Span::Text(text) => (text),
                Span::Bold(inner) => strong { (spans_of(inner)) },
                Span::Italic(inner) => em { (spans_of(inner)) },
                Span::Struck(inner) => s { (spans_of(inner)) },
                Span::Code(text) | Span::Monospace(text) => code { (text) },
            }
        }
    }
}

/// A text without its formatting, on one line.
pub(crate) fn one_line(text: &str) -> String {
    Formatted::parse(text).plain().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a language.
pub(crate) fn say<'a>(locale: Locale, indonesian: &'a str, english: &'a str) -> &'a str {
    if locale == Locale::Indonesian { indonesian } else { english }
}

/// A moment without its seconds, as far as it is one.
fn short(moment: &str) -> String {
    moment.get(..16).map_or_else(|| moment.to_owned(), |minutes| format!("{} UTC", minutes.replace('T', " ")))
}

/// What stands at the end of a link.
fn tail(link: &str) -> &str {
    let path = link.split(['?', '#']).next().unwrap_or(link);
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(link)
}

fn plain(value: &Value) -> String {
    if let Some(values) = value.as_array() {
        return values.first().map(plain).unwrap_or_default();
    }
    if value.is_null() {
        return String::new();
    }
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn drawn(bubble: Value, press: Option<&Press<'_>>) -> String {
        let bubble: Bubble = serde_json::from_value(bubble).unwrap();
        bubble.draw(Locale::English, &html! {}, press).into_string()
    }

    #[test]
    fn a_text_is_formatted_and_never_taken_for_html() {
        let shown = drawn(json!({"body": "*bold* _it_ ~no~ `x` <script>\n> quoted"}), None);
        for part in
            ["<strong>bold</strong>", "<em>it</em>", "<s>no</s>", "<code>x</code>", "&lt;script&gt;", "<blockquote>"]
        {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(!shown.contains("<script>"));
    }

    #[test]
    fn only_quick_replies_are_pressed_and_only_if_it_is_said_how() {
        let bubble = || {
            json!({"body": "a", "buttons": [
                {"index": 0, "kind": "quick_reply", "text": "Yes"},
                {"index": 1, "kind": "url", "text": "Look", "url": "https://a.test/?a=1&b=\"2"},
                {"index": 2, "kind": "login_code", "text": "Copy", "code": "123"}
            ]})
        };
        assert!(!drawn(bubble(), None).contains("<form"));
        let press = Press { action: "/do", fields: vec![("wamid", "w")] };
        let shown = drawn(bubble(), Some(&press));
        assert_eq!(shown.matches("<form").count(), 1);
        assert!(shown.contains("name=\"wamid\" value=\"w\"") && shown.contains("name=\"button\" value=\"0\""));
        assert!(shown.contains("b=&quot;2") && shown.contains("data-copy=\"123\""));
    }

    #[test]
    fn what_the_sandbox_shows_of_every_kind_of_header_is_drawn() {
        for (header, part) in [
            (json!({"kind": "text", "text": "T"}), "T"),
            (json!({"kind": "image", "link": "https://a.test/b/c.png?d"}), "c.png"),
            (json!({"kind": "document", "filename": "d.pdf"}), "d.pdf"),
            (json!({"kind": "location", "latitude": -6.2, "longitude": "106.8", "name": "Monas"}), "-6.2, 106.8"),
            (json!({"kind": "hologram"}), "hologram"),
        ] {
            assert!(drawn(json!({"header": header, "body": "b"}), None).contains(part), "{header}");
        }
    }
}
