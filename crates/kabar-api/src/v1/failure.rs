//! What goes wrong under `/v1`: problem documents (RFC 9457), with a name for programs and a sentence for people.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use kabar_domain::catalogue::{Locale, sentence};
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::rule::Rule;
use kabar_domain::template::Status;
use kabar_engine::room::NoRoom;
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::Sample;
use crate::v1::message::MessageState;

/// A request that is wrong in more places than this is answered with so many.
const MAX_FAULTS: usize = 200;

/// Why a request has no good answer.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The body is no JSON, or too long.
    NotJson,
    /// No token.
    TokenMissing,
    /// A token that is not ours, or was revoked.
    TokenInvalid,
    /// A token that has ended.
    TokenExpired,
    /// A token that is not for this.
    Forbidden {
        /// What it would have to be for.
        scope: &'static str,
    },
    /// No such thing of this app's, or no such path or method.
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
    /// The recipient has stopped the app's marketing.
    Suppressed,
    /// The message's values were erased, so there is nothing to send.
    ValuesErased,
    /// The app has as many callbacks as it may have.
    TooManyCallbacks {
        /// How many it may have.
        most: u32,
    },
    /// The callback is paused, and for this it must not be.
    CallbackPaused,
    /// Something is wrong with the request: everything that is.
    Invalid(Faults),
    /// More requests than the app may make.
    TooMany,
    /// There is no room for another message.
    NoRoom(NoRoom),
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
    /// `about:blank`: the status says what kind of problem it is, and `code` which one.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    title: String,
    /// The status.
    #[schema(example = 422)]
    status: u16,
    /// Its name for programs, which never changes.
    #[schema(example = "invalid")]
    code: &'static str,
    /// A sentence for people.
    #[schema(example = "The request is not valid.")]
    detail: String,
    /// With a conflict over a message: its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<MessageState>,
    /// Everything that is wrong with the request; only with `invalid`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Wrong>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = v1::Wrong)]
struct Wrong {
    /// Where, such as `events[1]`; empty for the request as a whole.
    #[schema(example = "events[1]")]
    path: String,
    /// The name of the rule that does not hold there, which never changes.
    #[schema(example = "not_one_of")]
    rule: &'static str,
    /// A sentence for people.
    message: String,
}

impl Failure {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotJson => StatusCode::BAD_REQUEST,
            Self::TokenMissing | Self::TokenInvalid | Self::TokenExpired => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict { .. }
            | Self::NotApproved(_)
            | Self::TemplateGone
            | Self::Suppressed
            | Self::ValuesErased
            | Self::TooManyCallbacks { .. }
            | Self::CallbackPaused => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::NoRoom(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::TokenMissing => "token_missing",
            Self::TokenInvalid => "token_invalid",
            Self::TokenExpired => "token_expired",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict { .. } => "message_state",
            Self::NotApproved(_) => "template_not_approved",
            Self::TemplateGone => "template_gone",
            Self::Suppressed => "suppressed",
            Self::ValuesErased => "values_erased",
            Self::TooManyCallbacks { .. } => "too_many_callbacks",
            Self::CallbackPaused => "callback_paused",
            Self::Invalid(_) => "invalid",
            Self::TooMany => "too_many_requests",
            Self::NoRoom(_) => "no_room",
            Self::Internal => "internal",
        }
    }

    fn detail(&self, locale: Locale) -> String {
        let (indonesian, english) = self.sentences();
        match locale {
            Locale::Indonesian => indonesian,
            Locale::English => english,
        }
    }

    /// In Indonesian and in English.
    fn sentences(&self) -> (String, String) {
        let (indonesian, english) = match self {
            Self::NotJson => ("Isi permintaan bukan JSON, atau terlalu panjang", "The body is no JSON, or too long"),
            Self::TokenMissing => ("Token akses tidak ada", "The access token is missing"),
            Self::TokenInvalid => ("Token akses tidak berlaku", "The access token is not valid"),
            Self::TokenExpired => ("Token akses sudah kedaluwarsa", "The access token has expired"),
            Self::Forbidden { scope } => {
                return (
                    format!("Token akses tidak memiliki scope {scope}"),
                    format!("The access token does not have the scope {scope}"),
                );
            }
            Self::NotFound => (
                "Yang diminta tidak ada pada aplikasi ini, atau jalurnya tidak ada",
                "The app has no such thing, or there is no such path or method",
            ),
            Self::Conflict { wish, state } => return wish.sentences(*state),
            Self::NotApproved(status) => {
                return (
                    format!("Template pesan ini tidak dapat dikirim, statusnya {status}"),
                    format!("The message's template can't be sent, its status is {status}"),
                );
            }
            Self::TemplateGone => (
                "Template pesan ini sudah tidak ada, atau aplikasi tidak memiliki pengirim untuknya",
                "The message's template is no longer there, or the app has no sender for it",
            ),
            Self::Suppressed => {
                ("Penerima telah menghentikan pesan pemasaran", "The recipient has stopped marketing messages")
            }
            Self::ValuesErased => (
                "Nilai pesan ini sudah dihapus, jadi tidak dapat dikirim sekali lagi; kirim pesan baru",
                "The message's values were erased, so it can't be sent once more; send a new message",
            ),
            Self::TooManyCallbacks { most } => {
                return (
                    format!("Sebuah aplikasi boleh memiliki paling banyak {most} callback"),
                    format!("An app may have at most {most} callbacks"),
                );
            }
            Self::CallbackPaused => {
                ("Callback ini sedang dijeda; lanjutkan dulu", "The callback is paused; resume it first")
            }
            Self::Invalid(_) => ("Permintaan tidak valid", "The request is not valid"),
            Self::TooMany => ("Lebih banyak permintaan daripada yang diizinkan", "More requests than the app may make"),
            Self::NoRoom(NoRoom::TooManyWait) => {
                ("Terlalu banyak pesan menunggu dikirim", "Too many messages wait to be sent")
            }
            Self::NoRoom(NoRoom::DiskNearlyFull) => {
                ("Tidak ada ruang untuk menyimpan pesan lagi", "There is no room to keep another message")
            }
            Self::Internal => ("Terjadi kesalahan di pihak kami", "Something went wrong"),
        };
        (indonesian.to_owned(), english.to_owned())
    }

    fn problem(&self, locale: Locale) -> Problem {
        let errors = if let Self::Invalid(faults) = self {
            faults.iter().take(MAX_FAULTS).map(|fault| Wrong::of(fault, locale)).collect()
        } else {
            Vec::new()
        };
        let state = if let Self::Conflict { state, .. } = self { Some(*state) } else { None };
        Problem {
            r#type: "about:blank",
            title: self.status().canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status().as_u16(),
            code: self.code(),
            detail: self.detail(locale),
            state,
            errors,
        }
    }

    /// Every error, for the documentation.
    pub(super) fn samples() -> Vec<Sample> {
        let fault = Fault::new(Path::root().key("url"), Rule::CallbackHttps);
        let samples: [(&str, &[&str], Self); 15] = [
            ("no JSON", &[], Self::NotJson),
            ("missing", &[], Self::TokenMissing),
            ("not valid", &[], Self::TokenInvalid),
            ("expired", &[], Self::TokenExpired),
            ("no access", &[], Self::Forbidden { scope: "…" }),
            ("not found", &[], Self::NotFound),
            ("state", &["cancel", "retry"], Self::Conflict { wish: Wish::Cancel, state: MessageState::Submitted }),
            ("suppressed", &["retry"], Self::Suppressed),
            ("erased", &["retry"], Self::ValuesErased),
            ("too many", &["create_callback"], Self::TooManyCallbacks { most: 20 }),
            ("paused", &["test_callback"], Self::CallbackPaused),
            ("not valid", &["create_callback", "change_callback", "stats"], Self::Invalid(fault.into())),
            ("too many", &[], Self::TooMany),
            ("no room", &["retry"], Self::NoRoom(NoRoom::TooManyWait)),
            ("here", &[], Self::Internal),
        ];
        samples
            .into_iter()
            .map(|(name, operations, failure)| {
                let body = serde_json::to_value(failure.problem(Locale::English)).expect("its keys are texts");
                Sample { status: failure.status(), operations, name, body }
            })
            .collect()
    }
}

impl Wish {
    /// Why it can't be, in Indonesian and in English.
    fn sentences(self, state: MessageState) -> (String, String) {
        let name = serde_json::to_value(state).unwrap_or_default();
        let name = name.as_str().unwrap_or_default();
        let words = state.words();
        match self {
            Self::Cancel => (
                format!("Pesan dengan keadaan {name} tidak dapat ditarik kembali"),
                format!("A message that is {words} can't be taken back"),
            ),
            Self::Retry => (
                format!("Pesan dengan keadaan {name} tidak gagal, dan tidak dikirim sekali lagi"),
                format!("A message that is {words} has not failed, and is not sent once more"),
            ),
        }
    }
}

impl Wrong {
    fn of(fault: &Fault, locale: Locale) -> Self {
        Self { path: fault.path.to_string(), rule: fault.rule.id(), message: sentence(fault, locale) }
    }
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self::Invalid(faults)
    }
}

/// Without words: [`in_words`] gives it those of the caller's language.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if response.status() == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Self::NoRoom(why) = &self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(why.retry_after_seconds()));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer, or the document of the failure that it is.
pub(super) fn in_words(mut response: Response, locale: Locale) -> Response {
    let Some(failure) = response.extensions_mut().remove::<Failure>() else { return response };
    let body = serde_json::to_vec(&failure.problem(locale)).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    Response::from_parts(parts, body.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_words_in_both_languages() {
        let mut lines = Vec::new();
        for sample in Failure::samples() {
            lines.push(format!("{} {}", sample.status.as_u16(), sample.body));
        }
        insta::assert_snapshot!(lines.join("\n"));
        let fault = Fault::new(Path::root().key("events").index(1), Rule::NotOneOf).with("choices", "a, b");
        for failure in [Failure::NotFound, Failure::Forbidden { scope: "send" }, Failure::Invalid(fault.into())] {
            let [indonesian, english] = [Locale::Indonesian, Locale::English].map(|locale| failure.problem(locale));
            assert_ne!(indonesian.detail, english.detail);
        }
    }
}
