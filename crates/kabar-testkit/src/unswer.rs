//! A caller of the Unswer dialect: lists, reads, creates and deletes templates.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::dev::Dev;
use crate::http::{Exchange, Http};
use crate::wait::wait_until;

/// The caller.
#[derive(Debug, Clone)]
pub struct Unswer {
    /// By what it calls.
    pub http: Http,
    /// Where the gateway answers, with the path before the app: `…/templates` or `…/api/v1/templates`.
    pub base: String,
    /// Follows `Bearer` in the `Authorization` header.
    pub token: String,
    /// Whose templates.
    pub app: String,
    /// In which language it wants to be told what is wrong; the dialect's own if none is named.
    pub language: Option<String>,
}

impl Unswer {
    /// A caller of a running `kabar dev`, with the token that it made.
    pub fn new(dev: &Dev) -> Self {
        Self {
            http: Http::new(),
            base: format!("{}/templates", dev.ready.gateway_url),
            token: dev.ready.token.clone(),
            app: dev.ready.app_id.clone(),
            language: None,
        }
    }

    /// A template that has nothing but a body without variables.
    pub fn plain(name: &str) -> Value {
        json!({
            "name": name,
            "category": "UTILITY",
            "language": "id",
            "components": [{ "type": "BODY", "text": format!("Kabar baik dari toko kami: {}.", name.replace('_', " ")) }]
        })
    }

    /// Asks for a page of the list; `query` is what follows the question mark.
    pub async fn list(&self, query: &str) -> Exchange {
        let mark = if query.is_empty() { "" } else { "?" };
        self.call("GET", &format!("{}{mark}{query}", self.app), "").await
    }

    /// Asks for the details of a template.
    pub async fn get(&self, id: &str) -> Exchange {
        self.call("GET", &format!("{}/{id}", self.app), "").await
    }

    /// Asks for a template to be created.
    pub async fn create(&self, template: &Value) -> Exchange {
        self.call("POST", &self.app, &template.to_string()).await
    }

    /// Creates a template, and gives its id.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub async fn created(&self, template: &Value) -> String {
        let answer = self.create(template).await;
        assert_eq!(answer.status, 202, "not created: {}", answer.text());
        let id = answer.json()["data"]["id"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| panic!("no id: {}", answer.text()))
    }

    /// Asks for a template to be deleted.
    pub async fn delete(&self, id: &str) -> Exchange {
        self.call("DELETE", &format!("{}/{id}", self.app), "").await
    }

    /// Calls any path under the base.
    pub async fn call(&self, method: &str, path: &str, body: &str) -> Exchange {
        let url = format!("{}/{path}", self.base);
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("content-type", "application/json"), ("authorization", bearer.as_str())];
        if let Some(language) = &self.language {
            headers.push(("accept-language", language));
        }
        self.http.exchange(method, &url, &headers, body.to_owned()).await
    }

    /// Asks for a sample to be uploaded: a form, a file, or a URL, as the type says.
    pub async fn upload(&self, content_type: &str, body: impl Into<Bytes>) -> Exchange {
        let folder = self.base.strip_suffix("templates").expect("the base ends in `templates`");
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", bearer.as_str())];
        if !content_type.is_empty() {
            headers.push(("content-type", content_type));
        }
        if let Some(language) = &self.language {
            headers.push(("accept-language", language));
        }
        self.http.exchange("POST", &format!("{folder}media/{}", self.app), &headers, body).await
    }

    /// Walks the whole list forward, a page of `limit` at a time, and gives all items in the order met.
    ///
    /// # Panics
    ///
    /// When a page is not as documented, or the walk does not come to an end.
    pub async fn walk(&self, limit: usize) -> Vec<Value> {
        let mut items = Vec::new();
        let mut query = format!("limit={limit}");
        for _ in 0..MOST_PAGES {
            let answer = self.list(&query).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let page = answer.json();
            let data = page["data"].as_array().unwrap_or_else(|| panic!("no data: {}", answer.text()));
            assert!(data.len() <= limit, "a page of {} items where {limit} were asked for", data.len());
            items.extend(data.iter().cloned());
            match page["meta"]["cursors"]["after"].as_str() {
                Some(after) => query = format!("limit={limit}&after={after}"),
                None => return items,
            }
        }
        panic!("the list does not end");
    }

    /// The details of a template, as they are now.
    ///
    /// # Panics
    ///
    /// When there is no such template.
    pub async fn details(&self, id: &str) -> Value {
        let answer = self.get(id).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["data"].clone()
    }

    /// Waits until a template has a status, and gives its details.
    ///
    /// # Panics
    ///
    /// When it does not get it within two minutes.
    pub async fn wait_for_status(&self, id: &str, status: &str) -> Value {
        wait_until(&format!("template {id} to be {status}"), async || {
            let details = self.details(id).await;
            (details["status"] == status).then_some(details)
        })
        .await
    }
}

/// Far more than any list of a test has.
const MOST_PAGES: usize = 1000;
