//! `GET /templates/{app}`: an app's templates, page by page, newest first.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::{Extension, Json};
use kabar_store::template::{StoredTemplate, TemplatePage, Walk};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::door::{Caller, Door};
use crate::unswer::cursor;
use crate::unswer::envelope::{PROCESSED, Plain};
use crate::unswer::failure::Failure;

const DEFAULT_LIMIT: u32 = 10;
const MAX_LIMIT: u32 = 50;

/// Which page is asked for. Empty parameters are as if they were not there; unknown ones are passed over.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// How many templates a page has, from 1 to 50; 10 when it is not said.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 50, default = 10)]
    limit: Option<String>,
    /// Back from here: `meta.cursors.before` of another page. Not together with `after`.
    before: Option<String>,
    /// On from here: `meta.cursors.after` of another page. Not together with `before`.
    after: Option<String>,
}

/// A page of templates.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = unswer::Page)]
pub(super) struct Page {
    /// 200.
    status_code: u16,
    /// `OK`.
    code: &'static str,
    /// A sentence.
    message: &'static str,
    /// The templates, newest first.
    data: Vec<Item>,
    meta: Meta,
}

/// A template in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Item)]
pub(super) struct Item {
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
}

/// Where the page stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Meta)]
pub(super) struct Meta {
    cursors: Cursors,
}

/// The ways on from a page.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Cursors)]
pub(super) struct Cursors {
    /// Towards newer templates; there on every page that has any, since a newer one may come at any time.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// Towards older templates; there only if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// List templates
///
/// Who follows `after` until it is gone meets every template exactly once, also while others come and go.
#[utoipa::path(
    get,
    path = "/{app}",
    tag = "unswer",
    security(("bearer" = [])),
    params(("app" = String, Path, description = "The app; the token must be its own"), Asked),
    responses(
        (status = 200, body = Page),
        (status = 400, body = Plain, description = "A query parameter is wrong"),
        (status = 401, body = Plain, description = "No valid token"),
        (status = 403, body = Plain, description = "A token of another app, or one that is not for templates"),
        (status = 429, body = Plain, description = "More requests than the app may make"),
        (status = 500, body = Plain, description = "Something went wrong on our side"),
    )
)]
pub(super) async fn list(
    State(door): State<Arc<Door>>,
    Extension(caller): Extension<Caller>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, Failure> {
    let Ok(Query(asked)) = query else { return Err(Failure::BadRequest) };
    let (walk, limit) = asked.read().ok_or(Failure::BadRequest)?;
    match door.gateway.template_page(&caller.app, walk, limit).await {
        Ok(page) => Ok(Json(answer(&page))),
        Err(err) => {
            tracing::error!(app = caller.app.as_str(), "templates could not be listed: {err}");
            Err(Failure::Internal)
        }
    }
}

impl Asked {
    fn read(&self) -> Option<(Walk, u32)> {
        let given = |parameter: &'static str, value: &Option<String>| {
            value.as_deref().filter(|text| !text.is_empty()).map(|text| (parameter, text.to_owned()))
        };
        let limit = match given("limit", &self.limit) {
            None => DEFAULT_LIMIT,
            Some((_, text)) => text.parse::<NonZeroU32>().ok().filter(|limit| limit.get() <= MAX_LIMIT)?.get(),
        };
        let walk = match (given("before", &self.before), given("after", &self.after)) {
            (None, None) => Walk::FromStart,
            (Some((_, before)), None) => Walk::Before(cursor::read(&before)?),
            (None, Some((_, after))) => Walk::After(cursor::read(&after)?),
            (Some(_), Some(_)) => return None,
        };
        Some((walk, limit))
    }
}

fn answer(page: &TemplatePage) -> Page {
    let at = |template: Option<&StoredTemplate>| template.map(|template| cursor::write(template.seq));
    let cursors = Cursors { before: at(page.items.first()), after: at(page.items.last()).filter(|_| page.has_after) };
    Page {
        status_code: 200,
        code: "OK",
        message: PROCESSED,
        data: page.items.iter().map(Item::of).collect(),
        meta: Meta { cursors },
    }
}

impl Item {
    fn of(template: &StoredTemplate) -> Self {
        Self {
            id: template.id.to_string(),
            name: template.facts.name.clone(),
            language: template.facts.language.clone(),
            category: template.facts.category.as_str(),
            status: template.facts.status.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unswer::details::tests::stored;

    fn asked(limit: &str, before: &str, after: &str) -> Option<(Walk, u32)> {
        let given = |text: &str| (text != "-").then(|| text.to_owned());
        Asked { limit: given(limit), before: given(before), after: given(after) }.read()
    }

    #[test]
    fn a_page_is_asked_for_within_the_rules() {
        let cursor = cursor::write(7);
        assert_eq!(asked("-", "-", "-"), Some((Walk::FromStart, 10)));
        assert_eq!(asked("", "", ""), Some((Walk::FromStart, 10)));
        assert_eq!(asked("50", "-", &cursor), Some((Walk::After(7), 50)));
        assert_eq!(asked("1", &cursor, ""), Some((Walk::Before(7), 1)));
        for limit in ["0", "51", "-1", "x", "1.5", " 1", "99999999999"] {
            assert_eq!(asked(limit, "", ""), None, "{limit}");
        }
        assert_eq!(asked("", &cursor, &cursor), None);
        assert_eq!(asked("", "x", ""), None);
        assert_eq!(asked("", "", "MAZDZD"), None);
    }

    #[test]
    fn a_page_has_the_ways_on_that_there_are() {
        let page = |has_after| TemplatePage { items: vec![stored(9), stored(8)], has_after };
        insta::assert_snapshot!(serde_json::to_string_pretty(&answer(&page(true))).unwrap(), @r#"
        {
          "statusCode": 200,
          "code": "OK",
          "message": "The request has been successfully processed.",
          "data": [
            {
              "id": "1519350671883309",
              "name": "otp_code_9",
              "language": "id",
              "category": "AUTHENTICATION",
              "status": "APPROVED"
            },
            {
              "id": "1519350671883308",
              "name": "otp_code_8",
              "language": "id",
              "category": "AUTHENTICATION",
              "status": "APPROVED"
            }
          ],
          "meta": {
            "cursors": {
              "before": "AQAAAAAAAAAJpnq6bQ",
              "after": "AQAAAAAAAAAIIzocgw"
            }
          }
        }
        "#);
        let cursors = |page: &TemplatePage| serde_json::to_string(&answer(page).meta).unwrap();
        let (first, last) = (cursor::write(9), cursor::write(8));
        let middle = format!(r#"{{"cursors":{{"before":"{first}","after":"{last}"}}}}"#);
        let end = format!(r#"{{"cursors":{{"before":"{first}"}}}}"#);
        assert_eq!(cursors(&page(true)), middle);
        assert_eq!(cursors(&page(false)), end);
        let empty = TemplatePage { items: Vec::new(), has_after: false };
        assert_eq!(cursors(&empty), r#"{"cursors":{}}"#);
    }
}
