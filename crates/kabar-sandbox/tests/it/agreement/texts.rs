//! Texts of templates: words, variables and their examples.

use super::choices::Choices;
use kabar_domain::template::placeholder::Placeholders;
use serde_json::{Value, json};

#[rustfmt::skip]
pub(super) const WORDS: [&str; 20] = [
    "pesanan", "Halo", "Anda", "sudah", "dikirim,", "hari", "ini.", "kode", "100%", "Rp50.000", "order_id", "–",
    "(baru)", "#1", "名前", "ご注文", "สวัสดี", "مرحبا", "crème", "&",
];
#[rustfmt::skip]
pub(super) const MARKS: [&str; 22] = [
    "🎉", "_", "✅", "*tebal*", "❤\u{FE0F}", "_miring_", "👨\u{200D}👩\u{200D}👧", "~coret~", "👍🏽", "`kode`", "🇮🇩", "1\u{FE0F}\u{20E3}",
    "```blok```", "🏴\u{E0067}\u{E007F}", "*", "~", "`", "}}", "{{", "a_b_c", "_a b_c", "{1}",
];

/// Of these anything may be made.
pub(super) const PARTS: &str =
    "aB7é語ก \u{a0}\u{3000}__~**`{}.#☀🎉🇮🇩🏽\u{FE0F}\u{200D}\u{20E3}\u{E0067}\u{301}\u{200B}\u{202E}\u{1F202}";

pub(super) fn word(choices: &mut Choices<'_>) -> String {
    match choices.below(40) {
        0..35 => choices.one_of(&WORDS).to_owned(),
        35..38 => choices.one_of(&MARKS).to_owned(),
        _ => (0..=choices.below(6)).map(|_| choices.char_of(PARTS)).collect(),
    }
}

pub(super) fn gap(choices: &mut Choices<'_>) -> &'static str {
    match choices.below(20) {
        0..16 => " ",
        16 => "\n",
        17 | 18 => choices.one_of(&["\n\n", "\r\n", "\n \n", "  ", "\u{a0}", "\t", "\r\n\r\n", "\n\n\n", "\u{2028}"]),
        _ => choices.one_of(&[", ", "", "/", ": "]),
    }
}

pub(super) const PLAIN: [&str; 8] =
    ["Kirim", "Lihat", "Call us", "Pesan!", "Ya, saya mau", "名前", "order_id", "50% & lagi"];

/// A text of a line, such as a label; now and then as long as it may be, or longer by one.
pub(super) fn line(choices: &mut Choices<'_>, most: usize) -> String {
    match choices.below(20) {
        0..14 => choices.one_of(&PLAIN).chars().take(most).collect(),
        14 | 15 => choices.one_of(&["é", "n", "語"]).repeat(most + choices.below(4) / 3),
        16 => format!("{} {}", choices.one_of(&PLAIN), word(choices)),
        17 => format!("{}{}", word(choices), word(choices)),
        18 => format!(" {} ", choices.one_of(&PLAIN)),
        _ => format!("{} {}", choices.one_of(&MARKS), choices.one_of(&MARKS)),
    }
}

pub(super) const NAMES: [&str; 4] = ["first_name", "day2", "x", "kode_promo"];

pub(super) fn placeholder(choices: &mut Choices<'_>, named: bool, number: usize) -> String {
    let mut name = if named { NAMES[(number - 1) % NAMES.len()].to_owned() } else { number.to_string() };
    if choices.in_percent(1) {
        name = choices.one_of(&["", "0", "01", "Nama", "_a", "9", "a-b"]).to_owned();
    }
    if choices.in_percent(5) { format!("{{{{ {name} }}}}") } else { format!("{{{{{name}}}}}") }
}

/// A text with variables among its words, mostly more words than variables need.
pub(super) fn body_text(choices: &mut Choices<'_>, named: bool, most: usize) -> String {
    let n_variables = [0, 1, 2, 3, 1, 4, 0, 2][choices.below(8)];
    let n_words = if choices.in_percent(10) { choices.below(6) } else { 2 * n_variables + 2 + choices.below(6) };
    let mut pieces: Vec<String> = (0..n_words).map(|_| word(choices)).collect();
    for number in 1..=n_variables {
        let number = if number > 1 && choices.in_percent(10) { number - 1 } else { number };
        let written = placeholder(choices, named, number);
        let written = match choices.below(8) {
            0..4 => written,
            4 => format!("{written}{}", choices.one_of(&[".", "!", ",", "様", "x"])),
            5 => format!("{}{written}", choices.one_of(&["#", "Rp", "*", "“"])),
            6 => format!("*{written}*"),
            _ => format!("{written}{}{written}", choices.one_of(&[" dan ", "-", " "])),
        };
        let inner = pieces.len().saturating_sub(1).max(1);
        let place = if choices.in_percent(5) { choices.below(pieces.len() + 1) } else { 1 + choices.below(inner) };
        pieces.insert(place.min(pieces.len()), written);
    }
    let mut text = pieces.first().cloned().unwrap_or_default();
    pieces.iter().skip(1).for_each(|piece| text.extend([gap(choices), piece]));
    match choices.below(30) {
        27 => pad(&mut text, most + choices.below(2)),
        28 => text.push_str(&choices.one_of(&MARKS).repeat(8 + choices.below(4))),
        29 => text.push_str(choices.one_of(&["\n", " ", "\n\n", "."])),
        _ => {}
    }
    text
}

/// Makes a text as long as `chars` characters, if it is shorter.
pub(super) fn pad(text: &mut String, chars: usize) {
    let missing = chars.saturating_sub(text.chars().count());
    text.extend(" kata".chars().cycle().take(missing.saturating_sub(1)));
    text.extend((missing > 0).then_some('.'));
}

/// The examples of a text, in one of the forms in which they may come.
pub(super) fn examples(choices: &mut Choices<'_>, named: bool, key: &str, text: &str) -> Option<Value> {
    let found = Placeholders::of(text);
    let names = found.names();
    if names.is_empty() && !choices.in_percent(5) {
        return None;
    }
    let is_surplus = choices.in_percent(if names.is_empty() { 50 } else { 1 });
    let mut texts: Vec<Value> = names.iter().map(|_| json!(choices.one_of(&["Budi", "10.000", "語", " a "]))).collect();
    texts.extend(is_surplus.then(|| json!("lagi")));
    if named {
        let pairs = texts.into_iter().enumerate();
        let params =
            pairs.map(|(place, text)| json!({ "param_name": names.get(place).unwrap_or(&"x"), "example": text }));
        return Some(json!({ format!("{key}_named_params"): params.collect::<Vec<Value>>() }));
    }
    let value = match (key, choices.below(8)) {
        ("header_text", _) | ("body_text", 6) => json!(texts),
        ("body_text", 7) if texts.len() == 1 => texts.remove(0),
        ("body_text", 5) => json!([texts, texts]),
        _ => json!([texts]),
    };
    Some(json!({ key: value }))
}

pub(super) fn with_text(choices: &mut Choices<'_>, kind: &str, text: &str, examples: Option<Value>) -> Value {
    let mut component = json!({ "type": choices.cased(kind), "text": text });
    examples.into_iter().for_each(|examples| component["example"] = examples);
    component
}

pub(super) fn body(choices: &mut Choices<'_>, named: bool, most: usize) -> Value {
    let text = body_text(choices, named, most);
    let examples = examples(choices, named, "body_text", &text);
    with_text(choices, "BODY", &text, examples)
}

pub(super) fn text_header(choices: &mut Choices<'_>, named: bool) -> Value {
    let mut text = line(choices, 60);
    if choices.in_percent(40) {
        let variable = placeholder(choices, named, 1);
        let before = choices.in_percent(30);
        text = if before { format!("{variable} {text}") } else { format!("{text} {variable}") };
    }
    let examples = examples(choices, named, "header_text", &text);
    let mut header = with_text(choices, "HEADER", &text, examples);
    header["format"] = choices.cased("TEXT");
    header
}

pub(super) fn other_header(choices: &mut Choices<'_>, format: &str) -> Value {
    let mut header = json!({ "type": choices.cased("HEADER"), "format": choices.cased(format) });
    if !matches!(format, "LOCATION" | "PRODUCT") {
        // A URL is put into a handle before the platform sees it, so none stands here.
        let handles = ["4::aW1hZ2U=:ARb:e:17", "4::YX\n4::YX", "http://a b", "4::aW1hZ2UvcG5n:ARb:e:17"];
        let handle = handles[if choices.in_percent(10) { choices.below(4) } else { 0 }];
        header["example"] = json!({ "header_handle": [handle] });
    }
    header
}
