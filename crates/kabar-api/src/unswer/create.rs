//! `POST /templates/{app}`: have a template created.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use http::{HeaderMap, StatusCode};
use kabar_domain::catalogue::Locale;
use kabar_domain::fault::Faults;
use kabar_domain::template::draft::Draft;
use kabar_domain::template::{Category, Status};
use kabar_engine::templates::create::{CreateError, CreatedTemplate};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::body;
use crate::door::{Caller, Door};
use crate::locale;
use crate::unswer::envelope::{Invalid, Plain, RECEIVED};
use crate::unswer::extras::{Warning, warnings};
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
    /// After an edit, and only if something is doubtful about it.
    #[serde(rename = "$extras", skip_serializing_if = "Option::is_none")]
    extras: Option<Doubts>,
}

/// What is doubtful about an edit that was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Doubts)]
pub(super) struct Doubts {
    /// What WhatsApp may refuse, or what sources contradict each other about.
    warnings: Vec<Warning>,
}

impl Received {
    /// The template was put to the upstream.
    pub(super) fn of(id: String, status: Status, category: Category, doubts: &Faults, locale: Locale) -> Self {
        let extras = (!doubts.is_empty()).then(|| Doubts { warnings: warnings(doubts, locale) });
        let data = Created { id, status: status.as_str(), category: category.as_str(), extras };
        Self { status_code: 202, code: "OK", message: RECEIVED, data }
    }
}

const NAMED: &str = include_str!("../../../../docs/examples/named_variables/template.json");
const OFFER: &str = include_str!("../../../../docs/examples/limited_time_offer/template.json");
const CAROUSEL: &str = include_str!("../../../../docs/examples/product_carousel/template.json");

/// A template from the documentation; it is tried out there.
fn example(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
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
        ("named" = (summary = "Variables with names", value = json!(example(NAMED)))),
        ("offer" = (summary = "Limited-time offer", value = json!(example(OFFER)))),
        ("carousel" = (summary = "Carousel of products", value = json!(example(CAROUSEL)))),
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
            // The vendor's own example is doubtful in one place, and the answer to it has three fields; so what is doubtful
            // about a new template stands in its details.
            let CreatedTemplate { id, status, category } = created;
            Ok((StatusCode::ACCEPTED, Json(Received::of(id.into(), status, category, &Faults::none(), locale))))
        }
        Err(CreateError::Faults(faults)) => Err(Failure::invalid(&faults, locale)),
        Err(CreateError::Upstream(reason)) => {
            tracing::warn!(app = caller.app.as_str(), "the upstream did not create a template: {reason}");
            Err(Failure::Upstream)
        }
        Err(CreateError::Sample(err)) => Err(Failure::of_sample(&err, &caller.app, locale)),
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
        let (id, none) = ("954710036062606", Faults::none());
        let received = Received::of(id.to_owned(), Status::Pending, Category::Utility, &none, Locale::Indonesian);
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
        let path = kabar_domain::fault::Path::root().key("components").index(0).key("text");
        let doubt = kabar_domain::fault::Fault::new(path, kabar_domain::rule::Rule::BodyEdgesClose);
        let received = Received::of(id.to_owned(), Status::Pending, Category::Utility, &doubt.into(), Locale::English);
        insta::assert_snapshot!(serde_json::to_string(&received.data).unwrap(), @r#"{"id":"954710036062606","status":"PENDING","category":"UTILITY","$extras":{"warnings":[{"path":"components.0.text","rule":"body_edges_close","message":"Text starts or ends with a variable and punctuation alone, which WhatsApp may refuse"}]}}"#);
    }
}
