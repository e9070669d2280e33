//! The dialect's errors: every one of them, with its status and its words.

use std::borrow::Cow;
use std::collections::HashSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use kabar_domain::catalogue::{Locale, sentence};
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::ids::AppId;
use kabar_domain::rule::Rule;
use kabar_engine::media::SampleError;
use serde::Serialize;

use crate::openapi::Sample;
use crate::unswer::envelope::{FieldErrors, Invalid, Plain};

/// The operations that ask WhatsApp before they answer.
const ASKING: [&str; 8] = ["create", "edit", "replace", "delete", "archive", "unarchive", "unpause", "upload"];

/// A template that is wrong in more places than this is answered with so many.
const MAX_FIELDS: usize = 200;

/// What an app can ask to be done with a template.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    Delete,
    Archive,
    Unarchive,
    Unpause,
}

impl Deed {
    const fn verb(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
            Self::Unpause => "unpause",
        }
    }
}

/// Why a request has no good answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The body is no JSON object, or a query parameter is wrong.
    BadRequest,
    /// One of the upstream's samples, which can't be edited or deleted.
    Sample,
    /// All languages are to be deleted, and the name was not given once more.
    NotNamed,
    /// The upstream does not do this with it, for this reason.
    Refused(Deed, String),
    /// No token.
    TokenMissing,
    /// A token that is not ours, or was revoked.
    TokenInvalid,
    /// A token that has ended.
    TokenExpired,
    /// A token of another app, or one that is not for templates.
    Forbidden,
    /// No such template, path or method.
    NotFound,
    /// Something is wrong with the template: everything that is.
    Invalid(FieldErrors),
    /// More requests than the app may make.
    TooMany,
    /// Something broke on our side; the log says what.
    Internal,
    /// The upstream did not answer, or not in its own words.
    Upstream,
    /// Files can't be uploaded, as the gateway does not know in whose name.
    NoMetaApp,
}

impl Failure {
    /// What is wrong with a template, the first fault of each path.
    pub(super) fn invalid(faults: &Faults, locale: Locale) -> Self {
        let mut seen = HashSet::new();
        let first_of_path = faults.iter().filter(|fault| seen.insert(&fault.path)).take(MAX_FIELDS);
        Self::Invalid(FieldErrors(first_of_path.map(|fault| (fault.path.dotted(), sentence(fault, locale))).collect()))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest | Self::Sample | Self::NotNamed | Self::Refused(..) => StatusCode::BAD_REQUEST,
            Self::TokenMissing | Self::TokenInvalid | Self::TokenExpired => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal | Self::Upstream => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NoMetaApp => StatusCode::NOT_IMPLEMENTED,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::BadRequest | Self::Sample | Self::NotNamed | Self::Refused(..) => "BAD_REQUEST",
            Self::TokenMissing | Self::TokenInvalid | Self::TokenExpired => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Invalid(_) => "UNPROCESSABLE_ENTITY",
            Self::TooMany => "TOO_MANY_REQUESTS",
            Self::Internal | Self::Upstream => "INTERNAL_SERVER_ERROR",
            Self::NoMetaApp => "NOT_IMPLEMENTED",
        }
    }

    const fn message(&self) -> &'static str {
        match self {
            Self::BadRequest => "The request body does not contain valid data.",
            Self::Sample => "Template contoh tidak bisa diedit atau dihapus.",
            Self::NotNamed => "To delete all languages, name the template once more: ?all_languages=true&name=...",
            Self::Refused(..) => "WhatsApp refused it.",
            Self::TokenMissing => "The access token is missing.",
            Self::TokenInvalid => "The access token is not valid.",
            Self::TokenExpired => "The access token has expired.",
            Self::Forbidden => "You do not have access to this resource.",
            Self::NotFound => "The endpoint you are looking for seems to be not found.",
            Self::Invalid(_) => "Data cannot be processed as it is invalid.",
            Self::TooMany => "Too many requests. Please slow down.",
            Self::Internal => "Something went wrong on our side.",
            Self::Upstream => "WhatsApp did not answer properly. Please try again later.",
            Self::NoMetaApp => "This gateway can't upload files: upstream.meta_app_id is not configured.",
        }
    }
}

/// Either kind of error body.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Body {
    Plain(Plain),
    Invalid(Invalid),
}

impl Failure {
    fn into_body(self) -> Body {
        let (status_code, code, message) = (self.status().as_u16(), self.code(), self.message());
        match self {
            Self::Invalid(errors) => Body::Invalid(Invalid { status_code, code, message, errors }),
            Self::Refused(deed, reason) => {
                let message = Cow::Owned(format!("WhatsApp refused to {} the template: {reason}", deed.verb()));
                Body::Plain(Plain { status_code, code, message })
            }
            Self::BadRequest
            | Self::Sample
            | Self::NotNamed
            | Self::TokenMissing
            | Self::TokenInvalid
            | Self::TokenExpired
            | Self::Forbidden
            | Self::NotFound
            | Self::TooMany
            | Self::Internal
            | Self::Upstream
            | Self::NoMetaApp => Body::Plain(Plain { status_code, code, message: Cow::Borrowed(message) }),
        }
    }

    /// Every error, for the documentation.
    pub(super) fn samples() -> Vec<Sample> {
        let path = Path::root().key("components").index(0).key("buttons").index(0).key("phone_number");
        let faults = Faults::from(Fault::new(path, Rule::ButtonPhone));
        let refused = |deed| Self::Refused(deed, "(its reason)".to_owned());
        let samples: [(&str, &[&str], Self); 17] = [
            ("not valid", &["list", "preview", "create", "edit", "replace", "upload"], Self::BadRequest),
            ("sample template", &["delete", "edit", "replace"], Self::Sample),
            ("not named", &["delete"], Self::NotNamed),
            ("refused by WhatsApp", &["delete"], refused(Deed::Delete)),
            ("refused by WhatsApp", &["archive"], refused(Deed::Archive)),
            ("refused by WhatsApp", &["unarchive"], refused(Deed::Unarchive)),
            ("refused by WhatsApp", &["unpause"], refused(Deed::Unpause)),
            ("missing", &[], Self::TokenMissing),
            ("not valid", &[], Self::TokenInvalid),
            ("expired", &[], Self::TokenExpired),
            ("no access", &[], Self::Forbidden),
            ("not found", &[], Self::NotFound),
            ("not valid", &[], Self::invalid(&faults, Locale::Indonesian)),
            ("too many", &[], Self::TooMany),
            ("here", &[], Self::Internal),
            ("at WhatsApp", &ASKING, Self::Upstream),
            ("not configured", &["upload"], Self::NoMetaApp),
        ];
        samples
            .into_iter()
            .map(|(name, operations, failure)| {
                let status = failure.status();
                let body = serde_json::to_value(failure.into_body()).expect("the keys of an error are texts");
                Sample { status, operations, name, body }
            })
            .collect()
    }
}

/// Why a sample has no handle.
impl Failure {
    pub(super) fn of_sample(err: &SampleError, app: &AppId, locale: Locale) -> Self {
        match err {
            SampleError::Faults(faults) => Self::invalid(faults, locale),
            SampleError::NotConfigured => Self::NoMetaApp,
            SampleError::Busy => Self::TooMany,
            SampleError::Upstream(reason) => {
                tracing::warn!(app = app.as_str(), "the upstream did not take a file: {reason}");
                Self::Upstream
            }
            SampleError::NoSender | SampleError::Disk(_) => {
                tracing::error!(app = app.as_str(), "a file was not uploaded: {err}");
                Self::Internal
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status(), Json(self.into_body())).into_response()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn line(failure: Failure) -> String {
        let response = failure.into_response();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        format!("{status} {}", String::from_utf8_lossy(&body))
    }

    #[tokio::test]
    async fn every_error_has_the_status_and_the_body_of_the_table() {
        let mut faults = Faults::none();
        let button = Path::root().key("components").index(0).key("buttons").index(0);
        faults.push(Fault::new(button.key("phone_number"), Rule::ButtonPhone));
        faults.push(Fault::new(button.key("phone_number"), Rule::Required));
        faults.push(Fault::new(Path::root().key("name"), Rule::Required));
        let mut lines = Vec::new();
        for failure in [
            Failure::BadRequest,
            Failure::Sample,
            Failure::NotNamed,
            Failure::Refused(Deed::Delete, "it is in use".to_owned()),
            Failure::Refused(Deed::Unpause, "too soon".to_owned()),
            Failure::TokenMissing,
            Failure::TokenInvalid,
            Failure::TokenExpired,
            Failure::Forbidden,
            Failure::NotFound,
            Failure::invalid(&faults, Locale::Indonesian),
            Failure::invalid(&faults, Locale::English),
            Failure::TooMany,
            Failure::Internal,
            Failure::Upstream,
            Failure::NoMetaApp,
        ] {
            lines.push(line(failure).await);
        }
        insta::assert_snapshot!(lines.join("\n"), @r#"
        400 {"statusCode":400,"code":"BAD_REQUEST","message":"The request body does not contain valid data."}
        400 {"statusCode":400,"code":"BAD_REQUEST","message":"Template contoh tidak bisa diedit atau dihapus."}
        400 {"statusCode":400,"code":"BAD_REQUEST","message":"To delete all languages, name the template once more: ?all_languages=true&name=..."}
        400 {"statusCode":400,"code":"BAD_REQUEST","message":"WhatsApp refused to delete the template: it is in use"}
        400 {"statusCode":400,"code":"BAD_REQUEST","message":"WhatsApp refused to unpause the template: too soon"}
        401 {"statusCode":401,"code":"UNAUTHORIZED","message":"The access token is missing."}
        401 {"statusCode":401,"code":"UNAUTHORIZED","message":"The access token is not valid."}
        401 {"statusCode":401,"code":"UNAUTHORIZED","message":"The access token has expired."}
        403 {"statusCode":403,"code":"FORBIDDEN","message":"You do not have access to this resource."}
        404 {"statusCode":404,"code":"NOT_FOUND","message":"The endpoint you are looking for seems to be not found."}
        422 {"statusCode":422,"code":"UNPROCESSABLE_ENTITY","message":"Data cannot be processed as it is invalid.","errors":{"components.0.buttons.0.phone_number":"Nomor telepon harus ber-tipe data number","name":"Nama wajib diisi"}}
        422 {"statusCode":422,"code":"UNPROCESSABLE_ENTITY","message":"Data cannot be processed as it is invalid.","errors":{"components.0.buttons.0.phone_number":"Phone number must be of type number","name":"Name is required"}}
        429 {"statusCode":429,"code":"TOO_MANY_REQUESTS","message":"Too many requests. Please slow down."}
        500 {"statusCode":500,"code":"INTERNAL_SERVER_ERROR","message":"Something went wrong on our side."}
        500 {"statusCode":500,"code":"INTERNAL_SERVER_ERROR","message":"WhatsApp did not answer properly. Please try again later."}
        501 {"statusCode":501,"code":"NOT_IMPLEMENTED","message":"This gateway can't upload files: upstream.meta_app_id is not configured."}
        "#);
    }
}
