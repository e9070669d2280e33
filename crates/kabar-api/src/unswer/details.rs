//! `GET /templates/{app}/{template}`: one template, with its components.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use kabar_domain::ids::TemplateId;
use kabar_store::template::StoredTemplate;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::unswer::envelope::{PROCESSED, Plain};
use crate::unswer::failure::Failure;
use crate::unswer::schema::Component;

/// One template.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::One)]
pub(super) struct One {
    /// 200.
    status_code: u16,
    /// `OK`.
    code: &'static str,
    /// A sentence.
    message: &'static str,
    data: Details,
}

/// All that is known of a template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Details)]
pub(super) struct Details {
    /// The upstream's id, digits.
    #[schema(example = "1519350671883350")]
    id: String,
    /// Its name.
    #[schema(example = "otp_code")]
    name: String,
    /// Its language.
    #[schema(example = "id")]
    language: String,
    /// Its category, as the upstream judges it.
    #[schema(example = "AUTHENTICATION")]
    category: &'static str,
    /// Its status; only by `APPROVED` ones can be sent.
    #[schema(example = "APPROVED")]
    status: &'static str,
    /// The components as they were created, with their examples.
    #[schema(value_type = Vec<Component>)]
    components: Box<RawValue>,
    #[serde(rename = "$extras")]
    extras: Extras,
}

/// What is known beside the template itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Extras)]
pub(super) struct Extras {
    /// Whether link tracking is switched off.
    cta_url_link_tracking_opted_out: bool,
    quality_score: QualityScore,
    /// Why it was rejected; `NONE` when it was not.
    #[schema(example = "NONE")]
    rejected_reason: String,
    /// What the OCA dialect sends by.
    #[schema(example = "0199a4f4_0000_7000_8000_000000000001:otp_code")]
    template_code_id: String,
    /// A finer kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_category: Option<String>,
    /// For how many seconds after sending the upstream tries to deliver.
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    /// `POSITIONAL` or `NAMED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter_format: Option<String>,
}

/// How recipients have taken the template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::QualityScore)]
pub(super) struct QualityScore {
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[schema(example = "UNKNOWN")]
    score: String,
    /// Since when, in Unix seconds.
    #[schema(example = 1_715_671_267)]
    date: i64,
}

/// Read a template
#[utoipa::path(
    get,
    path = "/{app}/{template}",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id")
    ),
    responses(
        (status = 200, body = One),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong on our side"),
    )
)]
pub(super) async fn details(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<One>, Failure> {
    let id = template_id(path).ok_or(Failure::NotFound)?;
    let template = match door.gateway.template(&caller.app, &id).await {
        Ok(Some(template)) => template,
        Ok(None) => return Err(Failure::NotFound),
        Err(err) => {
            tracing::error!(app = caller.app.as_str(), template = id.as_str(), "a template could not be read: {err}");
            return Err(Failure::Internal);
        }
    };
    match Details::of(template) {
        Ok(data) => Ok(Json(One { status_code: 200, code: "OK", message: PROCESSED, data })),
        Err(err) => {
            tracing::error!(
                app = caller.app.as_str(),
                template = id.as_str(),
                "components are kept that are no JSON: {err}"
            );
            Err(Failure::Internal)
        }
    }
}

/// The template that a path names. What can't be an id names nothing.
pub(super) fn template_id(path: Result<Path<(String, String)>, PathRejection>) -> Option<TemplateId> {
    let Path((_, template)) = path.ok()?;
    TemplateId::parse(&template).ok()
}

impl Details {
    fn of(template: StoredTemplate) -> Result<Self, serde_json::Error> {
        let facts = template.facts;
        let since = facts.quality_at.unwrap_or(template.created_at);
        Ok(Self {
            id: template.id.into(),
            name: facts.name,
            language: facts.language,
            category: facts.category.as_str(),
            status: facts.status.as_str(),
            components: RawValue::from_string(facts.components)?,
            extras: Extras {
                cta_url_link_tracking_opted_out: facts.link_tracking_opted_out,
                quality_score: QualityScore { score: facts.quality, date: since.as_seconds() },
                rejected_reason: facts.rejected_reason,
                template_code_id: template.code.to_string(),
                sub_category: facts.sub_category,
                ttl: facts.ttl,
                parameter_format: facts.parameter_format,
            },
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use kabar_domain::clock::Moment;
    use kabar_domain::ids::{AppId, TemplateCode, WabaId};
    use kabar_domain::template::{Category, Status};
    use kabar_store::template::TemplateFacts;

    use super::*;

    /// A template as the store has it.
    pub(in crate::unswer) fn stored(seq: i64) -> StoredTemplate {
        StoredTemplate {
            seq,
            app: AppId::parse("demo").unwrap(),
            waba: WabaId::parse("10").unwrap(),
            id: TemplateId::parse(&format!("15193506718833{seq:02}")).unwrap(),
            code: TemplateCode::from_caller(&format!("uuid:otp_code_{seq}")),
            facts: TemplateFacts {
                name: format!("otp_code_{seq}"),
                language: "id".to_owned(),
                category: Category::Authentication,
                status: Status::Approved,
                components: r#"[{"type":"BODY","text":"*{{1}}*","example":{"body_text":[["123456"]]}}]"#.to_owned(),
                sub_category: None,
                ttl: None,
                parameter_format: None,
                link_tracking_opted_out: false,
                quality: "UNKNOWN".to_owned(),
                quality_at: None,
                rejected_reason: "NONE".to_owned(),
                sample: false,
            },
            created_at: Moment::from_millis(1_715_671_267_900),
            updated_at: Moment::from_millis(1_715_671_300_000),
        }
    }

    #[test]
    fn the_answer_is_as_the_page_has_it() {
        let data = Details::of(stored(1)).unwrap();
        let one = One { status_code: 200, code: "OK", message: PROCESSED, data };
        insta::assert_snapshot!(serde_json::to_string_pretty(&one).unwrap(), @r#"
        {
          "statusCode": 200,
          "code": "OK",
          "message": "The request has been successfully processed.",
          "data": {
            "id": "1519350671883301",
            "name": "otp_code_1",
            "language": "id",
            "category": "AUTHENTICATION",
            "status": "APPROVED",
            "components": [{"type":"BODY","text":"*{{1}}*","example":{"body_text":[["123456"]]}}],
            "$extras": {
              "cta_url_link_tracking_opted_out": false,
              "quality_score": {
                "score": "UNKNOWN",
                "date": 1715671267
              },
              "rejected_reason": "NONE",
              "template_code_id": "uuid:otp_code_1"
            }
          }
        }
        "#);
    }

    #[test]
    fn what_is_set_beyond_the_page_is_told() {
        let mut template = stored(1);
        template.facts.sub_category = Some("ORDER_STATUS".to_owned());
        template.facts.ttl = Some(60);
        template.facts.parameter_format = Some("POSITIONAL".to_owned());
        template.facts.quality_at = Some(Moment::from_seconds(1_800_000_000));
        let extras = serde_json::to_string(&Details::of(template).unwrap().extras).unwrap();
        insta::assert_snapshot!(extras, @r#"{"cta_url_link_tracking_opted_out":false,"quality_score":{"score":"UNKNOWN","date":1800000000},"rejected_reason":"NONE","template_code_id":"uuid:otp_code_1","sub_category":"ORDER_STATUS","ttl":60,"parameter_format":"POSITIONAL"}"#);
    }

    #[test]
    fn components_that_are_no_json_are_not_passed_on() {
        let mut template = stored(1);
        template.facts.components = "[".to_owned();
        assert!(Details::of(template).is_err());
    }
}
