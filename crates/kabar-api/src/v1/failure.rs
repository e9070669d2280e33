//! Why a request to one of Kabar's own paths has no good answer.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use kabar_domain::template::Status;
use serde::Serialize;
use utoipa::ToSchema;

use crate::v1::message::MessageState;

/// Why a request has no good answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// No token that counts.
    Unauthorized,
    /// A token that may not send.
    Forbidden,
    /// The app has no such message, or nothing is at this path or for this method.
    NotFound,
    /// The message's state forbids it.
    Conflict {
        /// What can't be done.
        wish: Wish,
        /// The state.
        state: MessageState,
    },
    /// The message's template has a status in which nothing is sent by it.
    NotApproved(Status),
    /// The message's template is no longer there, or has no sender.
    TemplateGone,
    /// More requests than the app may make.
    TooMany,
    /// Something broke on our side; the log says what.
    Internal,
}

/// What is wished of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// To take it back.
    Cancel,
    /// To send it once more.
    Retry,
}

/// What went wrong (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Problem)]
pub(super) struct Problem {
    /// Always `about:blank`: the status says which problem it is.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    #[schema(example = "Conflict")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What the problem is, for people.
    #[schema(example = "A message that is submitted can't be taken back")]
    detail: String,
    /// With a conflict: the state of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<MessageState>,
}

impl Failure {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict { .. } | Self::NotApproved(_) | Self::TemplateGone => StatusCode::CONFLICT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Unauthorized => "A valid access token is needed".to_owned(),
            Self::Forbidden => "The access token has no scope for sending".to_owned(),
            Self::NotFound => "The app has no such message, or there is no such path or method".to_owned(),
            Self::Conflict { wish: Wish::Cancel, state } => {
                format!("A message that is {} can't be taken back", state.words())
            }
            Self::Conflict { wish: Wish::Retry, state } => {
                format!("A message that is {} has not failed, and is not sent once more", state.words())
            }
            Self::NotApproved(status) => format!("The message's template can't be sent, its status is {status}"),
            Self::TemplateGone => {
                "The message's template is no longer there, or the app has no sender for it".to_owned()
            }
            Self::TooMany => "More requests than the app may make".to_owned(),
            Self::Internal => "Something went wrong".to_owned(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status();
        let state = match &self {
            Self::Conflict { state, .. } => Some(*state),
            Self::Unauthorized
            | Self::Forbidden
            | Self::NotFound
            | Self::NotApproved(_)
            | Self::TemplateGone
            | Self::TooMany
            | Self::Internal => None,
        };
        let problem = Problem {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.detail(),
            state,
        };
        let body = serde_json::to_string(&problem).expect("the keys of a problem are texts");
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
