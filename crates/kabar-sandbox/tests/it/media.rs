//! Files for messages: uploaded, named, of one number alone, and gone after a while.

use std::time::Duration;

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};

use crate::harness::{Answer, Platform, WABA, quick};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nabc";

/// A form with these fields, and a file.
fn form(fields: &[(&str, &str)], mime: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--b0\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Type: ";
    body.extend_from_slice(format!("{head}{mime}\r\n\r\n").as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--b0--\r\n");
    body
}

async fn post(platform: &Platform, number: &str, body: Vec<u8>) -> Answer {
    let request = Request::post(format!("/v26.0/{number}/media"))
        .header("authorization", "Bearer token")
        .header("content-type", "multipart/form-data; boundary=b0")
        .body(Body::from(body))
        .unwrap();
    platform.request(request).await
}

async fn upload(platform: &Platform, number: &str, mime: &str, file: &[u8]) -> Answer {
    post(platform, number, form(&[("messaging_product", "whatsapp"), ("type", mime)], mime, file)).await
}

async fn uploaded(platform: &Platform, number: &str) -> String {
    upload(platform, number, "image/png", PNG).await.ok()["id"].as_str().unwrap().to_owned()
}

/// A template with a header of this format, and a number of its account.
async fn account(platform: &Platform, format: &str) -> String {
    let template = json!({"name": "halo", "language": "id", "category": "MARKETING", "components": [
        {"type": "HEADER", "format": format, "example": {"header_handle": ["4::of-another-place"]}},
        {"type": "BODY", "text": "Sepatu baru sudah datang."}
    ]});
    platform.post(&format!("/{WABA}/message_templates"), &template).await.ok();
    platform.number(WABA).await
}

async fn send(platform: &Platform, number: &str, kind: &str, id: &str) -> Answer {
    let body = json!({"messaging_product": "whatsapp", "to": "+6281234567890", "type": "template", "template": {
        "name": "halo", "language": {"code": "id"},
        "components": [{"type": "header", "parameters": [{"type": kind, kind: {"id": id}}]}]
    }});
    platform.post(&format!("/{number}/messages"), &body).await
}

#[tokio::test]
async fn a_file_is_named_by_messages_of_its_number() {
    let platform = Platform::start(quick()).await;
    let number = account(&platform, "IMAGE").await;
    let id = uploaded(&platform, &number).await;
    let (one, other) = (&id, uploaded(&platform, "106540352242922").await);
    assert!(id.bytes().all(|byte| byte.is_ascii_digit()));
    send(&platform, &number, "image", one).await.ok();
    for wrong in [other.as_str(), "8800000000000001"] {
        let refused = send(&platform, &number, "image", wrong).await;
        let text = "(#100) Param template['components'][0]['parameters'][0]['image']['id'] is not a valid whatsapp \
                    business account media attachment ID";
        assert_eq!((refused.status, &refused.body["error"]["message"]), (400, &json!(text)), "{wrong}");
    }
    send(&platform, &number, "image", "310045501122334").await.ok();

    let shown = platform.get("/_sandbox/media").await.ok();
    let of = |id: &str| shown["media"].as_array().unwrap().iter().find(|file| file["id"] == *id).unwrap().clone();
    assert_eq!((&of(one)["messages"], &of(&other)["messages"]), (&json!(1), &json!(0)));
    assert_eq!((&of(one)["mime_type"], &of(one)["file_size"]), (&json!("image/png"), &json!(PNG.len())));
    assert_eq!(of(one)["phone_number_id"], number.as_str());
}

#[tokio::test]
async fn a_file_is_read_and_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = quick();
    options.state_file = Some(dir.path().join("sandbox.jsonl"));
    let platform = Platform::start(options.clone()).await;
    let number = account(&platform, "IMAGE").await;
    let (id, other) = (uploaded(&platform, &number).await, uploaded(&platform, &number).await);
    let read = platform.get(&format!("/{id}")).await.ok();
    assert_eq!((&read["id"], &read["mime_type"]), (&json!(id), &json!("image/png")));
    assert_eq!(platform.get(&format!("/{id}?phone_number_id=1")).await.code(), "100/33");
    assert_eq!(platform.call("DELETE", &format!("/{id}"), None).await.ok(), json!({"success": true}));
    platform.stop().await;

    let platform = Platform::start(options).await;
    assert_eq!(platform.get(&format!("/{id}")).await.code(), "100/33");
    assert_eq!(send(&platform, &number, "image", &id).await.code(), "100");
    send(&platform, &number, "image", &other).await.ok();
}

#[tokio::test]
async fn a_form_must_be_whole_and_its_file_of_a_type_that_there_is() {
    let platform = Platform::start(quick()).await;
    let number = account(&platform, "VIDEO").await;
    let product = ("messaging_product", "whatsapp");
    for body in [
        form(&[], "image/png", PNG),
        form(&[("messaging_product", "instagram")], "image/png", PNG),
        form(&[product, ("file_type", "image/png")], "image/png", PNG),
        form(&[product, ("type", "image/gif")], "image/gif", b"GIF89a"),
        form(&[product, ("type", "image/jpeg")], "image/jpeg", PNG),
        form(&[product], "text/plain", b""),
        form(&[product], "image/png", &[PNG, &vec![0; 5 << 20]].concat()),
        form(&[product], "image/png", PNG)[..120].to_vec(),
    ] {
        assert_eq!(post(&platform, &number, body).await.code(), "100");
    }
    assert_eq!(upload(&platform, WABA, "image/png", PNG).await.status, 400, "an account has no files");
    let plain = Request::post(format!("/{number}/media")).header("authorization", "Bearer token");
    assert_eq!(platform.request(plain.body(Body::from("{}")).unwrap()).await.code(), "100");
    let nobody = Request::post(format!("/{number}/media")).body(Body::empty()).unwrap();
    assert_eq!(platform.request(nobody).await.status, 401);
    assert_eq!(platform.get("/_sandbox/media").await.ok()["media"], Value::Array(Vec::new()));
    // What it is is told by the file's own part where no field says so.
    let film = b"\0\0\0\x20ftypmp42";
    let id =
        post(&platform, &number, form(&[product], "video/mp4", film)).await.ok()["id"].as_str().unwrap().to_owned();
    send(&platform, &number, "video", &id).await.ok();
    let picture = uploaded(&platform, &number).await;
    assert_eq!(send(&platform, &number, "video", &picture).await.code(), "100", "a picture is no film");
}

#[tokio::test(start_paused = true)]
async fn a_file_is_gone_after_thirty_days() {
    let platform = Platform::start(quick()).await;
    let number = account(&platform, "IMAGE").await;
    let id = uploaded(&platform, &number).await;
    tokio::time::advance(Duration::from_secs(29 * 24 * 3600)).await;
    send(&platform, &number, "image", &id).await.ok();
    tokio::time::advance(Duration::from_secs(24 * 3600)).await;
    assert_eq!(send(&platform, &number, "image", &id).await.code(), "100");
    assert_eq!(platform.get(&format!("/{id}")).await.code(), "100/33");
}
