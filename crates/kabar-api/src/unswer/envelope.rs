//! What every answer of the dialect begins with, and the answers that have nothing more.

use std::borrow::Cow;

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use utoipa::ToSchema;

/// The message of an answer that went well.
pub(super) const PROCESSED: &str = "The request has been successfully processed.";
/// The message when a template was put to the upstream.
pub(super) const RECEIVED: &str = "The request has been successfully received and is being processed.";
/// The message when a template was deleted.
pub(super) const DELETED: &str = "Data has been successfully deleted.";

/// An answer without data.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::Plain)]
pub(super) struct Plain {
    /// The HTTP status once more.
    pub(super) status_code: u16,
    /// The status in words.
    #[schema(value_type = String, example = "NOT_FOUND")]
    pub(super) code: &'static str,
    /// A sentence.
    #[schema(value_type = String, example = "The endpoint you are looking for seems to be not found.")]
    pub(super) message: Cow<'static, str>,
}

/// An answer that says what is wrong with a template.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::Invalid)]
pub(super) struct Invalid {
    /// The HTTP status once more.
    pub(super) status_code: u16,
    /// The status in words.
    #[schema(example = "UNPROCESSABLE_ENTITY")]
    pub(super) code: &'static str,
    /// A sentence.
    #[schema(example = "Data cannot be processed as it is invalid.")]
    pub(super) message: &'static str,
    /// What is wrong, by dotted path: in Indonesian, or in English with `Accept-Language: en`.
    #[schema(
        value_type = std::collections::BTreeMap<String, String>,
        example = json!({ "components.0.buttons.0.phone_number": "Nomor telepon harus ber-tipe data number" })
    )]
    pub(super) errors: FieldErrors,
}

/// Sentences by path, in the order in which the faults were found.
#[derive(Debug, Default)]
pub(super) struct FieldErrors(pub(super) Vec<(String, String)>);

impl Serialize for FieldErrors {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (path, sentence) in &self.0 {
            map.serialize_entry(path, sentence)?;
        }
        map.end()
    }
}
