//! Cases of any document, of the template as a whole, of the account and of sending.

use serde_json::{Value, json};

use super::{Case, created, plain, reply, template, utility, with_buttons};
use crate::clock::Moment;
use crate::fault::{Faults, Path};
use crate::phone::{InvalidPhoneNumber, PhoneNumber};
use crate::rule::Rule;
use crate::send::{ButtonUse, Media, Parameter, Part, Position, Values};
use crate::template::contract::Contract;
use crate::template::draft::Draft;
use crate::template::edit::{Current, Edit};
use crate::template::neighbours::{self, Neighbour};
use crate::template::{Category, ParameterFormat, Status};

pub(super) fn cases() -> Vec<Case> {
    [documents(), templates(), account(), editing(), recipients(), values()].into_iter().flatten().collect()
}

fn with(key: &str, value: Value) -> Value {
    let mut template = utility(json!([plain()]));
    template[key] = value;
    template
}

fn documents() -> Vec<Case> {
    let fine = utility(json!([plain()]));
    vec![
        created(Rule::Required, &fine, &with("language", Value::Null)),
        created(Rule::Empty, &fine, &with("name", json!(" "))),
        created(Rule::WrongType, &fine, &with("components", json!("BODY"))),
        created(Rule::NotOneOf, &with("category", json!("utility")), &with("category", json!("INFO"))),
        created(Rule::EmptyList, &with_buttons(json!([reply("a")])), &with_buttons(json!([]))),
        created(
            Rule::UnexpectedField,
            &utility(json!([plain(), { "type": "HEADER", "format": "LOCATION" }])),
            &utility(json!([plain(), { "type": "HEADER", "format": "LOCATION", "text": "Toko" }])),
        ),
    ]
}

fn templates() -> Vec<Case> {
    let name = |name: &str| with("name", json!(name));
    let login = |key: &str, ttl: i64| {
        let button = json!({ "type": "OTP", "otp_type": "COPY_CODE" });
        let components = json!([{ "type": "BODY" }, { "type": "BUTTONS", "buttons": [button] }]);
        let mut template = template("AUTHENTICATION", components);
        template[key] = json!(ttl);
        template
    };
    let seconds = |category: &str, seconds: i64| {
        let mut template = template(category, json!([plain()]));
        template["message_send_ttl_seconds"] = json!(seconds);
        template
    };
    let order_status = |category: &str| {
        let mut template = template(category, json!([plain()]));
        template["sub_category"] = json!("ORDER_STATUS");
        template
    };
    let greeting = |n: usize| utility(json!([plain(), { "type": "GREETING", "text": "a".repeat(n) }]));
    vec![
        created(Rule::NameLength, &name(&"a".repeat(512)), &name(&"a".repeat(513))),
        created(Rule::TemplateName, &name("salam_2_pagi"), &name("salam__pagi")),
        created(Rule::SampleName, &name("hello_worlds"), &name("hello_world")),
        created(Rule::UnknownLanguage, &with("language", json!("en_US")), &with("language", json!("en-US"))),
        created(Rule::TtlCategory, &login("ttl", 60), &with("ttl", json!(60))),
        created(Rule::TtlAuthentication, &login("ttl", 30), &login("ttl", 29)),
        created(Rule::TtlAuthentication, &login("message_send_ttl_seconds", 900), &login("ttl", 901)),
        created(Rule::TtlAuthentication, &login("ttl", -1), &login("ttl", -2)),
        created(Rule::TtlUtility, &seconds("UTILITY", 30), &seconds("UTILITY", 29)),
        created(Rule::TtlUtility, &seconds("UTILITY", 43_200), &seconds("UTILITY", 43_201)),
        created(Rule::TtlMarketing, &seconds("MARKETING", 43_200), &seconds("MARKETING", 43_199)),
        created(Rule::TtlMarketing, &seconds("MARKETING", 2_592_000), &seconds("MARKETING", 2_592_001)),
        created(Rule::TtlMarketing, &seconds("UTILITY", -1), &seconds("MARKETING", -1)),
        created(Rule::SubCategory, &order_status("UTILITY"), &order_status("MARKETING")),
        created(Rule::ComponentTwice, &utility(json!([plain()])), &utility(json!([plain(), plain()]))),
        created(Rule::BodyMissing, &utility(json!([plain()])), &utility(json!([]))),
        created(Rule::GreetingLength, &greeting(1024), &greeting(1025)),
    ]
}

fn rules(faults: &Faults) -> Vec<Rule> {
    faults.iter().map(|fault| fault.rule).collect()
}

fn account() -> Vec<Case> {
    let draft = Draft::parse(&utility(json!([plain()]))).unwrap();
    let now = Moment::from_seconds(1_800_000_000);
    let ago = |days: i64| Some(Moment::from_seconds(now.as_seconds() - days * 86_400));
    let noted = |language: &str, category: Category, deleted_at: Option<Moment>| {
        let neighbour = Neighbour { name: "kabar", language, category, status: Status::Approved, deleted_at };
        rules(&neighbours::check(&draft, [neighbour], now))
    };
    vec![
        Case {
            rule: Rule::TemplateExists,
            keeps: noted("en", Category::Utility, None),
            breaks: noted("id", Category::Utility, None),
        },
        Case {
            rule: Rule::NameCategory,
            keeps: noted("en", Category::Utility, None),
            breaks: noted("en", Category::Marketing, None),
        },
        Case {
            rule: Rule::NameBlocked,
            keeps: noted("id", Category::Utility, ago(30)),
            breaks: noted("id", Category::Utility, ago(29)),
        },
    ]
}

fn editing() -> Vec<Case> {
    let now = Moment::from_seconds(1_800_000_000);
    let noted = |body: Value, status: Status, edited_hours_ago: &[i64]| {
        let hours = |hours: &i64| Moment::from_seconds(now.as_seconds() - hours * 3600);
        let edits: Vec<Moment> = edited_hours_ago.iter().map(hours).collect();
        let current = Current {
            name: "kabar",
            language: "id",
            category: Category::Utility,
            status,
            parameter_format: ParameterFormat::Positional,
            edits: &edits,
        };
        match Edit::parse(&body, &current, now) {
            Ok(edit) => rules(&edit.warnings),
            Err(faults) => rules(&faults),
        }
    };
    let fine = || json!({ "components": [plain()] });
    let of = |key: &str, value: &str| {
        let mut edit = fine();
        edit[key] = json!(value);
        edit
    };
    let (approved, rejected) = (Status::Approved, Status::Rejected);
    let case = |rule: Rule, keeps: Vec<Rule>, breaks: Vec<Rule>| Case { rule, keeps, breaks };
    let ten: Vec<i64> = (1..=10).map(|n| 24 * n).collect();
    vec![
        case(Rule::EditFixed, noted(of("name", "kabar"), rejected, &[]), noted(of("language", "en"), rejected, &[])),
        case(Rule::EditStatus, noted(fine(), Status::Paused, &[]), noted(fine(), Status::InAppeal, &[])),
        case(
            Rule::EditCategory,
            noted(of("category", "MARKETING"), rejected, &[]),
            noted(of("category", "MARKETING"), approved, &[]),
        ),
        case(Rule::EditDaily, noted(fine(), approved, &[24]), noted(fine(), approved, &[23])),
        case(Rule::EditMonthly, noted(fine(), approved, &ten[1..]), noted(fine(), approved, &ten)),
    ]
}

fn recipients() -> Vec<Case> {
    let noted = |text: &str| match PhoneNumber::parse(text) {
        Ok(_) => Vec::new(),
        Err(InvalidPhoneNumber::CountryCode) => vec![Rule::CountryCode],
        Err(_) => vec![Rule::PhoneNumber],
    };
    vec![
        Case { rule: Rule::CountryCode, keeps: noted("+6281234567890"), breaks: noted("081234567890") },
        Case { rule: Rule::PhoneNumber, keeps: noted("6281234567890"), breaks: noted("+62 812") },
    ]
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
    Parameter::Image(Media { url: url.to_owned(), filename: None })
}

/// What is noted when these values are bound.
fn bound(contract: &Contract, parts: &[(Position, Parameter)]) -> Vec<Rule> {
    let parts = parts.iter().map(|(position, value)| Part { position: *position, parameters: vec![value.clone()] });
    match contract.bind(&Values(parts.collect()), &|_| Path::root()) {
        Ok(_) => Vec::new(),
        Err(faults) => rules(&faults),
    }
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
    let catalog = Contract::compile(
        Category::Marketing,
        &json!([plain(), { "type": "BUTTONS", "buttons": [{ "type": "CATALOG", "text": "View catalog" }] }]),
    );
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
    let three = Values(vec![Part { position: BODY, parameters: vec![text("a"), text("b")] }]);
    let counted = login.bind(&three, &|_| Path::root()).map_or_else(|faults| rules(&faults), |_| Vec::new());
    let no_button = Position::Button { kind: ButtonUse::UrlSuffix, index: 3 };
    let as_url = Position::Button { kind: ButtonUse::UrlSuffix, index: 0 };
    let case = |rule: Rule, keeps: Vec<Rule>, breaks: Vec<Rule>| Case { rule, keeps, breaks };
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
        case(Rule::NotExpressible, bound(&plain_text, &[]), bound(&catalog, &[])),
    ]
}
