//! The calls about templates.

use http::Method;
use serde_json::{Value, json};

use super::{GraphClient, UNREADABLE, done, encoded, json_body};
use crate::call::{self, CallError};
use crate::token::AccessToken;
use crate::wire::template::{Answered, Archived, Created, FIELDS, Page, Template, TemplateList, Unpaused};

impl GraphClient {
    /// Hands in a template for review.
    ///
    /// # Errors
    ///
    /// A [`CallError`]; a refused template's subcode is explained by [`crate::errors::creation_subcode`].
    pub async fn create_template(
        &self,
        token: &AccessToken,
        waba: &str,
        template: &Value,
    ) -> Result<Created, CallError> {
        self.call(token, Method::POST, &templates_of(waba), Some(json_body(template))).await
    }

    /// Changes a template, which then is reviewed again. Components are replaced all together; what is not given stays.
    ///
    /// # Errors
    ///
    /// A [`CallError`]; as for [`GraphClient::create_template`].
    pub async fn edit_template(
        &self,
        token: &AccessToken,
        template_id: &str,
        changes: &Value,
    ) -> Result<(), CallError> {
        done(self.call(token, Method::POST, &encoded(template_id), Some(json_body(changes))).await?)
    }

    /// Reads one page of a WABA's templates: the first, or the one after a cursor.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn templates_page(
        &self,
        token: &AccessToken,
        waba: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page, CallError> {
        let mut path = format!("{}?fields={FIELDS}&limit={limit}", templates_of(waba));
        if let Some(cursor) = after {
            path.push_str("&after=");
            path.push_str(&encoded(cursor));
        }
        let list: TemplateList = self.call(token, Method::GET, &path, None).await?;
        Ok(list.into())
    }

    /// Reads one template.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn template(&self, token: &AccessToken, template_id: &str) -> Result<Template, CallError> {
        self.call(token, Method::GET, &format!("{}?fields={FIELDS}", encoded(template_id)), None).await
    }

    /// Deletes exactly one language of a template: the one with this id. The name is Meta's safeguard.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn delete_template(
        &self,
        token: &AccessToken,
        waba: &str,
        name: &str,
        template_id: &str,
    ) -> Result<(), CallError> {
        let path = format!("{}?hsm_id={}&name={}", templates_of(waba), encoded(template_id), encoded(name));
        done(self.call(token, Method::DELETE, &path, None).await?)
    }

    /// Deletes all languages of a template's name.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn delete_template_name(&self, token: &AccessToken, waba: &str, name: &str) -> Result<(), CallError> {
        let path = format!("{}?name={}", templates_of(waba), encoded(name));
        done(self.call(token, Method::DELETE, &path, None).await?)
    }

    /// Puts a template into the archive, from which nothing is sent.
    ///
    /// # Errors
    ///
    /// A [`CallError`]; an answer that does not tell of the template is [`CallError::Unknown`].
    pub async fn archive_template(
        &self,
        token: &AccessToken,
        waba: &str,
        template_id: &str,
    ) -> Result<Answered, CallError> {
        self.move_template(token, waba, template_id, "archive").await
    }

    /// Takes a template out of the archive.
    ///
    /// # Errors
    ///
    /// As for [`GraphClient::archive_template`].
    pub async fn unarchive_template(
        &self,
        token: &AccessToken,
        waba: &str,
        template_id: &str,
    ) -> Result<Answered, CallError> {
        self.move_template(token, waba, template_id, "unarchive").await
    }

    async fn move_template(
        &self,
        token: &AccessToken,
        waba: &str,
        template_id: &str,
        verb: &str,
    ) -> Result<Answered, CallError> {
        let path = format!("{}/{verb}", templates_of(waba));
        let body = json_body(&json!({ "hsm_ids": [template_id] }));
        let request = Self::request_at(&self.archive_root, token, Method::POST, &path, Some(body))?;
        let answer: Archived = call::read(&self.http.send(request).await?)?;
        answer.of(template_id).ok_or(UNREADABLE)
    }

    /// Ends a template's pause, where Meta allows it.
    ///
    /// # Errors
    ///
    /// A [`CallError`].
    pub async fn unpause_template(&self, token: &AccessToken, template_id: &str) -> Result<Answered, CallError> {
        let path = format!("{}/unpause", encoded(template_id));
        let answer: Unpaused = self.call(token, Method::POST, &path, Some(json_body(&json!({})))).await?;
        Ok(answer.into())
    }
}

fn templates_of(waba: &str) -> String {
    format!("{}/message_templates", encoded(waba))
}
