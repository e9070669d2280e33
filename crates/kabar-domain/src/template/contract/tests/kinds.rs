//! Each kind of template: what binds to it, and every mismatch with its path.

use serde_json::{Value, json};

use super::{bound, faults, part, path_of, picture, quick_reply, text, url_button};
use crate::clock::Moment;
use crate::send::{
    Action, ButtonUse, Card, Currency, Location, Media, MediaSource, Parameter, Part, Place, Position, Product,
    Section, Spot, TapTarget,
};
use crate::template::Category;
use crate::template::contract::{ButtonNeed, Contract, HeaderNeed, MediaKind, VariableName};

fn with(components: &Value) -> Contract {
    Contract::compile(Category::Marketing, components)
}

fn plain() -> Value {
    json!({ "type": "BODY", "text": "Halo" })
}

fn header(format: &str) -> Contract {
    with(&json!([{ "type": "HEADER", "format": format }, plain()]))
}

fn button(button: &Value) -> Contract {
    with(&json!([plain(), { "type": "BUTTONS", "buttons": [button] }]))
}

fn pressed(kind: ButtonUse, parameters: Vec<Parameter>) -> Vec<Part> {
    vec![part(Position::Button { kind, index: 0 }, parameters)]
}

fn named(name: &str, text: &str) -> Parameter {
    Parameter::NamedText { name: name.to_owned(), text: text.to_owned() }
}

/// What is bound to the only part, or the faults.
fn told(contract: &Contract, parts: Vec<Part>, expected: &[&str]) {
    assert_eq!(faults(contract, parts), expected);
}

#[test]
fn named_variables_are_filled_in_any_order() {
    let contract = with(&json!([
        { "type": "HEADER", "format": "TEXT", "text": "Untuk {{nama}}" },
        { "type": "BODY", "text": "Halo {{nama}}, pesanan {{nomor}} untuk {{nama}}." }
    ]));
    assert!(contract.body().is_named());
    let names: Vec<&VariableName> = contract.body().variables().iter().map(super::Variable::name).collect();
    assert_eq!(names, [&VariableName::Name("nama".to_owned()), &VariableName::Name("nomor".to_owned())]);
    let parts = vec![
        part(Position::Body, vec![named("nomor", "A-1"), named("nama", "Budi")]),
        part(Position::Header, vec![named("nama", "Budi")]),
    ];
    assert_eq!(
        bound(&contract, parts),
        json!([
            { "type": "header", "parameters": [{ "type": "text", "text": "Budi", "parameter_name": "nama" }] },
            { "type": "body", "parameters": [
                { "type": "text", "text": "Budi", "parameter_name": "nama" },
                { "type": "text", "text": "A-1", "parameter_name": "nomor" }
            ] }
        ])
    );
    let parts = vec![
        part(Position::Header, vec![text("Budi")]),
        part(
            Position::Body,
            vec![named("Nama", "x"), named("nomor", "a\nb"), named("nomor", "c"), Parameter::Payload("d".to_owned())],
        ),
    ];
    told(
        &contract,
        parts,
        &[
            "payload[0].parameters[0].parameter_name: ParameterNameMissing",
            "payload[0].parameters: VariableMissing",
            "payload[1].parameters[0].parameter_name: ParameterNameUnknown",
            "payload[1].parameters[1].text: TextSpaces",
            "payload[1].parameters[2].parameter_name: ParameterNameTwice",
            "payload[1].parameters[3]: ValueKind",
            "payload[1].parameters: VariableMissing",
        ],
    );
    let numbered = with(&json!([{ "type": "BODY", "text": "Halo {{1}}" }]));
    told(
        &numbered,
        vec![part(Position::Body, vec![named("nama", "Budi")])],
        &["payload[0].parameters[0].parameter_name: ParameterNameSurplus"],
    );
}

#[test]
fn money_and_dates_are_shown_as_their_fallback() {
    let contract = with(&json!([{ "type": "BODY", "text": "Bayar {{1}} sebelum {{2}}." }]));
    let price = |fallback: &str, code: &str| {
        Parameter::Currency(Currency { fallback: fallback.to_owned(), code: code.to_owned(), amount_1000: 50_000_000 })
    };
    let date = |text: &str| Parameter::DateTime(text.to_owned());
    assert_eq!(
        bound(&contract, vec![part(Position::Body, vec![price("Rp50.000", "IDR"), date("1 Mei")])])[0]["parameters"],
        json!([
            { "type": "currency", "currency": { "fallback_value": "Rp50.000", "code": "IDR", "amount_1000": 50_000_000 } },
            { "type": "date_time", "date_time": { "fallback_value": "1 Mei" } }
        ])
    );
    told(
        &contract,
        vec![part(Position::Body, vec![price(" ", "rp"), date("a     b")])],
        &[
            "payload[0].parameters[0].currency.fallback_value: Empty",
            "payload[0].parameters[0].currency.code: CurrencyCode",
            "payload[0].parameters[1].date_time.fallback_value: TextSpaces",
        ],
    );
    let long = "x".repeat(1010);
    told(
        &contract,
        vec![part(Position::Body, vec![price(&long, "IDR"), date("1 Mei")])],
        &["payload[0].parameters: FilledLength"],
    );
    let code = super::login_code();
    told(&code, vec![part(Position::Body, vec![date("123456")])], &["payload[0].parameters[0]: ValueKind"]);
}

#[test]
fn media_are_named_by_url_or_by_id() {
    type Make = fn(Media) -> Parameter;
    let kinds: [(&str, MediaKind, Make); 4] = [
        ("IMAGE", MediaKind::Image, Parameter::Image),
        ("VIDEO", MediaKind::Video, Parameter::Video),
        ("GIF", MediaKind::Gif, Parameter::Gif),
        ("DOCUMENT", MediaKind::Document, Parameter::Document),
    ];
    for (format, kind, parameter) in kinds {
        let contract = header(format);
        assert_eq!(contract.header(), Some(&HeaderNeed::Media(kind)));
        let word = kind.word();
        let give = |source: MediaSource| {
            let media = Media { source, filename: Some("a.pdf".to_owned()) };
            vec![part(Position::Header, vec![parameter(media)])]
        };
        let mut by_id = json!({ "id": "310045501122334" });
        if kind == MediaKind::Document {
            by_id["filename"] = json!("a.pdf");
        }
        assert_eq!(
            bound(&contract, give(MediaSource::Id("310045501122334".to_owned())))[0]["parameters"][0],
            json!({ "type": word, word: by_id })
        );
        let url = |url: &str| give(MediaSource::Url(url.to_owned()));
        assert_eq!(
            bound(&contract, url("https://toko.example/a"))[0]["parameters"][0][word]["link"],
            "https://toko.example/a"
        );
        let long = format!("https://toko.example/{}", "a".repeat(2000));
        told(&contract, url(&long), &[&format!("payload[0].parameters[0].{word}.url: TooLong")]);
        for id in ["", "4::aW", "12 3", &"1".repeat(33)] {
            let fault = format!("payload[0].parameters[0].{word}.id: UpstreamId");
            told(&contract, give(MediaSource::Id(id.to_owned())), &[&fault]);
        }
        told(&contract, vec![], &["payload: ValuesMissing"]);
        told(&contract, vec![part(Position::Header, vec![])], &["payload[0].parameters: ValueCount"]);
    }
}

#[test]
fn a_place_is_on_the_earth() {
    let contract = header("LOCATION");
    let at = |latitude: &str, longitude: &str, name: &str, address: &str| {
        let [latitude, longitude, name, address] = [latitude, longitude, name, address].map(str::to_owned);
        vec![part(Position::Header, vec![Parameter::Location(Location { latitude, longitude, name, address })])]
    };
    assert_eq!(
        bound(&contract, at("-6.1753924", "106.8271528", "Monas", "Gambir, Jakarta")),
        json!([{ "type": "header", "parameters": [{ "type": "location", "location": {
            "latitude": "-6.1753924", "longitude": "106.8271528", "name": "Monas", "address": "Gambir, Jakarta"
        } }] }])
    );
    let place = "payload[0].parameters[0].location";
    for (latitude, longitude) in [("90.0001", "-180.1"), ("nan", "inf"), ("", "1e1"), ("6,1", "--1"), ("+1", "0x1")] {
        told(
            &contract,
            at(latitude, longitude, "Monas", "Gambir"),
            &[&format!("{place}.latitude: Latitude"), &format!("{place}.longitude: Longitude")],
        );
    }
    told(
        &contract,
        at("0", "0", "", "a\tb"),
        &[&format!("{place}.name: Empty"), &format!("{place}.address: TextSpaces")],
    );
}

fn product(catalog: &str) -> Parameter {
    Parameter::Product(Product { retailer_id: "kopi-gayo".to_owned(), catalog_id: catalog.to_owned() })
}

#[test]
fn a_product_is_named_with_its_catalogue() {
    let contract = with(&json!([
        { "type": "HEADER", "format": "PRODUCT" }, plain(),
        { "type": "BUTTONS", "buttons": [{ "type": "SPM", "text": "View" }] }
    ]));
    let parts = vec![
        part(Position::Header, vec![product("550011223344556")]),
        part(Position::Button { kind: ButtonUse::Spm, index: 0 }, vec![]),
    ];
    assert_eq!(
        bound(&contract, parts),
        json!([{ "type": "header", "parameters": [{ "type": "product", "product": {
            "product_retailer_id": "kopi-gayo", "catalog_id": "550011223344556"
        } }] }])
    );
    told(
        &contract,
        vec![part(Position::Header, vec![product("katalog")]), pressed(ButtonUse::Spm, vec![text("x")]).remove(0)],
        &["payload[0].parameters[0].product.catalog_id: UpstreamId", "payload[1]: ButtonWithoutValue"],
    );
}

#[test]
fn a_coupon_has_letters_and_digits() {
    let contract = button(&json!({ "type": "COPY_CODE", "example": "HEMAT25" }));
    assert_eq!(contract.buttons(), [ButtonNeed::CouponCode]);
    let code = |code: &str| pressed(ButtonUse::CopyCode, vec![Parameter::CouponCode(code.to_owned())]);
    assert_eq!(
        bound(&contract, code("HEMAT25")),
        json!([{ "type": "button", "sub_type": "copy_code", "index": "0",
            "parameters": [{ "type": "coupon_code", "coupon_code": "HEMAT25" }] }])
    );
    let path = "payload[0].parameters[0].coupon_code";
    told(&contract, code(&"A".repeat(21)), &[&format!("{path}: CouponLength")]);
    told(&contract, code("HEMAT 25"), &[&format!("{path}: CouponShape")]);
    told(&contract, code(""), &[&format!("{path}: Empty")]);
    told(&contract, vec![], &["payload: ButtonMissing"]);
    told(&contract, pressed(ButtonUse::CopyCode, vec![text("x")]), &["payload[0].parameters[0]: ValueKind"]);
    told(&contract, pressed(ButtonUse::QuickReply, vec![text("x")]), &["payload[0].sub_types: ButtonKind"]);
}

#[test]
fn an_offer_ends_in_the_future() {
    let offer = |has_expiration: bool| {
        with(&json!([plain(), { "type": "LIMITED_TIME_OFFER",
            "limited_time_offer": { "text": "Diskon", "has_expiration": has_expiration } }]))
    };
    let ends =
        |millis: i64| vec![part(Position::LimitedTimeOffer, vec![Parameter::OfferEnds(Moment::from_millis(millis))])];
    assert!(offer(true).offer_ends());
    assert_eq!(
        bound(&offer(true), ends(1_800_000_000_001)),
        json!([{ "type": "limited_time_offer", "parameters": [
            { "type": "limited_time_offer", "limited_time_offer": { "expiration_time_ms": 1_800_000_000_001_i64 } }
        ] }])
    );
    let path = "payload[0].parameters[0].limited_time_offer.expiration_time_ms: EndPast";
    told(&offer(true), ends(1_800_000_000_000), &[path]);
    told(&offer(true), ends(1_209_600_000), &[path]);
    told(&offer(true), vec![], &["payload: ValuesMissing"]);
    told(&offer(false), ends(1_900_000_000_000), &["payload[0]: PositionSurplus"]);
    assert_eq!(bound(&offer(false), vec![]), json!([]));
    let twice = [ends(1_900_000_000_000), ends(1_900_000_000_000)].concat();
    told(&offer(true), twice, &["payload[1].position: PositionTwice"]);
}

#[test]
fn a_catalogue_may_have_a_product_for_its_picture() {
    let contract = button(&json!({ "type": "CATALOG", "text": "View catalog" }));
    let shows = |thumbnail: Option<&str>| {
        let action = Action::Catalog { thumbnail: thumbnail.map(str::to_owned) };
        pressed(ButtonUse::Catalog, vec![Parameter::Action(action)])
    };
    assert_eq!(bound(&contract, vec![]), json!([]));
    assert_eq!(bound(&contract, shows(None)), json!([]));
    assert_eq!(
        bound(&contract, shows(Some("kopi")))[0]["parameters"],
        json!([{ "type": "action", "action": { "thumbnail_product_retailer_id": "kopi" } }])
    );
    let path = "payload[0].parameters[0].action.thumbnail_product_retailer_id: Empty";
    told(&contract, shows(Some(" ")), &[path]);
}

#[test]
fn products_stand_in_sections() {
    let contract = button(&json!({ "type": "MPM", "text": "View items" }));
    let shows = |sections: &[(&str, &[&str])]| {
        let section = |(title, products): &(&str, &[&str])| Section {
            title: (*title).to_owned(),
            products: products.iter().map(|product| (*product).to_owned()).collect(),
        };
        let sections = sections.iter().map(section).collect();
        pressed(ButtonUse::Mpm, vec![Parameter::Action(Action::Mpm { thumbnail: "kopi".to_owned(), sections })])
    };
    assert_eq!(
        bound(&contract, shows(&[("Kopi", &["gayo", "toraja"]), ("Teh", &["poci"])]))[0]["parameters"][0]["action"],
        json!({ "thumbnail_product_retailer_id": "kopi", "sections": [
            { "title": "Kopi", "product_items": [{ "product_retailer_id": "gayo" }, { "product_retailer_id": "toraja" }] },
            { "title": "Teh", "product_items": [{ "product_retailer_id": "poci" }] }
        ] })
    );
    let sections = "payload[0].parameters[0].action.sections";
    told(&contract, shows(&[]), &[&format!("{sections}: EmptyList")]);
    told(
        &contract,
        shows(&[("", &[]), ("Kopi dari seluruh Nusantara", &["", "gayo"])]),
        &[
            &format!("{sections}[0].title: Empty"),
            &format!("{sections}[0].product_items: EmptyList"),
            &format!("{sections}[1].title: SectionTitle"),
            &format!("{sections}[1].product_items[0].product_retailer_id: Empty"),
        ],
    );
    told(&contract, shows(&[("Kopi", &["gayo"; 31])]), &[&format!("{sections}: SectionProducts")]);
    told(&contract, vec![], &["payload: ButtonMissing"]);
}

#[test]
fn a_flow_is_always_told_its_token() {
    let contract = button(&json!({ "type": "FLOW", "text": "Isi", "flow_id": "1" }));
    let flow = |token: Option<&str>, data: Value| {
        let data = data.as_object().cloned();
        let action = Action::Flow { token: token.map(str::to_owned), data };
        pressed(ButtonUse::Flow, vec![Parameter::Action(action)])
    };
    let token = |parts: Vec<Part>| bound(&contract, parts)[0]["parameters"][0]["action"].clone();
    assert_eq!(token(vec![]), json!({ "flow_token": "unused" }));
    assert_eq!(token(flow(None, Value::Null)), json!({ "flow_token": "unused" }));
    assert_eq!(token(flow(Some("t-1"), Value::Null)), json!({ "flow_token": "t-1" }));
    assert_eq!(
        token(flow(None, json!({ "nama": "Budi" }))),
        json!({ "flow_token": "unused", "flow_action_data": { "nama": "Budi" } })
    );
    told(&contract, flow(Some(""), Value::Null), &["payload[0].parameters[0].action.flow_token: Empty"]);
}

#[test]
fn a_call_takes_two_values_or_one_or_none() {
    let contract = button(&json!({ "type": "VOICE_CALL", "text": "Telepon" }));
    let (minutes, told_to) = (Parameter::TtlMinutes, |text: &str| Parameter::Payload(text.to_owned()));
    let call = |parameters: Vec<Parameter>| pressed(ButtonUse::VoiceCall, parameters);
    assert_eq!(bound(&contract, vec![]), json!([]));
    assert_eq!(bound(&contract, call(vec![])), json!([]));
    assert_eq!(
        bound(&contract, call(vec![minutes(100), told_to("pesanan-7")])),
        json!([{ "type": "button", "sub_type": "voice_call", "index": "0", "parameters": [
            { "type": "ttl_minutes", "ttl_minutes": 100 }, { "type": "payload", "payload": "pesanan-7" }
        ] }])
    );
    told(
        &contract,
        call(vec![minutes(43_201), told_to(""), minutes(u64::MAX), text("x")]),
        &[
            "payload[0].parameters[0].ttl_minutes: CallTtl",
            "payload[0].parameters[1].payload: Empty",
            "payload[0].parameters[2]: PositionTwice",
            "payload[0].parameters[3]: ValueKind",
        ],
    );
}

#[test]
fn an_order_says_what_is_paid_for_what() {
    let contract = button(&json!({ "type": "ORDER_DETAILS", "text": "Review and Pay" }));
    let order = |details: &Value| {
        pressed(ButtonUse::OrderDetails, vec![Parameter::Action(Action::OrderDetails(details.clone()))])
    };
    let amount = json!({ "value": 5_000_000, "offset": 100 });
    let details = json!({
        "reference_id": "INV-1", "type": "physical-goods", "currency": "IDR", "total_amount": amount,
        "payment_settings": [{ "type": "payment_gateway" }],
        "order": {
            "status": "pending", "subtotal": amount, "tax": { "value": 0, "offset": 100 },
            "items": [{ "retailer_id": "kue", "name": "Kue", "amount": amount, "quantity": 1 }],
            "expiration": { "timestamp": "1800000001", "description": "Besok" }
        }
    });
    assert_eq!(
        bound(&contract, order(&details))[0]["parameters"],
        json!([{ "type": "action", "action": { "order_details": details } }])
    );
    let wrong = json!({
        "reference_id": "", "type": "kue", "currency": "Rp", "total_amount": { "value": 0.5 },
        "payment_settings": {},
        "order": { "status": "pending", "tax": 1, "items": [{ "quantity": 0 }, 7],
            "expiration": { "timestamp": "1800000000" } }
    });
    let path = "payload[0].parameters[0].action.order_details";
    let expected = [
        "reference_id: Empty",
        "type: NotOneOf",
        "payment_settings: WrongType",
        "currency: CurrencyCode",
        "total_amount.value: WrongType",
        "total_amount.offset: Required",
        "order.subtotal: Required",
        "order.tax: WrongType",
        "order.items[0].retailer_id: Required",
        "order.items[0].name: Required",
        "order.items[0].amount: Required",
        "order.items[0].quantity: Quantity",
        "order.items[1]: WrongType",
        "order.expiration.timestamp: EndPast",
    ];
    assert_eq!(faults(&contract, order(&wrong)), expected.map(|fault| format!("{path}.{fault}")));
    told(&contract, order(&json!([])), &[&format!("{path}: WrongType")]);
    told(&contract, vec![], &["payload: ButtonMissing"]);
}

#[test]
fn what_became_of_an_order_is_told_by_templates_for_it() {
    let plain = Contract::compile(Category::Utility, &json!([plain()]));
    let contract = plain.clone().with_sub_category(Some("ORDER_STATUS"));
    let status = |status: Value| vec![part(Position::OrderStatus, vec![Parameter::OrderStatus(status)])];
    let shipped = json!({ "reference_id": "INV-1", "order": { "status": "shipped", "description": "Dikirim" } });
    assert_eq!(
        bound(&contract, status(shipped.clone())),
        json!([{ "type": "order_status", "parameters": [{ "type": "order_status", "order_status": shipped }] }])
    );
    assert_eq!(bound(&contract, vec![]), json!([]));
    let path = "payload[0].parameters[0].order_status";
    told(
        &contract,
        status(json!({ "order": { "status": "lost" } })),
        &[&format!("{path}.reference_id: Required"), &format!("{path}.order.status: NotOneOf")],
    );
    told(&plain, status(shipped), &["payload[0]: PositionSurplus"]);
}

#[test]
fn a_picture_may_open_a_page() {
    let target = |url: &str, title: &str| {
        let target = TapTarget { url: url.to_owned(), title: title.to_owned() };
        part(Position::TapTarget, vec![Parameter::TapTargets(vec![target])])
    };
    let above = || part(Position::Header, vec![picture("https://toko.example/a.jpg")]);
    let sent = bound(&header("IMAGE"), vec![above(), target("https://toko.example/", "Lihat")]);
    assert_eq!(
        sent[1],
        json!({ "type": "tap_target_configuration", "parameters": [{ "type": "tap_target_configuration",
            "tap_target_configuration": [{ "url": "https://toko.example/", "title": "Lihat" }] }] })
    );
    let path = "payload[1].parameters[0].tap_target_configuration";
    told(
        &header("IMAGE"),
        vec![above(), target("toko.example", "")],
        &[&format!("{path}[0].url: MediaUrl"), &format!("{path}[0].title: Empty")],
    );
    let none = part(Position::TapTarget, vec![Parameter::TapTargets(vec![])]);
    told(&header("IMAGE"), vec![above(), none], &[&format!("{path}: EmptyList")]);
    let plain = Contract::compile(Category::Utility, &json!([plain()]));
    told(&plain, vec![target("https://toko.example/", "Lihat")], &["payload[0]: PositionSurplus"]);
}

fn card(index: usize, parts: Vec<Part>) -> Parameter {
    Parameter::Card(Card { index, parts })
}

fn carousel() -> Contract {
    let card = json!({ "components": [
        { "type": "HEADER", "format": "IMAGE" },
        { "type": "BODY", "text": "Hanya {{1}}!" },
        { "type": "BUTTONS", "buttons": [
            { "type": "QUICK_REPLY", "text": "Lagi" },
            { "type": "URL", "text": "Beli", "url": "https://toko.example/{{1}}" }
        ] }
    ] });
    with(&json!([{ "type": "BODY", "text": "Halo {{1}}." }, { "type": "CAROUSEL", "cards": [card, card] }]))
}

#[test]
fn each_card_is_bound_as_a_message_of_its_own() {
    let contract = carousel();
    let cards = contract.cards().unwrap();
    assert_eq!((cards.count(), cards.defined().len(), cards.are_products()), (2..=2, 2, false));
    assert!(!cards.defined()[0].is_optional() && cards.card(2).is_none());
    let full = |index: usize| {
        card(
            index,
            vec![
                part(url_button(1), vec![text("kopi")]),
                part(Position::Header, vec![picture("https://toko.example/a.jpg")]),
                part(quick_reply(0), vec![Parameter::Payload("lagi".to_owned())]),
                part(Position::Body, vec![text("Rp1")]),
            ],
        )
    };
    let parts = vec![part(Position::Body, vec![text("Budi")]), part(Position::Carousel, vec![full(1), full(0)])];
    let sent = bound(&contract, parts);
    let components = json!([
        { "type": "header", "parameters": [{ "type": "image", "image": { "link": "https://toko.example/a.jpg" } }] },
        { "type": "body", "parameters": [{ "type": "text", "text": "Rp1" }] },
        { "type": "button", "sub_type": "quick_reply", "index": "0",
          "parameters": [{ "type": "payload", "payload": "lagi" }] },
        { "type": "button", "sub_type": "url", "index": "1", "parameters": [{ "type": "text", "text": "kopi" }] }
    ]);
    assert_eq!(
        sent[1],
        json!({ "type": "carousel", "cards": [
            { "card_index": 0, "components": components }, { "card_index": 1, "components": components }
        ] })
    );
    told(&contract, vec![part(Position::Body, vec![text("Budi")])], &["payload: ValuesMissing"]);
    let wrong = card(
        0,
        vec![
            part(Position::Header, vec![text("x")]),
            part(Position::Body, vec![text(&"x".repeat(155))]),
            part(url_button(2), vec![text("x")]),
            part(Position::Carousel, vec![full(0)]),
        ],
    );
    let parts = vec![
        part(Position::Carousel, vec![wrong, full(0), full(2), text("x")]),
        part(Position::Body, vec![text("Budi")]),
    ];
    told(
        &contract,
        parts,
        &[
            "payload[0].parameters: CardCount",
            "payload[0].cards[0].payload[0].parameters[0]: ValueKind",
            "payload[0].cards[0].payload[1].parameters: FilledLength",
            "payload[0].cards[0].payload[2].index: NoSuchButton",
            "payload[0].cards[0].payload: ButtonMissing",
            "payload[0].cards[0].payload[3]: PositionSurplus",
            "payload[0].cards[1].card_index: PositionTwice",
            "payload[0].cards[2].card_index: NoSuchCard",
            "payload[0].parameters[3]: ValueKind",
        ],
    );
    assert_eq!(path_of(Spot::from(Place::CardIndex(0, 3))).to_string(), "payload[0].cards[3].card_index");
}

#[test]
fn cards_of_products_are_as_many_as_are_wanted() {
    let one = json!({ "components": [
        { "type": "HEADER", "format": "PRODUCT" }, { "type": "BUTTONS", "buttons": [{ "type": "SPM", "text": "View" }] }
    ] });
    let contract = with(&json!([plain(), { "type": "CAROUSEL", "cards": [one, one] }]));
    assert_eq!(contract.cards().unwrap().count(), 2..=10);
    assert_eq!(contract.cards().unwrap().card(9), contract.cards().unwrap().card(0));
    let show = |n_cards: usize| {
        let header = || vec![part(Position::Header, vec![product("550011223344556")])];
        vec![part(Position::Carousel, (0..n_cards).map(|index| card(index, header())).collect())]
    };
    assert_eq!(bound(&contract, show(10))[0]["cards"].as_array().unwrap().len(), 10);
    told(&contract, show(1), &["payload[0].parameters: CardCount"]);
    assert!(faults(&contract, show(11)).contains(&"payload[0].parameters: CardCount".to_owned()));
}

#[test]
fn a_text_with_its_values_is_as_long_as_the_template_allows() {
    let offer = with(&json!([{ "type": "BODY", "text": "Halo {{1}}" },
        { "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Diskon" } }]));
    let product = with(&json!([{ "type": "BODY", "text": "Halo {{1}}" }, { "type": "HEADER", "format": "PRODUCT" }]));
    for (contract, most) in [(offer, 600), (product, 160)] {
        assert_eq!(contract.body().longest(0), most - 5);
        let parts = vec![part(Position::Body, vec![text(&"x".repeat(most - 4))])];
        assert!(faults(&contract, parts).contains(&"payload[0].parameters: FilledLength".to_owned()));
    }
}
