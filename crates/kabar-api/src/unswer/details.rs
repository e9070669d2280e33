//! `GET /templates/{app}/{template}`: one template, with its components.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::HeaderMap;
use kabar_domain::catalogue::Locale;
use kabar_domain::ids::TemplateId;
use kabar_store::template::{StoredTemplate, TemplateEvent};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::locale;
use crate::unswer::envelope::{PROCESSED, Plain};
use crate::unswer::extras::Extras;
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

/// Read a template
#[utoipa::path(
    get,
    path = "/{app}/{template}",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id"),
        ("Accept-Language" = Option<String>, Header, description = "`en` for English sentences; Indonesian otherwise"),
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
    headers: HeaderMap,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<One>, Failure> {
    let id = template_id(path).ok_or(Failure::NotFound)?;
    let unreadable = |err: kabar_store::Error| {
        tracing::error!(app = caller.app.as_str(), template = id.as_str(), "a template could not be read: {err}");
        Failure::Internal
    };
    let template = door.gateway.template(&caller.app, &id).await.map_err(unreadable)?.ok_or(Failure::NotFound)?;
    let events = door.gateway.template_events(&caller.app, &id).await.map_err(unreadable)?;
    match Details::of(template, &events, locale::of(&headers, Locale::Indonesian)) {
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
    fn of(template: StoredTemplate, events: &[TemplateEvent], locale: Locale) -> Result<Self, serde_json::Error> {
        let extras = Extras::of(&template, events, locale);
        let facts = template.facts;
        Ok(Self {
            id: template.id.into(),
            name: facts.name,
            language: facts.language,
            category: facts.category.as_str(),
            status: facts.status.as_str(),
            components: RawValue::from_string(facts.components)?,
            extras,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use kabar_domain::clock::Moment;
    use kabar_domain::ids::{AppId, TemplateCode, WabaId};
    use kabar_domain::template::{Category, Status};
    use kabar_store::template::{ComingCategory, EventKind, EventSource, StatusNote, TemplateFacts, Told};

    use super::*;

    /// A template as the store has it.
    pub(in crate::unswer) fn stored(seq: i64) -> StoredTemplate {
        StoredTemplate {
            seq,
            app: AppId::parse("demo").unwrap(),
            waba: WabaId::parse("10").unwrap(),
            id: TemplateId::parse(&format!("15193506718833{seq:02}")).unwrap(),
            code: TemplateCode::from_caller(&format!("uuid:otp_code_{seq}")),
            facts: TemplateFacts::new(
                &format!("otp_code_{seq}"),
                "id",
                Category::Authentication,
                Status::Approved,
                r#"[{"type":"BODY","text":"*{{1}}*","example":{"body_text":[["123456"]]}}]"#,
            ),
            asked: Category::Authentication,
            told: Told::default(),
            created_at: Moment::from_millis(1_715_671_267_900),
            updated_at: Moment::from_millis(1_715_671_300_000),
        }
    }

    #[test]
    fn the_answer_is_as_the_page_has_it() {
        let data = Details::of(stored(1), &[event()], Locale::Indonesian).unwrap();
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
              "template_code_id": "uuid:otp_code_1",
              "history": [
                {
                  "at": 1715671268,
                  "what": "status",
                  "from": "PENDING",
                  "to": "APPROVED",
                  "by": "webhook"
                }
              ]
            }
          }
        }
        "#);
    }

    fn event() -> TemplateEvent {
        TemplateEvent {
            at: Moment::from_seconds(1_715_671_268),
            kind: EventKind::Status,
            source: EventSource::Webhook,
            was: Some("PENDING".to_owned()),
            became: Some("APPROVED".to_owned()),
            reason: None,
        }
    }

    #[test]
    fn what_is_set_beyond_the_page_is_told() {
        let mut template = stored(1);
        let facts = &mut template.facts;
        facts.category = Category::Utility;
        facts.components =
            r#"[{"type":"BODY","text":"Kode pesanan Anda sekarang adalah {{1}}.","example":{"body_text":[["1"]]}}]"#
                .to_owned();
        facts.sub_category = Some("ORDER_STATUS".to_owned());
        facts.ttl = Some(60);
        facts.parameter_format = Some("POSITIONAL".to_owned());
        facts.quality_at = Some(Moment::from_seconds(1_800_000_000));
        facts.status = Status::Rejected;
        facts.note = StatusNote { title: Some("too short".to_owned()), text: Some("write more".to_owned()) };
        facts.previous_category = Some(Category::Marketing);
        facts.coming =
            Some(ComingCategory { category: Category::Marketing, at: Some(Moment::from_seconds(1_800_000_001)) });
        let shown = |template: &StoredTemplate, locale| {
            let extras = Details::of(template.clone(), &[], locale).unwrap().extras;
            serde_json::to_string(&extras).unwrap()
        };
        insta::assert_snapshot!(shown(&template, Locale::English), @r#"{"cta_url_link_tracking_opted_out":false,"quality_score":{"score":"UNKNOWN","date":1800000000},"rejected_reason":"NONE","template_code_id":"uuid:otp_code_1","sub_category":"ORDER_STATUS","ttl":60,"parameter_format":"POSITIONAL","rejection_info":{"reason":"too short","recommendation":"write more"},"previous_category":"MARKETING","requested_category":"AUTHENTICATION","category_change":{"to":"MARKETING","at":1800000001},"warnings":[{"path":"components.0.text","rule":"body_edges_close","message":"Text starts or ends with a variable and punctuation alone, which WhatsApp may refuse"}],"history":[]}"#);
        template.facts.status = Status::Disabled;
        template.facts.disabled_at = Some(Moment::from_seconds(1_800_000_002));
        template.facts.note = StatusNote { title: Some("DISABLED".to_owned()), text: None };
        insta::assert_snapshot!(shown(&template, Locale::Indonesian), @r#"{"cta_url_link_tracking_opted_out":false,"quality_score":{"score":"UNKNOWN","date":1800000000},"rejected_reason":"NONE","template_code_id":"uuid:otp_code_1","sub_category":"ORDER_STATUS","ttl":60,"parameter_format":"POSITIONAL","other_info":{"title":"DISABLED"},"disabled_at":1800000002,"previous_category":"MARKETING","requested_category":"AUTHENTICATION","category_change":{"to":"MARKETING","at":1800000001},"warnings":[{"path":"components.0.text","rule":"body_edges_close","message":"Teks diawali atau diakhiri variabel yang hanya disertai tanda baca; WhatsApp mungkin menolaknya"}],"history":[]}"#);
    }

    #[test]
    fn components_that_are_no_json_are_not_passed_on() {
        let mut template = stored(1);
        template.facts.components = "[".to_owned();
        assert!(Details::of(template, &[], Locale::Indonesian).is_err());
    }
}
