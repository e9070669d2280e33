//! The program as a person meets it: started, asked, stopped, started again; and its short commands.

use std::fs;
use std::path::Path;

use kabar_testkit::http::Http;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};

use crate::KABAR;
use crate::shop::open;

#[tokio::test]
async fn started_again_it_goes_on_where_it_was() {
    let data = tempfile::tempdir().unwrap();
    let builder = Program::dev(KABAR).data(data.path().join("new/folder"));
    let mut first = builder.clone().start().await;
    let oca = Oca::new(&first);
    let msgid = oca.accepted(&Oca::message(first.ready.code("hello_world"), "+6281381475210", &[])).await;
    oca.wait_for_status(&msgid, "read").await;
    let created = Unswer::new(&first).created(&Unswer::plain("tetap_ada")).await;
    let before = first.ready.clone();
    first.interrupt();
    assert!(first.wait().await.success());

    let second = builder.start().await;
    let after = second.ready.clone();
    assert_eq!((&after.app_id, &after.token, &after.sender), (&before.app_id, &before.token, &before.sender));
    assert_eq!((&after.waba_id, &after.template_codes), (&before.waba_id, &before.template_codes));
    let oca = Oca::new(&second);
    assert_eq!(oca.history(&msgid).await, ["submitted", "delivered", "read"]);
    Unswer::new(&second).details(&created).await;
    let msgid = oca.accepted(&Oca::message(before.code("hello_world"), "+6281381475210", &[])).await;
    oca.wait_for_status(&msgid, "read").await;
}

#[tokio::test]
async fn it_says_what_to_paste_next() {
    let shop = open().await;
    let ready = &shop.dev.ready;
    let text = shop.dev.output();
    for said in [
        &ready.gateway_url,
        &ready.token,
        ready.code("pesanan_dikirim"),
        "/api/v2/push/message",
        "/status",
        "templates/",
        "curl",
    ] {
        assert!(text.contains(said), "{said} is missing in:\n{text}");
    }
    assert_eq!(ready.template_codes.len(), 4, "{:?}", ready.template_codes);
}

/// The lines that can be pasted into a shell are pasted into a shell.
#[tokio::test]
async fn what_it_says_can_be_pasted() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        // Without curl there is nobody to paste them.
        return;
    }
    let shop = open().await;
    let text = shop.dev.output();
    let commands: Vec<&str> = text.split("\n\n").filter(|part| part.contains("curl ")).collect();
    assert_eq!(commands.len(), 3, "send, ask, list:\n{text}");
    let run = std::process::Command::new("sh").args(["-c", &commands.join("\n")]).output().unwrap();
    let answers = String::from_utf8_lossy(&run.stdout).into_owned();
    let answers: Vec<Value> =
        serde_json::Deserializer::from_str(&answers).into_iter().collect::<Result<_, _>>().expect(&answers);
    let [sent, status, list] = answers.as_slice() else { panic!("three answers, not {answers:?}") };
    assert_eq!(sent["success"], true, "{sent}");
    assert_eq!((&status["msgid"], &status["history_status"][0]["status"]), (&sent["msgid"], &json!("submitted")));
    assert_eq!(list["code"], "OK", "{list}");
}

#[tokio::test]
async fn an_interrupt_finishes_what_is_under_way() {
    let data = tempfile::tempdir().unwrap();
    let builder = Program::dev(KABAR).data(data.path()).rate_limit(0);
    let mut dev = builder.clone().start().await;
    let oca = Oca::new(&dev);
    let mut accepted = Vec::new();
    for place in 0..50 {
        let to = format!("+628138147521{place:02}");
        accepted.push(oca.accepted(&Oca::message(dev.ready.code("hello_world"), &to, &[])).await);
    }
    dev.interrupt();
    let status = dev.wait().await;
    assert_eq!(status.code(), Some(0), "{}", dev.log());
    assert!(Http::new().try_exchange("GET", &oca.base, &[], "").await.is_err(), "nothing answers any more");

    let dev = builder.start().await;
    let oca = Oca::new(&dev);
    for msgid in &accepted {
        oca.wait_for_status(msgid, "delivered").await;
    }
    let ledger = kabar_testkit::ledger::Ledger::new(&dev);
    assert_eq!(ledger.messages().await.len(), accepted.len(), "each was sent once");
}

#[tokio::test]
async fn a_second_interrupt_stops_at_once() {
    let sandbox = Program::sandbox(KABAR).start().await;
    let mut dev = Program::dev(KABAR).sandbox_url(&sandbox.url).start().await;
    let oca = Oca::new(&dev);
    // A call that has no answer keeps the program from finishing.
    sandbox.freeze();
    oca.accepted(&Oca::message(dev.ready.code("hello_world"), "+6281381475212", &[])).await;
    dev.interrupt();
    wait_until("the first interrupt to be heard", async || dev.log().contains("interrupt again").then_some(())).await;
    dev.interrupt();
    assert_eq!(dev.wait().await.code(), Some(130));
}

#[tokio::test]
async fn two_at_once_on_the_same_data_are_one_too_many() {
    let shop = open().await;
    let data = shop.dev.data().to_str().unwrap();
    let args = ["dev", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0", "--data", data];
    let said = Program::run(KABAR, args).failed();
    assert!(said.contains("in use"), "{said}");
    assert!(said.contains(data), "it names the folder: {said}");
    assert_eq!(Oca::new(&shop.dev).status("x").await.status, 404, "the first goes on");
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let shop = open().await;
    let taken = shop.dev.ready.gateway_url.trim_start_matches("http://");
    let data = tempfile::tempdir().unwrap();
    let args = ["dev", "--listen", taken, "--sandbox-listen", "127.0.0.1:0", "--data", data.path().to_str().unwrap()];
    let said = Program::run(KABAR, args).failed();
    assert!(said.contains("--listen") && said.contains(taken), "{said}");
}

#[test]
fn arguments_that_are_wrong_are_named() {
    for (args, named) in [
        (vec!["dev", "--rate-limit", "many"], "--rate-limit"),
        (vec!["dev", "--review", "soon"], "--review"),
        (vec!["dev", "--listen", "here"], "--listen"),
        (vec!["dev", "--sandbox-url", "http://127.0.0.1:1", "--listen", "127.0.0.1:0"], "http://127.0.0.1:1"),
        (vec!["sandbox", "--tokn", "x"], "--tokn"),
        (vec!["token", "issue", "--app", "demo", "--scope", "everything"], "send"),
        (vec!["token", "issue", "--app", "demo", "--expires", "soon"], "--expires"),
        (vec!["app", "create", "not an id"], "not an id"),
        (vec!["app", "list", "--data", "/nowhere/at/all"], "/nowhere/at/all"),
        (vec!["serve", "--config", "/nowhere/kabar.toml"], "/nowhere/kabar.toml"),
        (vec!["fly"], "fly"),
    ] {
        let said = Program::run(KABAR, args.clone()).failed();
        assert!(said.contains(named), "{args:?} does not name {named}:\n{said}");
    }
}

#[test]
fn help_is_as_it_was_last_looked_at() {
    let mut text = String::new();
    for command in [
        vec![],
        vec!["dev"],
        vec!["serve"],
        vec!["sandbox"],
        vec!["config"],
        vec!["app"],
        vec!["sender"],
        vec!["token"],
    ] {
        let help = Program::run(KABAR, command.iter().copied().chain(["--help"])).ok();
        let line: Vec<&str> = ["kabar"].into_iter().chain(command).chain(["--help"]).collect();
        text.extend(["$ ", &line.join(" "), "\n", &help, "\n"]);
    }
    insta::assert_snapshot!(text.replace(" \n", "\n"));
}

#[test]
fn the_sample_configuration_is_one() {
    let sample = Program::run(KABAR, ["config", "sample"]).ok();
    insta::assert_snapshot!(sample);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kabar.toml");
    fs::write(&path, &sample).unwrap();
    let check = |path: &Path| Program::run(KABAR, ["config", "check", path.to_str().unwrap()]);

    let said = check(&path).failed();
    assert!(said.contains("upstream.app_secret") && said.contains("upstream.verify_token"), "{said}");

    // What the sample lacks, and only that, must be filled in: here by the environment.
    let filled = Program::command(KABAR)
        .args(["config", "check", path.to_str().unwrap()])
        .env("KABAR_APP_SECRET", "secret-1")
        .env("KABAR_VERIFY_TOKEN", "secret-2")
        .output()
        .unwrap();
    assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));

    fs::write(&path, format!("{sample}\n[sevrer]\nlisten = \"127.0.0.1:1\"\n")).unwrap();
    assert!(check(&path).failed().contains("sevrer"));
    fs::write(&path, "[upstream]\napp_secret = \"hush-1\"\nverify_token = \"hush-2\"\nurl = \"nowhere\"\n").unwrap();
    let said = check(&path).failed();
    assert!(said.contains("upstream.url") && !said.contains("hush"), "{said}");
}

/// Runs a command that prints a list, and reads it.
fn list(args: &[&str], data: &str) -> Vec<Value> {
    let text = Program::run(KABAR, args.iter().copied().chain(["--data", data, "--output", "json"])).ok();
    serde_json::from_str(&text).unwrap_or_else(|err| panic!("no list: {err}\n{text}"))
}

#[tokio::test]
async fn apps_and_senders_are_made_and_listed_beside_a_running_gateway() {
    let dev = Program::dev(KABAR).start().await;
    let data = dev.data().to_str().unwrap();
    Program::run(KABAR, ["app", "create", "toko-2", "--name", "Toko Dua", "--data", data]).ok();
    let apps = list(&["app", "list"], data);
    let names: Vec<&Value> = apps.iter().map(|app| &app["id"]).collect();
    assert_eq!(names, ["demo", "toko-2"]);
    let again = Program::run(KABAR, ["app", "create", "toko-2", "--data", data]).failed();
    assert!(again.contains("toko-2"), "{again}");

    let add = |app: &str| {
        let args =
            ["sender", "add", "--app", app, "--phone-number-id", "106540352242922", "--waba-id", "102290129340398"];
        Program::run(KABAR, args.into_iter().chain(["--data", data]))
    };
    add("toko-2").ok();
    assert!(add("toko-3").failed().contains("toko-3"), "there is no such app");
    let senders = list(&["sender", "list", "--app", "toko-2"], data);
    assert_eq!(senders.len(), 1);
    assert_eq!(senders[0]["phone_number_id"], "106540352242922");
    assert_eq!(list(&["sender", "list"], data).len(), 2);
}

#[tokio::test]
async fn a_token_counts_from_its_issue_to_its_revocation() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let data = dev.data().to_str().unwrap();
    let issue =
        ["token", "issue", "--app", "demo", "--scope", "send", "--expires", "90d", "--label", "tests", "--data", data];
    let token = Program::run(KABAR, issue).ok().trim().to_owned();
    let oca = Oca::new(&dev).with_token(&token);
    let body = Oca::message(dev.ready.code("hello_world"), "+6281381475213", &[]);
    wait_until("the new token to count", async || (oca.send(&body).await.status == 200).then_some(())).await;

    let tokens = list(&["token", "list", "--app", "demo"], data);
    let listed = tokens.iter().find(|listed| listed["label"] == "tests").expect("it is in the list");
    assert_eq!((&listed["scope"], &listed["state"]), (&json!("send"), &json!("valid")));
    assert!(!json!(tokens).to_string().contains(&token), "the list does not show the token itself");
    let id = listed["id"].as_str().unwrap();

    Program::run(KABAR, ["token", "revoke", id, "--data", data]).ok();
    let refused = wait_until("the revoked token to be refused", async || {
        let answer = oca.send(&body).await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["code"]), (401, &json!(17)));
    let tokens = list(&["token", "list"], data);
    let states: Vec<&Value> = tokens.iter().filter(|token| token["id"] == id).map(|token| &token["state"]).collect();
    assert_eq!(states, ["revoked"]);
    assert_eq!(Oca::new(&dev).send(&body).await.status, 200, "the other token still counts");
    let unknown =
        Program::run(KABAR, ["token", "revoke", "0190a3b4-0000-7000-8000-000000000000", "--data", data]).failed();
    assert!(unknown.contains("0190a3b4"), "{unknown}");
}

#[tokio::test]
async fn a_token_ends_when_it_was_said_to() {
    let shop = open().await;
    let data = shop.dev.data().to_str().unwrap();
    let issue = ["token", "issue", "--app", "demo", "--expires", "1s", "--data", data];
    let token = Program::run(KABAR, issue).ok();
    let unswer = Unswer { token: token.trim().to_owned(), ..shop.unswer() };
    let expired = wait_until("the token to end", async || {
        let answer = unswer.list("").await;
        answer.text().contains("expired").then_some(answer)
    })
    .await;
    assert_eq!(expired.status, 401);
    let answer = shop.oca().with_token(token.trim()).status("x").await;
    assert_eq!(answer.json()["errors"][0]["code"], 45);
}

#[tokio::test]
async fn what_operators_and_machines_ask_is_answered() {
    let shop = open().await;
    let (http, base) = (Http::new(), &shop.dev.ready.gateway_url);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(http.get(&format!("{base}{path}")).await, "ok", "{path}");
    }
    let metrics = http.exchange("GET", &format!("{base}/metrics"), &[], "").await;
    assert!(metrics.header("content-type").is_some_and(|kind| kind.starts_with("application/openmetrics-text")));
    let text = metrics.text();
    for name in ["kabar_messages_accepted_total", "kabar_messages_waiting", "kabar_http_requests_total"] {
        assert!(text.lines().any(|line| line.starts_with(name)), "{name} is missing in:\n{text}");
    }
    assert!(text.trim_end().ends_with("# EOF"), "the metrics are whole");

    let document: Value = serde_json::from_str(&http.get(&format!("{base}/openapi.json")).await).unwrap();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    let paths = document["paths"].as_object().unwrap();
    for path in
        ["/api/v2/push/message", "/api/v2/message/{msgid}/status", "/templates/{app}", "/templates/{app}/{template}"]
    {
        assert!(paths.contains_key(path), "{path} is missing among {:?}", paths.keys());
    }
    assert_eq!(http.exchange("GET", &format!("{base}/nowhere"), &[], "").await.status, 404);
}

#[tokio::test]
async fn the_docs_page_brings_all_it_needs() {
    let shop = open().await;
    let (http, base) = (Http::new(), &shop.dev.ready.gateway_url);
    let short = http.exchange("GET", &format!("{base}/docs"), &[], "").await;
    assert!(short.status.is_redirection() || short.status == 200, "{}", short.status);
    let files = [
        ("", "text/html"),
        ("index.html", "text/html"),
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "javascript"),
        ("swagger-ui-standalone-preset.js", "javascript"),
        ("swagger-initializer.js", "javascript"),
    ];
    for (file, kind) in files {
        let answer = http.exchange("GET", &format!("{base}/docs/{file}"), &[], "").await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(!answer.body.is_empty(), "{file}");
        assert!(
            answer.header("content-type").is_some_and(|found| found.contains(kind)),
            "{file}: {:?}",
            answer.headers
        );
        // With this a browser fetches nothing from anywhere else, so the page works without a network.
        let policy = answer.header("content-security-policy");
        assert!(policy.is_some_and(|policy| policy.starts_with("default-src 'self';")), "{file}: {policy:?}");
    }
}

/// Values and recipients that are in no log, whatever the log level.
#[tokio::test]
async fn a_log_holds_no_secret_no_value_and_no_whole_number() {
    let dev = Program::dev(KABAR)
        .rate_limit(0)
        .env("KABAR_LOG", "trace")
        .arg("--app-secret")
        .arg("rahasia-dagang")
        .start()
        .await;
    let (oca, unswer) = (Oca::new(&dev), Unswer::new(&dev));
    let order = dev.ready.code("pesanan_dikirim");
    let good = Oca::message(order, "+6281381475214", &[Oca::body(&["Sukirman", "INV-77123"])]);
    let msgid = oca.accepted(&good).await;
    let login = Oca::message(dev.ready.code("kode_masuk"), "+6281381475215", &[Oca::body(&["918273"])]);
    let login = oca.accepted(&login).await;
    let rejected = Oca::message(order, "+6281299131030", &[Oca::body(&["Sukirman", "INV-77123"])]);
    let rejected = oca.accepted(&rejected).await;
    oca.wait_for_status(&msgid, "read").await;
    oca.wait_for_status(&login, "read").await;
    wait_until("the refusal to be known", async || (oca.history(&rejected).await.len() > 1).then_some(())).await;
    // What is refused at the door, too.
    for body in [
        Oca::message(order, "081381475216", &[Oca::body(&["Sukirman"])]),
        Oca::message("x", "+6281381475216", &[Oca::body(&["Sukirman"])]),
    ] {
        assert_eq!(oca.send(&body).await.status, 406);
    }
    assert_eq!(oca.with_token("curi-curi").send(&good).await.status, 401);
    assert_eq!(oca.post(&[("authorization", &oca.token)], "{\"Sukirman").await.status, 406);
    unswer.walk(50).await;

    let log = dev.log();
    assert!(log.lines().count() > 50, "at this level there is something to read:\n{log}");
    let signature = dev.ready.token.rsplit('.').next().unwrap();
    let secrets = [
        signature,
        "rahasia-dagang",
        "curi-curi",
        "Sukirman",
        "INV-77123",
        "918273",
        "81381475214",
        "81381475215",
        "81381475216",
        "81299131030",
    ];
    let told = log.lines().filter(|line| secrets.iter().any(|secret| line.contains(secret))).collect::<Vec<_>>();
    assert!(told.is_empty(), "the log tells what it should not:\n{}", told.join("\n"));
}
