//! `docs/templates.md`: what it shows is what the files say, its commands work, and its mistakes are answered as it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kabar_testkit::dev::Dev;
use kabar_testkit::http::{Exchange, Http};
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use serde_json::{Value, json};

use crate::KABAR;
use crate::shop::code_in;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> String {
    fs::read_to_string(root().join("docs/templates.md")).unwrap()
}

fn example(path: &str) -> Value {
    let text = fs::read_to_string(root().join("docs/examples").join(path)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|err| panic!("{path}: {err}"))
}

/// The fenced blocks of a language, each with the text between the fence before it and its own.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<(&'p str, &'p str)> {
    let pieces: Vec<&str> = page.split("```").collect();
    assert_eq!(pieces.len() % 2, 1, "a block is not closed");
    let fenced = pieces.chunks_exact(2).map(|pair| (pair[0], pair[1].split_once('\n').unwrap()));
    fenced.filter(|(_, (tag, _))| *tag == language).map(|(before, (_, block))| (before, block)).collect()
}

/// The examples that a text links to.
fn linked(text: &str) -> Vec<&str> {
    text.split("](examples/").skip(1).filter_map(|rest| rest.split_once(')')).map(|(path, _)| path).collect()
}

/// Whether a value is the whole, or stands somewhere in it.
fn holds(whole: &Value, piece: &Value) -> bool {
    whole == piece
        || match whole {
            Value::Array(items) => items.iter().any(|item| holds(item, piece)),
            Value::Object(fields) => fields.values().any(|field| holds(field, piece)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
}

#[test]
fn what_is_shown_is_what_the_files_say() {
    let page = page();
    for (before, block) in blocks(&page, "json") {
        let shown: Value = serde_json::from_str(block).unwrap_or_else(|err| panic!("{err}: {block}"));
        let files = linked(before);
        assert!(files.iter().any(|file| holds(&example(file), &shown)), "not in {files:?}: {block}");
    }
}

#[test]
fn every_example_is_in_the_page() {
    let page = page();
    let linked: BTreeSet<&str> = linked(&page).into_iter().collect();
    for folder in fs::read_dir(root().join("docs/examples")).unwrap() {
        let kind = folder.unwrap().file_name().into_string().unwrap();
        for file in ["template.json", "send.json"] {
            assert!(linked.contains(format!("{kind}/{file}").as_str()), "the page does not link to {kind}/{file}");
        }
    }
}

/// A call of `curl`, as a shell hands it over.
#[derive(Debug, Default)]
struct Call {
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// Lets a shell take a command of the page apart, with these variables, and calls nobody.
fn taken_apart(block: &str, variables: &[(&str, &str)]) -> Call {
    // The page's own assignments are what the reader fills in.
    let lines: Vec<&str> = block.lines().filter(|line| !line.ends_with("'…'") && !line.contains("='…' ")).collect();
    let script = format!("curl() {{ printf '%s\\037' \"$@\"; }}\n{}", lines.join("\n"));
    let output = Command::new("sh").arg("-c").arg(script).envs(variables.iter().copied()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let mut call = Call::default();
    let mut arguments = told.split_terminator('\u{1f}');
    while let Some(argument) = arguments.next() {
        match argument {
            "-s" => {}
            "-H" => {
                let (name, value) = arguments.next().unwrap().split_once(": ").unwrap();
                call.headers.push((name.to_ascii_lowercase(), value.to_owned()));
            }
            "-d" => {
                let body = arguments.next().unwrap();
                call.body = Some(match body.strip_prefix('@') {
                    Some(file) => fs::read_to_string(root().join(file)).unwrap(),
                    None => body.to_owned(),
                });
            }
            url => url.clone_into(&mut call.url),
        }
    }
    call
}

async fn made(call: Call) -> Exchange {
    let headers: Vec<(&str, &str)> = call.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let method = if call.body.is_some() { "POST" } else { "GET" };
    Http::new().exchange(method, &call.url, &headers, call.body.unwrap_or_default()).await
}

#[tokio::test]
async fn the_commands_of_the_page_work_one_after_the_other() {
    let dev = Program::dev(KABAR).rate_limit(0).review("instant").start().await;
    let (page, unswer) = (page(), Unswer::new(&dev));
    let (mut id, mut code) = (String::new(), String::new());
    let mut answers = Vec::new();
    for (_, block) in blocks(&page, "sh").into_iter().filter(|(_, block)| block.contains("curl")) {
        let gateway = dev.ready.gateway_url.as_str();
        let variables =
            [("KABAR", gateway), ("APP", &dev.ready.app_id), ("TOKEN", &dev.ready.token), ("ID", &id), ("CODE", &code)];
        let call = taken_apart(block, &variables);
        assert!(call.url.starts_with(gateway), "{call:?}");
        let answer = made(call).await;
        assert!(answer.status.is_success(), "{block}: {}", answer.text());
        let answer = answer.json();
        if let Some(created) = answer["data"]["id"].as_str()
            && id.is_empty()
        {
            created.clone_into(&mut id);
            code = code_in(&unswer.wait_for_status(&id, "APPROVED").await);
        }
        answers.push(answer);
    }
    let [_, details, contract, preview, sent] = answers.as_slice() else { panic!("{answers:#?}") };
    assert_eq!(details["data"]["status"], "APPROVED");
    assert_eq!(contract["data"]["template_code_id"], code);
    let text = "Halo Budi! Pesanan Anda dengan nomor KBR-2077 sudah kami terima dan segera kami siapkan.";
    assert_eq!(preview["data"]["body"]["text"], text);
    assert!(sent["msgid"].is_string(), "{sent}");
}

#[tokio::test]
async fn what_a_contract_shows_can_be_sent_and_is_seen_in_a_preview() {
    let dev = Program::dev(KABAR).rate_limit(0).review("instant").start().await;
    let (unswer, oca) = (Unswer::new(&dev), Oca::new(&dev));
    for folder in fs::read_dir(root().join("docs/examples")).unwrap() {
        let kind = folder.unwrap().file_name().into_string().unwrap();
        let id = unswer.created(&example(&format!("{kind}/template.json"))).await;
        let code = code_in(&unswer.wait_for_status(&id, "APPROVED").await);
        let contract = unswer.call("GET", &format!("{}/{id}/contract", unswer.app), "").await;
        assert_eq!(contract.status, 200, "{kind}: {}", contract.text());
        let contract = contract.json()["data"].clone();
        assert!(contract["curl"].as_str().unwrap().contains(&format!("{}/api/v2/push/message", dev.ready.gateway_url)));
        let preview = format!("{}/{id}/preview", unswer.app);
        for mut body in [contract["example"].clone(), example(&format!("{kind}/send.json"))] {
            body["message"]["template"]["template_code_id"] = json!(code);
            let sent = oca.send(&body).await;
            assert_eq!(sent.status, 200, "{kind}: {body:#}: {}", sent.text());
            let seen = unswer.call("POST", &preview, &body.to_string()).await;
            assert_eq!(seen.status, 200, "{kind}: {body:#}: {}", seen.text());
            let text = seen.json()["data"]["body"]["text"].as_str().unwrap().to_owned();
            assert!(!text.contains("{{"), "{kind}: {text}");
        }
    }
}

/// A mistake in an example: which, what is changed in it, and where the answer says so.
type Mistake = (&'static str, fn(&mut Value), &'static str);

#[rustfmt::skip]
const IN_TEMPLATES: &[Mistake] = &[
    ("numbered_variables", |body| body["components"][0]["text"] = json!("{{1}}, pesanan Anda sudah siap dengan nomor {{2}} sejak pagi."), "components.0.text"),
    ("numbered_variables", |body| body["components"][0]["text"] = json!("Halo {{1}}, {{2}}!"), "components.0.text"),
    ("numbered_variables", |body| body["components"][0] = json!({ "type": "BODY", "text": "Halo {{1}}, pesanan Anda sudah siap." }), "components.0.example.body_text"),
    ("numbered_variables", |body| body["components"][0]["text"] = json!("Halo {{1}}, pesanan {{3}} sudah kami terima dan siap."), "components.0.text"),
    ("numbered_variables", |body| body["language"] = json!("id_ID"), "language"),
    ("text_header", |body| body["components"][0]["text"] = json!("*Promo* {{1}}"), "components.0.text"),
    ("buttons", |body| body["components"][1]["buttons"].as_array_mut().unwrap().insert(0, json!({ "type": "QUICK_REPLY", "text": "Ya" })), "components.1.buttons"),
    ("buttons", |body| body["components"][1]["buttons"][0]["url"] = json!("https://wa.me/6281234567890"), "components.1.buttons.0.url"),
    ("login_code_copy", |body| body["components"][0]["text"] = json!("Kode Anda {{1}}."), "components.0.text"),
];

#[rustfmt::skip]
const IN_SENDS: &[Mistake] = &[
    ("numbered_variables", |body| body["phone_number"] = json!("081234567890"), "phone_number"),
    ("numbered_variables", |body| { payload(body)[0]["parameters"].as_array_mut().unwrap().pop(); }, "message.template.payload[0].parameters"),
    ("numbered_variables", |body| payload(body)[0]["parameters"][0]["text"] = json!("Budi\nSari"), "message.template.payload[0].parameters[0].text"),
    ("numbered_variables", |body| payload(body).clear(), "message.template.payload"),
    ("named_variables", |body| payload(body)[1]["parameters"][0] = json!({ "type": "text", "text": "Minggu" }), "message.template.payload[1].parameters[0].parameter_name"),
    ("document_header", |body| payload(body)[0]["parameters"][0] = json!({ "type": "image", "image": { "url": "https://toko.example/a.jpg" } }), "message.template.payload[0].parameters[0]"),
    ("buttons", |body| { payload(body).remove(1); }, "message.template.payload"),
    ("buttons", |body| payload(body)[2]["index"] = json!(3), "message.template.payload[2].index"),
    ("login_code_copy", |body| payload(body)[0]["parameters"][0]["text"] = json!("1234567890123456"), "message.template.payload[0].parameters[0].text"),
    ("coupon", |body| payload(body)[1]["parameters"][0]["coupon_code"] = json!("HEMAT-25"), "message.template.payload[1].parameters[0].coupon_code"),
    ("media_carousel", |body| { payload(body)[1]["cards"].as_array_mut().unwrap().pop(); }, "message.template.payload[1].cards"),
    ("limited_time_offer", |body| payload(body)[2]["parameters"][0]["limited_time_offer"]["expiration_time_ms"] = json!(1000), "message.template.payload[2].parameters[0].limited_time_offer.expiration_time_ms"),
];

fn payload(body: &mut Value) -> &mut Vec<Value> {
    body.pointer_mut("/message/template/payload").and_then(Value::as_array_mut).unwrap()
}

/// A row of the page: what is wrong stands before it in the writer's own words.
fn row(path: &str, sentence: &str) -> String {
    format!("| `{path}` | {sentence} |")
}

async fn answer_to_a_template(dev: &Dev, (kind, change, path): &Mistake) -> String {
    let unswer = Unswer { language: Some("en".to_owned()), ..Unswer::new(dev) };
    let mut body = example(&format!("{kind}/template.json"));
    change(&mut body);
    let answer = unswer.create(&body).await;
    assert_eq!(answer.status, 422, "{kind} at {path}: {}", answer.text());
    let errors = answer.json()["errors"].clone();
    assert_eq!(errors.as_object().unwrap().len(), 1, "{kind}: {errors:#}");
    errors[path].as_str().unwrap_or_else(|| panic!("{kind}: nothing at {path}: {errors:#}")).to_owned()
}

async fn answer_to_a_send(dev: &Dev, code: &str, (kind, change, path): &Mistake) -> String {
    let mut body = example(&format!("{kind}/send.json"));
    change(&mut body);
    body["message"]["template"]["template_code_id"] = json!(code);
    let answer = Oca::new(dev).send(&body).await;
    assert_eq!(answer.status, 406, "{kind} at {path}: {}", answer.text());
    let entries = answer.json()["errors"][0]["message"].clone();
    let found: Vec<&Value> = entries.as_array().unwrap().iter().filter(|entry| entry["param"] == *path).collect();
    let [entry] = found.as_slice() else { panic!("{kind} at {path}: {entries:#}") };
    entry["msg"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn mistakes_are_answered_as_the_page_says() {
    let dev = Program::dev(KABAR).rate_limit(0).review("instant").start().await;
    let (page, unswer) = (page(), Unswer::new(&dev));
    let mut missing = Vec::new();
    for mistake in IN_TEMPLATES {
        let row = row(mistake.2, &answer_to_a_template(&dev, mistake).await);
        missing.extend((!page.contains(&row)).then_some(row));
    }
    let mut codes: Vec<(&str, String)> = Vec::new();
    for mistake in IN_SENDS {
        let known = codes.iter().find(|(kind, _)| *kind == mistake.0).map(|(_, code)| code.clone());
        let code = match known {
            Some(code) => code,
            None => {
                let id = unswer.created(&example(&format!("{}/template.json", mistake.0))).await;
                code_in(&unswer.wait_for_status(&id, "APPROVED").await)
            }
        };
        let row = row(mistake.2, &answer_to_a_send(&dev, &code, mistake).await);
        codes.push((mistake.0, code));
        missing.extend((!page.contains(&row)).then_some(row));
    }
    assert!(missing.is_empty(), "the page lacks:\n{}", missing.join("\n"));
}
