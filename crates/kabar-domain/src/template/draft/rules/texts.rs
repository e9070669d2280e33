//! Cases of variables, and of the texts of HEADER, BODY and FOOTER.

use serde_json::{Value, json};

use super::{Case, body, buttons, created, marketing, media, plain, product_header, spm, utility};
use crate::rule::Rule;

pub(super) fn cases() -> Vec<Case> {
    [variables(), headers(), bodies(), footers()].into_iter().flatten().collect()
}

fn with_body(text: &str, examples: &[&str]) -> Value {
    utility(json!([body(text, examples)]))
}

fn named(text: &str, examples: &[&str]) -> Value {
    let examples: Vec<Value> = examples.iter().map(|name| json!({ "param_name": name, "example": "x" })).collect();
    let mut template = utility(json!([{
        "type": "BODY", "text": text, "example": { "body_text_named_params": examples }
    }]));
    template["parameter_format"] = json!("named");
    template
}

fn variables() -> Vec<Case> {
    let two = "Halo {{2}} dan {{1}}, barang Anda sudah sampai.";
    vec![
        created(
            Rule::PlaceholderNumbers,
            &with_body(two, &["a", "b"]),
            &with_body("Halo {{1}} dan {{3}}, barang Anda sudah sampai.", &["a", "b"]),
        ),
        created(Rule::PlaceholderForm, &with_body(two, &["a", "b"]), &with_body("Halo {{#1}} di toko kami.", &["a"])),
        created(
            Rule::VariableName,
            &named("Halo {{nama_2}}, selamat datang.", &["nama_2"]),
            &named("Halo {{Nama}}, selamat datang.", &["Nama"]),
        ),
        created(
            Rule::BracesOpen,
            &with_body("Halo {semua}, selamat datang.", &[]),
            &with_body("Halo {{semua}, selamat datang.", &[]),
        ),
        created(Rule::ExampleCount, &with_body(two, &["a", "b"]), &with_body(two, &["a", "b", "c"])),
        created(
            Rule::ExampleName,
            &named("Halo {{nama}}, selamat datang.", &["nama"]),
            &named("Halo {{nama}}, selamat datang.", &["orang"]),
        ),
        created(
            Rule::ExampleName,
            &named("Halo {{a}} dan {{b}}, barang Anda sudah sampai.", &["b", "a"]),
            &named("Halo {{a}} dan {{b}}, barang Anda sudah sampai.", &["a", "a"]),
        ),
    ]
}

fn with_header(text: &str, examples: &[&str]) -> Value {
    let mut header = json!({ "type": "HEADER", "format": "TEXT", "text": text });
    if !examples.is_empty() {
        header["example"] = json!({ "header_text": examples });
    }
    utility(json!([header, plain()]))
}

fn headers() -> Vec<Case> {
    let product =
        |category: &str| super::template(category, json!([product_header(), plain(), buttons(json!([spm()]))]));
    let with_sample = |handle: &str| {
        let example = json!({ "header_handle": [handle] });
        utility(json!([{ "type": "HEADER", "format": "IMAGE", "example": example }, plain()]))
    };
    let mut cases = vec![
        created(Rule::HeaderLength, &with_header(&"é".repeat(60), &[]), &with_header(&"é".repeat(61), &[])),
        created(
            Rule::HeaderPlaceholders,
            &with_header("Promo {{1}}", &["a"]),
            &with_header("{{1}} dan {{2}}", &["a", "b"]),
        ),
        created(Rule::FormattingMark, &with_header("Berkas {{1}}", &["a_b"]), &with_header("Berkas nama_berkas", &[])),
        created(
            Rule::HeaderGif,
            &marketing(json!([media("VIDEO"), plain()])),
            &marketing(json!([media("GIF"), plain()])),
        ),
        created(Rule::HeaderProductCategory, &product("MARKETING"), &product("UTILITY")),
        created(Rule::HeaderProductButton, &product("MARKETING"), &marketing(json!([product_header(), plain()]))),
        created(Rule::HeaderHandle, &with_sample("4::aW1hZ2U="), &with_sample("https:///a.png")),
        created(
            Rule::HeaderHandle,
            &with_sample("https://toko.example/a.png?b#c"),
            &with_sample("https://a:b@toko.example/a.png"),
        ),
        created(Rule::HeaderHandle, &with_sample("HTTP://127.0.0.1:80/a"), &with_sample("http://toko.example/a b.png")),
        created(Rule::SampleContent, &with_sample("4::aW1hZ2UvcG5n:ARb"), &with_sample("4::dmlkZW8vbXA0:ARb")),
    ];
    for bad in ["Dua\nbaris", "Promo 🎉", "Promo * besar", "Promo _besar_", "Promo ~besar~"] {
        cases.push(created(Rule::HeaderShape, &with_header("Promo #1 (besar!)", &[]), &with_header(bad, &[])));
    }
    cases
}

fn bodies() -> Vec<Case> {
    let long = |n: usize| body(&"é".repeat(n), &[]);
    let offer = |n: usize| {
        let offer = json!({ "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Segera" } });
        marketing(json!([offer, long(n)]))
    };
    let product = |n: usize| marketing(json!([product_header(), long(n), buttons(json!([spm()]))]));
    let cards = |n: usize| {
        let card = json!({ "components": [media("IMAGE"), long(n)] });
        marketing(json!([plain(), { "type": "CAROUSEL", "cards": [card, card] }]))
    };
    let fine = "Halo {{1}}, barang Anda sudah sampai.";
    vec![
        created(Rule::BodyLength, &utility(json!([long(1024)])), &utility(json!([long(1025)]))),
        created(Rule::BodyLengthOffer, &offer(600), &offer(601)),
        created(Rule::BodyLengthCard, &product(160), &product(161)),
        created(Rule::BodyLengthCard, &cards(160), &cards(161)),
        created(Rule::BodyNewlines, &with_body("Satu\n\ndua", &[]), &with_body("Satu\n\n\ndua", &[])),
        created(Rule::BodyOnlyVariables, &with_body(fine, &["a"]), &with_body("{{1}}\n{{2}}", &["a", "b"])),
        created(
            Rule::BodyEmoji,
            &with_body(&format!("Halo {}", "🎉".repeat(10)), &[]),
            &with_body(&format!("Halo {}", "🎉".repeat(11)), &[]),
        ),
        created(
            Rule::BodyRatio,
            &with_body("Halo {{1}} dan {{2}} dari kami semua", &["a", "b"]),
            &with_body("Halo {{1}} dan {{2}} dari kami", &["a", "b"]),
        ),
        created(
            Rule::BodyRatioClose,
            &with_body("Halo {{1}}, dan {{2}} dari kami semua", &["a", "b"]),
            &with_body("Halo {{1}}, dan {{2}} dari kami", &["a", "b"]),
        ),
        created(Rule::BodyEdges, &with_body(fine, &["a"]), &with_body("{{1}}, barang Anda sudah sampai.", &["a"])),
        created(Rule::BodyEdges, &with_body(fine, &["a"]), &with_body("Nomor barang Anda adalah {{1}} ", &["a"])),
        created(Rule::BodyEdgesClose, &with_body(fine, &["a"]), &with_body("Nomor barang Anda adalah {{1}}.", &["a"])),
        created(
            Rule::VariablesAdjacent,
            &with_body("Halo {{1}}, {{2}} dan semua yang lain di sini", &["a", "b"]),
            &with_body("Halo {{1}} {{2}} dan semua yang lain di sini", &["a", "b"]),
        ),
    ]
}

fn footers() -> Vec<Case> {
    let footer = |text: &str| utility(json!([plain(), { "type": "FOOTER", "text": text }]));
    vec![
        created(Rule::FooterLength, &footer(&"é".repeat(60)), &footer(&"é".repeat(61))),
        created(Rule::FooterPlaceholder, &footer("*Toko* _Kabar_"), &footer("Toko {{1}}")),
        created(Rule::FooterShape, &footer("Toko Kabar"), &footer("Toko\nKabar")),
        created(Rule::FooterShape, &footer("Toko Kabar ©"), &footer("Toko Kabar 🎉")),
    ]
}
