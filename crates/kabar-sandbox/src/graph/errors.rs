//! The platform's error bodies. The table of its codes is in [`codes`].

pub(crate) mod codes;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::graph::errors::codes::row;
use crate::random;

/// An error body with its HTTP status.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GraphError {
    pub(crate) http: StatusCode,
    pub(crate) code: u32,
    pub(crate) subcode: Option<u32>,
    /// Boxed, as the error is part of the result of each check.
    said: Box<Said>,
}

#[derive(Debug, Clone, PartialEq)]
struct Said {
    kind: &'static str,
    message: String,
    transient: Option<bool>,
    user: Option<(String, String)>,
    data: Option<Value>,
}

impl GraphError {
    fn new(http: StatusCode, code: u32, message: String) -> Self {
        let said = Said { kind: "OAuthException", message, transient: None, user: None, data: None };
        Self { http, code, subcode: None, said: Box::new(said) }
    }

    /// A fault of a request's parameter, of the Graph API's own kind: `(#100) …`.
    pub(crate) fn parameter(message: impl AsRef<str>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 100, format!("(#100) {}", message.as_ref()))
    }

    /// A required parameter that is not there; `name` in the Graph API's notation, for example `template['name']`.
    pub(crate) fn required(name: &str) -> Self {
        Self::parameter(format!("The parameter {name} is required."))
    }

    /// A parameter outside its set.
    pub(crate) fn not_one_of(name: &str, set: &[&str]) -> Self {
        Self::parameter(format!("Param {name} must be one of {{{}}}", set.join(", ")))
    }

    /// A key that an object does not have.
    pub(crate) fn unexpected_key(key: &str, name: &str) -> Self {
        Self::parameter(format!("Unexpected key \"{key}\" on param \"{name}\"."))
    }

    /// A telephone number that is none, `(#192) …`.
    pub(crate) fn phone_number(name: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 192, format!("(#192) Param {name} is not a valid phone number."))
    }

    /// The Cloud API's refusal of a send: title and HTTP status from the table, with a detail of the case.
    pub(crate) fn send(code: u32, details: impl Into<String>) -> Self {
        let row = row(code);
        let http = StatusCode::from_u16(row.http).unwrap_or(StatusCode::BAD_REQUEST);
        let mut error = Self::new(http, code, format!("(#{code}) {}", row.title));
        error.said.data = Some(json!({"messaging_product": "whatsapp", "details": details.into()}));
        error
    }

    /// As [`GraphError::send`], with the table's own detail.
    pub(crate) fn send_as_listed(code: u32) -> Self {
        Self::send(code, row(code).details)
    }

    /// The account has used up its calls of this hour.
    pub(crate) fn too_many_calls() -> Self {
        let text = "There have been too many calls to this WhatsApp Business account. Wait a bit and try again.";
        let mut error = Self::new(StatusCode::BAD_REQUEST, 80_008, format!("(#80008) {text}"));
        error.said.transient = Some(true);
        error
    }

    /// The refusal of a template: code 100 with a subcode and two sentences for the user.
    pub(crate) fn creation(subcode: Option<u32>, title: &str, text: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::BAD_REQUEST, 100, "Invalid parameter".to_owned());
        error.subcode = subcode;
        error.said.transient = Some(false);
        error.said.user = Some((title.to_owned(), text.into()));
        error
    }

    /// Names the top-level parameter that is to blame.
    pub(crate) fn blaming(mut self, name: &str) -> Self {
        self.said.data = Some(json!({"blame_field_specs": [[name]]}));
        self
    }

    pub(crate) fn with_http(mut self, http: StatusCode) -> Self {
        self.http = http;
        self
    }

    /// No object of this id, or one that does not take the method.
    pub(crate) fn unsupported(method: &str, id: &str) -> Self {
        let mut error = Self::new(
            StatusCode::BAD_REQUEST,
            100,
            format!(
                "Unsupported {} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
                 permissions, or does not support this operation.",
                method.to_ascii_lowercase()
            ),
        );
        error.said.kind = "GraphMethodException";
        error.subcode = Some(33);
        error
    }

    /// A name where an id is expected.
    pub(crate) fn no_alias(alias: &str) -> Self {
        let message = format!("(#803) Some of the aliases you requested do not exist: {alias}");
        Self::new(StatusCode::NOT_FOUND, 803, message)
    }

    /// An edge that the platform has on no object that this sandbox knows.
    pub(crate) fn unknown_path(rest: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 2500, format!("Unknown path components: {rest}"))
    }

    /// An edge or a field of another kind of object.
    pub(crate) fn nonexisting_field(field: &str, node_type: &str) -> Self {
        Self::parameter(format!("Tried accessing nonexisting field ({field}) on node type ({node_type})"))
    }

    /// No access token with a read.
    pub(crate) fn no_token_to_read() -> Self {
        Self::new(StatusCode::FORBIDDEN, 200, "(#200) Provide valid app ID".to_owned())
    }

    /// No access token with a write.
    pub(crate) fn no_token_to_write() -> Self {
        let message = "An access token is required to request this resource.".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, 104, message)
    }

    /// An access token that is not the one which the sandbox takes.
    pub(crate) fn wrong_token() -> Self {
        let message = "Invalid OAuth access token - Cannot parse access token".to_owned();
        Self::new(StatusCode::UNAUTHORIZED, 190, message)
    }

    /// A callback that did not answer its handshake.
    pub(crate) fn callback_unverified(what: &str) -> Self {
        let message = format!("(#2200) Callback verification failed with the following errors: {what}");
        Self::new(StatusCode::BAD_REQUEST, 2200, message)
    }

    /// The sandbox itself can't go on, for example because its disk is full.
    pub(crate) fn internal() -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            1,
            "An unknown error has occurred: the sandbox cannot write its state file.".to_owned(),
        );
        error.said.transient = Some(true);
        error
    }

    /// The body, with a fresh trace id.
    pub(crate) fn body(&self) -> Value {
        let mut error = Map::new();
        error.insert("message".to_owned(), json!(self.said.message));
        error.insert("type".to_owned(), json!(self.said.kind));
        error.insert("code".to_owned(), json!(self.code));
        if let Some(data) = &self.said.data {
            error.insert("error_data".to_owned(), data.clone());
        }
        if let Some(subcode) = self.subcode {
            error.insert("error_subcode".to_owned(), json!(subcode));
        }
        if let Some(transient) = self.said.transient {
            error.insert("is_transient".to_owned(), json!(transient));
        }
        if let Some((title, text)) = &self.said.user {
            error.insert("error_user_title".to_owned(), json!(title));
            error.insert("error_user_msg".to_owned(), json!(text));
        }
        error.insert("fbtrace_id".to_owned(), json!(random::trace_id()));
        json!({"error": error})
    }

    /// For the ledger: `refused: 131030`, with the subcode behind a slash where there is one.
    pub(crate) fn outcome(&self) -> String {
        match self.subcode {
            Some(subcode) => format!("refused: {}/{subcode}", self.code),
            None => format!("refused: {}", self.code),
        }
    }

    #[cfg(test)]
    pub(crate) fn details(&self) -> Option<&str> {
        self.said.data.as_ref()?.get("details")?.as_str()
    }

    #[cfg(test)]
    pub(crate) fn user_text(&self) -> Option<&str> {
        self.said.user.as_ref().map(|(_, text)| text.as_str())
    }

    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.said.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_send_has_the_cloud_apis_envelope() {
        let error = GraphError::send(132_001, "template name (x) does not exist in pt_BR");
        let mut body = error.body();
        assert!(body["error"]["fbtrace_id"].take().is_string());
        assert_eq!(
            body,
            json!({"error": {
                "message": "(#132001) Template name does not exist in the translation",
                "type": "OAuthException",
                "code": 132_001,
                "error_data": {
                    "messaging_product": "whatsapp",
                    "details": "template name (x) does not exist in pt_BR"
                },
                "fbtrace_id": null
            }})
        );
        assert_eq!((error.http.as_u16(), error.outcome().as_str()), (404, "refused: 132001"));
    }
}
