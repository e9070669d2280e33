//! Uploading a file that messages carry: one call with a form, answered with the id by which messages of that number name
//! the file. Meta keeps it for 30 days.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode};
use kabar_outbound::{NotSent, Pieces};
use serde::Deserialize;

use crate::call::{self, CallError, UnknownReason};
use crate::client::{GraphClient, encoded};
use crate::error::GraphError;
use crate::token::AccessToken;
use crate::wire::tolerant;

#[derive(Deserialize)]
struct Answer {
    #[serde(deserialize_with = "tolerant::id")]
    id: String,
}

impl GraphClient {
    /// Uploads a file for messages of a number, and gives its id. `boundary` is a
    /// word of letters and digits that does not occur in the file.
    ///
    /// # Errors
    ///
    /// A [`CallError`]. Whether the file has arrived does not matter: one that no message names is forgotten.
    pub async fn upload_media(
        &self,
        token: &AccessToken,
        phone_number_id: &str,
        mime: &str,
        boundary: &str,
        file: Pieces,
    ) -> Result<String, CallError> {
        let field = |name: &str, value: &str| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = format!(
            "{}{}--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
             Content-Type: {mime}\r\n\r\n",
            field("messaging_product", "whatsapp"),
            field("type", mime),
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/{}/media", self.root(), encoded(phone_number_id)))
            .header(AUTHORIZATION, token.header())
            .header(CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
            .body(file.between(head, format!("\r\n--{boundary}--\r\n")))
            .map_err(|_| CallError::NotSent(NotSent::BadUrl))?;
        let answer: Answer = call::read(&self.uploads().send_pieces(request).await?)?;
        // It goes into messages as it came, so it must be what an id is.
        let is_id = |id: &String| !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_digit());
        Some(answer.id).filter(is_id).ok_or(CallError::Unknown(UnknownReason::Unreadable { status: StatusCode::OK }))
    }
}

impl GraphError {
    /// Whether a message was refused because Meta does not know the id of a file that it names, or can't use the file.
    #[must_use]
    pub fn is_of_media(&self) -> bool {
        const WORDS: &str = "media attachment ID";
        match self.code {
            131_052 | 131_053 => true,
            100 => self.message.contains(WORDS) || self.details().is_some_and(|details| details.contains(WORDS)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metas_words_for_an_unknown_file_are_known() {
        let blames = |error: serde_json::Value| serde_json::from_value::<GraphError>(error).unwrap().is_of_media();
        let words = "(#100) Param template['components'][0]['parameters'][0]['image']['id'] is not a valid whatsapp \
                     business account media attachment ID";
        assert!(blames(json!({ "code": 100, "message": words })));
        assert!(blames(
            json!({ "code": 100, "message": "(#100) Invalid parameter", "error_data": { "details": words } })
        ));
        assert!(blames(json!({ "code": 131_053 })) && blames(json!({ "code": 131_052 })));
        assert!(!blames(json!({ "code": 100, "message": "Parameter name is missing or empty" })));
        assert!(!blames(json!({ "code": 132_012, "message": words })));
    }
}
