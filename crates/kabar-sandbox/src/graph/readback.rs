//! What the platform makes of a template's components: the form in which they are read back.

use serde_json::{Map, Value, json};

use crate::random;

/// The components as they are read back: enums in upper case, a sample's handle as an address, telephone numbers with
/// `+`, and an authentication template with the platform's texts and its button as a URL.
pub(crate) fn read_form(components: &[Value], category: &str, language: &str) -> Vec<Value> {
    if category == "AUTHENTICATION" {
        let minutes = components.iter().find_map(|component| component.get("code_expiration_minutes"));
        let minutes = minutes.and_then(Value::as_u64);
        components.iter().map(|component| authentication_form(component, language, minutes)).collect()
    } else {
        components.iter().map(component_form).collect()
    }
}

fn component_form(component: &Value) -> Value {
    let mut component = component.as_object().cloned().unwrap_or_default();
    upper(&mut component, "type");
    upper(&mut component, "format");
    let example = component.get_mut("example").and_then(Value::as_object_mut);
    if let Some(Value::Array(handles)) = example.and_then(|example| example.get_mut("header_handle")) {
        for handle in handles {
            *handle = json!(sample_address(handle.as_str().unwrap_or_default()));
        }
    }
    if let Some(Value::Array(buttons)) = component.get_mut("buttons") {
        for button in buttons {
            *button = button_form(button);
        }
    }
    if let Some(Value::Array(cards)) = component.get_mut("cards") {
        for components in cards.iter_mut().filter_map(|card| card.get_mut("components")?.as_array_mut()) {
            for component in components {
                *component = component_form(component);
            }
        }
    }
    Value::Object(component)
}

fn button_form(button: &Value) -> Value {
    let mut button = button.as_object().cloned().unwrap_or_default();
    upper(&mut button, "type");
    if let Some(Value::String(number)) = button.get_mut("phone_number")
        && !number.starts_with('+')
    {
        number.insert(0, '+');
    }
    if let Some(example @ Value::String(_)) = button.get_mut("example") {
        *example = json!([example.take()]);
    }
    Value::Object(button)
}

fn authentication_form(component: &Value, language: &str, minutes: Option<u64>) -> Value {
    let texts = Texts::of(language);
    let kind = component["type"].as_str().unwrap_or_default().to_ascii_uppercase();
    match kind.as_str() {
        "BODY" => {
            let secured = component["add_security_recommendation"] == Value::Bool(true);
            json!({
                "type": kind,
                "text": texts.body(secured),
                "add_security_recommendation": secured,
                "example": {"body_text": [["123456"]]}
            })
        }
        "FOOTER" => json!({
            "type": kind,
            "text": texts.footer(minutes.unwrap_or_default()),
            "code_expiration_minutes": minutes
        }),
        _ => {
            let button = &component["buttons"][0];
            let otp_type = button["otp_type"].as_str().unwrap_or_default().to_ascii_uppercase();
            let minutes = minutes.map(|minutes| format!("&code_expiration_minutes={minutes}")).unwrap_or_default();
            let url = format!("https://www.whatsapp.com/otp/code/?otp_type={otp_type}{minutes}&code=otp");
            let text = button["text"].as_str().unwrap_or(texts.button);
            json!({"type": kind, "buttons": [
                {"type": "URL", "text": text, "url": format!("{url}{{{{1}}}}"), "example": [format!("{url}123456")]}
            ]})
        }
    }
}

/// The platform's texts of authentication templates.
pub(crate) struct Texts {
    code: &'static str,
    warning: &'static str,
    expiry: &'static str,
    pub(crate) button: &'static str,
    pub(crate) autofill: &'static str,
}

impl Texts {
    /// Known are English, Spanish and Indonesian; every other language reads English.
    pub(crate) fn of(language: &str) -> Self {
        match language.split('_').next() {
            Some("es") => Self {
                code: "Tu código de verificación es *{{1}}*.",
                warning: " Por tu seguridad, no lo compartas.",
                expiry: "Este código caduca en {N} minutos.",
                button: "Copiar código",
                autofill: "Autocompletar",
            },
            Some("id") => Self {
                code: "*{{1}}* adalah kode verifikasi Anda.",
                warning: " Demi keamanan, jangan bagikan kode ini.",
                expiry: "Kode ini kedaluwarsa dalam {N} menit.",
                button: "Salin kode",
                autofill: "Isi otomatis",
            },
            _ => Self {
                code: "*{{1}}* is your verification code.",
                warning: " For your security, do not share this code.",
                expiry: "This code expires in {N} minutes.",
                button: "Copy code",
                autofill: "Autofill",
            },
        }
    }
}

impl Texts {
    /// The body, with the warning where it is asked for.
    pub(crate) fn body(&self, secured: bool) -> String {
        format!("{}{}", self.code, if secured { self.warning } else { "" })
    }

    /// The footer, for a code that holds so many minutes.
    pub(crate) fn footer(&self, minutes: u64) -> String {
        self.expiry.replace("{N}", &minutes.to_string())
    }
}

pub(crate) fn sample_address(handle: &str) -> String {
    format!("https://scontent.whatsapp.net/v/t61.29466-34/{}_n.bin?ccb=1-7", random::derived_id(handle, 5))
}

fn upper(object: &mut Map<String, Value>, key: &str) {
    if let Some(Value::String(text)) = object.get_mut(key) {
        text.make_ascii_uppercase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::template::check;

    fn read(template: &Value) -> Value {
        let new = check(template.as_object().unwrap()).unwrap();
        Value::Array(read_form(&new.components, new.category, &new.language))
    }

    #[test]
    fn handles_become_addresses_and_numbers_get_their_plus() {
        let components = read(&json!({"name": "a", "language": "id", "category": "utility", "components": [
            {"type": "header", "format": "image", "example": {"header_handle": ["4::aW"]}},
            {"type": "body", "text": "Halo"},
            {"type": "buttons", "buttons": [
                {"type": "phone_number", "text": "Call", "phone_number": "6221500123"},
                {"type": "url", "text": "See", "url": "https://a.test/{{1}}", "example": "https://a.test/b"},
                {"type": "copy_code", "example": "25OFF"}
            ]}
        ]}));
        let address = components[0]["example"]["header_handle"][0].as_str().unwrap().to_owned();
        assert!(address.starts_with("https://scontent.whatsapp.net/v/"), "{address}");
        assert_eq!(
            components,
            json!([
                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [address]}},
                {"type": "BODY", "text": "Halo"},
                {"type": "BUTTONS", "buttons": [
                    {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+6221500123"},
                    {"type": "URL", "text": "See", "url": "https://a.test/{{1}}", "example": ["https://a.test/b"]},
                    {"type": "COPY_CODE", "example": ["25OFF"]}
                ]}
            ])
        );
    }

    #[test]
    fn a_login_code_is_read_back_with_the_platforms_texts() {
        let components = read(&json!({"name": "a", "language": "id", "category": "AUTHENTICATION", "components": [
            {"type": "body", "add_security_recommendation": true},
            {"type": "footer", "code_expiration_minutes": 5},
            {"type": "buttons", "buttons": [{"type": "otp", "otp_type": "copy_code"}]}
        ]}));
        assert_eq!(
            components,
            json!([
                {
                    "type": "BODY",
                    "text": "*{{1}}* adalah kode verifikasi Anda. Demi keamanan, jangan bagikan kode ini.",
                    "add_security_recommendation": true,
                    "example": {"body_text": [["123456"]]}
                },
                {"type": "FOOTER", "text": "Kode ini kedaluwarsa dalam 5 menit.", "code_expiration_minutes": 5},
                {"type": "BUTTONS", "buttons": [{
                    "type": "URL",
                    "text": "Salin kode",
                    "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code_expiration_minutes=5&code=otp{{1}}",
                    "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code_expiration_minutes=5&code=otp123456"]
                }]}
            ])
        );
    }
}
