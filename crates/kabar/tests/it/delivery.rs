//! The way of a message: to the upstream once, and back as its history through signed webhooks.

use kabar_testkit::dev::Dev;
use kabar_testkit::http::Http;
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::{Oca, history_in};
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::json;

use crate::KABAR;
use crate::shop::{arrived, open};

/// The value of a counter or gauge, named with its labels; none if there is no such line.
async fn metric(dev: &Dev, name: &str) -> Option<u64> {
    let text = Http::new().get(&format!("{}/metrics", dev.ready.gateway_url)).await;
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn a_message_reaches_the_upstream_once_and_its_history_comes_back() {
    let dev = Program::dev(KABAR).start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let code = dev.ready.code("pesanan_dikirim");
    let body = Oca::message(code, "+6281381475190", &[Oca::body(&["Budi", "INV-2041"])]);
    let msgid = oca.accepted(&body).await;
    let answer = oca.wait_for_status(&msgid, "read").await;
    assert_eq!(history_in(&answer), ["submitted", "delivered", "read"]);

    let messages = ledger.messages_to("+6281381475190").await;
    assert_eq!(messages.len(), 1, "{messages:?}");
    let message = &messages[0];
    assert_eq!(message.biz_opaque_callback_data.as_deref(), Some(msgid.as_str()));
    assert_eq!((message.template.as_str(), message.language.as_str()), ("pesanan_dikirim", "id"));
    assert_eq!(
        message.components,
        json!([{ "type": "body", "parameters": [{ "type": "text", "text": "Budi" }, { "type": "text", "text": "INV-2041" }] }])
    );
    assert_eq!(message.phone_number_id, dev.ready.sender);
    assert_eq!(message.waba_id, dev.ready.waba_id);
    let statuses: Vec<&str> = message.statuses.iter().map(|status| status.status.as_str()).collect();
    assert_eq!(statuses, ["sent", "delivered", "read"]);

    let calls: Vec<_> = ledger.calls().await.into_iter().filter(|call| call.path.ends_with("/messages")).collect();
    assert_eq!(calls.len(), 1, "it was called once: {calls:?}");
    assert_eq!(calls[0].path, format!("/v26.0/{}/messages", dev.ready.sender));
    assert_eq!(metric(&dev, "kabar_messages_accepted_total").await, Some(1));
}

#[tokio::test]
async fn a_webhook_that_is_not_signed_right_changes_nothing_and_is_counted() {
    let dev = Program::dev(KABAR).start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let msgid = oca.accepted(&Oca::message(dev.ready.code("hello_world"), "+6281381475191", &[])).await;
    oca.wait_for_status(&msgid, "read").await;
    let wamid = arrived(&ledger, &msgid).await.wamid;
    // What the upstream would say if the message had failed after all.
    let forged = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": dev.ready.waba_id, "changes": [{ "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "15550783881", "phone_number_id": dev.ready.sender },
            "statuses": [{
                "id": wamid, "status": "failed", "timestamp": "4102444800", "recipient_id": "6281381475191",
                "biz_opaque_callback_data": msgid,
                "errors": [{ "code": 131026, "title": "Message undeliverable" }]
            }]
        }}]}]
    })
    .to_string();
    let url = format!("{}/webhooks/meta", dev.ready.gateway_url);
    let signatures = [
        None,
        Some(String::new()),
        Some("sha256=".to_owned()),
        Some(format!("sha256={}", "0".repeat(64))),
        Some("0".repeat(64)),
        Some("not even close".to_owned()),
    ];
    for signature in &signatures {
        let mut headers = vec![("content-type", "application/json")];
        if let Some(signature) = signature {
            headers.push(("x-hub-signature-256", signature));
        }
        let answer = oca.http.exchange("POST", &url, &headers, forged.clone()).await;
        assert_eq!(answer.status, 401, "{signature:?}: {}", answer.text());
    }
    let counted = metric(&dev, "kabar_webhooks_total{outcome=\"bad_signature\"}").await;
    assert_eq!(counted, Some(signatures.len() as u64));
    // A later message passes the same way, so whatever the forged ones did would have been seen by then.
    let later = oca.accepted(&Oca::message(dev.ready.code("hello_world"), "+6281381475191", &[])).await;
    oca.wait_for_status(&later, "read").await;
    let answer = oca.status(&msgid).await;
    assert_eq!(history_in(&answer), ["submitted", "delivered", "read"]);
    assert_eq!(answer.json().get("additional_info"), None);
}

#[tokio::test]
async fn a_webhook_address_is_verified_by_its_token_only() {
    let shop = open().await;
    let (http, ready) = (Http::new(), &shop.dev.ready);
    for query in [
        "?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1158201444",
        "?hub.mode=subscribe&hub.verify_token=&hub.challenge=1158201444",
        "?hub.mode=subscribe&hub.challenge=1158201444",
        "",
    ] {
        let answer = http.exchange("GET", &format!("{}/webhooks/meta{query}", ready.gateway_url), &[], "").await;
        assert_eq!(answer.status, 403, "{query}");
        assert!(!answer.text().contains("1158201444"), "the challenge is not given back: {query}");
    }
    // The right one is known to the sandbox alone, which subscribes nobody who does not give its challenge back.
    let url = format!("{}/{}/subscribed_apps", ready.sandbox_url, ready.waba_id);
    let subscribed = http.exchange("GET", &url, &[("authorization", "Bearer any")], "").await;
    let expected = format!("{}/webhooks/meta", ready.gateway_url);
    assert_eq!(subscribed.json()["data"][0]["override_callback_uri"], expected, "{}", subscribed.text());
}

#[tokio::test]
async fn an_app_sees_nothing_of_another() {
    let shop = open().await;
    let data = shop.dev.data().to_str().unwrap();
    Program::run(KABAR, ["app", "create", "tetangga", "--data", data]).ok();
    let token = Program::run(KABAR, ["token", "issue", "--data", data, "--app", "tetangga"]).ok();
    let (ours, theirs) = (shop.oca(), shop.oca().with_token(token.trim()));
    let body = Oca::message(shop.code("tanpa_isian"), "+6281381475192", &[]);
    let msgid = ours.accepted(&body).await;
    // The token counts as soon as the gateway has heard of it; until then it is refused for another reason.
    let nothing = wait_until("the gateway to know the neighbour's token", async || {
        let answer = theirs.status(&msgid).await;
        (answer.status != 401).then_some(answer)
    })
    .await;
    assert_eq!((nothing.status.as_u16(), &nothing.json()["errors"][0]["code"]), (404, &json!(33)));
    assert_eq!(
        nothing.body,
        theirs.status("0190a3b4-0000-7000-8000-000000000000").await.body,
        "as if it did not exist"
    );
    let refused = theirs.send(&body).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["errors"][0]["code"]), (406, &json!(59)));
    assert_eq!(refused.body, theirs.send(&Oca::message("no:template", "+6281381475192", &[])).await.body);

    let neighbour = Unswer { token: token.trim().to_owned(), app: "tetangga".to_owned(), ..shop.unswer() };
    assert_eq!(neighbour.walk(50).await, Vec::<serde_json::Value>::new());
    let trespasser = Unswer { app: shop.unswer().app, ..neighbour };
    assert_eq!(trespasser.list("").await.status, 403);
}

#[tokio::test]
async fn what_the_upstream_refuses_in_passing_is_sent_once_in_the_end() {
    let dev = Program::dev(KABAR).start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    // Refused twice each: too fast, too many to one recipient, and faults of the upstream's own.
    for code in ["130429", "131056", "131016", "131000", "133004"] {
        let to = format!("+62812{}{code}", 99);
        let msgid = oca.accepted(&Oca::message(dev.ready.code("hello_world"), &to, &[])).await;
        oca.wait_for_status(&msgid, "delivered").await;
        assert_eq!(ledger.by_msgid(&msgid).await.len(), 1);
        let tries =
            ledger.calls().await.into_iter().filter(|call| call.biz_opaque_callback_data.as_deref() == Some(&msgid));
        assert_eq!(tries.count(), 3, "{code}: twice refused, then taken");
    }
}

#[tokio::test]
async fn each_message_of_many_arrives_in_the_order_in_which_it_came() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let code = dev.ready.code("pesanan_dikirim");
    let mut sent = Vec::new();
    for place in 0..100 {
        // To one recipient no more than 45 leave at once.
        let to = format!("+62813814751{:02}", place % 3);
        let body = Oca::message(code, &to, &[Oca::body(&["Budi", &format!("INV-{place}")])]);
        sent.push(oca.accepted(&body).await);
    }
    assert!(sent.is_sorted(), "msgids grow with acceptance");
    for msgid in &sent {
        oca.wait_for_status(msgid, "delivered").await;
        assert_eq!(ledger.by_msgid(msgid).await.len(), 1);
    }
    assert_eq!(ledger.messages().await.len(), 100);
}
