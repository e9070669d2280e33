//! Accounts and numbers: `GET /{waba}`, `GET /{waba}/phone_numbers`, `GET /{number}`; and which kind `GET /{id}` means.

use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::graph::errors::GraphError;
use crate::graph::fields::Attributes;
use crate::graph::request::GraphCall;
use crate::graph::{Reply, count, templates};
use crate::random;
use crate::world::limits::Limits;
use crate::world::naming::{Node, display_digits};

/// Fields that only a number has: who asks an unknown id for one of them means a number.
const NUMBERS_ONLY: [&str; 6] = [
    "display_phone_number",
    "verified_name",
    "code_verification_status",
    "throughput",
    "platform_type",
    "messaging_limit_tier",
];

/// `GET /{id}`.
pub(crate) fn read_node(sandbox: &Sandbox, call: &GraphCall, id: &str) -> Result<Reply, GraphError> {
    let fields = call.fields();
    let asks_for = |known: &[&str]| fields.iter().flatten().any(|field| known.contains(&field.as_str()));
    let mut world = sandbox.world();
    let deleted = world.deleted_templates.contains(id);
    if world.node(id).is_none() && !deleted && asks_for(&["message_template_namespace"]) {
        world.name_account(id, sandbox.now_ms());
    }
    let owner = match world.node(id) {
        Some(Node::Account) => Some(id.to_owned()),
        Some(Node::Template) => world.template(id).map(|template| template.waba_id.clone()),
        Some(Node::Number) | None => None,
    };
    if let Some(waba_id) = owner {
        count(&mut world, &waba_id, sandbox.now_ms())?;
    }
    let attributes = match world.node(id) {
        Some(Node::Account) => Some(account_attributes(id)),
        Some(Node::Number) => world.numbers.get(id).map(|number| number_attributes(&world.limits, id, &number.display)),
        Some(Node::Template) => world.template(id).map(templates::attributes),
        // It comes into being with its first send, which tells whose it is; until then it can be read all the same.
        None if asks_for(&NUMBERS_ONLY) && !deleted => Some(number_attributes(&world.limits, id, &display_digits(id))),
        None => None,
    };
    let attributes = attributes.ok_or_else(|| GraphError::unsupported(call.method.as_str(), id))?;
    attributes.select(fields.as_deref()).map(Reply::ok)
}

/// `GET /{waba}/phone_numbers`: all of them on one page.
pub(crate) fn phone_numbers(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    let fields = call.fields();
    let world = sandbox.world();
    let ids = world.accounts.get(waba_id).map(|account| account.numbers.as_slice()).unwrap_or_default();
    let known = ids.iter().filter_map(|id| Some((id, world.numbers.get(id)?)));
    let numbers = known.map(|(id, number)| number_attributes(&world.limits, id, &number.display));
    let data = numbers.map(|number| number.select(fields.as_deref())).collect::<Result<Vec<_>, _>>()?;
    Ok(Reply::ok(json!({"data": data, "paging": {"cursors": {"before": "MAZDZD", "after": "MQZDZD"}}})))
}

fn account_attributes(waba_id: &str) -> Attributes {
    let namespace = format!("{:016x}_{:016x}", random::hash(waba_id, 2), random::hash(waba_id, 3));
    Attributes {
        node: Node::Account,
        values: map([
            ("id", json!(waba_id)),
            ("name", json!(format!("Sandbox account {waba_id}"))),
            ("timezone_id", json!("66")),
            ("currency", json!("USD")),
            ("account_review_status", json!("APPROVED")),
            ("message_template_namespace", json!(namespace)),
        ]),
        by_default: &["id", "name", "timezone_id", "message_template_namespace"],
        optional: &[],
    }
}

fn number_attributes(limits: &Limits, phone_number_id: &str, display: &str) -> Attributes {
    // Where nothing is enforced a number has what the platform gives its best customers.
    let (level, tier) =
        if limits.enforced { (limits.messages.level(), limits.messages.tier()) } else { ("HIGH", "TIER_UNLIMITED") };
    Attributes {
        node: Node::Number,
        values: map([
            ("id", json!(phone_number_id)),
            ("display_phone_number", json!(spaced(display))),
            ("verified_name", json!("Sandbox")),
            ("code_verification_status", json!("VERIFIED")),
            ("quality_rating", json!("GREEN")),
            ("platform_type", json!("CLOUD_API")),
            ("throughput", json!({"level": level})),
            ("name_status", json!("APPROVED")),
            ("status", json!("CONNECTED")),
            ("account_mode", json!("LIVE")),
            ("messaging_limit_tier", json!(tier)),
            ("whatsapp_business_manager_messaging_limit", json!(tier)),
        ]),
        by_default: &[
            "verified_name",
            "code_verification_status",
            "display_phone_number",
            "quality_rating",
            "platform_type",
            "throughput",
        ],
        optional: &["webhook_configuration", "last_onboarded_time"],
    }
}

/// `1555…` as people write it: `+1 555-123-4567`.
fn spaced(digits: &str) -> String {
    match (digits.get(..1), digits.get(1..4), digits.get(4..7), digits.get(7..)) {
        (Some(country), Some(area), Some(first), Some(rest)) => format!("+{country} {area}-{first}-{rest}"),
        _ => format!("+{digits}"),
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
