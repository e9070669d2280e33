//! Creating, reviewing, reading and deleting templates.

use std::time::Duration;

use kabar_sandbox::Review;
use serde_json::{Value, json};

use crate::harness::{Platform, WABA, quick, simple_template, until};

fn path() -> String {
    format!("/v26.0/{WABA}/message_templates")
}

async fn status(platform: &Platform, id: &str) -> String {
    let body = platform.get(&format!("/v26.0/{id}?fields=status")).await.ok();
    assert_eq!(body["id"], id);
    body["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_template_is_created_pending_and_then_approved() {
    let mut options = quick();
    options.review = Review::After(Duration::from_millis(20));
    let platform = Platform::start(options).await;
    let created = platform.post(&path(), &simple_template("order_update")).await.ok();
    assert_eq!((&created["status"], &created["category"]), (&json!("PENDING"), &json!("UTILITY")));
    let id = created["id"].as_str().unwrap();
    assert!(matches!(id.len(), 15 | 16) && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    until("the template is approved", async || (status(&platform, id).await == "APPROVED").then_some(())).await;
}

#[tokio::test]
async fn a_name_with_reject_is_rejected() {
    let platform = Platform::start(quick()).await;
    let created = platform.post(&path(), &simple_template("reject_me")).await.ok();
    assert_eq!(created["status"], "REJECTED");
    let id = created["id"].as_str().unwrap();
    let read = platform.get(&format!("/{id}?fields=rejected_reason")).await.ok();
    assert_eq!(read["rejected_reason"], "INVALID_FORMAT");
}

#[tokio::test]
async fn by_hand_a_template_is_decided_upon_at_any_time() {
    let mut options = quick();
    options.review = Review::Manual;
    let platform = Platform::start(options).await;
    let id = platform.create(WABA, "by_hand").await;
    assert_eq!(status(&platform, &id).await, "PENDING");
    let number = platform.number(WABA).await;
    assert_eq!(platform.send(&number, "by_hand", "6281200000001").await.code(), "132001");
    let decide = async |decision: &str, body: Option<Value>| {
        platform.call("POST", &format!("/_sandbox/templates/{id}/{decision}"), body.as_ref()).await
    };
    assert_eq!(decide("approve", None).await.ok()["status"], "APPROVED");
    assert_eq!(platform.send(&number, "by_hand", "6281200000001").await.status, 200);
    assert_eq!(decide("reject", Some(json!({"reason": "scam"}))).await.ok()["rejected_reason"], "SCAM");
    assert_eq!(platform.send(&number, "by_hand", "6281200000001").await.code(), "132001");
    assert_eq!(decide("pause", None).await.status, 200);
    assert_eq!(platform.send(&number, "by_hand", "6281200000001").await.code(), "132015");
    assert_eq!(decide("disable", None).await.status, 200);
    assert_eq!(platform.send(&number, "by_hand", "6281200000001").await.code(), "132016");
    assert_eq!(decide("frame", None).await.status, 404);
    assert_eq!(decide("reject", Some(json!(7))).await.status, 400);
    assert_eq!(platform.call("POST", "/_sandbox/templates/4711/approve", None).await.status, 404);
}

#[tokio::test]
async fn a_template_is_read_back_as_the_platform_has_it() {
    let platform = Platform::start(quick()).await;
    let template = json!({
        "name": "with_all",
        "language": "id",
        "category": "marketing",
        "parameter_format": "positional",
        "message_send_ttl_seconds": 43200,
        "components": [
            {"type": "header", "format": "document", "example": {"header_handle": ["4::YX"]}},
            {"type": "body", "text": "Halo {{1}}, apa kabar?", "example": {"body_text": [["Budi"]]}},
            {"type": "buttons", "buttons": [{"type": "phone_number", "text": "Telepon", "phone_number": "6221500123"}]}
        ]
    });
    let id = platform.post(&path(), &template).await.ok()["id"].as_str().unwrap().to_owned();
    let read = platform.get(&format!("/{id}")).await.ok();
    let mut keys: Vec<_> = read.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["category", "components", "id", "language", "name", "parameter_format", "status"]);
    assert_eq!((&read["category"], &read["parameter_format"]), (&json!("MARKETING"), &json!("POSITIONAL")));
    let handle = read["components"][0]["example"]["header_handle"][0].as_str().unwrap();
    assert!(handle.starts_with("https://scontent.whatsapp.net/"), "{handle}");
    assert_eq!(read["components"][1]["example"], json!({"body_text": [["Budi"]]}));
    assert_eq!(read["components"][2]["buttons"][0]["phone_number"], "+6221500123");
    let fields = "quality_score,last_updated_time,message_send_ttl_seconds,previous_category";
    let read = platform.get(&format!("/{id}?fields={fields}")).await.ok();
    assert_eq!(read["quality_score"]["score"], "UNKNOWN");
    assert_eq!(read["message_send_ttl_seconds"], 43200);
    assert!(read["last_updated_time"].as_str().unwrap().ends_with("+0000"), "{read}");
    assert!(read.get("previous_category").is_none());
}

#[tokio::test]
async fn one_language_once_and_one_category_for_a_name() {
    let platform = Platform::start(quick()).await;
    platform.create(WABA, "order_update").await;
    let again = platform.post(&path(), &simple_template("order_update")).await;
    assert_eq!((again.status, again.code().as_str()), (400, "100/2388024"));
    assert_eq!(
        again.body["error"]["error_user_msg"],
        "There is already Indonesian content for this template. You can create a new template and try again."
    );
    let mut english = simple_template("order_update");
    english["language"] = json!("en");
    english["category"] = json!("MARKETING");
    let other_category = platform.post(&path(), &english).await;
    assert_eq!(other_category.body["error"]["error_user_title"], "Template Category Doesn't Match");
    assert_eq!(
        other_category.body["error"]["error_user_msg"],
        "The category MARKETING doesn't match the one that's already associated with this template, UTILITY."
    );
    english["category"] = json!("UTILITY");
    platform.post(&path(), &english).await.ok();
    // Another account may have the same.
    platform.create("1001", "order_update").await;
}

#[tokio::test]
async fn a_form_creates_a_template_too() {
    let platform = Platform::start(quick()).await;
    let components = "%5B%7B%22type%22%3A%22BODY%22%2C%22text%22%3A%22Halo%22%7D%5D";
    let body = format!("name=by_form&language=id&category=utility&components={components}&access_token=t");
    let request = http::Request::post(path())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body))
        .unwrap();
    assert_eq!(platform.request(request).await.ok()["category"], "UTILITY");
}

#[tokio::test]
async fn templates_are_deleted_by_name_or_one_by_one() {
    let platform = Platform::start(quick()).await;
    let id = platform.create(WABA, "order_update").await;
    let mut english = simple_template("order_update");
    english["language"] = json!("en");
    let english = platform.post(&path(), &english).await.ok()["id"].as_str().unwrap().to_owned();
    let wrong_name = platform.call("DELETE", &format!("{}?hsm_id={id}&name=other", path()), None).await;
    assert_eq!(wrong_name.body["error"]["code"], 100);
    let one = platform.call("DELETE", &format!("{}?hsm_id={id}&name=order_update", path()), None).await;
    assert_eq!(one.ok(), json!({"success": true}));
    assert_eq!(platform.get(&format!("/{id}")).await.code(), "100/33");
    assert_eq!(status(&platform, &english).await, "APPROVED");
    platform.call("DELETE", &format!("{}?name=order_update", path()), None).await.ok();
    assert_eq!(platform.get(&format!("/{english}")).await.code(), "100/33");
    let again = platform.call("DELETE", &format!("{}?name=order_update", path()), None).await;
    assert_eq!(again.body["error"]["code"], 100);
    assert_eq!(again.body["error"]["error_user_title"], "Message Template Not Found");
    // A deleted id comes into being as nothing else.
    assert_eq!(platform.get(&format!("/{id}/message_templates")).await.code(), "100/33");
    assert_eq!(platform.get(&format!("/{id}?fields=display_phone_number")).await.code(), "100/33");
    assert_eq!(platform.send(&id, "hello_world", "6281200000001").await.code(), "100/33");
}
