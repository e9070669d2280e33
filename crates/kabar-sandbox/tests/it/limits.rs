//! The limits of an account, where they are enforced.

use serde_json::{Value, json};

use crate::harness::{Answer, Platform, WABA, quick, simple_template};

fn usage(answer: &Answer) -> Value {
    let header: Value = serde_json::from_str(answer.headers["x-business-use-case-usage"].to_str().unwrap()).unwrap();
    header[WABA][0].clone()
}

async fn create(platform: &Platform, name: &str) -> Answer {
    platform.post(&format!("/{WABA}/message_templates"), &simple_template(name)).await
}

#[tokio::test(start_paused = true)]
async fn a_hundred_templates_an_hour_and_250_in_all() {
    let mut options = quick();
    options.limits = true;
    let platform = Platform::start(options).await;
    let summary = platform.get(&format!("/{WABA}/message_templates?summary=message_template_limit")).await.ok();
    assert_eq!(summary["summary"], json!({"message_template_limit": 250}));
    let mut n_created = 0;
    while n_created < 249 {
        let answer = create(&platform, &format!("t_{n_created}")).await;
        if answer.status == 200 {
            n_created += 1;
            continue;
        }
        assert_eq!((answer.status, answer.code().as_str()), (400, "80008"));
        assert!(n_created == 100 || n_created == 200, "{n_created}");
        let usage = usage(&answer);
        assert_eq!((&usage["call_count"], &usage["type"]), (&json!(100), &json!("whatsapp_business_management")));
        let minutes = usage["estimated_time_to_regain_access"].as_u64().unwrap();
        assert!((1..=60).contains(&minutes), "{minutes}");
        tokio::time::sleep(std::time::Duration::from_secs(60 * minutes)).await;
    }
    // With the sample template there are 250 now.
    let answer = create(&platform, "one_too_many").await;
    assert_eq!(answer.code(), "100/2388019");
    assert_eq!(answer.body["error"]["error_user_title"], "Message Template Limit Exceeded");
}

#[tokio::test(start_paused = true)]
async fn five_thousand_calls_an_hour() {
    let platform = Platform::start(quick()).await;
    let limits = platform.get("/_sandbox/limits").await.ok();
    assert_eq!((&limits["enforced"], &limits["calls_per_hour"]), (&json!(false), &json!(5_000)));
    assert_eq!(platform.post("/_sandbox/limits", &json!({"enforced": true})).await.ok()["enforced"], true);
    assert_eq!(platform.post("/_sandbox/limits", &json!({"enforced": 1})).await.status, 400);
    let path = format!("/{WABA}/phone_numbers?fields=id");
    let first = platform.get(&path).await;
    assert_eq!(usage(&first)["call_count"], 1);
    for _ in 1..2_500 {
        platform.get(&path).await.ok();
    }
    assert_eq!(usage(&platform.get(&path).await)["call_count"], 51);
    for _ in 2_501..5_000 {
        platform.get(&path).await.ok();
    }
    let refused = platform.get(&path).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "80008"));
    assert_eq!(usage(&refused)["estimated_time_to_regain_access"], 60);
    // Another account is free, and so is this one when nothing is enforced.
    platform.get("/1001/phone_numbers").await.ok();
    platform.post("/_sandbox/limits", &json!({"enforced": false})).await.ok();
    platform.get(&path).await.ok();
}

#[tokio::test(start_paused = true)]
async fn messages_are_limited_by_number_recipient_and_day() {
    let mut options = quick();
    options.limits = true;
    let platform = Platform::start(options).await;
    let number = platform.number(WABA).await;
    platform.create(WABA, "pesanan").await;
    let send = async |to: &str| platform.send(&number, "pesanan", to).await;
    // A second's worth at once, and no more.
    for n in 0..80 {
        send(&format!("62812{n:08}")).await.ok();
    }
    let refused = send("6281300000000").await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "130429"));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    for _ in 0..45 {
        send("6281300000000").await.ok();
    }
    assert_eq!(send("6281300000000").await.code(), "131056");
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    send("6281300000000").await.ok();
    let path = format!("/{number}?fields=throughput,whatsapp_business_manager_messaging_limit");
    let limited = platform.get(&path).await.ok();
    assert_eq!(limited["throughput"], json!({"level": "STANDARD"}));
    assert_eq!(limited["whatsapp_business_manager_messaging_limit"], "TIER_250");

    // A day has 250 recipients; 81 of them have been.
    platform.post("/_sandbox/limits", &json!({"messages_per_second": 1000})).await.ok();
    for n in 0..169 {
        send(&format!("62814{n:08}")).await.ok();
    }
    assert_eq!(send("6281500000000").await.code(), "131048");
    send("6281200000000").await.ok();
    let wrong = json!({"enforced": "yes", "messages_per_second": 0, "unique_recipients_per_day": 5, "colour": 1});
    let answer = platform.post("/_sandbox/limits", &wrong).await;
    let said = answer.body["error"].as_str().unwrap().to_owned();
    assert_eq!((answer.status, said.matches(';').count()), (400, 3), "{said}");
    let limits = platform.post("/_sandbox/limits", &json!({"unique_recipients_per_day": 2000})).await.ok();
    assert_eq!((&limits["unique_recipients_per_day"], &limits["pair_burst"]), (&json!(2000), &json!(45)));
    send("6281500000000").await.ok();
}
