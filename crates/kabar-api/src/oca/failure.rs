//! The dialect's errors: every one of them, with its code, its status and its words.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use kabar_domain::template::Status;
use kabar_domain::template::guard::Turn;
use kabar_engine::room::NoRoom;
use serde::Serialize;
use utoipa::ToSchema;

use crate::oca::entry::Entry;
use crate::openapi::Sample;

/// Why a request has no good answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// More requests than the app may make.
    TooMany,
    /// Something broke on our side; the log says what.
    Internal,
    /// A token that is well signed, and does not count here.
    Credentials,
    /// No `Authorization` header at all.
    HeaderMissing,
    /// No such message, path or method.
    NotFound,
    /// Something is wrong with the body: everything that is.
    Body(Vec<Entry>),
    /// An `Authorization` header with nothing in it.
    TokenMissing,
    /// A token that is no JWT of ours, or has expired.
    TokenInvalid,
    /// The app has no such template.
    NoTemplate,
    /// The template is there, and nothing may be sent by it.
    NotApproved(Status),
    /// The template has turned in these ways, and the app wants nothing sent by such.
    Drifted(Vec<Turn>),
    /// The idempotency key belongs to another request.
    KeyTaken,
    /// The recipient has stopped the app's marketing.
    Suppressed,
    /// There is no room for another message.
    NoRoom(NoRoom),
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::Errors)]
pub(super) struct Errors {
    errors: Vec<ErrorItem>,
}

/// One error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = oca::Error)]
pub(super) struct ErrorItem {
    message: Message,
    /// Which error it is.
    #[schema(example = 17)]
    code: u32,
}

/// A sentence; with code 39, a list of all that is wrong with the body.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = oca::ErrorMessage)]
pub(super) enum Message {
    /// A sentence.
    Sentence(String),
    /// All that is wrong with the body.
    Entries(Vec<Entry>),
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Credentials | Self::TokenMissing | Self::TokenInvalid => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::KeyTaken => StatusCode::CONFLICT,
            Self::HeaderMissing
            | Self::Body(_)
            | Self::NoTemplate
            | Self::NotApproved(_)
            | Self::Drifted(_)
            | Self::Suppressed => StatusCode::NOT_ACCEPTABLE,
            Self::NoRoom(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The dialect's own number, from its table of errors. For what the table does not know it is the HTTP status, which
    /// is far from the numbers there.
    const fn code(&self) -> u32 {
        match self {
            Self::TooMany => 9,
            Self::Internal => 13,
            Self::Credentials => 17,
            Self::HeaderMissing => 19,
            Self::NotFound => 33,
            Self::Body(_) => 39,
            Self::TokenMissing => 43,
            Self::TokenInvalid => 45,
            Self::NoTemplate | Self::NotApproved(_) | Self::Drifted(_) => 59,
            Self::KeyTaken => 409,
            Self::Suppressed => 406,
            Self::NoRoom(_) => 503,
        }
    }

    fn into_message(self) -> Message {
        let sentence = match self {
            Self::Body(entries) => return Message::Entries(entries),
            Self::NotApproved(status) => {
                return Message::Sentence(format!("Template can not be sent, its status is {status}"));
            }
            Self::Drifted(turns) => {
                let turns: Vec<&str> = turns.into_iter().map(turned).collect();
                return Message::Sentence(format!("Template can not be sent, {}", turns.join(" and ")));
            }
            Self::TooMany => "Too Many Requests",
            Self::Internal => "Internal Server Error",
            Self::Suppressed => "The recipient has stopped marketing messages",
            Self::Credentials => "Invalid Authentication Credentials",
            Self::HeaderMissing => "Missing Authorization Header",
            Self::NotFound => "Data Does Not Exist",
            Self::TokenMissing => "Auth Token Is Not Supplied",
            Self::TokenInvalid => "Auth Token Is Not Valid",
            Self::NoTemplate => "Template Does Not Exist",
            Self::KeyTaken => "Idempotency Key Belongs To Another Request",
            Self::NoRoom(NoRoom::TooManyWait) => "Too Many Messages Wait To Be Sent",
            Self::NoRoom(NoRoom::DiskNearlyFull) => "No Room To Keep Another Message",
        };
        Message::Sentence(sentence.to_owned())
    }
}

/// How the template has turned, in the words of the error.
const fn turned(turn: Turn) -> &'static str {
    match turn {
        Turn::Marketing => "its category is MARKETING now",
        Turn::Paused => "its status is PAUSED",
        Turn::Red => "its quality is RED",
    }
}

impl Failure {
    fn into_body(self) -> Errors {
        let code = self.code();
        Errors { errors: vec![ErrorItem { message: self.into_message(), code }] }
    }

    /// Every error, with a name, and the operations that alone have it.
    fn all() -> [(&'static str, &'static [&'static str], Self); 15] {
        [
            ("9", &[], Self::TooMany),
            ("13", &[], Self::Internal),
            ("17", &[], Self::Credentials),
            ("19", &[], Self::HeaderMissing),
            ("33", &[], Self::NotFound),
            ("39", &["push"], Self::Body(vec![Entry::about_phone_number()])),
            ("43", &[], Self::TokenMissing),
            ("45", &[], Self::TokenInvalid),
            ("59", &["push"], Self::NoTemplate),
            ("59 (status)", &["push"], Self::NotApproved(Status::Paused)),
            ("59 (drift)", &["push"], Self::Drifted(vec![Turn::Marketing, Turn::Red])),
            ("406", &["push"], Self::Suppressed),
            ("409", &["push"], Self::KeyTaken),
            ("503 (queue)", &["push"], Self::NoRoom(NoRoom::TooManyWait)),
            ("503 (disk)", &["push"], Self::NoRoom(NoRoom::DiskNearlyFull)),
        ]
    }

    /// Every error, for the documentation.
    pub(super) fn samples() -> Vec<Sample> {
        Self::all()
            .into_iter()
            .map(|(name, operations, failure)| {
                let status = failure.status();
                let body = serde_json::to_value(failure.into_body()).expect("the keys of an error are texts");
                Sample { status, operations, name, body }
            })
            .collect()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let retry_after = if let Self::NoRoom(why) = &self { Some(why.retry_after_seconds()) } else { None };
        let mut response = (self.status(), Json(self.into_body())).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_the_status_and_the_body_of_the_table() {
        let lines: Vec<String> = Failure::all()
            .into_iter()
            .map(|(_, _, failure)| {
                let status = failure.status().as_u16();
                format!("{status} {}", serde_json::to_string(&failure.into_body()).unwrap())
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        429 {"errors":[{"message":"Too Many Requests","code":9}]}
        500 {"errors":[{"message":"Internal Server Error","code":13}]}
        401 {"errors":[{"message":"Invalid Authentication Credentials","code":17}]}
        406 {"errors":[{"message":"Missing Authorization Header","code":19}]}
        404 {"errors":[{"message":"Data Does Not Exist","code":33}]}
        406 {"errors":[{"message":[{"value":"0812","msg":"Invalid country code","param":"phone_number","location":"body"}],"code":39}]}
        401 {"errors":[{"message":"Auth Token Is Not Supplied","code":43}]}
        401 {"errors":[{"message":"Auth Token Is Not Valid","code":45}]}
        406 {"errors":[{"message":"Template Does Not Exist","code":59}]}
        406 {"errors":[{"message":"Template can not be sent, its status is PAUSED","code":59}]}
        406 {"errors":[{"message":"Template can not be sent, its category is MARKETING now and its quality is RED","code":59}]}
        406 {"errors":[{"message":"The recipient has stopped marketing messages","code":406}]}
        409 {"errors":[{"message":"Idempotency Key Belongs To Another Request","code":409}]}
        503 {"errors":[{"message":"Too Many Messages Wait To Be Sent","code":503}]}
        503 {"errors":[{"message":"No Room To Keep Another Message","code":503}]}
        "#);
    }
}
