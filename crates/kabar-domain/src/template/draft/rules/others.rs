//! Cases of any document, of the template as a whole, of the account and of recipients.

use serde_json::{Value, json};

use super::{Case, created, plain, reply, template, utility, with_buttons};
use crate::clock::Moment;
use crate::fault::Faults;
use crate::phone::{InvalidPhoneNumber, PhoneNumber};
use crate::rule::Rule;
use crate::template::draft::Draft;
use crate::template::edit::{Current, Edit};
use crate::template::guard::{Standing, Turn};
use crate::template::neighbours::{self, Neighbour};
use crate::template::{Category, ParameterFormat, Status};

pub(super) fn cases() -> Vec<Case> {
    [documents(), templates(), account(), editing(), drift(), recipients()].into_iter().flatten().collect()
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

fn drift() -> Vec<Case> {
    let well =
        Standing { status: Status::Approved, category: Category::Utility, asked: Category::Utility, quality: "YELLOW" };
    let noted = |standing: Standing<'_>| standing.turns().map(Turn::rule).collect::<Vec<Rule>>();
    let case = |rule: Rule, turned: Standing<'_>| Case { rule, keeps: noted(well), breaks: noted(turned) };
    vec![
        case(Rule::DriftMarketing, Standing { category: Category::Marketing, ..well }),
        case(Rule::DriftPaused, Standing { status: Status::Paused, ..well }),
        case(Rule::DriftRed, Standing { quality: "RED", ..well }),
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
