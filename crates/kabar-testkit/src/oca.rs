//! A caller of the OCA dialect: sends by templates, and asks what became of messages.

use serde_json::{Value, json};

use crate::dev::Dev;
use crate::http::{Exchange, Http};
use crate::wait::wait_until;

/// The caller.
#[derive(Debug, Clone)]
pub struct Oca {
    /// By what it calls.
    pub http: Http,
    /// Where the gateway answers.
    pub base: String,
    /// Goes into the `Authorization` header as it is.
    pub token: String,
}

impl Oca {
    /// A caller of a running `kabar dev`, with the token that it made.
    pub fn new(dev: &Dev) -> Self {
        Self { http: Http::new(), base: dev.ready.gateway_url.clone(), token: dev.ready.token.clone() }
    }

    /// The same caller with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The body of a request, with these parts as the template's payload.
    pub fn message(code: &str, to: &str, payload: &[Value]) -> Value {
        json!({
            "message": { "type": "template", "template": { "template_code_id": code, "payload": payload } },
            "phone_number": to
        })
    }

    /// A part of a payload: texts for the body.
    pub fn body(texts: &[&str]) -> Value {
        let parameters: Vec<Value> = texts.iter().map(|text| json!({ "type": "text", "text": text })).collect();
        json!({ "position": "body", "parameters": parameters })
    }

    /// Sends a request with this body.
    pub async fn send(&self, body: &Value) -> Exchange {
        self.post(&[("authorization", &self.token), ("content-type", "application/json")], &body.to_string()).await
    }

    /// Sends a request with these headers and this body, whatever they are.
    pub async fn post(&self, headers: &[(&str, &str)], body: &str) -> Exchange {
        let url = format!("{}/api/v2/push/message", self.base);
        self.http.exchange("POST", &url, headers, body.to_owned()).await
    }

    /// Sends a request that is accepted, and gives its `msgid`.
    ///
    /// # Panics
    ///
    /// When it is not accepted.
    pub async fn accepted(&self, body: &Value) -> String {
        let answer = self.send(body).await;
        assert_eq!(answer.status, 200, "not accepted: {}", answer.text());
        msgid_in(&answer)
    }

    /// Asks for a message to be taken back, of a gateway that may go away.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn cancel(&self, msgid: &str) -> anyhow::Result<Exchange> {
        self.order(msgid, "cancel").await
    }

    /// Asks for a message that failed to be sent once more, of a gateway that may go away.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn retry(&self, msgid: &str) -> anyhow::Result<Exchange> {
        self.order(msgid, "retry").await
    }

    async fn order(&self, msgid: &str, what: &str) -> anyhow::Result<Exchange> {
        let url = format!("{}/v1/messages/{msgid}/{what}", self.base);
        self.http.try_exchange("POST", &url, &[("authorization", &self.token)], "").await
    }

    /// Asks for the status of a message.
    pub async fn status(&self, msgid: &str) -> Exchange {
        let url = format!("{}/api/v2/message/{msgid}/status", self.base);
        self.http.exchange("GET", &url, &[("authorization", &self.token)], "").await
    }

    /// The statuses of a message so far, oldest first.
    pub async fn history(&self, msgid: &str) -> Vec<String> {
        history_in(&self.status(msgid).await)
    }

    /// Waits until a message has had a status, and gives the answer that says so.
    ///
    /// # Panics
    ///
    /// When it does not within two minutes, or when it meets another end.
    pub async fn wait_for_status(&self, msgid: &str, status: &str) -> Exchange {
        wait_until(&format!("message {msgid} to be {status}"), async || {
            let answer = self.status(msgid).await;
            let history = history_in(&answer);
            if history.iter().any(|had| had == status) {
                return Some(answer);
            }
            let ended = history.iter().any(|had| had == "failed" || had == "rejected");
            assert!(!ended, "message {msgid} should become {status}: {}", answer.text());
            None
        })
        .await
    }
}

/// The `msgid` of an answer to an accepted message.
///
/// # Panics
///
/// When there is none.
#[track_caller]
pub fn msgid_in(answer: &Exchange) -> String {
    let msgid = answer.json()["msgid"].as_str().map(str::to_owned);
    msgid.unwrap_or_else(|| panic!("no msgid: {}", answer.text()))
}

/// The statuses in an answer, in the order in which it tells them.
///
/// # Panics
///
/// When it is no status answer.
#[track_caller]
pub fn history_in(answer: &Exchange) -> Vec<String> {
    let json = answer.json();
    let statuses = json["history_status"].as_array();
    let statuses = statuses.unwrap_or_else(|| panic!("no history: {} {}", answer.status, answer.text()));
    statuses.iter().map(|entry| entry["status"].as_str().unwrap_or_default().to_owned()).collect()
}
