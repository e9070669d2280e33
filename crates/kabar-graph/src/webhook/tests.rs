use serde_json::{Value, json};

use super::change::{
    AccountEvent, Change, MessageStatus, OtherInfo, Pricing, RejectionInfo, Status, StatusError, TemplateRef,
    TemplateStatus,
};
use super::{NotAWebhook, normalised_language, parse};

const WABA: &str = "700100";
const SENDER: &str = "106540";
const REPORTED_AT: i64 = 1_790_000_000;

/// Reads a webhook of one entry.
fn read(changes: &Value) -> Vec<Change> {
    let body = json!({"object": "whatsapp_business_account",
        "entry": [{"id": WABA, "time": REPORTED_AT, "changes": changes}]});
    parse(body.to_string().as_bytes()).unwrap()
}

fn messages(mut value: Value) -> Vec<Change> {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({"display_phone_number": "622150000001", "phone_number_id": SENDER});
    read(&json!([{"value": value, "field": "messages"}]))
}

fn one(mut changes: Vec<Change>) -> Change {
    assert_eq!(changes.len(), 1, "{changes:?}");
    changes.remove(0)
}

fn status(value: &Value) -> MessageStatus {
    let Change::MessageStatus(status) = one(messages(json!({"statuses": [value]}))) else { panic!("not of a message") };
    status
}

fn template_status(change: &Value) -> TemplateStatus {
    let Change::TemplateStatus(status) = one(read(&json!([change]))) else { panic!("not of a template") };
    status
}

fn template_ref(language: &str) -> TemplateRef {
    TemplateRef {
        waba: WABA.to_owned(),
        template_id: "9001".to_owned(),
        name: "pesanan_dikirim".to_owned(),
        language: language.to_owned(),
        reported_at: Some(REPORTED_AT),
    }
}

/// The value of a template's report, about the template of [`template_ref`].
fn about_template(language: &str, more: &Value) -> Value {
    let mut value = json!({"message_template_id": 9001, "message_template_name": "pesanan_dikirim",
        "message_template_language": language});
    for (key, one) in more.as_object().unwrap() {
        value[key] = one.clone();
    }
    value
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn other(field: &str) -> Change {
    Change::Other { waba: WABA.to_owned(), field: field.to_owned() }
}

#[test]
fn a_status_of_the_older_kind() {
    let read = status(&json!({
        "id": "wamid.HBg1", "status": "sent", "timestamp": "1750030073", "recipient_id": "6281234567890",
        "biz_opaque_callback_data": "msg-1",
        "conversation": {"id": "c1", "expiration_timestamp": "1750116480", "origin": {"type": "marketing"}},
        "pricing": {"billable": true, "pricing_model": "PMP", "type": "regular", "category": "marketing"},
    }));
    assert_eq!((read.waba.as_str(), read.phone_number_id.as_str()), (WABA, SENDER));
    assert_eq!(
        (read.wamid.as_str(), read.status.clone(), read.timestamp),
        ("wamid.HBg1", Status::Sent, Some(1_750_030_073))
    );
    assert_eq!(read.recipient.as_ref().unwrap().as_str(), "6281234567890");
    assert_eq!(read.biz_opaque_callback_data.as_deref(), Some("msg-1"));
    let words = |word: &str| Some(word.to_owned());
    let (model, kind) = (words("PMP"), words("regular"));
    assert_eq!(read.pricing, Some(Pricing { billable: Some(true), model, kind, category: "marketing".to_owned() }));
    assert!(read.errors.is_empty());
    let shown = format!("{read:?}");
    assert!(shown.contains("…7890") && !shown.contains("67890"), "{shown}");
}

#[test]
fn a_status_of_the_newer_kind_and_one_without_a_number() {
    let read = status(&json!({"id": "wamid.HBg1", "status": "delivered", "timestamp": 1_750_030_073,
        "recipient_id": "6281234567890"}));
    assert_eq!((read.status, read.timestamp, read.pricing), (Status::Delivered, Some(1_750_030_073), None));

    let read = status(&json!({"id": "wamid.HBg1", "status": "read", "timestamp": "1750030073",
        "recipient_user_id": "ID.134912", "parent_recipient_user_id": "ID.ENT.1"}));
    assert_eq!((read.status, read.recipient), (Status::Read, None));
}

#[test]
fn every_status_has_its_name() {
    for (name, expected) in [
        ("sent", Status::Sent),
        ("delivered", Status::Delivered),
        ("read", Status::Read),
        ("failed", Status::Failed),
        ("played", Status::Played),
        ("warmed_up", Status::Other("warmed_up".to_owned())),
    ] {
        assert_eq!(status(&json!({"id": "wamid.HBg1", "status": name, "timestamp": "1"})).status, expected);
    }
}

#[test]
fn a_failed_status_says_why() {
    let read = status(&json!({
        "id": "wamid.HBg1", "status": "failed", "timestamp": "1751142888", "recipient_id": "6281234567890",
        "errors": [
            {"code": 131_049, "title": "Not delivered", "message": "Not delivered", "href": "/docs",
                "error_data": {"details": "kept back"}},
            {"code": "131026"},
            {"title": "no code"},
        ],
    }));
    assert_eq!(read.status, Status::Failed);
    assert_eq!(
        read.errors[0],
        StatusError {
            code: Some(131_049),
            title: some("Not delivered"),
            message: some("Not delivered"),
            details: some("kept back"),
        }
    );
    assert_eq!((read.errors[1].code, read.errors[2].code), (Some(131_026), None));
}

#[test]
fn a_button_reply() {
    let changes = messages(json!({
        "contacts": [{"profile": {"name": "Ayu"}, "wa_id": "6281234567890"}],
        "messages": [
            {"context": {"from": "622150000001", "id": "wamid.HBg1"}, "from": "6281234567890", "id": "wamid.HBg2",
                "timestamp": "1750091045", "type": "button", "from_logical_id": "1310",
                "button": {"payload": "STOP_PROMO", "text": "Berhenti"}},
            {"from": "6281234567890", "id": "wamid.HBg3", "timestamp": "1750091046", "type": "order",
                "order": {"catalog_id": "1", "product_items": []}},
            {"from": "6281234567890", "id": "wamid.HBg4", "timestamp": "1750091047", "type": "text",
                "text": {"body": "rahasia"}},
        ],
    }));
    let Change::ButtonReply(reply) = &changes[0] else { panic!("{changes:?}") };
    assert_eq!((reply.wamid.as_str(), reply.replied_to.as_deref()), ("wamid.HBg2", Some("wamid.HBg1")));
    assert_eq!((reply.payload.as_deref(), reply.text.as_deref()), (Some("STOP_PROMO"), Some("Berhenti")));
    assert_eq!((reply.phone_number_id.as_str(), reply.timestamp), (SENDER, Some(1_750_091_045)));
    assert_eq!(reply.from.as_ref().unwrap().as_str(), "6281234567890");
    let shown = format!("{reply:?}");
    assert!(!shown.contains("Berhenti") && !shown.contains("STOP") && !shown.contains("67890"), "{shown}");
    assert_eq!(changes[1..], [other("messages"), other("messages")]);
}

#[test]
fn errors_without_a_message() {
    let changes = messages(json!({"errors": [{"code": 130_429, "title": "Rate limit hit", "message": "Rate limit hit",
        "error_data": {"details": "too many"}}]}));
    let Change::SenderErrors(trouble) = one(changes) else { panic!("not of a sender") };
    assert_eq!((trouble.phone_number_id.as_str(), trouble.errors[0].code), (SENDER, Some(130_429)));
    assert_eq!(trouble.errors[0].details.as_deref(), Some("too many"));
}

#[test]
fn an_approval() {
    let value = about_template(
        "en-US",
        &json!({"event": "APPROVED", "reason": "NONE", "message_template_category": "UTILITY"}),
    );
    let read = template_status(&json!({"value": value, "field": "message_template_status_update"}));
    assert_eq!(
        read,
        TemplateStatus {
            template: template_ref("en_US"),
            event: "APPROVED".to_owned(),
            reason: None,
            category: some("UTILITY"),
            rejection_info: None,
            other_info: None,
            disable_date: None,
        }
    );
}

#[test]
fn a_rejection_with_its_reason_inside_and_beside_the_value() {
    let info = json!({"reason": "variables side by side", "recommendation": "put a word between"});
    let inside =
        about_template("id", &json!({"event": "REJECTED", "reason": "INVALID_FORMAT", "rejection_info": info}));
    let beside = about_template("id", &json!({"event": "rejected", "reason": "INVALID_FORMAT"}));
    for change in [
        json!({"value": inside, "field": "message_template_status_update"}),
        json!({"value": beside, "rejection_info": info, "field": "message_template_status_update"}),
    ] {
        let read = template_status(&change);
        assert_eq!((read.event.as_str(), read.reason.as_deref()), ("REJECTED", Some("INVALID_FORMAT")));
        assert_eq!(
            read.rejection_info,
            Some(RejectionInfo { reason: some("variables side by side"), recommendation: some("put a word between") })
        );
    }
}

#[test]
fn a_pause_a_disabling_and_a_deletion() {
    let paused = about_template(
        "id",
        &json!({"event": "PAUSED", "reason": "NONE", "other_info": {"title": "FIRST_PAUSE", "description": "three hours"}}),
    );
    let read = template_status(&json!({"value": paused, "field": "message_template_status_update"}));
    assert_eq!(read.other_info, Some(OtherInfo { title: some("FIRST_PAUSE"), description: some("three hours") }));

    for date in [json!("1751234563"), json!(1_751_234_563)] {
        let disabled = about_template("id", &json!({"event": "DISABLED", "disable_info": {"disable_date": date}}));
        let read = template_status(&json!({"value": disabled, "field": "message_template_status_update"}));
        assert_eq!(read.disable_date, Some(1_751_234_563));
    }

    let deleted = about_template("id", &json!({"event": "PENDING_DELETION", "reason": null}));
    let read = template_status(&json!({"value": deleted, "field": "message_template_status_update"}));
    assert_eq!((read.event.as_str(), read.reason), ("PENDING_DELETION", None));
}

#[test]
fn a_template_id_may_be_text() {
    let mut value = about_template("id", &json!({"event": "APPROVED"}));
    value["message_template_id"] = json!("9001");
    let read = template_status(&json!({"value": value, "field": "message_template_status_update"}));
    assert_eq!(read.template, template_ref("id"));
}

#[test]
fn a_quality_update_under_either_name() {
    for field in ["message_template_quality_update", "message_template_status_update"] {
        let value = about_template("en-US", &json!({"previous_quality_score": "GREEN", "new_quality_score": "YELLOW"}));
        let Change::TemplateQuality(read) = one(read(&json!([{"value": value, "field": field}]))) else {
            panic!("{field}")
        };
        assert_eq!((read.previous.as_deref(), read.new.as_str()), (Some("GREEN"), "YELLOW"));
        assert_eq!(read.template, template_ref("en_US"));
    }
}

#[test]
fn a_category_that_will_change_and_one_that_did() {
    for field in ["template_category_update", "template_correct_category_detection"] {
        let coming = about_template(
            "id",
            &json!({"new_category": "UTILITY", "correct_category": "MARKETING", "category_update_timestamp": 1_746_169_200}),
        );
        let Change::TemplateCategory(read) = one(read(&json!([{"field": field, "value": coming}]))) else {
            panic!("{field}")
        };
        assert_eq!((read.new.as_deref(), read.correct.as_deref()), (Some("UTILITY"), Some("MARKETING")));
        assert_eq!((read.previous, read.update_at), (None, Some(1_746_169_200)));
    }
    let done = about_template("id", &json!({"previous_category": "UTILITY", "new_category": "MARKETING"}));
    let Change::TemplateCategory(read) = one(read(&json!([{"field": "template_category_update", "value": done}])))
    else {
        panic!("not of a category")
    };
    assert_eq!((read.previous.as_deref(), read.new.as_deref()), (Some("UTILITY"), Some("MARKETING")));
    assert_eq!((read.correct, read.update_at), (None, None));
}

#[test]
fn changed_components() {
    let value = about_template(
        "en_US",
        &json!({"message_template_title": "Dikirim", "message_template_element": "Halo {{1}}, pesanan dikirim.",
            "message_template_buttons": [{"message_template_button_type": "URL"}]}),
    );
    let changes = read(&json!([{"value": value, "field": "message_template_components_update"}]));
    assert_eq!(one(changes), Change::TemplateComponents(template_ref("en_US")));
}

#[test]
fn the_limit_of_recipients_is_read_in_every_way_in_which_it_is_told() {
    let told = |value: Value| {
        let field = "business_capability_update";
        let changes = read(&json!([{"value": value, "field": field}]));
        let [Change::AccountEvent(event)] = &changes[..] else { panic!("{changes:?}") };
        event.daily_recipients
    };
    let business =
        |limit: Value| told(json!({"max_daily_conversations_per_business": limit, "current_limit": "TIER_50"}));
    assert_eq!(business(json!(2000)), Some(2000));
    assert_eq!(business(json!(-1)), Some(u32::MAX));
    assert_eq!(business(json!("TIER_250")), Some(250));
    assert_eq!(business(json!("TIER_2K")), Some(2000));
    assert_eq!(business(json!("TIER_100K")), Some(100_000));
    assert_eq!(business(json!("TIER_UNLIMITED")), Some(u32::MAX));
    assert_eq!(told(json!({"max_daily_conversation_per_phone": 1000})), Some(1000));
    assert_eq!(told(json!({"event": "UPGRADE", "current_limit": "TIER_10K"})), Some(10_000));
    for unknown in [json!(0), json!("TIER_NOT_SET"), json!("many"), json!(null), json!({})] {
        assert_eq!(told(json!({"current_limit": unknown})), None);
    }
}

#[test]
fn account_and_number_events() {
    let event = |field: &str, event: Option<&str>, number: Option<&str>, daily_recipients: Option<u32>| {
        Change::AccountEvent(AccountEvent {
            waba: WABA.to_owned(),
            reported_at: Some(REPORTED_AT),
            field: field.to_owned(),
            event: event.map(str::to_owned),
            display_phone_number: number.map(str::to_owned),
            daily_recipients,
        })
    };
    let changes = read(&json!([
        {"value": {"display_phone_number": "622150000001", "event": "THROUGHPUT_UPGRADE"},
            "field": "phone_number_quality_update"},
        {"value": {"max_daily_conversations_per_business": 2000}, "field": "business_capability_update"},
        {"value": {"event": "ACCOUNT_RESTRICTION", "restriction_info": []}, "field": "account_update"},
    ]));
    assert_eq!(
        changes,
        [
            event("phone_number_quality_update", Some("THROUGHPUT_UPGRADE"), Some("622150000001"), None),
            event("business_capability_update", None, None, Some(2000)),
            event("account_update", Some("ACCOUNT_RESTRICTION"), None, None),
        ]
    );
}

#[test]
fn odd_items_do_not_hide_their_neighbours() {
    let body = json!({"object": "whatsapp_business_account", "entry": [
        7,
        {"id": 700_100},
        {"id": WABA, "changes": [
            "odd",
            {"field": "messages"},
            {"field": "messages", "value": {"statuses": [
                {"status": "sent"}, null, {"id": "wamid.HBg1", "status": "read"}, {"id": "wamid.HBg2"},
            ]}},
            {"field": "message_template_status_update", "value": {"event": "APPROVED"}},
            {"field": "user_preferences", "value": {"user_preferences": []}},
        ]},
    ]});
    let changes = parse(body.to_string().as_bytes()).unwrap();
    let found: Vec<_> = changes.iter().filter(|change| matches!(change, Change::MessageStatus(_))).collect();
    assert_eq!(found.len(), 1);
    let Change::MessageStatus(status) = found[0] else { panic!("{found:?}") };
    assert_eq!((status.wamid.as_str(), status.status.clone(), status.timestamp), ("wamid.HBg1", Status::Read, None));
    assert_eq!(status.phone_number_id, "");
    let others: Vec<_> = changes.iter().filter(|change| matches!(change, Change::Other { .. })).collect();
    assert_eq!(others.len(), changes.len() - 1);
    assert_eq!(changes[0], Change::Other { waba: String::new(), field: String::new() });
    assert_eq!(changes[1], other(""));
    assert_eq!(changes.last(), Some(&other("user_preferences")));
}

#[test]
fn many_entries_keep_their_order_and_their_waba() {
    let status = |id: &str| json!({"field": "messages", "value": {"statuses": [{"id": id, "status": "sent"}]}});
    let body = json!({"entry": [
        {"id": "1", "changes": [status("a"), status("b")]},
        {"id": "2", "changes": [status("c")]},
    ]});
    let read: Vec<_> = parse(body.to_string().as_bytes())
        .unwrap()
        .into_iter()
        .map(|change| {
            let Change::MessageStatus(status) = change else { panic!("{change:?}") };
            (status.waba, status.wamid)
        })
        .collect();
    assert_eq!(read, [("1", "a"), ("1", "b"), ("2", "c")].map(|(waba, id)| (waba.to_owned(), id.to_owned())));
}

#[test]
fn what_is_no_webhook_is_refused() {
    for body in ["", "entry", "[]", "{}", r#"{"entry":{}}"#, r#"{"object":"page"}"#, "\u{0}"] {
        assert_eq!(parse(body.as_bytes()), Err(NotAWebhook), "{body:?}");
    }
    assert_eq!(parse(b"\xff\xfe"), Err(NotAWebhook));
    assert_eq!(parse(br#"{"entry":[]}"#), Ok(Vec::new()));
}

#[test]
fn languages_are_written_as_templates_have_them() {
    for (reported, expected) in [("en-US", "en_US"), ("en_US", "en_US"), ("id", "id"), ("zh-CN", "zh_CN"), ("", "")] {
        assert_eq!(normalised_language(reported), expected);
    }
}

#[test]
fn what_recipients_choose_of_marketing_is_read() {
    let preference = |value: &str, category: &str| json!({ "wa_id": "16505551234", "detail": "…", "category": category, "value": value, "timestamp": 1_731_705_721 });
    let body = json!({ "entry": [{ "id": "102290129340398", "changes": [{ "field": "user_preferences", "value": {
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": "106540352242922" },
        "user_preferences": [
            preference("stop", "marketing_messages"), preference("resume", "marketing_messages"),
            preference("stop", "other"), preference("odd", "marketing_messages")
        ]
    }}]}]});
    let changes = parse(body.to_string().as_bytes()).unwrap();
    let stops: Vec<Option<bool>> = changes
        .iter()
        .map(|change| {
            let Change::Preference(preference) = change else { return None };
            assert_eq!(preference.recipient.as_str(), "16505551234");
            assert_eq!((preference.timestamp, preference.waba.as_str()), (Some(1_731_705_721), "102290129340398"));
            Some(preference.stop)
        })
        .collect();
    assert_eq!(stops, [Some(true), Some(false), None, None]);
}
