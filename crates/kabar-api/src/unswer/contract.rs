//! `GET /templates/{app}/{template}/contract`: what a send by a template must provide.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::header::HOST;
use http::{HeaderMap, Uri};
use kabar_domain::catalogue::Locale;
use kabar_domain::send::Values;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::locale;
use crate::unswer::envelope::{Invalid, PROCESSED, Plain};
use crate::unswer::failure::Failure;
use crate::unswer::shown::Shown;

/// How a template is sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::ContractAnswer)]
pub(super) struct Answer {
    /// 200.
    status_code: u16,
    /// `OK`.
    code: &'static str,
    /// A sentence.
    message: &'static str,
    data: Contract,
}

/// What a send by the template must provide.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Contract)]
pub(super) struct Contract {
    /// What is sent by.
    #[schema(example = "0199a4f4_0000_7000_8000_000000000001:greeting_message")]
    template_code_id: String,
    /// The JSON Schema (2020-12) of the body of a send by this template.
    #[schema(value_type = Object)]
    schema: Value,
    /// Such a body, filled with the template's own examples.
    #[schema(value_type = Object)]
    example: Value,
    /// The same as a command, ready to paste where `$TOKEN` is set.
    #[schema(example = "curl -X POST 'https://kabar.example/api/v2/push/message' …")]
    curl: String,
}

/// Read what a send must provide
///
/// The schema is made from the template as it is now. Programs can check a body by it, or build a form from it, before they
/// send; what it takes is taken, but for what a schema can't say, such as how long a text gets with all its values.
#[utoipa::path(
    get,
    path = "/{app}/{template}/contract",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id"),
        ("Accept-Language" = Option<String>, Header, description = "`en` for English sentences; Indonesian otherwise"),
    ),
    responses(
        (status = 200, body = Answer),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 422, body = Invalid, description = "The template has a part that Kabar does not know how to fill"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong on our side"),
    )
)]
pub(super) async fn contract(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    uri: Uri,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Answer>, Failure> {
    let shown = Shown::find(&door, &caller, path).await?;
    let now = door.gateway.clock().now();
    let (code, sending) = (&shown.template.code, door.sending);
    if !shown.contract.unknown().is_empty() {
        // Binding says so, in the words that a send would be told.
        let given = sending.read(&Value::Array(Vec::new()), code);
        if let Err(faults) = shown.contract.bind(&Values::default(), now, &given.path_of) {
            return Err(Failure::invalid(&faults, locale::of(&headers, Locale::Indonesian)));
        }
    }
    let samples = shown.samples(&door);
    let example = sending.body(code, &samples);
    let base = base_url(door.public_url.as_deref(), &headers, &uri);
    let data = Contract {
        template_code_id: code.to_string(),
        schema: sending.schema(code, &shown.contract, &samples, now),
        curl: curl(&format!("{base}{}", sending.path()), &example),
        example,
    };
    Ok(Json(Answer { status_code: 200, code: "OK", message: PROCESSED, data }))
}

/// Where the caller finds this gateway: as it is configured, or as the caller has found it now.
fn base_url(public_url: Option<&str>, headers: &HeaderMap, uri: &Uri) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let host = authority.or_else(|| headers.get(HOST).and_then(|host| host.to_str().ok()));
    // It is repeated in a command, so it must be no more than a host.
    let is_host = |host: &&str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b));
    format!("http://{}", host.filter(is_host).filter(|host| !host.is_empty()).unwrap_or("localhost"))
}

/// A command for a shell that sends the body.
fn curl(url: &str, body: &Value) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let (url, body) = (quoted(url), quoted(&format!("{body:#}")));
    format!(
        "curl -X POST {url} \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  -d {body}"
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_gateway_is_where_it_is_said_to_be_or_was_found() {
        let found = |public_url: Option<&str>, host: &'static str, uri: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            base_url(public_url, &headers, &Uri::from_static(uri))
        };
        assert_eq!(found(Some("https://kabar.example/"), "127.0.0.1:8080", "/"), "https://kabar.example");
        assert_eq!(found(None, "127.0.0.1:8080", "/a"), "http://127.0.0.1:8080");
        assert_eq!(found(None, "", "http://kabar.example:80/a"), "http://kabar.example:80");
        for odd in ["", "a'b", "a b", "$(id)"] {
            assert_eq!(found(None, odd, "/"), "http://localhost", "{odd}");
        }
    }

    #[test]
    fn a_command_is_one_argument_for_each_text() {
        let command = curl("http://localhost/x", &json!({ "text": "Jum'at" }));
        assert_eq!(
            command,
            "curl -X POST 'http://localhost/x' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  \
             -H 'Content-Type: application/json' \\\n  -d '{\n  \"text\": \"Jum'\\''at\"\n}'"
        );
    }
}
