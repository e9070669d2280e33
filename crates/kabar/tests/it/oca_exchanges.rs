//! Sending and asking in the OCA dialect, whole answers: everything that the vendor's page has, in every spelling.

use kabar_testkit::http::Exchange;
use kabar_testkit::oca::{Oca, history_in};
use kabar_testkit::program::Program;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};

use crate::KABAR;
use crate::shop::{Shop, open, shown};

/// The page's own example, its placeholders filled.
fn pages_example(code: &str, to: &str) -> String {
    let example = r#"{
    "message": {
        "type": "template",
        "template": {
            "template_code_id": "{{code}}",
            "payload": [
                {
                    "position": "body",
                    "parameters": [
                        {
                            "type": "text",
                            "text": "Budi"
                        }
                    ]
                }
            ]
        }
    },
    "phone_number": "{{to}}"
}"#;
    example.replace("{{code}}", code).replace("{{to}}", to)
}

fn header(parameter: &Value) -> Value {
    json!({ "position": "header", "parameters": [parameter] })
}

async fn sent(shop: &Shop, template: &str, to: &str, payload: &[Value]) -> String {
    let answer = shop.oca().send(&Oca::message(shop.code(template), to, payload)).await;
    assert_eq!(answer.status, 200, "{template}: {}", answer.text());
    shown(&answer, &shop.arrived(&answer).await)
}

#[tokio::test]
async fn the_pages_example_gets_the_pages_answer() {
    let shop = open().await;
    let oca = shop.oca();
    let body = pages_example(shop.code("salam"), "+6281381475159");
    let headers = [("authorization", oca.token.as_str()), ("content-type", "application/json")];
    let answer = oca.post(&headers, &body).await;
    insta::assert_snapshot!(shown(&answer, &shop.arrived(&answer).await));
}

#[tokio::test]
async fn a_token_may_stand_alone_or_after_bearer() {
    let shop = open().await;
    let oca = shop.oca();
    let bearers = ["", "Bearer ", "bearer ", "BEARER  "].map(|scheme| format!("{scheme}{}", oca.token));
    for (place, authorization) in bearers.iter().enumerate() {
        let body = pages_example(shop.code("salam"), &format!("628138147520{place}"));
        // Without a content type too: the page's clients do not all send one.
        let answer = oca.post(&[("authorization", authorization)], &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let asked = oca.with_token(authorization).status(&kabar_testkit::oca::msgid_in(&answer)).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
    }
}

#[tokio::test]
async fn a_number_is_taken_with_and_without_its_plus() {
    let shop = open().await;
    let oca = shop.oca();
    for to in ["+6281381475161", "6281381475161"] {
        let answer = oca.send(&Oca::message(shop.code("salam"), to, &[Oca::body(&["Budi"])])).await;
        let message = shop.arrived(&answer).await;
        assert_eq!(message.to.trim_start_matches('+'), "6281381475161");
        let status = oca.status(&message.biz_opaque_callback_data.unwrap()).await;
        assert_eq!(status.json()["phone_number"], "+6281381475161");
    }
}

#[tokio::test]
async fn a_code_is_found_in_any_letter_case() {
    let shop = open().await;
    let code = shop.code("salam").to_uppercase();
    let answer = shop.oca().send(&Oca::message(&code, "+6281381475162", &[Oca::body(&["Budi"])])).await;
    assert_eq!(shop.arrived(&answer).await.template, "salam");
}

#[tokio::test]
async fn a_template_without_variables_needs_no_payload() {
    let shop = open().await;
    let oca = shop.oca();
    let to = "+6281381475163";
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = Oca::message(shop.code("tanpa_isian"), to, &[]);
        change(&mut body["message"]["template"]);
        body
    };
    let bodies = [
        with(&|_| {}),
        with(&|template| drop(template.as_object_mut().unwrap().remove("payload"))),
        with(&|template| template["payload"] = json!([{ "position": "body", "parameters": [] }])),
    ];
    for body in bodies {
        let answer = oca.send(&body).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
        let components = shop.arrived(&answer).await.components;
        assert!(components.is_null() || components == json!([]), "{body}: {components}");
    }
}

#[tokio::test]
async fn a_header_of_text() {
    let shop = open().await;
    let header = header(&json!({ "type": "text", "text": "INV-2041" }));
    insta::assert_snapshot!(sent(&shop, "judul_teks", "+6281381475164", &[header, Oca::body(&["Budi"])]).await);
}

#[tokio::test]
async fn a_header_of_each_medium() {
    let shop = open().await;
    let media = [
        ("judul_gambar", json!({ "type": "image", "image": { "url": "https://toko.example/sepatu.jpg" } })),
        ("judul_video", json!({ "type": "video", "video": { "url": "http://toko.example/sepatu.mp4" } })),
        (
            "judul_dokumen",
            json!({ "type": "document", "document": { "url": "https://toko.example/1.pdf", "caption": "Faktur.pdf" } }),
        ),
    ];
    for (template, parameter) in media {
        let payload = [header(&parameter), Oca::body(&["Budi"])];
        insta::assert_snapshot!(template, sent(&shop, template, "+6281381475165", &payload).await);
    }
}

#[tokio::test]
async fn buttons_for_quick_replies() {
    let shop = open().await;
    let button = |index: u8, payload: &str| {
        json!({
            "position": "button", "sub_types": "quick_reply", "index": index,
            "parameters": [{ "type": "payload", "payload": payload }]
        })
    };
    let payload = [Oca::body(&["Budi"]), button(0, "SETUJU"), button(1, "BATAL")];
    insta::assert_snapshot!(sent(&shop, "tombol_jawab", "+6281381475166", &payload).await);
}

#[tokio::test]
async fn buttons_with_a_url_in_every_spelling() {
    let shop = open().await;
    let parameter = json!({ "type": "text", "text": "JNE-7" });
    let spellings = [
        json!({ "position": "button", "sub_types": "url_dynamic", "index": 0, "parameters": [parameter] }),
        json!({ "position": "button", "sub_types": "url_dynamic", "index": 0, "parameters": parameter }),
        json!({ "position": "button", "sub_type": "url", "index": "0", "parameters": [parameter] }),
        json!({ "position": "button", "sub_type": "url_dynamic", "index": "0", "parameters": parameter }),
        json!({ "position": "button", "sub_types": "url", "index": 0, "parameters": [parameter] }),
    ];
    let mut seen = Vec::new();
    for spelling in spellings {
        seen.push(sent(&shop, "tombol_tautan", "+6281381475167", &[Oca::body(&["Budi"]), spelling]).await);
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "all spellings mean the same:\n{}", seen.join("\n\n"));
    insta::assert_snapshot!(seen[0]);
}

#[tokio::test]
async fn a_login_code_fills_its_button_by_itself() {
    let shop = open().await;
    let same = json!({
        "position": "button", "sub_types": "url_dynamic", "index": 0,
        "parameters": [{ "type": "text", "text": "483920" }]
    });
    let left_out = sent(&shop, "kode_login", "+6281381475168", &[Oca::body(&["483920"])]).await;
    let given = sent(&shop, "kode_login", "+6281381475168", &[Oca::body(&["483920"]), same]).await;
    assert_eq!(left_out, given);
    insta::assert_snapshot!(left_out);
}

#[tokio::test]
async fn a_status_tells_the_history_from_submitted_to_read() {
    let shop = open().await;
    let oca = shop.oca();
    let msgid = oca.accepted(&Oca::message(shop.code("salam"), "+6281381475169", &[Oca::body(&["Budi"])])).await;
    let answer = oca.wait_for_status(&msgid, "read").await;
    assert_eq!(history_in(&answer), ["submitted", "delivered", "read"]);
    insta::assert_snapshot!(answer.snapshot());
    let json = answer.json();
    assert_eq!(json["msgid"], msgid.as_str());
    let times: Vec<&str> =
        json["history_status"].as_array().unwrap().iter().filter_map(|entry| entry["timestamp"].as_str()).collect();
    assert!(times.is_sorted(), "oldest first: {times:?}");
}

/// Waits until the message is known to have ended badly, and gives the answer that says so.
async fn ended(oca: &Oca, msgid: &str) -> Exchange {
    wait_until(&format!("message {msgid} to end badly"), async || {
        let answer = oca.status(msgid).await;
        (answer.json().get("additional_info").is_some()).then_some(answer)
    })
    .await
}

#[tokio::test]
async fn a_status_tells_what_the_upstream_failed_to_deliver() {
    let shop = open().await;
    let oca = shop.oca();
    let body = Oca::message(shop.code("salam"), "+6281299131026", &[Oca::body(&["Budi"])]);
    let msgid = oca.accepted(&body).await;
    let answer = ended(&oca, &msgid).await;
    insta::assert_snapshot!(answer.snapshot());
    assert_eq!(shop.ledger().by_msgid(&msgid).await.len(), 1, "the upstream did take it");
}

#[tokio::test]
async fn a_status_tells_what_the_upstream_never_took() {
    let shop = open().await;
    let oca = shop.oca();
    let body = Oca::message(shop.code("salam"), "+6281299131030", &[Oca::body(&["Budi"])]);
    let msgid = oca.accepted(&body).await;
    let answer = ended(&oca, &msgid).await;
    insta::assert_snapshot!(answer.snapshot());
    assert!(shop.ledger().by_msgid(&msgid).await.is_empty(), "the upstream did not take it");
}

#[tokio::test]
async fn a_status_is_submitted_until_more_is_known() {
    let sandbox = Program::sandbox(KABAR).start().await;
    let dev = Program::dev(KABAR).rate_limit(1000).sandbox_url(&sandbox.url).start().await;
    let oca = Oca::new(&dev);
    sandbox.freeze();
    let msgid = oca.accepted(&Oca::message(dev.ready.code("hello_world"), "+6281381475160", &[])).await;
    insta::assert_snapshot!(oca.status(&msgid).await.snapshot());
    sandbox.thaw();
    oca.wait_for_status(&msgid, "read").await;
}
