//! Cases of carousels and limited-time offers.

use serde_json::{Value, json};

use super::{Case, buttons, created, link, marketing, media, plain, product_header, reply, spm, template};
use crate::rule::Rule;

pub(super) fn cases() -> Vec<Case> {
    [carousels(), offers()].into_iter().flatten().collect()
}

fn card(components: Value) -> Value {
    let mut card = json!({});
    card["components"] = components;
    card
}

fn carousel(cards: Value) -> Value {
    let mut carousel = json!({ "type": "CAROUSEL" });
    carousel["cards"] = cards;
    marketing(vec![plain(), carousel].into())
}

fn picture(list: Value) -> Value {
    card(json!([media("IMAGE"), buttons(list)]))
}

fn product(button: Value) -> Value {
    card(json!([product_header(), buttons(vec![button].into())]))
}

fn carousels() -> Vec<Case> {
    let simple = || picture(json!([link()]));
    let pictures = |n: usize| carousel(vec![simple(); n].into());
    let products = |n: usize| carousel(vec![product(spm()); n].into());
    let twice = |card: Value| carousel(json!([card, card]));
    let text = json!({ "type": "HEADER", "format": "TEXT", "text": "Baru" });
    let footer = json!({ "type": "FOOTER", "text": "Toko" });
    vec![
        created(Rule::CarouselCards, &pictures(2), &pictures(1)),
        created(Rule::CarouselCards, &pictures(10), &pictures(11)),
        created(Rule::CarouselProductCards, &products(2), &products(3)),
        created(
            Rule::CarouselBeside,
            &pictures(2),
            &marketing(json!([plain(), footer, { "type": "CAROUSEL", "cards": [simple(), simple()] }])),
        ),
        created(Rule::CardComponent, &pictures(2), &twice(card(json!([media("IMAGE"), footer])))),
        created(Rule::CardHeader, &pictures(2), &twice(card(json!([text])))),
        created(Rule::CardHeader, &pictures(2), &twice(card(json!([plain()])))),
        created(
            Rule::CardButtons,
            &twice(picture(json!([reply("a"), link()]))),
            &twice(picture(json!([reply("a"), reply("b"), link()]))),
        ),
        created(Rule::CardProductButton, &twice(product(link())), &twice(product(reply("a")))),
        created(Rule::SpmHeader, &products(2), &twice(picture(json!([spm()])))),
        created(Rule::CardsAlike, &pictures(2), &carousel(json!([simple(), picture(json!([reply("a")]))]))),
        created(Rule::CardsAlike, &pictures(2), &carousel(json!([simple(), product(link())]))),
        created(
            Rule::CardHeadersAlike,
            &pictures(2),
            &carousel(json!([simple(), card(json!([media("VIDEO"), buttons(json!([link()]))]))])),
        ),
    ]
}

fn offer(text: &str) -> Value {
    json!({ "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": text, "has_expiration": true } })
}

fn offers() -> Vec<Case> {
    let with = |others: &[Value]| {
        let components = [&[offer("Segera habis"), plain()], others].concat();
        marketing(components.into())
    };
    let code = json!({ "type": "COPY_CODE", "example": "HEMAT25" });
    vec![
        created(Rule::OfferCategory, &with(&[]), &template("UTILITY", json!([offer("Segera"), plain()]))),
        created(
            Rule::OfferText,
            &marketing(json!([offer(&"é".repeat(16)), plain()])),
            &marketing(json!([offer(&"é".repeat(17)), plain()])),
        ),
        created(Rule::OfferFooter, &with(&[]), &with(&[json!({ "type": "FOOTER", "text": "Toko" })])),
        created(Rule::OfferHeader, &with(&[media("IMAGE")]), &with(&[media("DOCUMENT")])),
        created(Rule::OfferOrder, &with(&[buttons(json!([code, link()]))]), &with(&[buttons(json!([link(), code]))])),
    ]
}
