//! The shape of a new authentication template: its texts are the platform's, so it has only switches and one button.

use serde_json::{Map, Value};

use crate::check::buttons::check_label_form;
use crate::check::components::{missing, only, typed, unexpected};
use crate::check::keys;
use crate::check::keys::{array, object, one_of, string};
use crate::graph::errors::GraphError;

const OTP_TYPES: [&str; 3] = ["COPY_CODE", "ONE_TAP", "ZERO_TAP"];
/// Characters.
const MAX_PACKAGE_CHARS: usize = 224;
const HASH_CHARS: usize = 11;
const MAX_APPS: usize = 5;

/// Checks the components of an authentication template.
pub(crate) fn check(components: &[Value]) -> Result<(), GraphError> {
    let components = typed(components, "components")?;
    for &(component, kind) in &components {
        match kind {
            "BODY" => {
                only(component, kind, &["type", "add_security_recommendation"])?;
                let switch = component.get("add_security_recommendation");
                if switch.is_some_and(|switch| !switch.is_boolean()) {
                    let path = "components['add_security_recommendation']";
                    return Err(GraphError::parameter(format!("Param {path} must be a boolean.")));
                }
            }
            "FOOTER" => {
                only(component, kind, &["type", "code_expiration_minutes"])?;
                let minutes = component.get("code_expiration_minutes").and_then(Value::as_u64);
                if !minutes.is_some_and(|minutes| (1..=90).contains(&minutes)) {
                    let path = "components['code_expiration_minutes']";
                    return Err(GraphError::parameter(format!("Param {path} must be between 1 and 90.")));
                }
            }
            "BUTTONS" => {
                only(component, kind, &["type", "buttons"])?;
                check_button(component)?;
            }
            _ => return Err(unexpected(kind, "type")),
        }
    }
    for kind in ["BODY", "BUTTONS"] {
        if !components.iter().any(|(_, other)| *other == kind) {
            return Err(missing(kind, "type"));
        }
    }
    Ok(())
}

fn check_button(component: &Map<String, Value>) -> Result<(), GraphError> {
    let buttons = component.get("buttons").and_then(Value::as_array).map(Vec::as_slice);
    let [button] = buttons.unwrap_or_default() else { return Err(missing("BUTTONS", "buttons")) };
    let button = object(button, "components['buttons'][0]")?;
    let kind = button.get("type").and_then(Value::as_str).unwrap_or_default();
    if !kind.eq_ignore_ascii_case("OTP") {
        return Err(unexpected("BUTTONS", kind));
    }
    let otp_type = button.get("otp_type").and_then(Value::as_str).ok_or_else(|| missing("BUTTONS", "otp_type"))?;
    let otp_type = one_of(otp_type, &OTP_TYPES, "components['buttons'][0]['otp_type']")?;
    let with_apps: &[&str] = &[
        "type",
        "otp_type",
        "text",
        "autofill_text",
        "supported_apps",
        "package_name",
        "signature_hash",
        "zero_tap_terms_accepted",
    ];
    let known: &[&str] = if otp_type == "COPY_CODE" { &["type", "otp_type", "text"] } else { with_apps };
    only(button, "BUTTONS", known)?;
    for key in ["text", "autofill_text"] {
        if let Some(label) = button.get(key).filter(|label| !label.is_null()) {
            check_label_form(string(label, &format!("components['buttons'][0]['{key}']"))?)?;
        }
    }
    check_apps(button, otp_type)?;
    let accepted = button.get("zero_tap_terms_accepted") == Some(&Value::Bool(true));
    if otp_type == "ZERO_TAP" && !accepted {
        return Err(missing("BUTTONS", "zero_tap_terms_accepted"));
    }
    Ok(())
}

/// The apps to which a code is handed: in an array, or, as it was up to version 20, one in the button itself.
fn check_apps(button: &Map<String, Value>, otp_type: &str) -> Result<(), GraphError> {
    let path = "components['buttons'][0]['supported_apps']";
    let apps = match button.get("supported_apps").filter(|apps| !apps.is_null()) {
        Some(apps) => array(apps, path)?,
        None => &[],
    };
    if apps.len() > MAX_APPS {
        return Err(GraphError::parameter(format!("Param {path} must have at most {MAX_APPS} elements.")));
    }
    for (index, app) in apps.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let app = object(app, &path)?;
        keys::only(app, &["package_name", "signature_hash"], &path)?;
        check_app(app, &path)?;
    }
    let is_alone = button.contains_key("package_name") || button.contains_key("signature_hash");
    if is_alone {
        check_app(button, "components['buttons'][0]")?;
    }
    if otp_type != "COPY_CODE" && apps.is_empty() && !is_alone {
        return Err(missing("BUTTONS", "supported_apps"));
    }
    Ok(())
}

fn check_app(app: &Map<String, Value>, path: &str) -> Result<(), GraphError> {
    let package = keys::required_string(app, "package_name", &format!("{path}['package_name']"))?;
    let is_part = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let n_parts = package.split('.').count();
    if package.len() > MAX_PACKAGE_CHARS || n_parts < 2 || !package.split('.').all(is_part) {
        return Err(GraphError::parameter(format!("Param {path}['package_name'] is not a valid package name.")));
    }
    let hash = keys::required_string(app, "signature_hash", &format!("{path}['signature_hash']"))?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if hash.len() != HASH_CHARS || !hash.bytes().all(fits) {
        return Err(GraphError::parameter(format!("Param {path}['signature_hash'] is not a valid signature hash.")));
    }
    Ok(())
}
