//! The examples under `docs/examples`, one folder for each kind of template: what they create is approved and sent by, and
//! the upstream gets what they say.

use std::fs;
use std::path::{Path, PathBuf};

use kabar_testkit::dev::Dev;
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use serde_json::{Value, json};

use crate::KABAR;
use crate::shop::{arrived, code_in};

/// An example: what creates a template, what is sent by it, and what the upstream gets.
struct Example {
    kind: String,
    template: Value,
    send: Value,
    sent: Value,
}

fn examples() -> Vec<Example> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples");
    let mut folders: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.iter().map(|folder| read(folder)).collect()
}

fn read(folder: &Path) -> Example {
    let file = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|err| panic!("{}/{name}: {err}", folder.display()))
    };
    let kind = folder.file_name().unwrap().to_str().unwrap().to_owned();
    Example { kind, template: file("template.json"), send: file("send.json"), sent: file("sent.json") }
}

async fn open() -> Dev {
    Program::dev(KABAR).rate_limit(0).review("instant").start().await
}

/// Creates the template of an example, and gives the body that sends by it.
async fn create(dev: &Dev, example: &Example) -> Value {
    let unswer = Unswer::new(dev);
    let created = unswer.create(&example.template).await;
    assert_eq!(created.status, 202, "{} is not created: {}", example.kind, created.text());
    let id = created.json()["data"]["id"].as_str().unwrap().to_owned();
    let details = unswer.wait_for_status(&id, "APPROVED").await;
    let mut body = example.send.clone();
    body["message"]["template"]["template_code_id"] = json!(code_in(&details));
    body
}

/// Creates the template of an example, sends by it, and gives the components that the upstream got.
async fn try_out(dev: &Dev, example: &Example) -> Value {
    let (kind, oca) = (&example.kind, Oca::new(dev));
    let body = create(dev, example).await;
    let accepted = oca.send(&body).await;
    assert_eq!(accepted.status, 200, "{kind} is not sent: {}", accepted.text());
    let msgid = accepted.json()["msgid"].as_str().unwrap().to_owned();
    arrived(&Ledger::new(dev), &msgid).await.components
}

#[tokio::test]
async fn every_example_is_created_and_approved_and_sent() {
    let dev = open().await;
    let examples = examples();
    assert!(examples.len() >= 29, "there are only {}", examples.len());
    for example in &examples {
        let got = try_out(&dev, example).await;
        // A message without values may have no list of them.
        let got = if got.is_null() { json!([]) } else { got };
        assert_eq!(got, example.sent, "{}", example.kind);
    }
}

/// In old versions of the upstream the app that reads a login code is named outside of the list of apps.
#[tokio::test]
async fn an_app_outside_of_the_list_is_understood() {
    let dev = open().await;
    let mut examples = examples().into_iter();
    let mut example = examples.find(|example| example.kind == "login_code_one_tap").unwrap();
    let button = example.template.pointer_mut("/components/2/buttons/0").unwrap().as_object_mut().unwrap();
    let apps = button.remove("supported_apps").unwrap();
    button.extend(apps[0].as_object().unwrap().clone());
    button.remove("autofill_text");
    button.remove("text");
    assert_eq!(try_out(&dev, &example).await, example.sent);
}

/// What is wrong with a body: each path within its payload, and the sentence.
async fn faults(dev: &Dev, body: &Value) -> Vec<String> {
    let answer = Oca::new(dev).send(body).await;
    assert_eq!(answer.status, 406, "{}", answer.text());
    let json = answer.json();
    let entries = json["errors"][0]["message"].as_array().unwrap_or_else(|| panic!("{json}"));
    let entry = |entry: &Value| {
        let param = entry["param"].as_str().unwrap().replace("message.template.payload", "~");
        format!("{param}: {}", entry["msg"].as_str().unwrap())
    };
    entries.iter().map(entry).collect()
}

#[tokio::test]
async fn what_does_not_fit_is_told_where_the_caller_wrote_it() {
    let dev = open().await;
    let mut all = examples();
    let mut of_kind = |kind: &str| all.swap_remove(all.iter().position(|example| example.kind == kind).unwrap());

    let mut carousel = create(&dev, &of_kind("media_carousel")).await;
    let cards = carousel.pointer_mut("/message/template/payload/1/cards").unwrap();
    cards[0]["payload"][0]["parameters"][0] =
        json!({ "type": "video", "video": { "url": "https://toko.example/a.mp4" } });
    cards[1]["payload"][1]["parameters"][0]["text"] = json!("Rp1\nsaja");
    cards[1]["payload"][3]["parameters"] = json!([]);
    cards[2]["card_index"] = json!(1);
    assert_eq!(
        faults(&dev, &carousel).await,
        [
            "~[1].cards[0].payload[0].parameters[0]: The value must be of kind image, got video",
            "~[1].cards[1].payload[1].parameters[0].text: Text must not have line breaks, tabs, or more than four spaces in \
             a row",
            "~[1].cards[1].payload: The button with index 1 needs a value",
            "~[1].cards[2].card_index: The position card 1 may stand only once",
        ]
    );

    let mut named = create(&dev, &of_kind("named_variables")).await;
    let texts = named.pointer_mut("/message/template/payload/1/parameters").unwrap();
    texts[0]["parameter_name"] = json!("Hari");
    texts[1].as_object_mut().unwrap().remove("parameter_name");
    let known = "jumlah_tamu, hari, tanggal, jam";
    assert_eq!(
        faults(&dev, &named).await,
        [
            format!("~[1].parameters[0].parameter_name: The template has no variable Hari, it has {known}"),
            format!(
                "~[1].parameters[1].parameter_name: This template's variables have names: say which of {known} it is"
            ),
            "~[1].parameters: The variable hari has no value".to_owned(),
            "~[1].parameters: The variable tanggal has no value".to_owned(),
        ]
    );

    let mut offer = create(&dev, &of_kind("limited_time_offer")).await;
    let parts = offer.pointer_mut("/message/template/payload").unwrap();
    parts[2]["parameters"][0]["limited_time_offer"]["expiration_time_ms"] = json!(1_209_600_000);
    parts[3]["parameters"][0]["coupon_code"] = json!("LOMBOK 25%");
    assert_eq!(
        faults(&dev, &offer).await,
        [
            "~[2].parameters[0].limited_time_offer.expiration_time_ms: The end of the offer must be in the future",
            "~[3].parameters[0].coupon_code: Coupon code must have letters and digits only",
        ]
    );
}

/// The code by which an example sends stands for one that Kabar gives: it ends in the template's name.
#[test]
fn every_example_names_its_own_template() {
    for Example { kind, template, send, .. } in examples() {
        let code = send["message"]["template"]["template_code_id"].as_str().unwrap();
        assert_eq!(code.split_once(':').map(|(_, name)| name), template["name"].as_str(), "{kind}");
    }
}
