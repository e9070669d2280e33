//! `GET /message_template_library`, and creation from it. The templates of this library are the sandbox's own.

use serde_json::{Map, Value, json};

use crate::check::keys::{one_of, required_string};
use crate::check::placeholders;
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::readback::Texts;
use crate::graph::request::GraphCall;
use crate::random;

/// A text in a language of the library.
struct Wording {
    language: &'static str,
    body: &'static str,
    button: &'static str,
}

/// A template of the library.
struct Entry {
    name: &'static str,
    category: &'static str,
    topic: &'static str,
    usecase: &'static str,
    industry: &'static str,
    /// What stands for the body's variables, and of what kind each is.
    examples: &'static [(&'static str, &'static str)],
    /// The kind of its button, if it has one.
    button: &'static str,
    wordings: &'static [Wording],
}

const LIBRARY: [Entry; 4] = [
    Entry {
        name: "parcel_is_coming",
        category: "UTILITY",
        topic: "ORDER_MANAGEMENT",
        usecase: "DELIVERY_UPDATE",
        industry: "E_COMMERCE",
        examples: &[("Sari", "TEXT"), ("KB-2041", "TEXT"), ("3 May", "DATE")],
        button: "URL",
        wordings: &[
            Wording {
                language: "en_US",
                body: "Hello {{1}}, the parcel with your order {{2}} is on its way and should reach you on {{3}}.",
                button: "Follow the parcel",
            },
            Wording {
                language: "id",
                body: "Halo {{1}}, paket dengan pesanan Anda {{2}} sedang dikirim dan akan sampai pada {{3}}.",
                button: "Lacak paket",
            },
        ],
    },
    Entry {
        name: "bill_is_due",
        category: "UTILITY",
        topic: "PAYMENTS",
        usecase: "PAYMENT_DUE_REMINDER",
        industry: "FINANCIAL_SERVICES",
        examples: &[("Budi", "TEXT"), ("Rp250.000", "AMOUNT"), ("10 May", "DATE")],
        button: "PHONE_NUMBER",
        wordings: &[
            Wording {
                language: "en_US",
                body: "Hello {{1}}, your bill of {{2}} is to be paid by {{3}}. Call us if anything is unclear.",
                button: "Call us",
            },
            Wording {
                language: "id",
                body: "Halo {{1}}, tagihan Anda sebesar {{2}} jatuh tempo pada {{3}}. Hubungi kami bila ada pertanyaan.",
                button: "Hubungi kami",
            },
        ],
    },
    Entry {
        name: "how_was_it",
        category: "UTILITY",
        topic: "CUSTOMER_FEEDBACK",
        usecase: "FEEDBACK_SURVEY",
        industry: "E_COMMERCE",
        examples: &[("Sari", "TEXT")],
        button: "",
        wordings: &[
            Wording {
                language: "en_US",
                body: "Hello {{1}}, how was your visit to our shop this week? A word from you helps us.",
                button: "",
            },
            Wording {
                language: "id",
                body: "Halo {{1}}, bagaimana kunjungan Anda ke toko kami minggu ini? Kabar dari Anda sangat membantu.",
                button: "",
            },
        ],
    },
    Entry {
        name: "login_code",
        category: "AUTHENTICATION",
        topic: "IDENTITY_VERIFICATION",
        usecase: "VERIFICATION_CODE",
        industry: "FINANCIAL_SERVICES",
        examples: &[("123456", "NUMBER")],
        button: "OTP",
        wordings: &[
            Wording { language: "en_US", body: "", button: "" },
            Wording { language: "id", body: "", button: "" },
        ],
    },
];

/// `GET /message_template_library`, on one page.
pub(crate) fn list(call: &GraphCall) -> Reply {
    let wanted = |key: &str, value: &str| {
        let list = call.list(key);
        list.is_empty() || list.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let search = call.text("search").unwrap_or_default().to_lowercase();
    let name = call.text("name").unwrap_or_default();
    let mut data = Vec::new();
    for entry in &LIBRARY {
        let by_topic = wanted("topic", entry.topic) && wanted("usecase", entry.usecase);
        if !by_topic || !wanted("industry", entry.industry) || !entry.name.contains(&name) {
            continue;
        }
        for wording in entry.wordings.iter().filter(|wording| wanted("language", wording.language)) {
            let shown = show(entry, wording);
            if shown.to_string().to_lowercase().contains(&search) {
                data.push(shown);
            }
        }
    }
    Reply::ok(json!({"data": data, "paging": {"cursors": {"before": "MAZDZD", "after": "MQZDZD"}}}))
}

fn show(entry: &Entry, wording: &Wording) -> Value {
    let texts = Texts::of(wording.language);
    let body = if entry.category == "AUTHENTICATION" { texts.body(false) } else { wording.body.to_owned() };
    let button = match entry.button {
        "" => None,
        "URL" => Some(json!({"type": "URL", "text": wording.button, "url": "https://www.example.com/{{1}}"})),
        "PHONE_NUMBER" => Some(json!({"type": "PHONE_NUMBER", "text": wording.button, "phone_number": "+15550100"})),
        kind => Some(json!({"type": kind, "otp_type": "COPY_CODE", "text": texts.button})),
    };
    json!({
        "name": entry.name,
        "language": wording.language,
        "category": entry.category,
        "topic": entry.topic,
        "usecase": entry.usecase,
        "industry": [entry.industry],
        "body": body,
        "body_params": entry.examples.iter().map(|(example, _)| example).collect::<Vec<_>>(),
        "body_param_types": entry.examples.iter().map(|(_, kind)| kind).collect::<Vec<_>>(),
        "buttons": button.into_iter().collect::<Vec<_>>(),
        "id": random::derived_id(&format!("{} {}", entry.name, wording.language), 11),
    })
}

/// The parameters of a creation from the library as those of any other creation; nothing if it is not from there.
pub(crate) fn expanded(parameters: &Map<String, Value>) -> Result<Option<Map<String, Value>>, GraphError> {
    if parameters.get("library_template_name").is_none_or(Value::is_null) {
        return Ok(None);
    }
    let name = required_string(parameters, "library_template_name", "library_template_name")?;
    let language = required_string(parameters, "language", "language")?;
    let found = LIBRARY.iter().find(|entry| entry.name == name).and_then(|entry| {
        let wording = entry.wordings.iter().find(|wording| wording.language == language)?;
        Some((entry, wording))
    });
    let Some((entry, wording)) = found else {
        let message = format!("There is no library template named {name} in the language {language}.");
        return Err(GraphError::parameter(message));
    };
    if parameters.contains_key("components") {
        return Err(GraphError::unexpected_key("components", "message_templates"));
    }
    let category = required_string(parameters, "category", "category")?;
    one_of(category, &[entry.category], "category")?;
    let inputs = Inputs::read(parameters)?;
    let components = match entry.category {
        "AUTHENTICATION" => login_code(&inputs),
        _ => utility(entry, wording, &inputs)?,
    };
    let mut expanded = parameters.clone();
    for key in ["library_template_name", "library_template_button_inputs", "library_template_body_inputs"] {
        expanded.shift_remove(key);
    }
    expanded.insert("components".to_owned(), Value::Array(components));
    Ok(Some(expanded))
}

/// What a creation says about the parts of a library template that are its own.
struct Inputs {
    buttons: Vec<Value>,
    body: Value,
}

impl Inputs {
    fn read(parameters: &Map<String, Value>) -> Result<Self, GraphError> {
        let key = "library_template_button_inputs";
        let buttons = match parameters.get(key).map(parsed) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(buttons)) => buttons,
            Some(_) => return Err(GraphError::parameter(format!("Param {key} must be an array."))),
        };
        let body = match parameters.get("library_template_body_inputs").map(parsed) {
            None => Value::Null,
            // Some clients give a list with one object.
            Some(Value::Array(bodies)) => bodies.into_iter().next().unwrap_or_default(),
            Some(body) => body,
        };
        Ok(Self { buttons, body })
    }

    fn button(&self, kind: &str) -> Result<&Value, GraphError> {
        let is_of = |button: &&Value| button["type"].as_str().is_some_and(|other| other.eq_ignore_ascii_case(kind));
        let found = self.buttons.iter().find(is_of);
        found.ok_or_else(|| GraphError::required("library_template_button_inputs"))
    }
}

/// Inputs may come as text, also with single quotes, as the platform's own examples have them.
fn parsed(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    let read = serde_json::from_str(text).or_else(|_| serde_json::from_str(&text.replace('\'', "\"")));
    read.unwrap_or_else(|_| value.clone())
}

fn utility(entry: &Entry, wording: &Wording, inputs: &Inputs) -> Result<Vec<Value>, GraphError> {
    let examples: Vec<&str> = entry.examples.iter().map(|(example, _)| *example).collect();
    let mut components = vec![json!({"type": "BODY", "text": wording.body, "example": {"body_text": [examples]}})];
    let button = match entry.button {
        "URL" => {
            let url = &inputs.button("URL")?["url"];
            let base_url = url["base_url"].as_str().unwrap_or_default();
            let mut button = json!({"type": "URL", "text": wording.button, "url": base_url});
            if !placeholders::names(base_url).is_empty() {
                button["example"] = json!([url["url_suffix_example"]]);
            }
            button
        }
        "PHONE_NUMBER" => {
            let number = &inputs.button("PHONE_NUMBER")?["phone_number"];
            json!({"type": "PHONE_NUMBER", "text": wording.button, "phone_number": number})
        }
        _ => return Ok(components),
    };
    components.push(json!({"type": "BUTTONS", "buttons": [button]}));
    Ok(components)
}

fn login_code(inputs: &Inputs) -> Vec<Value> {
    let secured = inputs.body["add_security_recommendation"] == Value::Bool(true);
    let mut components = vec![json!({"type": "BODY", "add_security_recommendation": secured})];
    let minutes = &inputs.body["code_expiration_minutes"];
    if !minutes.is_null() {
        components.push(json!({"type": "FOOTER", "code_expiration_minutes": minutes}));
    }
    let mut button = inputs.button("OTP").cloned().unwrap_or_else(|_| json!({"type": "OTP", "otp_type": "COPY_CODE"}));
    if button.get("otp_type").is_none() {
        button["otp_type"] = json!("COPY_CODE");
    }
    components.push(json!({"type": "BUTTONS", "buttons": [button]}));
    components
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::template::check;

    #[test]
    fn the_library_itself_passes_the_checks() {
        let inputs = json!([
            {"type": "URL", "url": {"base_url": "https://www.example.com/{{1}}", "url_suffix_example": "a"}},
            {"type": "PHONE_NUMBER", "phone_number": "+62215001"},
        ]);
        for entry in &LIBRARY {
            for wording in entry.wordings {
                let creation = json!({
                    "name": "mine", "language": wording.language, "category": entry.category,
                    "library_template_name": entry.name,
                    "library_template_button_inputs": inputs.to_string().replace('"', "'"),
                });
                let expanded = expanded(creation.as_object().unwrap()).unwrap().unwrap();
                assert!(check(&expanded).is_ok(), "{} {}: {expanded:?}", entry.name, wording.language);
            }
        }
    }
}
