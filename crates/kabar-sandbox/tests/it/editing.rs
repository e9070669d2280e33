//! Editing templates: what may change, when, how often.

use std::time::Duration;

use kabar_sandbox::Review;
use serde_json::{Value, json};

use crate::harness::{Callback, Platform, VERIFY_TOKEN, WABA, quick, simple_template, until};

const DAY: Duration = Duration::from_secs(24 * 3600 + 1);

fn texts(text: &str) -> Value {
    json!({"components": [{"type": "BODY", "text": text}]})
}

async fn act(platform: &Platform, id: &str, action: &str) {
    platform.call("POST", &format!("/_sandbox/templates/{id}/{action}"), None).await.ok();
}

async fn status(platform: &Platform, id: &str) -> Value {
    platform.get(&format!("/{id}?fields=status")).await.ok()["status"].clone()
}

#[tokio::test]
async fn an_edit_replaces_the_components_and_goes_through_the_review() {
    let mut options = quick();
    options.review = Review::Manual;
    let platform = Platform::start(options).await;
    let callback = Callback::start().await;
    let subscription = json!({"override_callback_uri": callback.url, "verify_token": VERIFY_TOKEN});
    platform.post(&format!("/{WABA}/subscribed_apps"), &subscription).await.ok();
    let id = platform.create(WABA, "order_update").await;
    // While it is pending it cannot be edited.
    assert_eq!(platform.post(&format!("/{id}"), &texts("Halo semua.")).await.code(), "100/2388039");
    act(&platform, &id, "approve").await;
    let mut edit = texts("Pesanan Anda sedang dikemas.");
    edit["components"]
        .as_array_mut()
        .unwrap()
        .push(json!({"type": "buttons", "buttons": [{"type": "url", "text": "Lacak", "url": "https://a.test/b"}]}));
    edit["message_send_ttl_seconds"] = json!(60);
    let edited = platform.post(&format!("/v26.0/{id}"), &edit).await.ok();
    assert_eq!(edited, json!({"success": true, "id": id, "name": "order_update", "category": "UTILITY"}));
    let read = platform.get(&format!("/{id}?fields=components,status,message_send_ttl_seconds")).await.ok();
    assert_eq!((&read["status"], &read["message_send_ttl_seconds"]), (&json!("PENDING"), &json!(60)));
    assert_eq!(read["components"][0]["text"], "Pesanan Anda sedang dikemas.");
    assert_eq!(read["components"][1]["buttons"][0]["type"], "URL");
    let told = until("the edit is told", async || callback.values("message_template_components_update").pop()).await;
    assert_eq!(told["message_template_element"], "Pesanan Anda sedang dikemas.");
    assert_eq!(told["message_template_buttons"][0]["message_template_button_url"], "https://a.test/b");
    assert_eq!(told["message_template_id"].to_string(), id);
    act(&platform, &id, "approve").await;
    assert_eq!(status(&platform, &id).await, "APPROVED");
}

#[tokio::test]
async fn an_edit_that_is_wrong_changes_nothing() {
    let platform = Platform::start(quick()).await;
    let id = platform.create(WABA, "order_update").await;
    let before = platform.get(&format!("/{id}")).await.ok();
    for (edit, code) in [
        (texts("a\n\n\nb"), "100/2388072"),
        (json!({}), "100"),
        (json!({"components": 7}), "100"),
        (json!({"colour": "red"}), "100"),
        (json!({"name": "other", "components": []}), "100"),
        (json!({"parameter_format": "named"}), "100"),
        (json!({"message_send_ttl_seconds": 7}), "100"),
        (json!({"category": "SPAM"}), "100"),
        (json!({"category": "MARKETING"}), "100"),
    ] {
        assert_eq!(platform.post(&format!("/{id}"), &edit).await.code(), code, "{edit}");
    }
    assert_eq!(platform.get(&format!("/{id}")).await.ok(), before);
    let category = platform.post(&format!("/{id}"), &json!({"category": "MARKETING"})).await;
    assert_eq!(
        category.body["error"]["error_user_msg"],
        "The category MARKETING doesn't match the one that's already associated with this template, UTILITY."
    );
    assert_eq!(platform.post("/4711", &texts("Halo.")).await.code(), "100/33");
    assert_eq!(platform.post(&format!("/{WABA}"), &texts("Halo.")).await.code(), "100/33");
}

#[tokio::test]
async fn a_rejected_template_may_change_its_category_and_be_edited_at_will() {
    let platform = Platform::start(quick()).await;
    let id = platform.create(WABA, "order_update").await;
    for category in ["MARKETING", "UTILITY", "MARKETING"] {
        act(&platform, &id, "reject").await;
        let edited = platform.post(&format!("/{id}"), &json!({"category": category})).await.ok();
        assert_eq!(edited["category"], category);
        assert_eq!(status(&platform, &id).await, "APPROVED");
    }
    // With another language of the same name the category stays.
    let mut english = simple_template("order_update");
    english["language"] = json!("en");
    english["category"] = json!("MARKETING");
    platform.post(&format!("/{WABA}/message_templates"), &english).await.ok();
    act(&platform, &id, "reject").await;
    assert_eq!(platform.post(&format!("/{id}"), &json!({"category": "UTILITY"})).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn an_approved_template_is_edited_once_a_day_and_ten_times_a_month() {
    let platform = Platform::start(quick()).await;
    let id = platform.create(WABA, "order_update").await;
    for day in 1..=10 {
        platform.post(&format!("/{id}"), &texts(&format!("Kabar hari ke-{day}."))).await.ok();
        assert_eq!(status(&platform, &id).await, "APPROVED");
        assert_eq!(platform.post(&format!("/{id}"), &texts("Sekali lagi.")).await.code(), "100/2388124");
        tokio::time::sleep(DAY).await;
    }
    assert_eq!(platform.post(&format!("/{id}"), &texts("Yang kesebelas.")).await.code(), "100/2388124");
    // A paused one may be edited at any time.
    act(&platform, &id, "pause").await;
    platform.post(&format!("/{id}"), &texts("Yang kesebelas.")).await.ok();
    tokio::time::sleep(21 * DAY).await;
    platform.post(&format!("/{id}"), &texts("Sebulan kemudian.")).await.ok();
}
