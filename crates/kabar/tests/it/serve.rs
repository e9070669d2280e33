//! `kabar serve`, the gateway of production, with a sandbox in the upstream's place.

use std::fs;

use kabar_testkit::http::Http;
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;

use crate::KABAR;
use crate::shop::{arrived, code_in};

#[tokio::test]
async fn a_gateway_by_configuration_sends_with_what_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = Program::sandbox(KABAR).review("instant").token("graph-token").start().await;
    fs::write(folder.path().join("graph-token"), "graph-token\n").unwrap();
    fs::write(folder.path().join("app-secret"), "app-secret\n").unwrap();
    let config = folder.path().join("kabar.toml");
    let text = format!(
        r#"
[server]
rate_limit = 40
[store]
url = "sqlite:{folder}/data/kabar.db"
[upstream]
url = "{upstream}"
access_token_file = "{folder}/graph-token"
app_secret_file = "{folder}/app-secret"
verify_token = "verify"
[[senders]]
app = "toko"
phone_number_id = "106540352242922"
waba_id = "102290129340398"
"#,
        folder = folder.path().display(),
        upstream = sandbox.url,
    );
    fs::write(&config, text).unwrap();
    Program::run(KABAR, ["config", "check", config.to_str().unwrap()]).ok();
    let mut gateway = Program::serve(KABAR, &config).start().await;
    let issue = ["token", "issue", "--app", "toko", "--config", config.to_str().unwrap()];
    let token = Program::run(KABAR, issue).ok().trim().to_owned();

    let unswer = Unswer {
        http: Http::new(),
        base: format!("{}/templates", gateway.url),
        token: token.clone(),
        app: "toko".to_owned(),
        language: None,
    };
    kabar_testkit::wait::wait_until("the token to count", async || (unswer.list("").await.status == 200).then_some(()))
        .await;
    let id = unswer.created(&Unswer::plain("dari_toko")).await;
    let details = unswer.details(&id).await;
    assert_eq!(details["status"], "APPROVED");
    let oca = Oca { http: Http::new(), base: gateway.url.clone(), token };
    let answer = oca.send(&Oca::message(&code_in(&details), "+6281381475220", &[])).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.number("x-ratelimit-limit"), 40);
    let message = arrived(&Ledger::of(&sandbox), &kabar_testkit::oca::msgid_in(&answer)).await;
    assert_eq!((message.phone_number_id.as_str(), message.waba_id.as_str()), ("106540352242922", "102290129340398"));

    gateway.terminate();
    assert_eq!(gateway.wait().await.code(), Some(0), "{}", gateway.log());
}

#[test]
fn a_configuration_that_lacks_something_is_refused_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kabar.toml");
    fs::write(&config, "[server]\nlisten = \"nowhere\"\n").unwrap();
    let said = Program::run(KABAR, ["serve", "--config", config.to_str().unwrap()]).failed();
    assert!(said.contains("listen"), "{said}");
    fs::write(&config, "[upstream]\nverify_token = \"v\"\n").unwrap();
    let said = Program::run(KABAR, ["serve", "--config", config.to_str().unwrap()]).failed();
    assert!(said.contains("upstream.app_secret"), "{said}");
}
