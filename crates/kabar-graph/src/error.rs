//! The error object in which Meta says why a call was refused.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::errors::{self, Advice};
use crate::wire::tolerant;

/// The whole body of an error answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEnvelope {
    /// The error.
    pub error: GraphError,
}

/// An error as Meta tells it. Only `code` is always there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphError {
    /// The code on which to decide; see [`errors::row`].
    #[serde(deserialize_with = "tolerant::number")]
    pub code: u32,
    /// Meta's sentence, often `(#code) title`. Empty when there is none.
    #[serde(default, deserialize_with = "tolerant::text")]
    pub message: String,
    /// The kind of error, such as `OAuthException`.
    #[serde(rename = "type", default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The finer code; the one that matters for refused templates, see [`errors::creation_subcode`].
    #[serde(default, deserialize_with = "tolerant::option_number", skip_serializing_if = "Option::is_none")]
    pub error_subcode: Option<u32>,
    /// Whether Meta itself calls it passing.
    #[serde(default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub is_transient: Option<bool>,
    /// A title for people, in the language of the token's user.
    #[serde(default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub error_user_title: Option<String>,
    /// A sentence for people, in the language of the token's user.
    #[serde(default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub error_user_msg: Option<String>,
    /// What exactly was wrong.
    #[serde(default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub error_data: Option<ErrorData>,
    /// What to quote to Meta's support.
    #[serde(default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub fbtrace_id: Option<String>,
}

/// What exactly was wrong, in an error of the Cloud API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorData {
    /// `whatsapp`.
    #[serde(default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub messaging_product: Option<String>,
    /// The finding in words, such as which parameter did not fit.
    #[serde(default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// Paths of the fields that are to blame.
    #[serde(default, deserialize_with = "tolerant::option", skip_serializing_if = "Option::is_none")]
    pub blame_field_specs: Option<Vec<Vec<String>>>,
}

impl GraphError {
    /// The finding in words, where there is one.
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        self.error_data.as_ref()?.details.as_deref()
    }

    /// What to do about it, by code and subcode, given the HTTP status of the answer.
    ///
    /// Code 100 with subcode 33 means that the object in the path (the sender, the WABA) is unknown or not ours to use, so
    /// every call on it fails alike. For a code that the table has not, Meta's own `is_transient` counts before the status.
    #[must_use]
    pub fn advice(&self, http_status: u16) -> Advice {
        if self.code == 100 && self.error_subcode == Some(33) {
            return Advice::HoldSender;
        }
        if errors::row(self.code).is_none() && self.is_transient == Some(true) {
            return Advice::Transient;
        }
        errors::advice(self.code, http_status)
    }
}

/// Code, subcode and title; not Meta's sentence, which may quote what was sent.
impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}", self.code)?;
        if let Some(subcode) = self.error_subcode {
            write!(f, ".{subcode}")?;
        }
        let creation = self.error_subcode.and_then(errors::creation_subcode).map(|error| error.title);
        if let Some(title) = creation.or_else(|| errors::row(self.code).map(|row| row.title)) {
            write!(f, " ({title})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ErrorEnvelope, GraphError};
    use crate::errors::Advice;

    fn error(body: serde_json::Value) -> GraphError {
        serde_json::from_value::<ErrorEnvelope>(body).unwrap().error
    }

    #[test]
    fn a_send_error_is_read_and_written_alike() {
        let body = json!({"error": {
            "message": "(#132001) Template name does not exist in the translation",
            "type": "OAuthException",
            "code": 132_001,
            "error_data": {"messaging_product": "whatsapp", "details": "template name (promo_april) does not exist in id"},
            "fbtrace_id": "Axyz",
        }});
        let read = error(body.clone());
        assert_eq!(read.details(), Some("template name (promo_april) does not exist in id"));
        assert_eq!(read.to_string(), "code 132001 (Template does not exist)");
        assert_eq!(serde_json::to_value(ErrorEnvelope { error: read }).unwrap(), body);
    }

    #[test]
    fn a_creation_error_is_read() {
        let read = error(json!({"error": {
            "message": "Invalid parameter",
            "type": "OAuthException",
            "code": 100,
            "error_data": {"blame_field_specs": [["name"]]},
            "error_subcode": 2_388_046,
            "is_transient": false,
            "error_user_title": "Name Format is Incorrect",
            "error_user_msg": "…",
            "fbtrace_id": "Axyz",
        }}));
        assert_eq!(read.error_data.clone().unwrap().blame_field_specs, Some(vec![vec!["name".to_owned()]]));
        assert_eq!(read.to_string(), "code 100.2388046 (Name Format is Incorrect)");
        assert_eq!(read.advice(400), Advice::Never);
    }

    #[test]
    fn odd_kinds_of_fields_do_not_hide_the_code() {
        let read = error(json!({"error": {
            "code": "131056", "message": null, "error_data": "{}", "is_transient": "yes", "error_subcode": "12",
        }}));
        assert_eq!((read.code, read.error_subcode), (131_056, Some(12)));
        assert_eq!((read.error_data.clone(), read.is_transient), (None, None));
        assert!(serde_json::from_str::<ErrorEnvelope>(r#"{"error":{"message":"no code"}}"#).is_err());
        assert!(serde_json::from_str::<ErrorEnvelope>(r#"{"error":"busy"}"#).is_err());
    }

    #[test]
    fn advice_looks_at_the_subcode_and_at_metas_own_word() {
        let unknown_object = error(json!({"error": {"code": 100, "error_subcode": 33}}));
        assert_eq!(unknown_object.advice(400), Advice::HoldSender);
        let passing = error(json!({"error": {"code": 999_999, "is_transient": true}}));
        assert_eq!(passing.advice(400), Advice::Transient);
        let lasting = error(json!({"error": {"code": 999_999}}));
        assert_eq!(lasting.advice(400), Advice::Never);
    }
}
