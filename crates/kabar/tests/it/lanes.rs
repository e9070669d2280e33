//! Lanes share their sender, and limits are kept on this side.

use std::fs;

use kabar_testkit::dev::Dev;
use kabar_testkit::http::Http;
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::json;

use crate::KABAR;
use crate::shop::code_in;

/// A campaign's template without values.
async fn campaign(unswer: &Unswer) -> String {
    let template = json!({
        "name": "diskon_akhir_pekan", "category": "MARKETING", "language": "id",
        "components": [{ "type": "BODY", "text": "Diskon akhir pekan di semua toko kami." }]
    });
    let id = unswer.created(&template).await;
    unswer.wait_for_status(&id, "APPROVED").await;
    code_in(&unswer.details(&id).await)
}

/// `kabar sender add` for the sender of a `kabar dev`, with these arguments too.
fn change_sender(dev: &Dev, arguments: &[&str]) {
    let ready = &dev.ready;
    let args = ["sender", "add", "--data", dev.data().to_str().unwrap(), "--app", &ready.app_id, "--phone-number-id"];
    let args = args.into_iter().chain([ready.sender.as_str(), "--waba-id", &ready.waba_id]);
    Program::run(KABAR, args.chain(arguments.iter().copied())).ok();
}

/// What `kabar sender list` says of the only sender.
fn listed(data: &str, key: &str) -> String {
    let list = Program::run(KABAR, ["sender", "list", "--output", "json", "--data", data]).ok();
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    list[0][key].as_str().unwrap().to_owned()
}

async fn metric(url: &str, name: &str) -> u64 {
    let text = Http::new().get(&format!("{url}/metrics")).await;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |figure| figure.parse().unwrap())
}

#[tokio::test]
async fn a_login_code_overtakes_a_campaign_and_the_campaign_moves() {
    const N_OFFERS: usize = 400;
    let data = tempfile::tempdir().unwrap();
    let builder = Program::dev(KABAR).data(data.path()).rate_limit(0).review("instant");
    let mut dev = builder.clone().start().await;
    let offer = campaign(&Unswer::new(&dev)).await;
    change_sender(&dev, &["--throughput", "10"]);
    dev.interrupt();
    dev.wait().await;

    let dev = builder.start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    for place in 0..N_OFFERS {
        oca.accepted(&Oca::message(&offer, &format!("+62813{place:08}"), &[])).await;
    }
    for place in 0..5 {
        let before = ledger.messages().await.len();
        assert!(before < N_OFFERS / 2, "the campaign was too fast for this test");
        let login = Oca::message(dev.ready.code("kode_masuk"), &format!("+62814{place:08}"), &[Oca::body(&["918273"])]);
        let msgid = oca.accepted(&login).await;
        let messages = wait_until("the code to arrive", async || {
            let messages = ledger.messages().await;
            messages.iter().any(|message| message.biz_opaque_callback_data.as_ref() == Some(&msgid)).then_some(messages)
        })
        .await;
        let position = messages.iter().position(|one| one.biz_opaque_callback_data.as_ref() == Some(&msgid)).unwrap();
        // The offers that left while the code was being accepted and looked for; hundreds wait behind it.
        assert!(position - before < 60, "{} offers went before the code", position - before);
    }
    let so_far = ledger.messages().await.len();
    wait_until("the campaign to move", async || (ledger.messages().await.len() > so_far + 10).then_some(())).await;
}

#[tokio::test]
async fn only_the_recipient_who_had_too_many_waits() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let send = async |to: &str| oca.accepted(&Oca::message(dev.ready.code("hello_world"), to, &[])).await;
    let mut to_one = Vec::new();
    for _ in 0..50 {
        to_one.push(send("+6281381475230").await);
    }
    let other = send("+6281381475231").await;
    oca.wait_for_status(&other, "delivered").await;
    for msgid in &to_one[..45] {
        oca.wait_for_status(msgid, "delivered").await;
    }
    assert_eq!(ledger.messages_to("+6281381475230").await.len(), 45, "what is over a burst of 45 waits");
    assert_eq!(metric(&dev.ready.gateway_url, "kabar_messages_put_off_total{limit=\"pair\"}").await, 5);
    assert_eq!(metric(&dev.ready.gateway_url, "kabar_messages_waiting").await, 5);
}

#[tokio::test]
async fn an_account_writes_to_no_more_recipients_in_a_day_than_it_may() {
    let data = tempfile::tempdir().unwrap();
    let builder = Program::dev(KABAR).data(data.path()).rate_limit(0).review("instant");
    let mut dev = builder.clone().start().await;
    let offer = campaign(&Unswer::new(&dev)).await;
    change_sender(&dev, &["--throughput", "1000", "--daily-limit", "40"]);
    assert_eq!(listed(data.path().to_str().unwrap(), "daily_limit"), "40");
    dev.interrupt();
    dev.wait().await;

    let mut dev = builder.clone().start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    for place in 0..60 {
        oca.accepted(&Oca::message(&offer, &format!("+62813{place:08}"), &[])).await;
    }
    // A campaign leaves a twentieth of the day to the more urgent.
    let full = async |dev: &Dev, n_put_off: u64| {
        let put_off = "kabar_messages_put_off_total{limit=\"day\"}";
        wait_until("the day to be full", async || {
            (metric(&dev.ready.gateway_url, put_off).await >= n_put_off).then_some(())
        })
        .await;
    };
    full(&dev, 22).await;
    assert_eq!(ledger.messages().await.len(), 38);
    let login = |to: &str| Oca::message(dev.ready.code("kode_masuk"), to, &[Oca::body(&["918273"])]);
    for to in ["+6281400000001", "+6281400000002", "+6281400000002"] {
        oca.wait_for_status(&oca.accepted(&login(to)).await, "delivered").await;
    }
    // Who was written to today may be written to again.
    oca.wait_for_status(&oca.accepted(&Oca::message(&offer, "+6281300000003", &[])).await, "delivered").await;
    let calls = ledger.calls().await.into_iter().filter(|call| call.path.ends_with("/messages")).count();
    assert_eq!(calls, 42, "the upstream refused nothing");
    let before = ledger.messages().await.len();
    dev.interrupt();
    dev.wait().await;

    // It is remembered.
    let dev = builder.start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    oca.accepted(&Oca::message(&offer, "+6281399999998", &[])).await;
    full(&dev, 1).await;
    assert_eq!(ledger.messages().await.len(), before);
    change_sender(&dev, &["--throughput", "1000", "--daily-limit", "0"]);
    // The gateway hears of it soon; what it was given before is looked at again later.
    wait_until("a message to somebody new", async || {
        let to = format!("+62815{:08}", ledger.calls().await.len());
        oca.accepted(&Oca::message(&offer, &to, &[])).await;
        (ledger.messages().await.len() > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn at_its_limits_the_upstream_refuses_next_to_nothing() {
    const N_MESSAGES: usize = 1_500;
    let data = tempfile::tempdir().unwrap();
    let builder = Program::dev(KABAR).data(data.path()).rate_limit(0).review("instant").arg("--limits");
    let mut dev = builder.clone().start().await;
    let offer = campaign(&Unswer::new(&dev)).await;
    change_sender(&dev, &["--throughput", "80"]);
    dev.interrupt();
    dev.wait().await;

    let dev = builder.start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let limits = format!("{}/_sandbox/limits", dev.ready.sandbox_url);
    let set = json!({"enforced": true, "unique_recipients_per_day": 0}).to_string();
    assert_eq!(oca.http.exchange("POST", &limits, &[], set).await.status, 200);
    for place in 0..N_MESSAGES {
        // A campaign, and codes between; and one recipient who gets several at once.
        let body = match place % 10 {
            0 if place < 100 => Oca::message(dev.ready.code("hello_world"), "+6281381475240", &[]),
            1 => Oca::message(dev.ready.code("kode_masuk"), &format!("+62814{place:08}"), &[Oca::body(&["918273"])]),
            _ => Oca::message(&offer, &format!("+62813{place:08}"), &[]),
        };
        oca.accepted(&body).await;
    }
    wait_until("every message to be taken", async || (ledger.messages().await.len() >= N_MESSAGES).then_some(())).await;
    let calls: Vec<_> = ledger.calls().await.into_iter().filter(|call| call.path.ends_with("/messages")).collect();
    let refused: Vec<_> = calls.iter().filter(|call| call.status != 200).collect();
    assert!(calls.len() >= N_MESSAGES);
    assert!(refused.len() * 1000 < calls.len(), "{} of {}: {:?}", refused.len(), calls.len(), refused.first());
}

/// A gateway by configuration, with a sandbox that takes one token only.
struct Production {
    folder: tempfile::TempDir,
    sandbox: kabar_testkit::sandbox::Sandbox,
    gateway: kabar_testkit::serve::Serve,
    oca: Oca,
    code: String,
}

impl Production {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Program::sandbox(KABAR).review("instant").token("good").start().await;
        let config = folder.path().join("kabar.toml");
        let text = format!(
            r#"
[server]
rate_limit = 0
[store]
url = "sqlite:{folder}/kabar.db"
[upstream]
url = "{upstream}"
access_token = "good"
app_secret = "app-secret"
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
        let gateway = Program::serve(KABAR, &config).start().await;
        let token = Program::run(KABAR, ["token", "issue", "--app", "toko", "--config", config.to_str().unwrap()]).ok();
        let token = token.trim().to_owned();
        let unswer = Unswer {
            http: Http::new(),
            base: format!("{}/templates", gateway.url),
            token: token.clone(),
            app: "toko".to_owned(),
            language: None,
        };
        wait_until("the token to count", async || (unswer.list("").await.status == 200).then_some(())).await;
        let id = unswer.created(&Unswer::plain("dari_toko")).await;
        unswer.wait_for_status(&id, "APPROVED").await;
        let code = code_in(&unswer.details(&id).await);
        let oca = Oca { http: Http::new(), base: gateway.url.clone(), token };
        Self { folder, sandbox, gateway, oca, code }
    }

    fn config(&self) -> String {
        self.folder.path().join("kabar.toml").display().to_string()
    }

    /// Gives the sender another Graph token.
    fn use_token(&self, token: &str) {
        let file = self.folder.path().join("token");
        fs::write(&file, token).unwrap();
        let config = self.config();
        let args = ["sender", "add", "--app", "toko", "--phone-number-id", "106540352242922", "--waba-id"];
        let file = file.to_str().unwrap();
        let args = args.into_iter().chain(["102290129340398", "--access-token-file", file, "--config", &config]);
        Program::run(KABAR, args).ok();
    }

    async fn send(&self, place: usize) -> String {
        self.oca.accepted(&Oca::message(&self.code, &format!("+62813{place:08}"), &[])).await
    }

    async fn readyz(&self) -> String {
        Http::new().get(&format!("{}/readyz", self.gateway.url)).await
    }
}

#[tokio::test]
async fn a_sender_whose_token_is_refused_is_held_until_it_is_replaced() {
    const N_MESSAGES: usize = 60;
    let shop = Production::start().await;
    let ledger = Ledger::of(&shop.sandbox);
    shop.use_token("bad");
    let mut msgids = vec![shop.send(0).await];
    // The first ones may still leave by the old token, until the gateway has heard of the new one.
    while !shop.readyz().await.contains("106540352242922 is held: code 190") {
        assert!(msgids.len() < N_MESSAGES, "the sender was never held");
        msgids.push(shop.send(msgids.len()).await);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    while msgids.len() < N_MESSAGES {
        msgids.push(shop.send(msgids.len()).await);
    }
    assert!(metric(&shop.gateway.url, "kabar_messages_waiting").await > 0);
    assert!(shop.gateway.log().contains("the sender is held"), "{}", shop.gateway.log());
    let sends = async || ledger.calls().await.into_iter().filter(|call| call.path.ends_with("/messages")).count();
    let (calls, sent) = (sends().await, ledger.messages().await.len());
    assert!(calls - sent < 20, "{calls} calls for {sent} messages: nothing is burnt");

    shop.use_token("good");
    for msgid in &msgids {
        shop.oca.wait_for_status(msgid, "submitted").await;
    }
    wait_until("every message to arrive", async || (ledger.messages().await.len() == msgids.len()).then_some(())).await;
    for msgid in &msgids {
        assert_eq!(ledger.by_msgid(msgid).await.len(), 1);
    }
    assert_eq!(shop.readyz().await, "ok");
}

#[tokio::test]
async fn limits_are_learnt_from_webhooks() {
    let shop = Production::start().await;
    shop.send(1).await;
    let report = async |field: &str, value: serde_json::Value| {
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "102290129340398", "time": 1_748_454_394, "changes": [{"field": field, "value": value}]}]
        })
        .to_string();
        let signature = kabar_graph::signature::sign("app-secret", body.as_bytes());
        let url = format!("{}/webhooks/meta", shop.gateway.url);
        let headers = [("x-hub-signature-256", signature.as_str())];
        assert_eq!(shop.oca.http.exchange("POST", &url, &headers, body.clone()).await.status, 200);
    };
    let config = shop.config();
    let known = |key: &str| {
        let list = Program::run(KABAR, ["sender", "list", "--output", "json", "--config", &config]).ok();
        serde_json::from_str::<serde_json::Value>(&list).unwrap()[0][key].as_str().unwrap().to_owned()
    };
    assert_eq!((known("throughput"), known("daily_limit")), ("80".to_owned(), String::new()));
    report("business_capability_update", json!({"max_daily_conversations_per_business": 2000})).await;
    assert_eq!(known("daily_limit"), "2000", "it is kept before the webhook is answered");
    report("business_capability_update", json!({"max_daily_conversations_per_business": "TIER_UNLIMITED"})).await;
    assert_eq!(known("daily_limit"), "none");
    report(
        "phone_number_quality_update",
        json!({"display_phone_number": "15550783881", "event": "THROUGHPUT_UPGRADE"}),
    )
    .await;
    wait_until("the throughput to be read", async || (known("throughput") == "1000").then_some(())).await;
}
