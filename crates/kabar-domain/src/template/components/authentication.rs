//! Authentication templates: the upstream writes the texts, and the template only says which of them.

use crate::fault::Faults;
use crate::reading::{Node, ObjectNode};
use crate::rule::Rule;
use crate::template::text;

/// `add_security_recommendation` of a BODY.
pub(super) fn read_security_line(object: &ObjectNode<'_>, faults: &mut Faults) -> bool {
    object.only("BODY", &["type", "add_security_recommendation", "text"], faults);
    let node = object.optional("add_security_recommendation");
    node.and_then(|node| node.boolean(faults)).unwrap_or(false)
}

/// `code_expiration_minutes` of a FOOTER, which has nothing else to say.
pub(super) fn read_expiration(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<u32> {
    object.only("FOOTER", &["type", "code_expiration_minutes", "text"], faults);
    let node = object.required("code_expiration_minutes", faults)?;
    let minutes = u32::try_from(node.count(faults)?).unwrap_or(u32::MAX);
    if !Rule::CodeExpiration.allows(minutes as usize) {
        faults.push(node.fault(Rule::CodeExpiration));
    }
    Some(minutes)
}

/// The upstream writes the text of BODY and FOOTER itself, and answers with it when the template is read.
pub(super) fn read_fixed_text(object: &ObjectNode<'_>, faults: &mut Faults) -> Option<String> {
    let node = object.optional("text")?;
    faults.push(node.fault(Rule::AuthenticationFixed));
    node.value().as_str().map(str::to_owned)
}

/// `supported_apps` of an OTP button, or one app beside it as in old versions; gives how many there are.
pub(super) fn read_apps(object: &ObjectNode<'_>, faults: &mut Faults) -> usize {
    let outside = ["package_name", "signature_hash"].map(|key| object.optional(key));
    if object.optional("supported_apps").is_none() && outside.iter().any(Option::is_some) {
        if let Some(node) = object.optional("package_name") {
            faults.push(node.fault(Rule::AppOutside));
        }
        read_app(object, faults);
        return 1;
    }
    for node in outside.iter().flatten() {
        let choices = "supported_apps, package_name + signature_hash";
        faults.push(node.fault(Rule::OnlyOneOf).with("choices", choices));
    }
    let Some(list) = object.required("supported_apps", faults) else { return 0 };
    let Some(apps) = list.array(faults) else { return 0 };
    if !Rule::SupportedApps.allows(apps.len()) {
        faults.push(list.fault(Rule::SupportedApps).with("got", apps.len()));
    }
    for app in apps.iter().filter_map(|app| app.object(faults)).collect::<Vec<_>>() {
        app.only("supported_apps", &["package_name", "signature_hash"], faults);
        read_app(&app, faults);
    }
    apps.len()
}

fn read_app(app: &ObjectNode<'_>, faults: &mut Faults) {
    if let Some(node) = app.required("package_name", faults)
        && let Some(name) = node.text(faults)
    {
        text::check_length(&node, name, Rule::PackageLength, faults);
        if !is_package_name(name) {
            faults.push(node.fault(Rule::PackageName));
        }
    }
    if let Some(node) = app.required("signature_hash", faults)
        && let Some(hash) = node.text(faults)
        && !(Rule::SignatureHash.allows(hash.len()) && hash.bytes().all(is_base64))
    {
        faults.push(node.fault(Rule::SignatureHash));
    }
}

/// Whether a text is segments between dots, each a letter and then letters, digits and underscores.
fn is_package_name(text: &str) -> bool {
    let is_segment = |segment: &str| {
        segment.starts_with(|first: char| first.is_ascii_alphabetic())
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    Rule::PackageName.allows(text.split('.').count()) && text.split('.').all(is_segment)
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// `zero_tap_terms_accepted`, without which the upstream takes no `ZERO_TAP` button.
pub(super) fn check_terms(object: &ObjectNode<'_>, faults: &mut Faults) {
    let key = "zero_tap_terms_accepted";
    let accepted = object.optional(key).as_ref().map(Node::value).and_then(serde_json::Value::as_bool);
    if accepted != Some(true) {
        faults.push(object.fault(key, Rule::ZeroTapTerms));
    }
}
