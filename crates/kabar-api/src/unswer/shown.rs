//! A template that is shown: with its components read and its contract compiled.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use kabar_domain::send::Values;
use kabar_domain::template::contract::Contract;
use kabar_domain::template::samples;
use kabar_store::template::StoredTemplate;
use serde_json::Value;

use crate::door::{Caller, Door};
use crate::unswer::details::template_id;
use crate::unswer::failure::Failure;

/// What is needed to show how a template is sent, and what its recipient sees.
pub(super) struct Shown {
    pub(super) template: StoredTemplate,
    pub(super) components: Value,
    pub(super) contract: Contract,
}

impl Shown {
    /// The template that a path names.
    pub(super) async fn find(
        door: &Door,
        caller: &Caller,
        path: Result<Path<(String, String)>, PathRejection>,
    ) -> Result<Self, Failure> {
        let id = template_id(path).ok_or(Failure::NotFound)?;
        let template = match door.gateway.template(&caller.app, &id).await {
            Ok(Some(template)) => template,
            Ok(None) => return Err(Failure::NotFound),
            Err(err) => {
                let app = caller.app.as_str();
                tracing::error!(app, template = id.as_str(), "a template could not be read: {err}");
                return Err(Failure::Internal);
            }
        };
        let facts = &template.facts;
        // What can't be read has no components, for those who send as well.
        let components: Value = serde_json::from_str(&facts.components).unwrap_or_default();
        let contract = Contract::compile(facts.category, &components).with_sub_category(facts.sub_category.as_deref());
        Ok(Self { template, components, contract })
    }

    /// Values made of the template's own examples.
    pub(super) fn samples(&self, door: &Door) -> Values {
        samples::values(&self.contract, &self.components, door.gateway.clock().now())
    }
}
