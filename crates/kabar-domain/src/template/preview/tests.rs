use serde_json::json;

use super::*;
use crate::template::markup::{Block, Span};
use crate::template::samples;

const NOW: Moment = Moment::from_seconds(1_709_263_378);

/// A template with its own examples in it.
fn preview(category: Category, language: &str, components: &Value) -> Preview {
    let contract = Contract::compile(category, components);
    Preview::of(&contract, language, components, &samples::values(&contract, components, NOW))
}

fn order() -> Value {
    json!([
        { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::aW"] } },
        { "type": "BODY", "text": "Halo *{{1}}*,\n- {{2}}", "example": { "body_text": [["Budi", "siap"]] } },
        { "type": "FOOTER", "text": "Toko Kabar" },
        { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Terima kasih" },
            { "type": "URL", "text": "Lacak", "url": "https://toko.example/{{1}}", "example": ["https://toko.example/INV-1"] },
            { "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": 622_112_345_678_u64 }
        ] }
    ])
}

#[test]
fn a_message_is_shown_with_its_values_in_it() {
    let shown = preview(Category::Utility, "id", &order());
    assert_eq!(
        shown.message.header,
        Some(Header::Media(MediaKind::Image, Some(Media::at("https://toko.example/gambar.jpg"))))
    );
    let body = shown.message.body.unwrap();
    assert_eq!(body.marked, "Halo *Budi*,\n- siap");
    assert_eq!(body.markup.plain(), "Halo Budi,\n- siap");
    assert!(matches!(&body.markup.blocks[0], Block::Text(spans) if matches!(spans[1], Span::Bold(_))));
    assert_eq!(shown.footer.as_deref(), Some("Toko Kabar"));
    let button = |label: &str, opens: Opens| Button { label: Some(label.to_owned()), opens };
    assert_eq!(
        shown.message.buttons,
        [
            button("Terima kasih", Opens::Reply("Terima kasih".to_owned())),
            button("Lacak", Opens::Url("https://toko.example/INV-1".to_owned())),
            button("Telepon", Opens::PhoneNumber("622112345678".to_owned())),
        ]
    );
}

#[test]
fn what_has_no_value_stays_as_it_is_written() {
    let contract = Contract::compile(Category::Utility, &order());
    let shown = Preview::of(&contract, "id", &order(), &Values::default());
    assert_eq!(shown.message.body.unwrap().marked, "Halo *{{1}}*,\n- {{2}}");
    assert_eq!(shown.message.header, Some(Header::Media(MediaKind::Image, None)));
    assert_eq!(shown.message.buttons[1].opens, Opens::Url("https://toko.example/{{1}}".to_owned()));
}

#[test]
fn named_and_numbered_values_find_their_places() {
    let named = json!([{ "type": "BODY", "text": "{{kota}} untuk {{nama}}, {{kota}}!" }]);
    let value = |name: &str, text: &str| Parameter::NamedText { name: name.to_owned(), text: text.to_owned() };
    let values =
        Values(vec![Part { position: Position::Body, parameters: vec![value("nama", "Budi"), value("kota", "Solo")] }]);
    let contract = Contract::compile(Category::Utility, &named);
    assert_eq!(Preview::of(&contract, "id", &named, &values).message.body.unwrap().marked, "Solo untuk Budi, Solo!");

    let numbered = json!([{ "type": "BODY", "text": "{{2}} lalu {{1}}" }]);
    let parameters = vec![Parameter::Text("satu".to_owned()), Parameter::DateTime("dua".to_owned())];
    let values = Values(vec![Part { position: Position::Body, parameters }]);
    let contract = Contract::compile(Category::Utility, &numbered);
    assert_eq!(Preview::of(&contract, "id", &numbered, &values).message.body.unwrap().marked, "dua lalu satu");
}

#[test]
fn a_login_code_is_shown_in_the_upstreams_words() {
    let components = json!([
        { "type": "BODY", "add_security_recommendation": true },
        { "type": "FOOTER", "code_expiration_minutes": 5 },
        { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] }
    ]);
    let shown = preview(Category::Authentication, "id", &components);
    assert_eq!(
        shown.message.body.unwrap().marked,
        "*123456* adalah kode verifikasi Anda. Demi keamanan, jangan bagikan kode ini."
    );
    assert_eq!(shown.footer.as_deref(), Some("Kode ini kedaluwarsa dalam 5 menit."));
    let code = Some("123456".to_owned());
    assert_eq!(
        shown.message.buttons,
        [Button { label: Some("Salin kode".to_owned()), opens: Opens::Code(code.clone()) }]
    );

    // As the upstream lists one with a button for an app.
    let listed = json!([
        { "type": "BODY", "text": "*{{1}}* is your verification code." },
        { "type": "BUTTONS", "buttons": [{
            "type": "URL", "text": "Copy code", "url": "https://www.whatsapp.com/otp/code/?otp_type=ONE_TAP&code=otp{{1}}"
        }] }
    ]);
    let shown = preview(Category::Authentication, "en_US", &listed);
    assert_eq!(shown.message.body.unwrap().marked, "*123456* is your verification code.");
    assert_eq!(shown.message.buttons, [Button { label: Some("Autofill".to_owned()), opens: Opens::Autofill(code) }]);
}

#[test]
fn cards_and_offers_are_shown() {
    let card = |text: &str| {
        json!({ "components": [
            { "type": "HEADER", "format": "PRODUCT" },
            { "type": "BODY", "text": format!("{text} {{{{1}}}}") },
            { "type": "BUTTONS", "buttons": [{ "type": "SPM", "text": "View" }] }
        ] })
    };
    let components = json!([
        { "type": "BODY", "text": "Lihat" },
        { "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Cepat", "has_expiration": true } },
        { "type": "CAROUSEL", "cards": [card("satu"), card("dua")] }
    ]);
    let contract = Contract::compile(Category::Marketing, &components);
    let sent = |index: usize, text: &str| {
        let parameters = vec![Parameter::Text(text.to_owned())];
        Parameter::Card(SentCard { index, parts: vec![Part { position: Position::Body, parameters }] })
    };
    let values = Values(vec![
        Part { position: Position::LimitedTimeOffer, parameters: vec![Parameter::OfferEnds(NOW)] },
        Part { position: Position::Carousel, parameters: vec![sent(2, "c"), sent(0, "a"), sent(1, "b")] },
    ]);
    let shown = Preview::of(&contract, "id", &components, &values);
    let texts: Vec<String> = shown.cards.iter().map(|card| card.body.clone().unwrap().marked).collect();
    assert_eq!(texts, ["satu a", "dua b", "satu c"]);
    assert_eq!(shown.cards[0].buttons[0].opens, Opens::Product);
    assert_eq!(shown.offer, Some(Offer { text: "Cepat".to_owned(), ends: Some(NOW) }));
    // Without values, the cards are those of the template.
    assert_eq!(Preview::of(&contract, "id", &components, &Values::default()).cards.len(), 2);
}
