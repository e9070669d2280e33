//! `POST /templates/{app}`: have a template created.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use kabar_domain::catalogue::Locale;
use kabar_domain::template::draft::Draft;
use kabar_engine::templates::create::CreateError;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::door::{Caller, Door};
use crate::locale;
use crate::unswer::envelope::{Invalid, Plain, RECEIVED};
use crate::unswer::failure::Failure;
use crate::unswer::schema::NewTemplate;

/// The template was put to the upstream, and is reviewed there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::Received)]
pub(super) struct Received {
    /// 202.
    status_code: u16,
    /// `OK`.
    code: &'static str,
    /// A sentence.
    message: &'static str,
    data: Created,
}

/// A template that is new.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Created)]
pub(super) struct Created {
    /// The upstream's id, digits.
    #[schema(example = "954710036062606")]
    id: String,
    /// Its status.
    #[schema(example = "PENDING")]
    status: &'static str,
    /// Its category, as the upstream judges it.
    #[schema(example = "UTILITY")]
    category: &'static str,
}

/// Create a template
///
/// Everything that is wrong with it is told at once, and nothing of it reaches WhatsApp then.
#[utoipa::path(
    post,
    path = "/{app}",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("Accept-Language" = Option<String>, Header, description = "`en` for English sentences; Indonesian otherwise"),
    ),
    request_body(content = NewTemplate, examples(
        ("greeting" = (summary = "Text with two variables", value = json!(NewTemplate::greeting()))),
        ("order" = (summary = "Picture, buttons and footer", value = json!(NewTemplate::order()))),
        ("code" = (summary = "Login code", value = json!(NewTemplate::login_code()))),
    )),
    responses(
        (status = 202, body = Received),
        (status = 400, body = Plain, description = "The body is no JSON object"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 422, body = Invalid, description = "What is wrong with the template, or why WhatsApp refused it"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
    )
)]
pub(super) async fn create(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Received>), Failure> {
    let locale = locale::of(&headers, Locale::Indonesian);
    let bytes = body::read(body, door.max_body_bytes).await.map_err(|_| Failure::BadRequest)?;
    let document: Value = serde_json::from_slice(&bytes).map_err(|_| Failure::BadRequest)?;
    if !document.is_object() {
        return Err(Failure::BadRequest);
    }
    let draft = Draft::parse(&document).map_err(|faults| Failure::invalid(&faults, locale))?;
    match door.gateway.create_template(&caller.app, draft).await {
        Ok(created) => {
            let data =
                Created { id: created.id.into(), status: created.status.as_str(), category: created.category.as_str() };
            Ok((StatusCode::ACCEPTED, Json(Received { status_code: 202, code: "OK", message: RECEIVED, data })))
        }
        Err(CreateError::Faults(faults)) => Err(Failure::invalid(&faults, locale)),
        Err(CreateError::Upstream(reason)) => {
            tracing::warn!(app = caller.app.as_str(), "the upstream did not create a template: {reason}");
            Err(Failure::Upstream)
        }
        Err(err @ (CreateError::NoSender | CreateError::Store(_))) => {
            tracing::error!(app = caller.app.as_str(), "a template was not created: {err}");
            Err(Failure::Internal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_as_the_page_has_it() {
        let data = Created { id: "954710036062606".to_owned(), status: "PENDING", category: "UTILITY" };
        let received = Received { status_code: 202, code: "OK", message: RECEIVED, data };
        insta::assert_snapshot!(serde_json::to_string_pretty(&received).unwrap(), @r#"
        {
          "statusCode": 202,
          "code": "OK",
          "message": "The request has been successfully received and is being processed.",
          "data": {
            "id": "954710036062606",
            "status": "PENDING",
            "category": "UTILITY"
          }
        }
        "#);
    }
}
