//! What stands on the recipients' phones, and what recipients do with it.

use std::time::Duration;

use kabar_sandbox::{Options, Review};
use serde_json::{Value, json};

use crate::harness::{Callback, Platform, SECRET, VERIFY_TOKEN, WABA, quick, send_body, until};

const ALICE: &str = "6281234567890";
const BUDI: &str = "6281234567891";

fn with_callback(callback: &Callback) -> Options {
    Options { webhook_url: Some(callback.url.clone()), verify_token: Some(VERIFY_TOKEN.to_owned()), ..quick() }
}

/// A sandbox with a template with a variable and two quick replies; gives its number.
async fn shop(options: Options) -> (Platform, String) {
    let platform = Platform::start(options).await;
    let template = json!({"name": "offer", "language": "id", "category": "MARKETING", "components": [
        {"type": "BODY", "text": "Halo {{1}}, mau?", "example": {"body_text": [["Budi"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Ya"}, {"type": "QUICK_REPLY", "text": "Tidak"}]}
    ]});
    platform.post(&format!("/v26.0/{WABA}/message_templates"), &template).await.ok();
    let number = platform.number(WABA).await;
    (platform, number)
}

async fn send(platform: &Platform, number: &str, to: &str, name: &str) -> String {
    let mut body = send_body("offer", to);
    body["template"]["components"] = json!([
        {"type": "body", "parameters": [{"type": "text", "text": name}]},
        {"type": "button", "sub_type": "quick_reply", "index": "1", "parameters": [{"type": "payload", "payload": "NO-7"}]}
    ]);
    let answer = platform.post(&format!("/v26.0/{number}/messages"), &body).await.ok();
    answer["messages"][0]["id"].as_str().unwrap().to_owned()
}

/// A path of a message, as a URL spells it.
fn path(wamid: &str, action: &str) -> String {
    let wamid = wamid.replace('/', "%2F").replace('+', "%2B");
    format!("/_sandbox/messages/{wamid}/{action}")
}

async fn phone(platform: &Platform, number: &str) -> Value {
    platform.get(&format!("/_sandbox/phones/{number}")).await.ok()
}

async fn status(platform: &Platform, number: &str) -> Value {
    phone(platform, number).await["entries"][0]["status"].clone()
}

#[tokio::test]
async fn a_phone_shows_what_its_recipient_sees() {
    let (platform, number) = shop(quick()).await;
    send(&platform, &number, ALICE, "Alice").await;
    send(&platform, &number, BUDI, "*Budi*").await;
    let phones = platform.get("/_sandbox/phones").await.ok();
    let numbers: Vec<&Value> = phones["phones"].as_array().unwrap().iter().map(|phone| &phone["number"]).collect();
    assert_eq!(numbers, [BUDI, ALICE], "the newest first");
    assert_eq!(phones["phones"][0]["newest"]["text"], "Halo *Budi*, mau?");
    let shown = phone(&platform, &format!("+{BUDI}")).await;
    let entry = &shown["entries"][0];
    assert_eq!(entry["shown"]["body"], "Halo *Budi*, mau?");
    assert_eq!(entry["shown"]["buttons"][0], json!({"index": 0, "kind": "quick_reply", "text": "Ya", "payload": "Ya"}));
    assert_eq!(entry["shown"]["buttons"][1]["payload"], "NO-7");
    assert_eq!((&entry["template"], &entry["from"]["phone_number_id"]), (&json!("offer"), &json!(number)));
    assert_eq!(platform.get("/_sandbox/phones/x").await.status, 400);
    assert_eq!(phone(&platform, "6289999999999").await["entries"], json!([]), "a phone without messages is empty");
}

#[tokio::test]
async fn a_message_is_shown_by_the_template_it_was_sent_by_also_when_that_is_gone() {
    let (platform, number) = shop(quick()).await;
    send(&platform, &number, ALICE, "Alice").await;
    let listed = platform.get("/_sandbox/templates?status=APPROVED&limit=1").await.ok();
    let id = listed["templates"][0]["id"].as_str().unwrap();
    assert_eq!(listed["templates"][0]["name"], "offer");
    let edit = json!({"components": [{"type": "BODY", "text": "Anders."}]});
    platform.post(&format!("/v26.0/{id}"), &edit).await.ok();
    assert_eq!(phone(&platform, ALICE).await["entries"][0]["shown"]["body"], "Halo Alice, mau?");
    platform.call("DELETE", &format!("/v26.0/{WABA}/message_templates?name=offer"), None).await.ok();
    assert_eq!(phone(&platform, ALICE).await["entries"][0]["shown"]["body"], "Halo Alice, mau?");
}

#[tokio::test]
async fn a_pressed_button_comes_back_as_an_inbound_message() {
    let callback = Callback::start().await;
    let (platform, number) = shop(with_callback(&callback)).await;
    let wamid = send(&platform, &number, ALICE, "Alice").await;
    assert_eq!(platform.post(&path(&wamid, "press"), &json!({"button": 2})).await.status, 400, "there is no third");
    platform.post(&path(&wamid, "press"), &json!({"button": 1})).await.ok();
    platform.post(&format!("/_sandbox/phones/{ALICE}/say"), &json!({"text": " nanti saja é "})).await.ok();
    let inbound = || {
        let values = callback.values("messages").into_iter();
        values.filter(|value| value.get("messages").is_some()).collect::<Vec<_>>()
    };
    until("both answers", async || (inbound().len() == 2).then_some(())).await;
    let values = inbound();
    let pressed = &values[0]["messages"][0];
    assert_eq!((&pressed["type"], &pressed["from"]), (&json!("button"), &json!(ALICE)));
    assert_eq!(pressed["button"], json!({"payload": "NO-7", "text": "Tidak"}));
    assert_eq!(pressed["context"]["id"], wamid);
    assert_eq!(values[0]["metadata"]["phone_number_id"], number);
    assert_eq!(pressed["context"]["from"], values[0]["metadata"]["display_phone_number"]);
    assert_eq!(values[0]["contacts"][0]["wa_id"], ALICE);
    let text = &values[1]["messages"][0];
    assert_eq!((&text["type"], &text["text"]["body"]), (&json!("text"), &json!("nanti saja é")));
    assert!(text.get("context").is_none() && text["id"] != pressed["id"]);
    let signed = callback.deliveries().iter().all(|delivery| delivery.signature.starts_with("sha256="));
    assert!(signed && SECRET.len() > 1);
    let shown = phone(&platform, ALICE).await;
    assert_eq!(shown["entries"][0]["status"], "read", "who presses has read");
    assert_eq!((&shown["entries"][1]["text"], &shown["entries"][1]["payload"]), (&json!("Tidak"), &json!("NO-7")));
    assert_eq!(shown["entries"][2]["text"], "nanti saja é");
    assert_eq!(platform.post("/_sandbox/phones/6289999999999/say", &json!({"text": "a"})).await.status, 404);
    assert_eq!(platform.post(&format!("/_sandbox/phones/{ALICE}/say"), &json!({"text": " "})).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn messages_are_delivered_read_and_made_to_fail_by_hand() {
    let (platform, number) = shop(Options { review: Review::Instant, ..Options::new(SECRET) }).await;
    let off = json!({"habit": "off"});
    platform.post(&format!("/_sandbox/phones/{ALICE}"), &off).await.ok();
    let first = send(&platform, &number, ALICE, "Alice").await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(status(&platform, ALICE).await, "sent", "the phone is off");
    platform.post(&path(&first, "deliver"), &json!({})).await.ok();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(status(&platform, ALICE).await, "delivered");
    assert_eq!(platform.post(&path(&first, "fail"), &json!({})).await.status, 400, "it has arrived");
    platform.post(&path(&first, "read"), &json!({})).await.ok();
    assert_eq!(status(&platform, ALICE).await, "read");

    platform.post(&format!("/_sandbox/phones/{BUDI}"), &off).await.ok();
    let second = send(&platform, &number, BUDI, "Budi").await;
    assert_eq!(platform.post(&path(&second, "fail"), &json!({"code": 999_999})).await.status, 400);
    platform.post(&path(&second, "fail"), &json!({"code": 131_049})).await.ok();
    let entry = phone(&platform, BUDI).await["entries"][0].clone();
    assert_eq!((&entry["status"], &entry["failure"]["code"]), (&json!("failed"), &json!(131_049)));
    assert_eq!(platform.post(&path(&second, "press"), &json!({"button": 0})).await.status, 400);
    assert_eq!(platform.post(&path(&second, "eat"), &json!({})).await.status, 404);
    assert_eq!(platform.post(&path("wamid.none", "read"), &json!({})).await.status, 404);
    assert_eq!(platform.post(&format!("/_sandbox/phones/{BUDI}"), &json!({"habit": "eats"})).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_news_is_answered_when_there_is_some() {
    let (platform, number) = shop(quick()).await;
    let seen = platform.get("/_sandbox/seen").await.ok()["seen"].as_u64().unwrap();
    let unchanged = platform.get(&format!("/_sandbox/seen?after={seen}&wait_ms=50")).await.ok();
    assert_eq!(unchanged["seen"], seen);
    let path = format!("/_sandbox/seen?after={seen}");
    let (news, _) = tokio::join!(platform.get(&path), send(&platform, &number, ALICE, "Alice"));
    assert!(news.ok()["seen"].as_u64().unwrap() > seen);
    let seen = platform.get("/_sandbox/seen").await.ok()["seen"].as_u64().unwrap();
    platform.post("/_sandbox/limits", &json!({"enforced": true})).await.ok();
    assert!(platform.get(&format!("/_sandbox/seen?after={seen}")).await.ok()["seen"].as_u64().unwrap() > seen);
}

#[tokio::test]
async fn who_stops_marketing_gets_none_of_that_account_until_it_is_wanted_again() {
    let callback = Callback::start().await;
    let (platform, number) = shop(with_callback(&callback)).await;
    let choose = |stopped: bool| json!({ "stopped": stopped });
    let url = format!("/_sandbox/phones/{ALICE}/marketing");
    assert_eq!(platform.post(&url, &choose(true)).await.status, 404, "nobody has written to it");
    send(&platform, &number, ALICE, "Alice").await;
    assert_eq!(platform.post(&url, &json!({})).await.status, 400);
    platform.post(&url, &choose(true)).await.ok();
    let told = until("the choice to be told", async || {
        let all = callback.values("user_preferences");
        (!all.is_empty()).then_some(all)
    })
    .await;
    let chosen = &told[0]["user_preferences"][0];
    assert_eq!((&chosen["wa_id"], &chosen["value"]), (&json!(ALICE), &json!("stop")));
    assert_eq!(told[0]["metadata"]["phone_number_id"], json!(number));
    let shown = phone(&platform, ALICE).await;
    assert_eq!((&shown["stops_marketing"], &shown["entries"][1]["stops_marketing"]), (&json!(true), &json!(true)));

    // An answer and a message of the same millisecond stand in no order, so a message is looked for by its id.
    let entry = async |wamid: &str| {
        let shown = phone(&platform, ALICE).await;
        let mut entries = shown["entries"].as_array().unwrap().iter();
        entries.find(|entry| entry["wamid"] == wamid).unwrap().clone()
    };
    send(&platform, &number, BUDI, "Budi").await;
    let unwanted = send(&platform, &number, ALICE, "Alice").await;
    until("the message to fail", async || (entry(&unwanted).await["status"] == "failed").then_some(())).await;
    assert_eq!(entry(&unwanted).await["failure"]["code"], 131_050);
    until("another's to arrive", async || (status(&platform, BUDI).await == "read").then_some(())).await;
    platform.post(&url, &choose(false)).await.ok();
    let wanted = send(&platform, &number, ALICE, "Alice").await;
    until("marketing to arrive again", async || (entry(&wanted).await["status"] == "read").then_some(())).await;
}
