//! `DELETE /templates/{app}/{template}`: delete a template, upstream and here, for good.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use kabar_domain::ids::TemplateId;
use kabar_engine::templates::delete::{DeleteError, Extent};
use kabar_store::template::StoredTemplate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::unswer::details::template_id;
use crate::unswer::envelope::{DELETED, Plain};
use crate::unswer::failure::{Deed, Failure};

/// How much is to be deleted.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// `true` deletes the template in all its languages; then `name` must be there.
    #[param(example = "true")]
    all_languages: Option<String>,
    /// The template's name once more, so that no language is deleted by accident.
    #[param(example = "promo_akhir_pekan")]
    name: Option<String>,
}

/// What was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::Gone)]
pub(super) struct Gone {
    /// 200.
    status_code: u16,
    /// `OK`.
    code: &'static str,
    /// A sentence.
    #[schema(value_type = String)]
    message: Cow<'static, str>,
    /// Where all languages were deleted: what the app had of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Vec<GoneTemplate>>,
}

/// A language that was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::GoneTemplate)]
pub(super) struct GoneTemplate {
    /// The upstream's id it had.
    #[schema(example = "1519350671883350")]
    id: String,
    /// The name.
    #[schema(example = "promo_akhir_pekan")]
    name: String,
    /// The language.
    #[schema(example = "id")]
    language: String,
}

impl GoneTemplate {
    fn of(template: StoredTemplate) -> Self {
        Self { id: template.id.into(), name: template.facts.name, language: template.facts.language }
    }
}

impl Asked {
    fn extent(&self) -> Option<Extent> {
        match self.all_languages.as_deref() {
            None | Some("" | "false") => Some(Extent::Language),
            Some("true") => Some(Extent::Name),
            Some(_) => None,
        }
    }
}

/// Delete a template
///
/// It can't be undone. One language of it is deleted, unless all are asked for.
#[utoipa::path(
    delete,
    path = "/{app}/{template}",
    tag = "unswer",
    security(("bearer" = [])),
    params(
        ("app" = String, Path, description = "The app; the token must be its own"),
        ("template" = String, Path, description = "The template's id"),
        Asked,
    ),
    responses(
        (status = 200, body = Gone, description = "It is deleted"),
        (status = 400, body = Plain, description = "A sample template, all languages without the name, or WhatsApp does not \
            delete it"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 404, body = Plain, description = "The app has no such template"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong here, or WhatsApp did not answer"),
    )
)]
pub(super) async fn delete(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Gone>, Failure> {
    let id = template_id(path).ok_or(Failure::NotFound)?;
    let Ok(Query(asked)) = query else { return Err(Failure::BadRequest) };
    let extent = asked.extent().ok_or(Failure::BadRequest)?;
    if extent == Extent::Name && !is_named(&door, &caller, &id, asked.name.as_deref()).await? {
        return Err(Failure::NotNamed);
    }
    match door.gateway.delete_template(&caller.app, &id, extent).await {
        Ok(deleted) => {
            let data = (extent == Extent::Name).then(|| deleted.into_iter().map(GoneTemplate::of).collect());
            Ok(Json(Gone { status_code: 200, code: "OK", message: Cow::Borrowed(DELETED), data }))
        }
        Err(DeleteError::NotFound) => Err(Failure::NotFound),
        Err(DeleteError::Sample) => Err(Failure::Sample),
        Err(DeleteError::Refused(reason)) => Err(Failure::Refused(Deed::Delete, reason)),
        Err(DeleteError::Upstream(reason)) => {
            tracing::warn!(
                app = caller.app.as_str(),
                template = id.as_str(),
                "the upstream did not delete a template: {reason}"
            );
            Err(Failure::Upstream)
        }
        Err(err @ DeleteError::Store(_)) => {
            tracing::error!(app = caller.app.as_str(), template = id.as_str(), "a template was not deleted: {err}");
            Err(Failure::Internal)
        }
    }
}

/// Whether that is the template's name.
async fn is_named(door: &Door, caller: &Caller, id: &TemplateId, name: Option<&str>) -> Result<bool, Failure> {
    let template = door.gateway.template(&caller.app, id).await.map_err(|err| {
        tracing::error!(app = caller.app.as_str(), template = id.as_str(), "a template could not be read: {err}");
        Failure::Internal
    })?;
    Ok(name == Some(template.ok_or(Failure::NotFound)?.facts.name.as_str()))
}
