//! The life of a template: whatever is done to it upstream, the next send obeys, and the template's history tells it.

use kabar_testkit::dev::Dev;
use kabar_testkit::http::{Exchange, Http};
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::{Oca, msgid_in};
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};

use crate::KABAR;
use crate::shop::{arrived, code_in};

/// With what the sandbox of `dev` signs its webhooks, when nothing else is said.
const APP_SECRET: &str = "kabar-sandbox";

/// Meta's own pages: what is done to a template without Kabar.
struct Upstream<'d> {
    dev: &'d Dev,
    http: Http,
}

/// How Kabar comes to know.
#[derive(Clone, Copy, PartialEq)]
enum News {
    Webhook,
    Poll,
}

impl<'d> Upstream<'d> {
    fn of(dev: &'d Dev) -> Self {
        Self { dev, http: Http::new() }
    }

    async fn act(&self, id: &str, action: &str, body: &Value) {
        let url = format!("{}/_sandbox/templates/{id}/{action}", self.dev.ready.sandbox_url);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.http.exchange("POST", &url, &[], body).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text());
    }

    async fn graph(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}/v26.0/{path}", self.dev.ready.sandbox_url);
        let headers = [("authorization", "Bearer any"), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.http.exchange(method, &url, &headers, body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        answer.json()
    }

    async fn create(&self, template: &Value) -> String {
        let path = format!("{}/message_templates", self.dev.ready.waba_id);
        self.graph("POST", &path, template).await["id"].as_str().unwrap().to_owned()
    }

    async fn delete(&self, name: &str) {
        let path = format!("{}/message_templates?name={name}", self.dev.ready.waba_id);
        self.graph("DELETE", &path, &Value::Null).await;
    }

    /// From now on no webhook reaches Kabar.
    async fn cut_webhooks_off(&self) {
        self.graph("DELETE", &format!("{}/subscribed_apps", self.dev.ready.waba_id), &Value::Null).await;
    }

    /// Waits until Kabar has had one chance to hear of what was done.
    async fn heard(&self, news: News) {
        match news {
            News::Webhook => self.all_told().await,
            News::Poll => self.one_poll_later().await,
        }
    }

    /// Until every webhook was answered.
    async fn all_told(&self) {
        wait_until("all webhooks to be answered", async || {
            let index = self.http.get(&format!("{}/_sandbox", self.dev.ready.sandbox_url)).await;
            let index: Value = serde_json::from_str(&index).unwrap();
            (index["counts"]["updates_not_yet_told"] == 0).then_some(())
        })
        .await;
    }

    /// Until one reading of all templates that began after now has been taken in. One may have begun before; the one after
    /// the next begins when the next is taken in.
    async fn one_poll_later(&self) {
        let ledger = Ledger::new(self.dev);
        let n_polls = async || {
            let calls = ledger.calls().await;
            calls.iter().filter(|call| call.method == "GET" && call.path.ends_with("/message_templates")).count()
        };
        let before = n_polls().await;
        wait_until("the templates to be read", async || (n_polls().await >= before + 3).then_some(())).await;
    }

    /// A webhook as the upstream would send it, of so many seconds ago.
    async fn forge(&self, id: &str, seconds_ago: i64, value: Value) -> Exchange {
        let now = kabar_domain::clock::Clock::system().now().as_seconds();
        let mut value = value;
        value["message_template_id"] = json!(id.parse::<u64>().unwrap());
        let body = json!({"object": "whatsapp_business_account", "entry": [{
            "id": self.dev.ready.waba_id, "time": now - seconds_ago,
            "changes": [{"field": "message_template_status_update", "value": value}],
        }]})
        .to_string();
        let signature = kabar_graph::signature::sign(APP_SECRET, body.as_bytes());
        let url = format!("{}/webhooks/meta", self.dev.ready.gateway_url);
        let headers = [("content-type", "application/json"), ("x-hub-signature-256", signature.as_str())];
        self.http.exchange("POST", &url, &headers, body).await
    }
}

/// What the very next send is answered, in a word or two: `sent`, or the reason why not.
async fn next_send(oca: &Oca, code: &str, payload: &[Value]) -> String {
    let answer = oca.send(&Oca::message(code, "+6281381475300", payload)).await;
    if answer.status == 200 {
        return "sent".to_owned();
    }
    let message = answer.json()["errors"][0]["message"].clone();
    match message.as_str() {
        Some(sentence) => sentence.trim_start_matches("Template can not be sent, its ").to_owned(),
        None => "values do not fit".to_owned(),
    }
}

/// Has sends refused when a template becomes MARKETING or red, and waits until that holds.
async fn guard(dev: &Dev, upstream: &Upstream<'_>, oca: &Oca) {
    let data = dev.data().to_str().unwrap();
    let shown =
        Program::run(KABAR, ["app", "guard", "demo", "--marketing", "refuse", "--red", "refuse", "--data", data]);
    assert_eq!(shown.ok(), "marketing=refuse paused=refuse red=refuse\n");
    let unswer = Unswer::new(dev);
    let id = unswer.created(&Unswer::plain("penanda")).await;
    let code = code_in(&unswer.details(&id).await);
    upstream.act(&id, "approve", &Value::Null).await;
    upstream.act(&id, "category", &json!({"category": "MARKETING"})).await;
    let refused = "category is MARKETING now";
    wait_until("the guard to hold", async || (next_send(oca, &code, &[]).await == refused).then_some(())).await;
}

/// Everything that can be done to a template upstream; each time, the next send obeys.
async fn everything_upstream(dev: &Dev, news: News) {
    let (unswer, oca, upstream) = (Unswer::new(dev), Oca::new(dev), Upstream::of(dev));
    guard(dev, &upstream, &oca).await;
    if news == News::Poll {
        upstream.all_told().await;
        upstream.cut_webhooks_off().await;
    }
    let id = unswer.created(&Unswer::plain("hidup")).await;
    let code = code_in(&unswer.details(&id).await);
    assert_eq!(next_send(&oca, &code, &[]).await, "status is PENDING");
    let none = Value::Null;
    let steps = [
        ("approve", none.clone(), "sent"),
        ("pause", none.clone(), "status is PAUSED"),
        ("unpause", none.clone(), "sent"),
        ("archive", none.clone(), "status is ARCHIVED"),
        ("unarchive", none.clone(), "sent"),
        ("quality", json!({"score": "YELLOW"}), "sent"),
        ("quality", json!({"score": "RED"}), "status is PAUSED"),
        ("unpause", none.clone(), "quality is RED"),
        ("quality", json!({"score": "GREEN"}), "sent"),
        ("category", json!({"category": "MARKETING", "notice": true}), "sent"),
        ("category", json!({"category": "MARKETING"}), "category is MARKETING now"),
        ("category", json!({"category": "UTILITY"}), "sent"),
        ("limit_exceeded", none.clone(), "status is LIMIT_EXCEEDED"),
        ("reject", json!({"reason": "SCAM"}), "status is REJECTED"),
        ("in_appeal", none.clone(), "status is IN_APPEAL"),
        ("approve", none.clone(), "sent"),
        ("pending_deletion", none.clone(), "status is PENDING_DELETION"),
        ("approve", none.clone(), "sent"),
        ("disable", none.clone(), "status is DISABLED"),
        ("approve", none.clone(), "sent"),
    ];
    for (place, (action, body, expected)) in steps.iter().enumerate() {
        upstream.act(&id, action, body).await;
        upstream.heard(news).await;
        assert_eq!(next_send(&oca, &code, &[]).await, *expected, "step {place}: {action} {body}");
    }

    // Its components become others: what a send must provide does so too.
    let components = json!([{
        "type": "BODY", "text": "Halo {{1}}, kabar baik dari toko kami.", "example": {"body_text": [["Budi"]]}
    }]);
    upstream.graph("POST", &id, &json!({"components": components})).await;
    upstream.act(&id, "approve", &none).await;
    upstream.heard(news).await;
    assert_eq!(next_send(&oca, &code, &[]).await, "values do not fit");
    assert_eq!(next_send(&oca, &code, &[Oca::body(&["Budi"])]).await, "sent");
    assert_eq!(unswer.details(&id).await["components"][0]["text"], "Halo {{1}}, kabar baik dari toko kami.");

    // It is deleted and made anew by others, under its name. One that was approved could not be, so it is rejected first.
    upstream.act(&id, "reject", &none).await;
    upstream.delete("hidup").await;
    if news == News::Poll {
        upstream.heard(news).await;
        assert_eq!(next_send(&oca, &code, &[]).await, "Template Does Not Exist");
    }
    let anew = upstream.create(&Unswer::plain("hidup")).await;
    upstream.act(&anew, "approve", &none).await;
    upstream.heard(news).await;
    let code = code_in(&unswer.details(&anew).await);
    assert_eq!(next_send(&oca, &code, &[]).await, "sent");
    assert_eq!(unswer.get(&id).await.status, 404, "the old one is gone");

    // Others make one that Kabar has never heard of.
    let elsewhere = upstream.create(&Unswer::plain("dari_seberang")).await;
    upstream.act(&elsewhere, "approve", &none).await;
    upstream.heard(news).await;
    let code = code_in(&unswer.details(&elsewhere).await);
    assert_eq!(next_send(&oca, &code, &[]).await, "sent");
}

#[tokio::test]
async fn whatever_is_done_upstream_the_next_send_obeys_within_one_webhook() {
    let dev = Program::dev(KABAR).review("manual").rate_limit(0).arg("--poll").arg("100000").start().await;
    everything_upstream(&dev, News::Webhook).await;
}

#[tokio::test]
async fn with_webhooks_cut_off_the_next_send_obeys_within_one_poll() {
    let dev = Program::dev(KABAR).review("manual").rate_limit(0).arg("--poll").arg("0.1").start().await;
    everything_upstream(&dev, News::Poll).await;
}

#[tokio::test]
async fn a_report_that_comes_late_undoes_nothing() {
    let dev = Program::dev(KABAR).review("manual").arg("--poll").arg("100000").start().await;
    let (unswer, oca, upstream) = (Unswer::new(&dev), Oca::new(&dev), Upstream::of(&dev));
    let id = unswer.created(&Unswer::plain("terlambat")).await;
    let code = code_in(&unswer.details(&id).await);
    upstream.act(&id, "approve", &Value::Null).await;
    upstream.act(&id, "pause", &json!({"title": "SECOND_PAUSE"})).await;
    upstream.all_told().await;
    let approval = json!({"event": "APPROVED", "message_template_category": "UTILITY", "reason": "NONE"});
    assert_eq!(upstream.forge(&id, 60, approval).await.status, 200);
    assert_eq!(next_send(&oca, &code, &[]).await, "status is PAUSED");
    let details = unswer.details(&id).await;
    let history = details["$extras"]["history"].as_array().unwrap();
    let told: Vec<&Value> = history.iter().map(|event| &event["to"]).collect();
    assert_eq!(told, [&json!("PENDING"), &json!("APPROVED"), &json!("PAUSED")], "{details:#}");
    let reason = history[2]["reason"].as_str().unwrap();
    assert!(reason.starts_with("SECOND_PAUSE: "), "{details:#}");
}

#[tokio::test]
async fn a_rejection_and_an_announcement_are_told_with_all_that_the_upstream_said_and_outlive_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let start = || Program::dev(KABAR).review("manual").data(data.path());
    let (id, before) = {
        let dev = start().start().await;
        let (unswer, upstream) = (Unswer::new(&dev), Upstream::of(&dev));
        let id = unswer.created(&Unswer::plain("ditolak")).await;
        upstream.act(&id, "category", &json!({"category": "MARKETING", "notice": true})).await;
        let why = json!({"reason": "Variables stand side by side.", "recommendation": "Put a word between."});
        upstream.act(&id, "reject", &why).await;
        upstream.all_told().await;
        let details = unswer.details(&id).await;
        let extras = &details["$extras"];
        assert_eq!(
            extras["rejection_info"],
            json!({"reason": "Variables stand side by side.", "recommendation": "Put a word between."})
        );
        assert_eq!(extras["rejected_reason"], "INVALID_FORMAT");
        assert_eq!(extras["category_change"]["to"], "MARKETING");
        assert!(extras["category_change"]["at"].as_i64().unwrap() > extras["history"][0]["at"].as_i64().unwrap());
        let whats: Vec<&str> =
            extras["history"].as_array().unwrap().iter().map(|event| event["what"].as_str().unwrap()).collect();
        assert_eq!(whats, ["created", "category_announced", "status"]);
        assert!(extras["history"].as_array().unwrap()[1..].iter().all(|event| event["by"] == "webhook"), "{extras:#}");
        (id, details)
    };
    let dev = start().start().await;
    let unswer = Unswer::new(&dev);
    Upstream::of(&dev).one_template_read(&id).await;
    assert_eq!(unswer.details(&id).await, before);
}

impl Upstream<'_> {
    /// Until the list was read with this template in it, as it is at every start.
    async fn one_template_read(&self, id: &str) {
        let ledger = Ledger::new(self.dev);
        wait_until("the templates to be read", async || {
            let calls = ledger.calls().await;
            calls.iter().any(|call| call.path.ends_with("/message_templates") && call.method == "GET").then_some(())
        })
        .await;
        let fields = self.graph("GET", &format!("{id}?fields=status"), &Value::Null).await;
        assert_eq!(fields["status"], "REJECTED");
    }
}

#[tokio::test]
async fn an_edit_is_reviewed_again_and_holds_when_the_upstream_shows_it() {
    let dev = Program::dev(KABAR).review("manual").arg("--poll").arg("100000").start().await;
    let (oca, upstream) = (Oca::new(&dev), Upstream::of(&dev));
    let unswer = Unswer { language: Some("en".to_owned()), ..Unswer::new(&dev) };
    let id = unswer.created(&Unswer::plain("disunting")).await;
    let path = format!("{}/{id}", unswer.app);
    let edit = async |body: &Value| unswer.call("PATCH", &path, &body.to_string()).await;
    let code = code_in(&unswer.details(&id).await);
    let components = json!([
        {"type": "body", "text": "Halo {{1}}, selamat datang kembali di toko kami.", "example": {"body_text": ["Budi"]}},
        {"type": "buttons", "buttons": [{"type": "phone_number", "text": "Telepon", "phone_number": 6_221_500_123_i64}]}
    ]);
    let pending = edit(&json!({"components": components})).await;
    assert_eq!(pending.status, 422);
    assert!(pending.json()["errors"]["status"].as_str().unwrap().contains("PENDING"), "{}", pending.text());

    upstream.act(&id, "approve", &Value::Null).await;
    upstream.all_told().await;
    assert_eq!(next_send(&oca, &code, &[]).await, "sent");
    let edited = edit(&json!({"components": components})).await;
    assert_eq!(edited.status, 202, "{}", edited.text());
    assert_eq!(edited.json()["data"], json!({"id": id, "status": "PENDING", "category": "UTILITY"}));
    assert_eq!(next_send(&oca, &code, &[]).await, "status is PENDING");
    let details = unswer.details(&id).await;
    assert_eq!(details["components"], components, "as it was written, with its examples");

    upstream.act(&id, "approve", &Value::Null).await;
    upstream.all_told().await;
    assert_eq!(next_send(&oca, &code, &[]).await, "values do not fit");
    assert_eq!(next_send(&oca, &code, &[Oca::body(&["Budi"])]).await, "sent");
    let again = unswer.call("PUT", &path, &json!({"components": components}).to_string()).await;
    assert_eq!(again.status, 422);
    assert!(again.json()["errors"]["template"].as_str().unwrap().contains("24 hours"), "{}", again.text());
    let history = unswer.details(&id).await["$extras"]["history"].clone();
    let of = |what: &str| -> Vec<&Value> {
        history.as_array().unwrap().iter().filter(|event| event["what"] == what).collect()
    };
    // Whether the upstream's webhook or the answer to the edit came first is not ours to say.
    assert_eq!((of("created").len(), of("edited").len(), of("components").len()), (1, 1, 1), "{history:#}");
    assert_eq!((&of("edited")[0]["from"], &of("edited")[0]["by"]), (&json!("APPROVED"), &json!("gateway")));
    let last = of("status").pop().unwrap();
    assert_eq!((&last["from"], &last["to"], &last["by"]), (&json!("PENDING"), &json!("APPROVED"), &json!("webhook")));
}

#[tokio::test]
async fn a_template_is_put_away_and_taken_out_and_asked_back() {
    let dev = Program::dev(KABAR).review("instant").start().await;
    let (unswer, oca, upstream) = (Unswer::new(&dev), Oca::new(&dev), Upstream::of(&dev));
    let id = unswer.created(&Unswer::plain("disimpan")).await;
    let code = code_in(&unswer.details(&id).await);
    let ask = async |verb: &str| unswer.call("POST", &format!("{}/{id}/{verb}", unswer.app), "").await;
    let archived = ask("archive").await;
    assert_eq!(archived.json()["data"]["status"], "ARCHIVED", "{}", archived.text());
    assert_eq!(next_send(&oca, &code, &[]).await, "status is ARCHIVED");
    let again = ask("archive").await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("WhatsApp refused to archive the template: Only approved"), "{}", again.text());
    assert_eq!(ask("unarchive").await.json()["data"]["status"], "APPROVED");
    assert_eq!(next_send(&oca, &code, &[]).await, "sent");
    upstream.act(&id, "pause", &Value::Null).await;
    upstream.all_told().await;
    let soon = ask("unpause").await;
    assert_eq!(soon.status, 400, "the upstream allows it after five minutes: {}", soon.text());
    assert_eq!(next_send(&oca, &code, &[]).await, "status is PAUSED");
}

#[tokio::test]
async fn all_languages_go_only_by_name_and_a_name_that_went_is_not_free() {
    let dev = Program::dev(KABAR).review("instant").rate_limit(0).arg("--poll").arg("0.1").start().await;
    let upstream = Upstream::of(&dev);
    let unswer = Unswer { language: Some("en".to_owned()), ..Unswer::new(&dev) };
    let in_language = |language: &str| {
        let mut template = Unswer::plain("serbabahasa");
        template["language"] = json!(language);
        template
    };
    let indonesian = unswer.created(&in_language("id")).await;
    let english = unswer.created(&in_language("en_US")).await;
    let path = |id: &str, query: &str| format!("{}/{id}{query}", unswer.app);
    assert_eq!(unswer.delete(&english).await.json().get("data"), None, "as the page has it");
    assert_eq!(unswer.get(&indonesian).await.status, 200, "the other language stays");
    let french = unswer.created(&in_language("fr")).await;
    let answer = unswer.call("DELETE", &path(&french, "?all_languages=true&name=serbabahasa"), "").await;
    assert_eq!(
        answer.json()["data"],
        json!([
            {"id": indonesian, "name": "serbabahasa", "language": "id"},
            {"id": french, "name": "serbabahasa", "language": "fr"}
        ])
    );
    assert_eq!(unswer.get(&indonesian).await.status, 404);

    let ledger = Ledger::new(&dev);
    let n_creations = async || {
        let calls = ledger.calls().await;
        calls.iter().filter(|call| call.method == "POST" && call.path.ends_with("/message_templates")).count()
    };
    let before = n_creations().await;
    let blocked = unswer.create(&in_language("en_US")).await;
    assert_eq!(blocked.status, 422);
    assert!(blocked.json()["errors"]["name"].as_str().unwrap().contains("30 days"), "{}", blocked.text());

    // The same for a name that others gave up.
    let elsewhere = unswer.created(&Unswer::plain("dilepas")).await;
    upstream.delete("dilepas").await;
    wait_until("the deletion to be seen", async || (unswer.get(&elsewhere).await.status == 404).then_some(())).await;
    let blocked = unswer.create(&Unswer::plain("dilepas")).await;
    assert!(blocked.json()["errors"]["name"].as_str().unwrap().contains("30 days"), "{}", blocked.text());
    assert_eq!(n_creations().await, before + 1, "the upstream was not asked about either");
}

#[tokio::test]
async fn the_guard_warns_holds_and_is_told_that_a_category_is_accepted() {
    let dev = Program::dev(KABAR).review("instant").rate_limit(0).start().await;
    let (unswer, oca, upstream, ledger) = (Unswer::new(&dev), Oca::new(&dev), Upstream::of(&dev), Ledger::new(&dev));
    let id = unswer.created(&Unswer::plain("berubah")).await;
    let code = code_in(&unswer.details(&id).await);
    let body = Oca::message(&code, "+6281381475301", &[]);
    assert_eq!(oca.send(&body).await.json().get("warnings"), None);

    upstream.act(&id, "category", &json!({"category": "MARKETING"})).await;
    upstream.all_told().await;
    let warned = oca.send(&body).await;
    assert_eq!(
        warned.json()["warnings"],
        json!(["The template is MARKETING now, not UTILITY as was asked for"]),
        "{}",
        warned.text()
    );
    arrived(&ledger, &msgid_in(&warned)).await;
    assert_eq!(unswer.details(&id).await["$extras"]["requested_category"], "UTILITY");
    let accepted = unswer.call("POST", &format!("{}/{id}/accept-category", unswer.app), "").await;
    assert_eq!(accepted.status, 200, "{}", accepted.text());
    assert_eq!(oca.send(&body).await.json().get("warnings"), None, "it was accepted");
    assert_eq!(unswer.details(&id).await["$extras"].get("requested_category"), None);

    let data = dev.data().to_str().unwrap();
    Program::run(KABAR, ["app", "guard", "demo", "--paused", "hold", "--data", data]).ok();
    upstream.act(&id, "pause", &Value::Null).await;
    upstream.all_told().await;
    let held = wait_until("the guard to hold messages", async || {
        let answer = oca.send(&body).await;
        (answer.status == 200).then(|| msgid_in(&answer))
    })
    .await;
    let metrics = format!("{}/metrics", dev.ready.gateway_url);
    wait_until("it to be held", async || {
        oca.http.get(&metrics).await.contains("\nkabar_messages_held 1\n").then_some(())
    })
    .await;
    assert_eq!(oca.history(&held).await, ["submitted"]);
    assert!(ledger.by_msgid(&held).await.is_empty(), "nothing leaves by a paused template");
    upstream.act(&id, "unpause", &Value::Null).await;
    oca.wait_for_status(&held, "delivered").await;
    assert_eq!(ledger.by_msgid(&held).await.len(), 1);
}
