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

/// Creates the template of an example, sends by it, and gives the components that the upstream got.
async fn try_out(dev: &Dev, example: &Example) -> Value {
    let (kind, unswer, oca) = (&example.kind, Unswer::new(dev), Oca::new(dev));
    let created = unswer.create(&example.template).await;
    assert_eq!(created.status, 202, "{kind} is not created: {}", created.text());
    let id = created.json()["data"]["id"].as_str().unwrap().to_owned();
    let details = unswer.wait_for_status(&id, "APPROVED").await;
    let mut body = example.send.clone();
    body["message"]["template"]["template_code_id"] = json!(code_in(&details));
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

/// The code by which an example sends stands for one that Kabar gives: it ends in the template's name.
#[test]
fn every_example_names_its_own_template() {
    for Example { kind, template, send, .. } in examples() {
        let code = send["message"]["template"]["template_code_id"].as_str().unwrap();
        assert_eq!(code.split_once(':').map(|(_, name)| name), template["name"].as_str(), "{kind}");
    }
}
