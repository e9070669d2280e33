//! What a form of the page asks for, and the call of the sandbox's control API that does it.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::phone::Method;

/// The fields of every form of the page; which count, `wish` says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    wish: String,
    /// The phone that is looked at, to go back to.
    pub(crate) phone: String,
    wamid: String,
    action: String,
    card: String,
    button: String,
    code: String,
    text: String,
    habit: String,
    marketing: String,
    template: String,
    reason: String,
    score: String,
    review: String,
    enforced: String,
    rule: String,
    id: String,
}

/// A call of the control API.
#[derive(Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
}

impl Wish {
    /// The call that fulfils it; nothing, if there is no such wish.
    pub(crate) fn call(&self) -> Option<Call> {
        let post = |path: String, body: Value| Some(Call { method: Method::Post, path, body });
        let number = |text: &str| text.trim().parse::<u64>().map_or(Value::Null, Value::from);
        match self.wish.as_str() {
            "press" => {
                let mut body = json!({"button": number(&self.button)});
                if !self.card.is_empty() {
                    body["card"] = number(&self.card);
                }
                post(format!("/_sandbox/messages/{}/press", encode(&self.wamid)), body)
            }
            "message" => {
                let body = if self.action == "fail" { json!({"code": number(&self.code)}) } else { json!({}) };
                post(format!("/_sandbox/messages/{}/{}", encode(&self.wamid), encode(&self.action)), body)
            }
            "say" => post(format!("/_sandbox/phones/{}/say", encode(&self.phone)), json!({"text": self.text})),
            "habit" => post(format!("/_sandbox/phones/{}", encode(&self.phone)), json!({"habit": self.habit})),
            "marketing" => {
                let body = json!({"stopped": self.marketing == "stopped"});
                post(format!("/_sandbox/phones/{}/marketing", encode(&self.phone)), body)
            }
            "template" => {
                let body = match self.action.as_str() {
                    "reject" if self.reason.trim().is_empty() => json!({}),
                    "reject" => json!({"reason": self.reason.trim()}),
                    "quality" => json!({"score": self.score}),
                    _ => json!({}),
                };
                post(format!("/_sandbox/templates/{}/{}", encode(&self.template), encode(&self.action)), body)
            }
            "review" => post("/_sandbox/review".to_owned(), json!({"review": self.review})),
            "limits" => post("/_sandbox/limits".to_owned(), json!({"enforced": self.enforced == "true"})),
            // What is no JSON is passed on as it is, so that the sandbox says what is wrong.
            "fault" => {
                let rule = serde_json::from_str(&self.rule).unwrap_or_else(|_| json!(self.rule));
                post("/_sandbox/faults".to_owned(), rule)
            }
            "no_fault" if self.id.is_empty() => {
                Some(Call { method: Method::Delete, path: "/_sandbox/faults".to_owned(), body: Value::Null })
            }
            "no_fault" => {
                let path = format!("/_sandbox/faults/{}", encode(&self.id));
                Some(Call { method: Method::Delete, path, body: Value::Null })
            }
            _ => None,
        }
    }
}

/// A text as one segment of a path.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 0x0f] {
                encoded.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(fields: Value) -> Option<Call> {
        serde_json::from_value::<Wish>(fields).unwrap().call()
    }

    #[test]
    fn each_wish_is_one_call() {
        let pressed = call(json!({"wish": "press", "wamid": "wamid.a+/=", "button": "1", "card": "2"})).unwrap();
        assert_eq!(pressed.path, "/_sandbox/messages/wamid.a%2B%2F%3D/press");
        assert_eq!(pressed.body, json!({"button": 1, "card": 2}));
        let failed = call(json!({"wish": "message", "action": "fail", "wamid": "w", "code": "131026"})).unwrap();
        assert_eq!((failed.path.as_str(), failed.body), ("/_sandbox/messages/w/fail", json!({"code": 131_026})));
        let chosen = call(json!({"wish": "marketing", "phone": "628", "marketing": "stopped"})).unwrap();
        assert_eq!((chosen.path.as_str(), chosen.body), ("/_sandbox/phones/628/marketing", json!({"stopped": true})));
        let rejected = call(json!({"wish": "template", "template": "7", "action": "reject", "reason": " "})).unwrap();
        assert_eq!((rejected.path.as_str(), rejected.body), ("/_sandbox/templates/7/reject", json!({})));
        let fault = call(json!({"wish": "fault", "rule": "{\"fault\":\"close\"}"})).unwrap();
        assert_eq!(fault.body, json!({"fault": "close"}));
        assert_eq!(call(json!({"wish": "no_fault"})).unwrap().path, "/_sandbox/faults");
        assert_eq!(call(json!({"wish": "no_fault", "id": "3"})).unwrap().method, Method::Delete);
        assert_eq!(call(json!({"wish": "world peace"})), None);
    }

    #[test]
    fn no_field_leads_out_of_its_place_in_the_path() {
        let call = call(json!({"wish": "habit", "phone": "../limits?a#b", "habit": "off"})).unwrap();
        assert_eq!(call.path, "/_sandbox/phones/..%2Flimits%3Fa%23b");
    }
}
