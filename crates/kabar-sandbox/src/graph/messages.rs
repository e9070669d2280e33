//! `POST /{number}/messages`: a template message is accepted or refused.

use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::check::keys::{object, only, required_string, string};
use crate::check::send;
use crate::check::sent::Sent;
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::media;
use crate::graph::request::GraphCall;
use crate::random;
use crate::recipients::{self, End, REFUSALS};
use crate::world::event::Event;
use crate::world::message::Message;
use crate::world::{Template, TemplateStatus, World};

const MAX_OPAQUE_CHARS: usize = 512;
/// With what a MARKETING message fails for a recipient who stopped those of the account.
const MARKETING_STOPPED: u32 = 131_050;

/// Accepts or refuses a send.
pub(crate) fn send(sandbox: &Sandbox, call: &GraphCall, phone_number_id: &str) -> Result<Reply, GraphError> {
    call.check_readable()?;
    let request = SendRequest::read(&call.parameters)?;
    let sent = Sent::read(request.components, "template['components']")?;
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    world.name_number(phone_number_id, request.name, now);
    let Some(number) = world.numbers.get(phone_number_id).cloned() else {
        return Err(GraphError::unsupported(call.method.as_str(), phone_number_id));
    };
    if number.display == request.to_digits {
        return Err(GraphError::send_as_listed(131_021));
    }
    let template = sendable(&world, &number.waba_id, &request)?;
    send::check(&template.spec, &sent)?;
    media::check_ids(&world, &sent, phone_number_id, now)?;
    let category = template.category.clone();
    world
        .limits
        .take_message(phone_number_id, &number.waba_id, &request.to_digits, now)
        .map_err(GraphError::send_as_listed)?;
    let mut fails_with = agreed_end(&mut world, &request.to_digits)?;
    if category == "MARKETING" && world.stops_marketing(&number.waba_id, &request.to_digits) {
        fails_with = Some(MARKETING_STOPPED);
    }
    let wamid = random::message_id(&request.to_digits);
    let message = Message {
        wamid: wamid.clone(),
        to: request.to_digits.clone(),
        phone_number_id: phone_number_id.to_owned(),
        waba_id: number.waba_id,
        template: request.name.to_owned(),
        language: request.language.to_owned(),
        category,
        components: request.components.and_then(|components| to_raw_value(components).ok()),
        biz_opaque_callback_data: request.opaque.map(str::to_owned),
        accepted_at: now,
        fails_with,
        statuses: Vec::new(),
        template_components: None,
    };
    world.record(Event::Message(Box::new(message)));
    drop(world);
    sandbox.wake();
    let body = json!({
        "messaging_product": "whatsapp",
        "contacts": [{"input": request.to, "wa_id": request.to_digits}],
        "messages": [{"id": wamid, "message_status": "accepted"}],
    });
    Ok(Reply { body, outcome: "accepted" })
}

/// The parameters of a send, checked as far as no template is needed.
struct SendRequest<'a> {
    to: &'a str,
    to_digits: String,
    name: &'a str,
    language: &'a str,
    components: Option<&'a Value>,
    opaque: Option<&'a str>,
}

impl<'a> SendRequest<'a> {
    fn read(parameters: &'a Map<String, Value>) -> Result<Self, GraphError> {
        if required_string(parameters, "messaging_product", "messaging_product")? != "whatsapp" {
            return Err(GraphError::not_one_of("messaging_product", &["WHATSAPP"]));
        }
        let kind = parameters.get("type").and_then(Value::as_str).unwrap_or("text");
        if !kind.eq_ignore_ascii_case("template") {
            return Err(GraphError::send(100, "Message must be a template message."));
        }
        // Parameters that it does not know are passed over, as the Graph API does.
        let to = required_string(parameters, "to", "to")?;
        let to_digits = digits(to)?;
        if let Some(recipient_type) = parameters.get("recipient_type").filter(|value| !value.is_null()) {
            let recipient_type = string(recipient_type, "recipient_type")?;
            if !recipient_type.eq_ignore_ascii_case("individual") {
                return Err(GraphError::not_one_of("recipient_type", &["INDIVIDUAL"]));
            }
        }
        let template = parameters.get("template").ok_or_else(|| GraphError::required("template"))?;
        let template = object(template, "template")?;
        only(template, &["name", "language", "components", "namespace"], "template")?;
        let name = required_string(template, "name", "template['name']")?;
        let language = template.get("language").ok_or_else(|| GraphError::required("template['language']"))?;
        let language = object(language, "template['language']")?;
        only(language, &["code", "policy"], "template['language']")?;
        let policy = language.get("policy").and_then(Value::as_str);
        if policy.is_some_and(|policy| !policy.eq_ignore_ascii_case("deterministic")) {
            return Err(GraphError::not_one_of("template['language']['policy']", &["DETERMINISTIC"]));
        }
        let language = required_string(language, "code", "template['language']['code']")?;
        let opaque = match parameters.get("biz_opaque_callback_data").filter(|value| !value.is_null()) {
            None => None,
            Some(opaque) => Some(string(opaque, "biz_opaque_callback_data")?),
        };
        if opaque.is_some_and(|opaque| opaque.chars().count() > MAX_OPAQUE_CHARS) {
            let message = format!("Param biz_opaque_callback_data must be at most {MAX_OPAQUE_CHARS} characters long.");
            return Err(GraphError::parameter(message));
        }
        Ok(Self { to, to_digits, name, language, components: template.get("components"), opaque })
    }
}

/// A recipient in digits. The platform also takes the marks with which people write numbers.
fn digits(to: &str) -> Result<String, GraphError> {
    let bare = to.strip_prefix('+').unwrap_or(to);
    let digits: String = bare.chars().filter(|char| !matches!(char, ' ' | '-' | '(' | ')')).collect();
    if (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(digits);
    }
    Err(GraphError::send(131_009, "Parameter to is not a valid phone number"))
}

/// The template of a send, if it may be sent by.
fn sendable<'a>(world: &'a World, waba_id: &str, request: &SendRequest<'_>) -> Result<&'a Template, GraphError> {
    let template = world.template_named(waba_id, request.name, request.language);
    let unknown = || {
        let details = format!("template name ({}) does not exist in {}", request.name, request.language);
        GraphError::send(132_001, details)
    };
    let template = template.ok_or_else(unknown)?;
    match template.status {
        TemplateStatus::Approved => Ok(template),
        TemplateStatus::Pending
        | TemplateStatus::Rejected
        | TemplateStatus::InAppeal
        | TemplateStatus::PendingDeletion
        | TemplateStatus::Archived
        | TemplateStatus::LimitExceeded => Err(unknown()),
        TemplateStatus::Paused => Err(GraphError::send_as_listed(132_015)),
        TemplateStatus::Disabled => Err(GraphError::send_as_listed(132_016)),
    }
}

/// What the agreed digits of the recipient ask for: a refusal, or an error with which the message fails later.
fn agreed_end(world: &mut World, to_digits: &str) -> Result<Option<u32>, GraphError> {
    let Some(row) = recipients::row_for(to_digits) else { return Ok(None) };
    match row.end {
        End::Fails => Ok(Some(row.code)),
        End::Refused => Err(GraphError::send_as_listed(row.code)),
        End::RefusedTwice if world.refusals.get(to_digits).is_some_and(|n| *n >= REFUSALS) => Ok(None),
        End::RefusedTwice => {
            world.record(Event::Refused { to: to_digits.to_owned() });
            Err(GraphError::send_as_listed(row.code))
        }
    }
}
