//! Rules of cards and offers.

use crate::rule::Rule;
use crate::rule::row::Confidence::{Documented, Own};
use crate::rule::row::{Row, Topic};

const fn row(rule: Rule, id: &'static str, limits: &'static str) -> Row {
    Row::new(Topic::Cards, rule, id, limits).from(Documented, "upstream documentation")
}

pub(super) const ROWS: &[Row] = &[
    row(Rule::CarouselCards, "carousel_cards", "Cards of a carousel").between(2, 10).says(
        "Kartu harus antara {min} dan {max}, sekarang {got}",
        "There must be {min} to {max} cards, there are {got}",
    ),
    row(Rule::CarouselProductCards, "carousel_product_cards", "Product cards in the template; up to ten are sent")
        .most(2)
        .warns()
        .says(
            "Untuk kartu PRODUCT cukup {max} kartu pada template, sekarang {got}",
            "A template with PRODUCT cards defines {max} of them, this one has {got}",
        ),
    row(Rule::CarouselBeside, "carousel_beside", "Components beside a carousel that it may not be shown with")
        .words(&["HEADER", "FOOTER", "BUTTONS"])
        .warns()
        .from(Own, "no example of the upstream has them")
        .says(
            "Komponen {component} di samping CAROUSEL mungkin ditolak",
            "A {component} component beside a CAROUSEL may be refused",
        ),
    row(Rule::CardComponent, "card_components", "Components of a card")
        .words(&["HEADER", "BODY", "BUTTONS"])
        .says("Kartu hanya boleh memuat {words}", "A card may only have {words}"),
    row(Rule::CardHeader, "card_header", "Formats of a card's header")
        .words(&["IMAGE", "VIDEO", "PRODUCT"])
        .says("Header kartu harus salah satu dari: {words}", "A card's header must be one of: {words}"),
    row(Rule::CardButtons, "card_buttons", "Buttons of a card").most(2).says(
        "Tombol kartu paling banyak {max}, sekarang {got}",
        "A card has at most {max} buttons, this one has {got}",
    ),
    row(Rule::CardProductButton, "card_product_button", "Buttons of a product card")
        .words(&["SPM", "URL"])
        .says("Tombol kartu PRODUCT harus salah satu dari: {words}", "A PRODUCT card's button must be one of: {words}"),
    row(Rule::CardsAlike, "cards_alike", "Parts of a card: the same in all cards, buttons by kind and order included")
        .says("Susunan kartu harus sama dengan kartu pertama", "A card must be made of the same parts as the first"),
    row(Rule::CardHeadersAlike, "card_headers_alike", "Media of cards: all IMAGE or all VIDEO")
        .from(Own, "the strict reading of cards that are alike")
        .says("Media header harus sama pada semua kartu", "All cards must have the same kind of medium"),
    row(Rule::OfferCategory, "offer_category", "Categories that a limited-time offer stands at")
        .words(&["MARKETING"])
        .says("LIMITED_TIME_OFFER hanya untuk template {words}", "LIMITED_TIME_OFFER is only for {words} templates"),
    row(Rule::OfferText, "offer_text_length", "Characters of an offer's text").most(16).subcode(2_388_040).says(
        "{field} paling panjang {max} karakter, sekarang {got}",
        "{field} must have at most {max} characters, it has {got}",
    ),
    row(Rule::OfferFooter, "offer_footer", "A FOOTER beside a limited-time offer: none").says(
        "FOOTER tidak boleh ada di samping LIMITED_TIME_OFFER",
        "There must be no FOOTER beside a LIMITED_TIME_OFFER",
    ),
    row(Rule::OfferHeader, "offer_header", "Formats of a header beside a limited-time offer")
        .words(&["IMAGE", "VIDEO"])
        .says(
            "Header di samping LIMITED_TIME_OFFER harus salah satu dari: {words}",
            "The header beside a LIMITED_TIME_OFFER must be one of: {words}",
        ),
    row(Rule::OfferOrder, "offer_buttons_order", "Buttons of a limited-time offer: COPY_CODE before URL")
        .says("Tombol COPY_CODE harus sebelum tombol URL", "The COPY_CODE button must stand before the URL button"),
];
