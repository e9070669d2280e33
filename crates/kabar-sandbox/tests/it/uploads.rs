//! Uploading samples, in one piece and in several.

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::Request;
use serde_json::{Value, json};

use crate::harness::{Answer, Platform, WABA, quick};

const APP: &str = "634974688087057";

async fn open(platform: &Platform, file_type: &str, n_bytes: usize) -> Answer {
    let query = format!("file_name=a.bin&file_length={n_bytes}&file_type={file_type}");
    platform.call("POST", &format!("/v26.0/{APP}/uploads?{query}"), None).await
}

fn put(id: &str, offset: &str, body: Body) -> Request<Body> {
    let request = Request::post(format!("/v26.0/{id}")).header("authorization", "OAuth token");
    request.header("file_offset", offset).body(body).unwrap()
}

async fn opened(platform: &Platform, file_type: &str, n_bytes: usize) -> String {
    open(platform, file_type, n_bytes).await.ok()["id"].as_str().unwrap().to_owned()
}

fn header(name: &str, format: &str, handle: &Value) -> Value {
    json!({"name": name, "language": "id", "category": "MARKETING", "components": [
        {"type": "HEADER", "format": format, "example": {"header_handle": [handle]}},
        {"type": "BODY", "text": "Sepatu baru sudah datang."}
    ]})
}

#[tokio::test]
async fn a_file_in_one_piece_gives_a_handle_of_its_type() {
    let platform = Platform::start(quick()).await;
    let id = opened(&platform, "image/png", 4_000_000).await;
    assert!(id.starts_with("upload:") && id.contains("?sig=ARZ"), "{id}");
    let answer = platform.request(put(&id, "0", Body::from(vec![7; 4_000_000]))).await.ok();
    let handle = &answer["h"];
    assert!(handle.as_str().unwrap().starts_with("4::aW1hZ2UvcG5n:ARY"), "{handle}");
    assert!(handle.as_str().unwrap().contains(APP));
    let path = format!("/{WABA}/message_templates");
    platform.post(&path, &header("picture", "IMAGE", handle)).await.ok();
    for format in ["VIDEO", "DOCUMENT"] {
        assert_eq!(platform.post(&path, &header("wrong", format, handle)).await.code(), "100/2388084");
    }
    platform.post(&path, &header("elsewhere", "VIDEO", &json!("4::of-another-place"))).await.ok();
}

#[tokio::test]
async fn an_upload_goes_on_where_it_was_broken_off_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = quick();
    options.state_file = Some(dir.path().join("sandbox.jsonl"));
    let platform = Platform::start(options.clone()).await;
    let id = opened(&platform, "video/mp4", 1_000).await;
    let chunks = [Ok(Bytes::from(vec![1; 300])), Err(std::io::Error::other("gone"))];
    let broken = platform.request(put(&id, "0", Body::from_stream(stream::iter(chunks)))).await;
    assert_eq!(broken.status, 400);
    let progress = platform.get(&format!("/{id}")).await.ok();
    assert_eq!(progress, json!({"id": id, "file_offset": 300}));
    assert_eq!(platform.request(put(&id, "0", Body::from(vec![1; 700]))).await.code(), "100");
    let more = platform.request(put(&id, "300", Body::from(vec![1; 200]))).await.ok();
    assert_eq!(more["file_offset"], 500);
    platform.stop().await;

    let platform = Platform::start(options).await;
    assert_eq!(platform.get(&format!("/{id}")).await.ok()["file_offset"], 500);
    assert_eq!(platform.request(put(&id, "500", Body::from(vec![1; 501]))).await.status, 400, "one byte too many");
    let handle = platform.request(put(&id, "500", Body::from(vec![1; 500]))).await.ok()["h"].clone();
    let path = format!("/{WABA}/message_templates");
    platform.post(&path, &header("clip", "VIDEO", &handle)).await.ok();
    assert_eq!(platform.post(&path, &header("no_picture", "IMAGE", &handle)).await.code(), "100/2388084");
}

#[tokio::test]
async fn types_sizes_and_sessions_are_checked() {
    let platform = Platform::start(quick()).await;
    for (file_type, n_bytes) in [("image/gif", 10), ("image/png", 0), ("image/png", 5_300_000), ("video/mp4", 17 << 20)]
    {
        assert_eq!(open(&platform, file_type, n_bytes).await.code(), "100", "{file_type} {n_bytes}");
    }
    platform.get(&format!("/{WABA}/phone_numbers")).await.ok();
    assert_eq!(
        platform.call("POST", &format!("/{WABA}/uploads?file_type=image/png&file_length=1"), None).await.status,
        400
    );
    let id = opened(&platform, "application/pdf", 10).await;
    let (session, _) = id.split_once('?').unwrap();
    for wrong in [session.to_owned(), format!("{session}?sig=x"), "upload:none?sig=x".to_owned()] {
        assert_eq!(platform.get(&format!("/{wrong}")).await.code(), "100/33", "{wrong}");
    }
    let without_token = Request::get(format!("/{id}")).body(Body::empty()).unwrap();
    assert_eq!(platform.request(without_token).await.status, 403);
}

#[tokio::test]
async fn an_upload_is_broken_off_on_purpose_and_all_its_bytes_are_seen_in_their_order() {
    let platform = Platform::start(quick()).await;
    let told = platform.post("/_sandbox/uploads", &json!({"break_after": [3, 99]})).await.ok();
    assert_eq!(told, json!({"break_after": [3, 99], "uploads": []}));
    let id = opened(&platform, "application/pdf", 6).await;
    for (offset, body, arrived) in [("0", "foobar", 3), ("3", "bar", 6)] {
        let answer = platform.try_request(put(&id, offset, Body::from(body))).await;
        assert!(answer.is_err(), "an answer came");
        assert_eq!(platform.get(&format!("/{id}")).await.ok()["file_offset"], arrived);
    }
    let handle = platform.request(put(&id, "6", Body::empty())).await.ok()["h"].clone();
    let shown = platform.get("/_sandbox/uploads").await.ok();
    // The checksum of "foobar" is the one that the inventors of FNV publish.
    assert_eq!(
        shown,
        json!({"break_after": [], "uploads": [{
            "app_id": APP, "file_name": "a.bin", "file_type": "application/pdf", "file_length": 6, "file_offset": 6,
            "fnv1a64": "85944171f73967e8", "calls": 3, "h": handle, "templates": []
        }]})
    );
    for wrong in [json!({}), json!({"break_after": 3}), json!({"break_after": [-1]})] {
        assert_eq!(platform.post("/_sandbox/uploads", &wrong).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_handle_that_looks_like_one_of_here_must_have_been_given_out_here() {
    let platform = Platform::start(quick()).await;
    let id = opened(&platform, "image/png", 3).await;
    let handle = platform.request(put(&id, "0", Body::from("abc"))).await.ok()["h"].as_str().unwrap().to_owned();
    let path = format!("/{WABA}/message_templates");
    let made_up = handle.replacen("ARY", "ARX", 1);
    assert_eq!(platform.post(&path, &header("made_up", "IMAGE", &json!(made_up))).await.code(), "100/2388084");
    let second = json!(format!("{handle}\n{made_up}"));
    assert_eq!(platform.post(&path, &header("second", "IMAGE", &second)).await.code(), "100/2388084");
    platform.post(&path, &header("twice", "IMAGE", &json!(format!("{handle}\n{handle}")))).await.ok();
    let good = platform.post(&path, &header("good", "IMAGE", &json!(handle))).await.ok();
    let shown = platform.get("/_sandbox/uploads").await.ok();
    assert_eq!(shown["uploads"][0]["templates"], json!([good["id"]]));
}
