//! Recipients who stop marketing get none, whichever way they say so.

use kabar_testkit::dev::Dev;
use kabar_testkit::http::{Exchange, Http};
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};

use crate::KABAR;
use crate::shop::code_in;

/// `kabar dev` with a template for advertising, and its code.
async fn shop() -> (Dev, String) {
    let dev = Program::dev(KABAR).rate_limit(1000).review("instant").start().await;
    let unswer = Unswer::new(&dev);
    let template = json!({
        "name": "promo_toko", "category": "MARKETING", "language": "id",
        "components": [
            { "type": "BODY", "text": "Halo {{1}}, diskon hari ini di toko kami untuk semua sepatu.",
              "example": { "body_text": [["Budi"]] } },
            { "type": "BUTTONS", "buttons": [{ "type": "QUICK_REPLY", "text": "Berhenti" }] }
        ]
    });
    let id = unswer.created(&template).await;
    let code = code_in(&unswer.wait_for_status(&id, "APPROVED").await);
    (dev, code)
}

fn promo(code: &str, to: &str) -> Value {
    Oca::message(code, to, &[Oca::body(&["Budi"])])
}

async fn v1(dev: &Dev, method: &str, path: &str, body: &str) -> Exchange {
    let authorization = format!("Bearer {}", dev.ready.token);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "text/csv")];
    Http::new().exchange(method, &format!("{}/v1{path}", dev.ready.gateway_url), &headers, body.to_owned()).await
}

fn is_refused(answer: &Exchange) -> bool {
    let told: Value = serde_json::from_str(&answer.text()).unwrap();
    answer.status == 406
        && told["errors"][0] == json!({ "message": "The recipient has stopped marketing messages", "code": 406 })
}

/// Waits until a message ends as one that its recipient has stopped; nothing has come to that recipient.
async fn ends_without_leaving(dev: &Dev, msgid: &str, to: &str) {
    let ended = wait_until("the message to end", async || {
        let told = v1(dev, "GET", &format!("/messages/{msgid}"), "").await;
        let told: Value = serde_json::from_str(&told.text()).unwrap();
        (told["state"] == "rejected").then_some(told)
    })
    .await;
    assert_eq!(ended["history"].as_array().unwrap().last().unwrap()["code"], 900_006);
    assert!(Ledger::new(dev).messages_to(to).await.is_empty());
}

/// The upstream calls, with these changes of one field.
async fn webhook(dev: &Dev, field: &str, value: Value) {
    let body = json!({ "object": "whatsapp_business_account", "entry": [
        { "id": dev.ready.waba_id, "changes": [{ "field": field, "value": value }] }
    ]})
    .to_string();
    let signed = kabar_graph::signature::sign("kabar-sandbox", body.as_bytes());
    let url = format!("{}/webhooks/meta", dev.ready.gateway_url);
    let answer = Http::new().exchange("POST", &url, &[("X-Hub-Signature-256", &signed)], body).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_recipient_whom_the_upstream_knows_to_have_stopped_gets_no_second_message() {
    let (dev, code) = shop().await;
    let (oca, to) = (Oca::new(&dev), "+6281299131050");
    let first = oca.accepted(&promo(&code, to)).await;
    oca.wait_for_status(&first, "failed").await;
    assert!(is_refused(&oca.send(&promo(&code, to)).await));
    // It is nobody else's affair, and codes and orders still go.
    oca.accepted(&promo(&code, "+6281299131051")).await;
    oca.accepted(&Oca::message(dev.ready.code("pesanan_dikirim"), to, &[Oca::body(&["Budi", "INV-1"])])).await;
    let told = v1(&dev, "GET", "/suppressions/6281299131050", "").await;
    let told: Value = serde_json::from_str(&told.text()).unwrap();
    assert_eq!((&told["phone_number"], &told["source"]), (&json!(to), &json!("refusal")));
    // Nor does it leave by being sent once more.
    let again = oca.retry(&first).await.unwrap();
    let problem: Value = serde_json::from_str(&again.text()).unwrap();
    assert_eq!((again.status.as_u16(), &problem["code"]), (409, &json!("suppressed")));

    assert_eq!(v1(&dev, "DELETE", "/suppressions/6281299131050", "").await.status, 204);
    assert_eq!(v1(&dev, "DELETE", "/suppressions/6281299131050", "").await.status, 404);
    oca.accepted(&promo(&code, to)).await;
}

#[tokio::test]
async fn what_waits_when_the_recipient_stops_never_leaves() {
    let (dev, code) = shop().await;
    let (oca, to) = (Oca::new(&dev), "+6281234500001");
    // Nothing leaves before the recipient has stopped.
    let hold = json!([{ "kind": "send", "fault": "error", "code": 131_057 }]).to_string();
    let faults = format!("{}/_sandbox/faults", dev.ready.sandbox_url);
    assert_eq!(Http::new().exchange("POST", &faults, &[], hold).await.status, 200);
    let waiting = oca.accepted(&promo(&code, to)).await;
    let at = "1999999999";
    let value = |what: &str, at: &str| {
        json!({
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550783881", "phone_number_id": dev.ready.sender },
            "contacts": [{ "wa_id": "6281234500001" }],
            "user_preferences": [{ "wa_id": "6281234500001", "detail": "User requested to stop marketing messages",
                "category": "marketing_messages", "value": what, "timestamp": at.parse::<i64>().unwrap() }]
        })
    };
    webhook(&dev, "user_preferences", value("stop", at)).await;
    assert!(is_refused(&oca.send(&promo(&code, to)).await));
    // An older choice that comes late changes nothing.
    webhook(&dev, "user_preferences", value("resume", "1999999998")).await;
    assert!(is_refused(&oca.send(&promo(&code, to)).await));
    assert_eq!(Http::new().exchange("DELETE", &faults, &[], "").await.status, 200);
    ends_without_leaving(&dev, &waiting, to).await;
    webhook(&dev, "user_preferences", value("resume", "2000000001")).await;
    oca.accepted(&promo(&code, to)).await;
}

#[tokio::test]
async fn a_quick_reply_that_the_app_names_stops_marketing() {
    let (dev, code) = shop().await;
    let (oca, ledger, to) = (Oca::new(&dev), Ledger::new(&dev), "+6281234500002");
    let data = dev.data().to_str().unwrap().to_owned();
    let app = dev.ready.app_id.clone();
    let replies = |args: &[&str]| {
        let all = [&["suppression", "replies", "--app", &app, "--data", &data], args].concat();
        Program::run(KABAR, all).ok()
    };
    assert_eq!(replies(&["--set", "berhenti"]), "berhenti\n");
    let msgid = oca.accepted(&promo(&code, to)).await;
    oca.wait_for_status(&msgid, "read").await;
    let wamid = ledger.by_msgid(&msgid).await.remove(0).wamid;
    let pressed = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": dev.ready.sender },
        "messages": [{
            "context": { "from": "15550783881", "id": wamid }, "from": "6281234500002", "id": "wamid.reply",
            "timestamp": "1750091045", "type": "button", "button": { "payload": "Berhenti", "text": "Berhenti" }
        }]
    });
    webhook(&dev, "messages", pressed).await;
    assert!(is_refused(&oca.send(&promo(&code, to)).await));
}

#[tokio::test]
async fn lists_come_in_whole_and_go_out_again_also_beside_a_running_gateway() {
    let (dev, code) = shop().await;
    let oca = Oca::new(&dev);
    let faulty = v1(&dev, "POST", "/suppressions/import", "phone_number\n+6281234500010\n0812\n+62x\n").await;
    let problem: Value = serde_json::from_str(&faulty.text()).unwrap();
    let paths: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["path"].as_str().unwrap()).collect();
    assert_eq!((faulty.status.as_u16(), paths), (422, vec!["rows[1].phone_number", "rows[2].phone_number"]));
    oca.accepted(&promo(&code, "+6281234500010")).await;

    let list = "phone_number,note\n+6281234500010,by mail\n6281234500011,\n";
    let taken = v1(&dev, "POST", "/suppressions/import", list).await;
    assert_eq!((taken.status.as_u16(), taken.text().as_str()), (200, r#"{"rows":2,"added":2}"#));
    assert!(is_refused(&oca.send(&promo(&code, "+6281234500011")).await));
    let out = v1(&dev, "GET", "/suppressions/export", "").await.text();
    let rows: Vec<&str> = out.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(rows, ["phone_number", "+6281234500010", "+6281234500011"]);
    let page = v1(&dev, "GET", "/suppressions?limit=1", "").await;
    let page: Value = serde_json::from_str(&page.text()).unwrap();
    assert_eq!((page["data"].as_array().unwrap().len(), &page["next"]), (1, &json!("+6281234500010")));

    let data = dev.data().to_str().unwrap();
    let cli = |args: &[&str]| {
        let all = [&["suppression"], args, &["--app", &dev.ready.app_id, "--data", data]].concat();
        Program::run(KABAR, all)
    };
    cli(&["add", "+6281234500012", "--note", "by phone"]).ok();
    wait_until("the gateway to know", async || {
        is_refused(&oca.send(&promo(&code, "+6281234500012")).await).then_some(())
    })
    .await;
    assert!(cli(&["export"]).ok().contains("by phone"));
    assert!(cli(&["list"]).ok().contains("+6281234500012"));
    cli(&["lift", "+6281234500012"]).ok();
    assert!(cli(&["lift", "+6281234500012"]).failed().contains("has not stopped"));
    oca.accepted(&promo(&code, "+6281234500012")).await;
    assert!(cli(&["add", "0812"]).failed().contains("such as +6281234567890"));
}

#[tokio::test]
async fn who_stops_marketing_on_the_phone_gets_none_until_it_is_wanted_again() {
    let (dev, code) = shop().await;
    let (oca, to) = (Oca::new(&dev), "+6281234500007");
    let first = oca.accepted(&promo(&code, to)).await;
    oca.wait_for_status(&first, "read").await;
    let url = format!("{}/_sandbox/phones/6281234500007/marketing", dev.ready.sandbox_url);
    for (stopped, source) in [(true, Some("preference")), (false, None)] {
        wait_until("the choice to be known", async || {
            // Of two choices of one second it is not told which was the later, so the phone is asked again.
            let body = json!({ "stopped": stopped }).to_string();
            assert_eq!(Http::new().exchange("POST", &url, &[], body).await.status, 200);
            let told = v1(&dev, "GET", "/suppressions/6281234500007", "").await;
            let kept = serde_json::from_str::<Value>(&told.text()).ok()?;
            (kept["source"].as_str() == source).then_some(())
        })
        .await;
        assert_eq!(is_refused(&oca.send(&promo(&code, to)).await), stopped);
    }
}

#[tokio::test]
async fn what_became_marketing_after_it_was_accepted_does_not_go_to_who_stopped() {
    let (dev, _) = shop().await;
    let (oca, to, other) = (Oca::new(&dev), "+6281234500008", "+6281234500009");
    let order = |to: &str| Oca::message(dev.ready.code("pesanan_dikirim"), to, &[Oca::body(&["Budi", "INV-1"])]);
    let http = Http::new();
    // Nothing leaves before the template has turned.
    let faults = format!("{}/_sandbox/faults", dev.ready.sandbox_url);
    let hold = json!([{ "kind": "send", "fault": "error", "code": 131_057 }]).to_string();
    assert_eq!(http.exchange("POST", &faults, &[], hold).await.status, 200);
    let (waiting, wanted) = (oca.accepted(&order(to)).await, oca.accepted(&order(other)).await);
    assert_eq!(v1(&dev, "PUT", "/suppressions/6281234500008", "").await.status, 200);
    let templates = format!("{}/_sandbox/templates", dev.ready.sandbox_url);
    let listed: Value = serde_json::from_str(&http.exchange("GET", &templates, &[], "").await.text()).unwrap();
    let mut all = listed["templates"].as_array().unwrap().iter();
    let id = all.find(|template| template["name"] == "pesanan_dikirim").unwrap()["id"].as_str().unwrap();
    let turned = http.exchange("POST", &format!("{templates}/{id}/category"), &[], r#"{"category":"MARKETING"}"#).await;
    assert_eq!(turned.status, 200);
    wait_until("the turn to be known", async || is_refused(&oca.send(&order(to)).await).then_some(())).await;
    assert_eq!(http.exchange("DELETE", &faults, &[], "").await.status, 200);
    oca.wait_for_status(&wanted, "read").await;
    ends_without_leaving(&dev, &waiting, to).await;
}
