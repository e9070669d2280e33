//! The shape of a new authentication template: its texts are the platform's, so it has only switches and one button.

use serde_json::{Map, Value};

use crate::check::components::{missing, only, typed, unexpected};
use crate::check::keys::{object, one_of};
use crate::graph::errors::GraphError;

const OTP_TYPES: [&str; 3] = ["COPY_CODE", "ONE_TAP", "ZERO_TAP"];

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
    let has_apps = button.get("supported_apps").and_then(Value::as_array).is_some_and(|apps| !apps.is_empty())
        || button.contains_key("package_name");
    if otp_type != "COPY_CODE" && !has_apps {
        return Err(missing("BUTTONS", "supported_apps"));
    }
    let accepted = button.get("zero_tap_terms_accepted") == Some(&Value::Bool(true));
    if otp_type == "ZERO_TAP" && !accepted {
        return Err(missing("BUTTONS", "zero_tap_terms_accepted"));
    }
    Ok(())
}
