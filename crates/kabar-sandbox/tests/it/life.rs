//! What becomes of templates: by hand, by their quality, in the archive; and how they are deleted.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Answer, Callback, Platform, VERIFY_TOKEN, WABA, quick, simple_template, until};

const HOUR: Duration = Duration::from_secs(3600);

async fn act(platform: &Platform, id: &str, action: &str, body: Value) -> Answer {
    let body = Some(body).filter(|body| !body.is_null());
    platform.call("POST", &format!("/_sandbox/templates/{id}/{action}"), body.as_ref()).await
}

async fn read(platform: &Platform, id: &str, field: &str) -> Value {
    platform.get(&format!("/{id}?fields={field}")).await.ok()[field].clone()
}

async fn subscribed(platform: &Platform) -> Callback {
    let callback = Callback::start().await;
    let subscription = json!({"override_callback_uri": callback.url, "verify_token": VERIFY_TOKEN});
    platform.post(&format!("/{WABA}/subscribed_apps"), &subscription).await.ok();
    callback
}

fn path(rest: &str) -> String {
    format!("/v26.0/{WABA}/message_templates{rest}")
}

#[tokio::test]
async fn every_action_by_hand_is_done_and_told() {
    let platform = Platform::start(quick()).await;
    let callback = subscribed(&platform).await;
    let id = platform.create(WABA, "order_update").await;
    let steps = [
        ("reject", json!({"reason": "promotional", "recommendation": "Say less."}), "REJECTED"),
        ("in_appeal", Value::Null, "IN_APPEAL"),
        ("approve", Value::Null, "APPROVED"),
        ("pause", json!({"title": "rate_limiting_pause"}), "PAUSED"),
        ("unpause", Value::Null, "APPROVED"),
        ("archive", Value::Null, "ARCHIVED"),
        ("unarchive", Value::Null, "APPROVED"),
        ("limit_exceeded", Value::Null, "LIMIT_EXCEEDED"),
        ("pending_deletion", Value::Null, "PENDING_DELETION"),
        ("disable", Value::Null, "DISABLED"),
    ];
    for (action, body, expected) in steps {
        assert_eq!(act(&platform, &id, action, body).await.ok()["status"], expected, "{action}");
        assert_eq!(read(&platform, &id, "status").await, expected);
    }
    let told = until("all is told", async || {
        let told = callback.values("message_template_status_update");
        (told.len() == 11).then_some(told)
    })
    .await;
    let events: Vec<_> = told.iter().map(|value| value["event"].as_str().unwrap()).collect();
    let expected = [
        "APPROVED",
        "REJECTED",
        "IN_APPEAL",
        "APPROVED",
        "PAUSED",
        "APPROVED",
        "ARCHIVED",
        "UNARCHIVED",
        "LIMIT_EXCEEDED",
        "PENDING_DELETION",
        "DISABLED",
    ];
    assert_eq!(events, expected);
    assert_eq!(
        (&told[1]["reason"], &told[1]["rejection_info"]["recommendation"]),
        (&json!("PROMOTIONAL"), &json!("Say less."))
    );
    assert_eq!(told[4]["other_info"]["title"], "RATE_LIMITING_PAUSE");
    assert_eq!(told[5]["other_info"]["title"], "UNPAUSE");
    assert_eq!(told[9]["reason"], Value::Null);
    for (action, body) in [
        ("unpause", Value::Null),
        ("archive", Value::Null),
        ("unarchive", Value::Null),
        ("pause", json!({"title": "NAP"})),
        ("quality", json!({"score": "BLUE"})),
        ("quality", Value::Null),
        ("category", json!({"category": "SPAM"})),
        ("approve", json!({"why": "not"})),
    ] {
        assert_eq!(act(&platform, &id, action, body.clone()).await.status, 400, "{action} {body}");
    }
    let index = platform.get("/_sandbox").await.ok();
    assert!(index["endpoints"]["POST /_sandbox/templates/{id}/quality"].is_string());
}

#[tokio::test]
async fn a_score_is_told_in_a_webhook_of_its_own() {
    let platform = Platform::start(quick()).await;
    let callback = subscribed(&platform).await;
    let id = platform.create(WABA, "order_update").await;
    for score in ["green", "GREEN", "YELLOW", "RED"] {
        act(&platform, &id, "quality", json!({"score": score})).await.ok();
    }
    let quality = read(&platform, &id, "quality_score").await;
    assert!(quality["score"] == "RED" && quality["date"].is_number(), "{quality}");
    let told = until("the pause is told", async || {
        let statuses = callback.values("message_template_status_update");
        (statuses.len() == 2).then_some(statuses)
    })
    .await;
    assert_eq!((&told[1]["event"], &told[1]["other_info"]["title"]), (&json!("PAUSED"), &json!("FIRST_PAUSE")));
    let scores: Vec<_> = callback.values("message_template_quality_update");
    let steps: Vec<_> = scores.iter().map(|v| [&v["previous_quality_score"], &v["new_quality_score"]]).collect();
    assert_eq!(json!(steps), json!([["UNKNOWN", "GREEN"], ["GREEN", "YELLOW"], ["YELLOW", "RED"]]));
    assert_eq!(scores[0]["message_template_id"].to_string(), id);
    assert_eq!(scores[0]["message_template_name"], "order_update");
}

#[tokio::test(start_paused = true)]
async fn bad_quality_pauses_for_three_hours_then_for_six_then_disables() {
    let platform = Platform::start(quick()).await;
    let id = platform.create(WABA, "order_update").await;
    let number = platform.number(WABA).await;
    for (hours, still_paused_after) in [(3, 2), (6, 5)] {
        act(&platform, &id, "quality", json!({"score": "RED"})).await.ok();
        assert_eq!(platform.send(&number, "order_update", "6281200000001").await.code(), "132015");
        tokio::time::sleep(HOUR * still_paused_after + HOUR / 2).await;
        assert_eq!(read(&platform, &id, "status").await, "PAUSED");
        tokio::time::sleep(HOUR * (hours - still_paused_after)).await;
        assert_eq!(read(&platform, &id, "status").await, "APPROVED", "after {hours} hours");
        platform.send(&number, "order_update", "6281200000001").await.ok();
    }
    act(&platform, &id, "quality", json!({"score": "RED"})).await.ok();
    assert_eq!(read(&platform, &id, "status").await, "DISABLED");
    assert_eq!(platform.send(&number, "order_update", "6281200000001").await.code(), "132016");
    let deleted = platform.call("DELETE", &path("?name=order_update"), None).await;
    assert_eq!((deleted.status, deleted.code().as_str()), (400, "100"));
    assert_eq!(read(&platform, &id, "status").await, "DISABLED");
}

#[tokio::test(start_paused = true)]
async fn a_pause_can_be_ended_after_five_minutes() {
    let platform = Platform::start(quick()).await;
    let id = platform.create(WABA, "order_update").await;
    let unpause = async || platform.call("POST", &format!("/v26.0/{id}/unpause"), None).await.ok();
    assert_eq!(unpause().await["success"], false);
    act(&platform, &id, "pause", Value::Null).await.ok();
    let early = unpause().await;
    assert!(early["success"] == false && early["reason"].is_string(), "{early}");
    tokio::time::sleep(Duration::from_secs(301)).await;
    assert_eq!(unpause().await, json!({"success": true}));
    assert_eq!(read(&platform, &id, "status").await, "APPROVED");
}

#[tokio::test(start_paused = true)]
async fn a_category_changes_for_all_languages_at_once_or_a_day_after_its_notice() {
    let platform = Platform::start(quick()).await;
    let mut new = simple_template("order_update");
    new["message_send_ttl_seconds"] = json!(60);
    let id = platform.post(&path(""), &new).await.ok()["id"].as_str().unwrap().to_owned();
    new["language"] = json!("en");
    let english = platform.post(&path(""), &new).await.ok()["id"].as_str().unwrap().to_owned();
    act(&platform, &english, "category", json!({"category": "marketing", "notice": true})).await.ok();
    let fields = platform.get(&format!("/{id}?fields=category,correct_category,previous_category")).await.ok();
    assert_eq!(fields, json!({"category": "UTILITY", "correct_category": "MARKETING", "id": id}));
    tokio::time::sleep(23 * HOUR).await;
    assert_eq!(read(&platform, &id, "category").await, "UTILITY");
    tokio::time::sleep(2 * HOUR).await;
    for id in [&id, &english] {
        let fields = "category,correct_category,previous_category,message_send_ttl_seconds";
        let read = platform.get(&format!("/{id}?fields={fields}")).await.ok();
        let expected = json!({"category": "MARKETING", "previous_category": "UTILITY", "id": id});
        assert_eq!(read, expected, "the time to live is the category's again");
    }
    act(&platform, &id, "category", json!({"category": "UTILITY"})).await.ok();
    assert_eq!(read(&platform, &english, "category").await, "UTILITY");
}

#[tokio::test]
async fn a_category_is_announced_and_told() {
    let platform = Platform::start(quick()).await;
    let callback = subscribed(&platform).await;
    let id = platform.create(WABA, "order_update").await;
    act(&platform, &id, "category", json!({"category": "MARKETING", "notice": true})).await.ok();
    act(&platform, &id, "category", json!({"category": "MARKETING"})).await.ok();
    let told = until("both are told", async || {
        let told = callback.values("template_category_update");
        (told.len() == 2).then_some(told)
    })
    .await;
    assert_eq!((&told[0]["new_category"], &told[0]["correct_category"]), (&json!("UTILITY"), &json!("MARKETING")));
    assert!(told[0]["category_update_timestamp"].is_number());
    assert_eq!((&told[1]["previous_category"], &told[1]["new_category"]), (&json!("UTILITY"), &json!("MARKETING")));
}

#[tokio::test]
async fn templates_go_into_the_archive_and_come_back() {
    let platform = Platform::start(quick()).await;
    let good = platform.create(WABA, "good").await;
    let bad = platform.create(WABA, "reject_bad").await;
    let paused = platform.create(WABA, "paused").await;
    act(&platform, &paused, "pause", Value::Null).await.ok();
    let elsewhere = platform.create("1001", "elsewhere").await;
    let archive = format!("/{WABA}/message_templates/archive");
    let answer = platform.post(&archive, &json!({"hsm_ids": [good, bad, paused, elsewhere]})).await.ok();
    assert_eq!(answer["archived_templates"], json!([good, bad]));
    let why = "Only approved or rejected templates can be archived";
    assert_eq!(answer["failed_templates"], json!({paused.clone(): why, elsewhere: "Template does not exist"}));
    assert_eq!(read(&platform, &good, "status").await, "ARCHIVED");
    let number = platform.number(WABA).await;
    assert_eq!(platform.send(&number, "good", "6281200000001").await.code(), "132001");
    let unarchive = format!("/{WABA}/message_templates/unarchive");
    // One text with commas, as some clients write it.
    let answer = platform.post(&unarchive, &json!({"hsm_ids": format!("{good},{bad},{paused}")})).await.ok();
    assert_eq!(answer["unarchived_templates"], json!([good, bad]));
    assert_eq!(answer["failed_templates"], json!({paused: "Template is not archived"}));
    assert_eq!(
        (read(&platform, &good, "status").await, read(&platform, &bad, "status").await),
        (json!("APPROVED"), json!("REJECTED"))
    );
    let many: Vec<String> = (0..101).map(|id| id.to_string()).collect();
    assert_eq!(platform.post(&archive, &json!({"hsm_ids": many})).await.code(), "100");
    assert_eq!(platform.post(&archive, &json!({})).await.code(), "100");
    assert_eq!(platform.get(&archive).await.code(), "2500");
}

#[tokio::test]
async fn several_are_deleted_by_their_ids_or_none() {
    let platform = Platform::start(quick()).await;
    let (a, b) = (platform.create(WABA, "a").await, platform.create(WABA, "b").await);
    let elsewhere = platform.create("1001", "elsewhere").await;
    let delete = async |ids: Value, more: &str| {
        let ids = ids.to_string().replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
        platform.call("DELETE", &path(&format!("?hsm_ids={ids}{more}")), None).await
    };
    assert_eq!(delete(json!([a, elsewhere]), "").await.body["error"]["error_user_title"], "Message Template Not Found");
    assert_eq!(delete(json!([a]), "&name=a").await.code(), "100");
    assert_eq!(delete(json!((0..101).map(|id| id.to_string()).collect::<Vec<_>>()), "").await.code(), "100");
    assert_eq!(read(&platform, &a, "status").await, "APPROVED");
    assert_eq!(delete(json!([a, b]), "").await.ok(), json!({"success": true}));
    for id in [&a, &b] {
        assert_eq!(platform.get(&format!("/{id}")).await.code(), "100/33");
    }
}

#[tokio::test(start_paused = true)]
async fn the_name_of_a_deleted_template_is_blocked_for_thirty_days() {
    let platform = Platform::start(quick()).await;
    platform.create(WABA, "order_update").await;
    platform.create(WABA, "reject_update").await;
    for name in ["order_update", "reject_update"] {
        platform.call("DELETE", &path(&format!("?name={name}")), None).await.ok();
    }
    let again = platform.post(&path(""), &simple_template("order_update")).await;
    assert_eq!(again.code(), "100/2388023");
    assert_eq!(
        again.body["error"]["error_user_msg"],
        "New Indonesian content can't be added while the existing Indonesian content is being deleted. Try again in 4 \
         weeks or consider creating a new message template."
    );
    // One that was never approved leaves its name free, and so does another language or account.
    platform.create(WABA, "reject_update").await;
    platform.create("1001", "order_update").await;
    let mut english = simple_template("order_update");
    english["language"] = json!("en");
    platform.post(&path(""), &english).await.ok();
    tokio::time::sleep(Duration::from_secs(30 * 24 * 3600)).await;
    platform.create(WABA, "order_update").await;
}

#[tokio::test]
async fn the_life_of_a_template_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = quick();
    options.state_file = Some(dir.path().join("sandbox.jsonl"));
    let platform = Platform::start(options.clone()).await;
    let (red, moved) = (platform.create(WABA, "red").await, platform.create(WABA, "moved").await);
    platform.create(WABA, "gone").await;
    act(&platform, &red, "quality", json!({"score": "RED"})).await.ok();
    act(&platform, &moved, "category", json!({"category": "MARKETING"})).await.ok();
    platform.call("DELETE", &path("?name=gone"), None).await.ok();
    platform.post(&format!("/{moved}"), &json!({"components": [{"type": "BODY", "text": "Baru."}]})).await.ok();
    let before =
        platform.get(&path("?fields=name,status,category,previous_category,quality_score,components")).await.ok();
    platform.stop().await;
    let platform = Platform::start(options).await;
    let after =
        platform.get(&path("?fields=name,status,category,previous_category,quality_score,components")).await.ok();
    assert_eq!(after, before);
    assert_eq!(read(&platform, &red, "status").await, "PAUSED");
    assert_eq!(platform.post(&path(""), &simple_template("gone")).await.code(), "100/2388023");
    let edit = json!({"components": [{"type": "BODY", "text": "Lagi."}]});
    assert_eq!(platform.post(&format!("/{moved}"), &edit).await.code(), "100/2388124");
}

#[tokio::test]
async fn two_templates_are_compared_when_both_were_sent_a_thousand_times() {
    let platform = Platform::start(quick()).await;
    let (a, b) = (platform.create(WABA, "a").await, platform.create(WABA, "b").await);
    let number = platform.number(WABA).await;
    let now = std::time::UNIX_EPOCH;
    let template = platform.get(&format!("/{a}?fields=quality_score")).await.ok();
    let now = now + Duration::from_secs(template["quality_score"]["date"].as_u64().unwrap() + 3_600);
    let end = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let compare = async |days: u64| {
        let start = end - days * 24 * 3600;
        platform.get(&format!("/{a}/compare?template_ids=%5B{b}%5D&start={start}&end={end}")).await
    };
    assert_eq!(compare(8).await.code(), "100");
    assert_eq!(compare(7).await.ok(), json!({"data": []}));
    for (name, n) in [("a", 1_000), ("b", 1_001)] {
        for index in 0..n {
            platform.send(&number, name, &format!("62812{index:07}")).await.ok();
        }
    }
    let compared = compare(7).await.ok();
    let mut expected = [json!({"key": a, "value": 1_000}), json!({"key": b, "value": 1_001})];
    expected.sort_by_key(|row| row["key"].as_str().unwrap().to_owned());
    assert_eq!(compared["data"][1]["number_values"], json!(expected));
    assert_eq!(compared["data"][0]["order_by_relative_metric"].as_array().unwrap().len(), 2);
}
