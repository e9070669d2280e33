//! Sending, refusals, agreed recipients, the ledger.

use kabar_sandbox::recipients::{End, table};
use serde_json::{Value, json};

use crate::harness::{Callback, Platform, VERIFY_TOKEN, WABA, quick, send_body, until};

async fn platform() -> (Platform, String) {
    let platform = Platform::start(quick()).await;
    platform.create(WABA, "order_update").await;
    let number = platform.number(WABA).await;
    (platform, number)
}

#[tokio::test]
async fn an_accepted_message_is_in_the_ledger() {
    let (platform, number) = platform().await;
    let mut body = send_body("order_update", "+6281234567890");
    body["biz_opaque_callback_data"] = json!("msg-1");
    body["template"]["components"] = json!([{"type": "body", "parameters": []}]);
    let answer = platform.post(&format!("/v26.0/{number}/messages"), &body).await;
    let usage = answer.headers["x-business-use-case-usage"].to_str().unwrap().to_owned();
    let answer = answer.ok();
    let wamid = answer["messages"][0]["id"].as_str().unwrap();
    assert!(wamid.starts_with("wamid.HBg"), "{wamid}");
    assert_eq!(
        answer,
        json!({
            "messaging_product": "whatsapp",
            "contacts": [{"input": "+6281234567890", "wa_id": "6281234567890"}],
            "messages": [{"id": wamid, "message_status": "accepted"}]
        })
    );
    assert!(usage.contains("\"whatsapp\""), "{usage}");
    platform.send(&number, "order_update", "6281234567891").await.ok();

    let messages = platform.ledger("messages?to=%2B6281234567890").await;
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!(message["wamid"], wamid);
    assert_eq!(message["to"], "6281234567890");
    assert_eq!((&message["template"], &message["language"]), (&json!("order_update"), &json!("id")));
    assert_eq!(message["components"], json!([{"type": "body", "parameters": []}]));
    assert_eq!(message["biz_opaque_callback_data"], "msg-1");
    let at = message["accepted_at"].as_str().unwrap();
    assert!(at.len() == 24 && at.ends_with('Z'), "{at}");
    assert_eq!(platform.ledger("messages?biz_opaque_callback_data=msg-1").await.len(), 1);
    assert_eq!(platform.ledger("messages?biz_opaque_callback_data=msg-2").await.len(), 0);
    assert_eq!(platform.ledger("messages").await.len(), 2);

    let calls = platform.ledger("calls?to=6281234567890").await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["outcome"], "accepted");
    assert_eq!((&calls[0]["method"], &calls[0]["status"]), (&json!("POST"), &json!(200)));
    assert_eq!(calls[0]["path"], format!("/v26.0/{number}/messages"));
    assert_eq!(calls[0]["biz_opaque_callback_data"], "msg-1");
}

#[tokio::test]
async fn faulty_requests_are_refused_in_the_platforms_order() {
    let (platform, number) = platform().await;
    let path = format!("/v26.0/{number}/messages");
    let cases: [(&str, Value, &str); 14] = [
        ("/messaging_product", Value::Null, "(#100) The parameter messaging_product is required."),
        ("/messaging_product", json!("sms"), "(#100) Param messaging_product must be one of {WHATSAPP}"),
        ("/type", json!("text"), "Message must be a template message."),
        ("/to", Value::Null, "(#100) The parameter to is required."),
        ("/to", json!("0812-abc"), "Parameter to is not a valid phone number"),
        ("/to", json!(62_812), "(#100) Param to must be a string."),
        ("/recipient_type", json!("group"), "(#100) Param recipient_type must be one of {INDIVIDUAL}"),
        ("/template", Value::Null, "(#100) Param template must be a JSON object."),
        ("/template/name", json!(""), "(#100) The parameter template['name'] is required."),
        ("/template/language", json!("id"), "(#100) Param template['language'] must be a JSON object."),
        ("/template/language/code", json!("pt_BR"), "template name (order_update) does not exist in pt_BR"),
        ("/template/name", json!("orders"), "template name (orders) does not exist in id"),
        (
            "/biz_opaque_callback_data",
            json!("x".repeat(513)),
            "(#100) Param biz_opaque_callback_data must be at most 512 characters long.",
        ),
        (
            "/template/components",
            json!([{"type": "body", "parameters": [{"type": "text", "text": "x"}]}]),
            "body: number of localizable_params (1) does not match the expected number of params (0)",
        ),
    ];
    for (pointer, value, expected) in cases {
        let mut body = send_body("order_update", "6281234567890");
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[key] = value;
        let answer = platform.post(&path, &body).await;
        let error = &answer.body["error"];
        let said = error["error_data"]["details"].as_str().or_else(|| error["message"].as_str()).unwrap();
        assert_eq!(said, expected, "{pointer}");
        assert_eq!(error["type"], "OAuthException");
        assert!(error["fbtrace_id"].as_str().unwrap().starts_with('A'));
    }
    let unknown = platform.send(&number, "orders", "6281234567890").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "132001"));
    assert_eq!(unknown.body["error"]["message"], "(#132001) Template name does not exist in the translation");
    assert!(platform.ledger("messages").await.is_empty());
}

#[tokio::test]
async fn a_number_does_not_write_to_itself() {
    let (platform, number) = platform().await;
    let own = platform.get(&format!("/{number}?fields=display_phone_number")).await.ok();
    let answer = platform.send(&number, "order_update", own["display_phone_number"].as_str().unwrap()).await;
    assert_eq!(answer.code(), "131021");
}

#[tokio::test]
async fn every_agreed_recipient_meets_its_end() {
    let (platform, number) = platform().await;
    let callback = Callback::start().await;
    let subscription = json!({"override_callback_uri": callback.url, "verify_token": VERIFY_TOKEN});
    platform.post(&format!("/{WABA}/subscribed_apps"), &subscription).await.ok();
    for row in table() {
        let to = format!("62812{}", row.digits());
        let code = row.code.to_string();
        let mut codes = Vec::new();
        for _ in 0..4 {
            let answer = platform.send(&number, "order_update", &to).await;
            codes.push(if answer.status == 200 { "accepted".to_owned() } else { answer.code() });
        }
        let (code, accepted) = (code.as_str(), "accepted");
        let expected = match row.end {
            End::Fails => [accepted; 4],
            End::Refused => [code; 4],
            End::RefusedTwice => [code, code, accepted, accepted],
        };
        assert_eq!(codes, expected, "{to}");
    }
    let failing: Vec<_> = table().iter().filter(|row| row.end == End::Fails).collect();
    let failed = until("all failures are told", async || {
        let failed: Vec<_> = callback.statuses().into_iter().filter(|status| status["status"] == "failed").collect();
        (failed.len() == 4 * failing.len()).then_some(failed)
    })
    .await;
    for row in failing {
        let to = format!("62812{}", row.digits());
        let status = failed.iter().find(|status| status["recipient_id"] == to.as_str()).unwrap();
        assert_eq!(status["errors"][0]["code"], row.code);
        assert_eq!(status["errors"][0]["title"], row.title());
        assert!(status["errors"][0]["error_data"]["details"].is_string());
        assert!(status.get("pricing").is_none());
        let message = &platform.ledger(&format!("messages?to={to}")).await[0];
        assert_eq!(message["statuses"].as_array().unwrap().len(), 1, "a failed message is not sent: {message}");
        assert_eq!(message["statuses"][0]["status"], "failed");
    }
}
