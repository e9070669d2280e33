//! Cases of sending: values put to the contracts of templates.

use serde_json::{Value, json};

use super::{Case, plain, reply};
use crate::clock::Moment;
use crate::fault::Path;
use crate::rule::Rule;
use crate::send::{Action, ButtonUse, Card, Currency, Location, Media, MediaSource, Parameter, Part, Position, Values};
use crate::template::Category;
use crate::template::contract::Contract;

pub(super) fn cases() -> Vec<Case> {
    [values(), names(), headers(), buttons(), cards()].into_iter().flatten().collect()
}

const HEADER: Position = Position::Header;
const BODY: Position = Position::Body;
const REPLY: Position = Position::Button { kind: ButtonUse::QuickReply, index: 0 };
const CALL: Position = Position::Button { kind: ButtonUse::QuickReply, index: 1 };
const URL: Position = Position::Button { kind: ButtonUse::UrlSuffix, index: 2 };

fn text(text: &str) -> Parameter {
    Parameter::Text(text.to_owned())
}

fn payload(n: usize) -> Parameter {
    Parameter::Payload("a".repeat(n))
}

fn picture(url: &str) -> Parameter {
    Parameter::Image(Media::at(url))
}

const NOW: Moment = Moment::from_seconds(1_800_000_000);

fn noted(contract: &Contract, parts: Vec<Part>) -> Vec<Rule> {
    match contract.bind(&Values(parts), NOW, &|_| Path::root()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|fault| fault.rule).collect(),
    }
}

fn case(rule: Rule, keeps: Vec<Rule>, breaks: Vec<Rule>) -> Case {
    Case { rule, keeps, breaks }
}

/// What is noted when each position is given one value.
fn bound(contract: &Contract, parts: &[(Position, Parameter)]) -> Vec<Rule> {
    let parts = parts.iter().map(|(position, value)| Part { position: *position, parameters: vec![value.clone()] });
    noted(contract, parts.collect())
}

fn values() -> Vec<Case> {
    let promo = Contract::compile(
        Category::Marketing,
        &json!([
            { "type": "HEADER", "format": "IMAGE" }, { "type": "BODY", "text": "Halo {{1}} di sana" },
            { "type": "BUTTONS", "buttons": [
                reply("Ya"), { "type": "PHONE_NUMBER", "text": "Telepon", "phone_number": "+6281234567890" },
                { "type": "URL", "text": "Buka", "url": "https://toko.example/{{1}}" }
            ] }
        ]),
    );
    let login = Contract::compile(
        Category::Authentication,
        &json!([{ "type": "BODY" }, { "type": "BUTTONS", "buttons": [{ "type": "OTP", "otp_type": "COPY_CODE" }] }]),
    );
    let plain_text = Contract::compile(Category::Utility, &json!([plain()]));
    let newer = Contract::compile(Category::Marketing, &json!([plain(), { "type": "HEADER", "format": "HOLOGRAM" }]));
    let all = [(HEADER, picture("https://toko.example/a.jpg")), (BODY, text("Budi")), (URL, text("x"))];
    let fine = || bound(&promo, &all);
    let but = |place: usize, value: Parameter| {
        let mut values = all.clone();
        values[place].1 = value;
        bound(&promo, &values)
    };
    let and = |position: Position, value: Parameter| bound(&promo, &[&all[..], &[(position, value)]].concat());
    let two = |first: &str, second: &str| {
        let url = Position::Button { kind: ButtonUse::UrlSuffix, index: 0 };
        bound(&login, &[(BODY, text(first)), (url, text(second))])
    };
    let counted = noted(&login, vec![Part { position: BODY, parameters: vec![text("a"), text("b")] }]);
    let no_button = Position::Button { kind: ButtonUse::UrlSuffix, index: 3 };
    let as_url = Position::Button { kind: ButtonUse::UrlSuffix, index: 0 };
    vec![
        case(Rule::TooLong, but(1, text(&"a".repeat(1011))), but(1, text(&"a".repeat(1025)))),
        case(Rule::FilledLength, but(1, text(&"a".repeat(1011))), but(1, text(&"a".repeat(1012)))),
        case(Rule::ValuesMissing, fine(), bound(&promo, &all[1..])),
        case(Rule::ValueCount, two("1", "1"), counted),
        case(Rule::PositionSurplus, bound(&plain_text, &[]), bound(&plain_text, &[(BODY, text("a"))])),
        case(Rule::PositionTwice, fine(), and(BODY, text("b"))),
        case(Rule::ValueKind, fine(), but(0, text("a"))),
        case(Rule::NoSuchButton, fine(), and(no_button, text("a"))),
        case(Rule::ButtonWithoutValue, fine(), and(CALL, payload(1))),
        case(Rule::ButtonKind, and(REPLY, payload(1)), and(as_url, text("a"))),
        case(Rule::ButtonMissing, fine(), bound(&promo, &all[..2])),
        case(Rule::CodeDiffers, two("123456", "123456"), two("123456", "123457")),
        case(Rule::CodeLength, two(&"1".repeat(15), &"1".repeat(15)), two(&"1".repeat(16), &"1".repeat(16))),
        case(Rule::PayloadLength, and(REPLY, payload(256)), and(REPLY, payload(257))),
        case(Rule::TextSpaces, but(1, text("a    b")), but(1, text("a     b"))),
        case(Rule::TextSpaces, fine(), but(1, text("a\tb"))),
        case(Rule::MediaUrl, fine(), but(0, picture("ftp://toko.example/a.jpg"))),
        case(Rule::NotExpressible, bound(&plain_text, &[]), bound(&newer, &[])),
    ]
}

fn named(name: &str) -> Parameter {
    Parameter::NamedText { name: name.to_owned(), text: "Budi".to_owned() }
}

fn names() -> Vec<Case> {
    let with_body = |text: &str| Contract::compile(Category::Utility, &json!([{ "type": "BODY", "text": text }]));
    let numbered = with_body("Halo {{1}} di sana");
    let names = with_body("Halo {{nama}} di {{kota}} sana");
    let fill = |contract: &Contract, parameters: &[Parameter]| {
        noted(contract, vec![Part { position: BODY, parameters: parameters.to_vec() }])
    };
    let both = || fill(&names, &[named("kota"), named("nama")]);
    let price = |code: &str| {
        let (fallback, code) = ("Rp50.000".to_owned(), code.to_owned());
        fill(&numbered, &[Parameter::Currency(Currency { fallback, code, amount_1000: 50_000_000 })])
    };
    vec![
        case(Rule::ParameterNameSurplus, fill(&numbered, &[text("Budi")]), fill(&numbered, &[named("nama")])),
        case(Rule::ParameterNameMissing, both(), fill(&names, &[named("kota"), text("Budi")])),
        case(Rule::ParameterNameUnknown, both(), fill(&names, &[named("kota"), named("Nama")])),
        case(Rule::ParameterNameTwice, both(), fill(&names, &[named("nama"), named("nama")])),
        case(Rule::VariableMissing, both(), fill(&names, &[named("nama")])),
        case(Rule::CurrencyCode, price("IDR"), price("Rp")),
    ]
}

fn headers() -> Vec<Case> {
    let with =
        |format: &str| Contract::compile(Category::Utility, &json!([plain(), { "type": "HEADER", "format": format }]));
    let (picture, place) = (with("IMAGE"), with("LOCATION"));
    let uploaded = |id: &str| {
        let media = Media { source: MediaSource::Id(id.to_owned()), filename: None };
        bound(&picture, &[(HEADER, Parameter::Image(media))])
    };
    let at = |latitude: &str, longitude: &str| {
        let [latitude, longitude] = [latitude, longitude].map(str::to_owned);
        let location = Location { latitude, longitude, name: "Toko".to_owned(), address: "Jakarta".to_owned() };
        bound(&place, &[(HEADER, Parameter::Location(location))])
    };
    vec![
        case(Rule::UpstreamId, uploaded("310045501122334"), uploaded("4::aW")),
        case(Rule::Latitude, at("-90", "0"), at("-90.1", "0")),
        case(Rule::Longitude, at("-6.2", "180.0"), at("-6.2", "180.5")),
    ]
}

/// A contract of a text and one button.
fn with_button(button: &Value) -> Contract {
    let mut components = json!([plain(), { "type": "BUTTONS", "buttons": [] }]);
    components[1]["buttons"] = json!([button]);
    Contract::compile(Category::Marketing, &components)
}

/// What is noted about a value of a contract's only button.
fn pressed(contract: &Contract, kind: ButtonUse, value: Parameter) -> Vec<Rule> {
    bound(contract, &[(Position::Button { kind, index: 0 }, value)])
}

fn buttons() -> Vec<Case> {
    let coupon = with_button(&json!({ "type": "COPY_CODE", "example": "HEMAT25" }));
    let code = |code: &str| pressed(&coupon, ButtonUse::CopyCode, Parameter::CouponCode(code.to_owned()));
    let products = with_button(&json!({ "type": "MPM", "text": "View items" }));
    let sections = |n_sections: usize, n_products: usize, title: usize| {
        let section = crate::send::Section { title: "a".repeat(title), products: vec!["sku".to_owned(); n_products] };
        let action = Action::Mpm { thumbnail: "sku".to_owned(), sections: vec![section; n_sections] };
        pressed(&products, ButtonUse::Mpm, Parameter::Action(action))
    };
    let call = with_button(&json!({ "type": "VOICE_CALL", "text": "Telepon" }));
    let minutes = |minutes: u64| pressed(&call, ButtonUse::VoiceCall, Parameter::TtlMinutes(minutes));
    let told = |n: usize| pressed(&call, ButtonUse::VoiceCall, payload(n));
    let order = with_button(&json!({ "type": "ORDER_DETAILS", "text": "Review and Pay" }));
    let ordered = |quantity: u32| {
        let amount = json!({ "value": 5_000_000, "offset": 100 });
        let details = json!({
            "reference_id": "INV-1", "type": "physical-goods", "currency": "IDR", "total_amount": amount,
            "order": { "status": "pending", "subtotal": amount, "items": [
                { "retailer_id": "kue", "name": "Kue", "amount": amount, "quantity": quantity }
            ] }
        });
        pressed(&order, ButtonUse::OrderDetails, Parameter::Action(Action::OrderDetails(details)))
    };
    let offer = Contract::compile(
        Category::Marketing,
        &json!([plain(), {
            "type": "LIMITED_TIME_OFFER", "limited_time_offer": { "text": "Diskon", "has_expiration": true }
        }]),
    );
    let ends = |seconds: i64| {
        bound(&offer, &[(Position::LimitedTimeOffer, Parameter::OfferEnds(Moment::from_seconds(seconds)))])
    };
    vec![
        case(Rule::CouponLength, code(&"A".repeat(20)), code(&"A".repeat(21))),
        case(Rule::CouponShape, code("HEMAT25"), code("HEMAT 25%")),
        case(Rule::Sections, sections(10, 3, 24), sections(11, 1, 24)),
        case(Rule::SectionProducts, sections(1, 30, 24), sections(1, 31, 24)),
        case(Rule::SectionTitle, sections(1, 1, 24), sections(1, 1, 25)),
        case(Rule::CallTtl, minutes(43_200), minutes(43_201)),
        case(Rule::CallTtl, minutes(1), minutes(0)),
        case(Rule::CallPayloadLength, told(512), told(513)),
        case(Rule::Quantity, ordered(1), ordered(0)),
        case(Rule::EndPast, ends(1_800_000_001), ends(1_800_000_000)),
    ]
}

fn cards() -> Vec<Case> {
    let carousel = |format: &str| {
        let card = json!({ "components": [{ "type": "HEADER", "format": format }] });
        let components = json!([plain(), { "type": "CAROUSEL", "cards": [card, card] }]);
        Contract::compile(Category::Marketing, &components)
    };
    let show = |contract: &Contract, value: &Parameter, indexes: &[usize]| {
        let card = |index: &usize| {
            let header = Part { position: HEADER, parameters: vec![value.clone()] };
            Parameter::Card(Card { index: *index, parts: vec![header] })
        };
        let parameters = indexes.iter().map(card).collect();
        noted(contract, vec![Part { position: Position::Carousel, parameters }])
    };
    let product = Parameter::Product(crate::send::Product {
        retailer_id: "sku".to_owned(),
        catalog_id: "550011223344556".to_owned(),
    });
    let (pictures, products) = (carousel("IMAGE"), carousel("PRODUCT"));
    let pictured = |indexes: &[usize]| show(&pictures, &picture("https://toko.example/a.jpg"), indexes);
    let offered = |n_cards: usize| show(&products, &product, &(0..n_cards).collect::<Vec<usize>>());
    vec![
        case(Rule::CardCount, pictured(&[1, 0]), pictured(&[0, 1, 2])),
        case(Rule::CardCount, offered(10), offered(11)),
        case(Rule::CardCount, offered(2), offered(1)),
        case(Rule::NoSuchCard, pictured(&[0, 1]), pictured(&[0, 2])),
        case(Rule::PositionTwice, pictured(&[0, 1]), pictured(&[0, 0])),
    ]
}
