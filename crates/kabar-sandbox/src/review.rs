//! How a new template is reviewed, and with what outcome.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::world::{Rejection, TemplateStatus};

/// When a pending template is decided upon.
///
/// Written as `instant`, `manual`, or a number of seconds, fractions allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// Within the call that creates the template; its answer then carries the decision.
    Instant,
    /// Never by itself: the template stays pending until `/_sandbox/templates/{id}/approve` or `/reject` is called.
    Manual,
    /// This long after its creation.
    After(Duration),
}

impl Default for Review {
    fn default() -> Self {
        Self::After(Duration::from_secs(1))
    }
}

impl fmt::Display for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instant => f.write_str("instant"),
            Self::Manual => f.write_str("manual"),
            Self::After(delay) => write!(f, "{}", delay.as_secs_f64()),
        }
    }
}

/// A text that is no [`Review`].
#[derive(Debug, thiserror::Error)]
#[error("a review is `instant`, `manual` or a number of seconds, not `{0}`")]
pub struct InvalidReview(String);

impl FromStr for Review {
    type Err = InvalidReview;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "instant" => Ok(Self::Instant),
            "manual" => Ok(Self::Manual),
            seconds => seconds
                .parse()
                .ok()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                .map(Self::After)
                .ok_or_else(|| InvalidReview(text.to_owned())),
        }
    }
}

/// What a review decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) status: TemplateStatus,
    pub(crate) reason: String,
    pub(crate) rejection: Option<Rejection>,
}

impl Decision {
    pub(crate) fn approval() -> Self {
        Self { status: TemplateStatus::Approved, reason: "NONE".to_owned(), rejection: None }
    }

    /// A rejection. `reason` is one of the platform's own or free text, which then
    /// explains an `INVALID_FORMAT`.
    pub(crate) fn rejection(reason: Option<&str>) -> Self {
        let explained = |text: &str| Rejection {
            reason: text.to_owned(),
            recommendation: "Change the template and submit it once more.".to_owned(),
        };
        let upper = reason.map(str::to_ascii_uppercase);
        let (reason, rejection) = match (reason, upper) {
            (None, _) | (_, None) => ("INVALID_FORMAT".to_owned(), explained("The sandbox was asked to reject it.")),
            (Some(_), Some(known)) if REASONS.contains(&known.as_str()) => {
                (known, explained("The sandbox was asked to reject it."))
            }
            (Some(text), Some(_)) => ("INVALID_FORMAT".to_owned(), explained(text)),
        };
        Self { status: TemplateStatus::Rejected, reason, rejection: Some(rejection) }
    }

    pub(crate) fn pause() -> Self {
        Self { status: TemplateStatus::Paused, reason: "NONE".to_owned(), rejection: None }
    }

    pub(crate) fn disabling() -> Self {
        Self { status: TemplateStatus::Disabled, reason: "NONE".to_owned(), rejection: None }
    }
}

const REASONS: [&str; 7] = [
    "ABUSIVE_CONTENT",
    "CATEGORY_NOT_AVAILABLE",
    "INCORRECT_CATEGORY",
    "INVALID_FORMAT",
    "PROMOTIONAL",
    "SCAM",
    "TAG_CONTENT_MISMATCH",
];

/// The decision on a template of this name: a name that contains `reject` is rejected, every other is approved.
pub(crate) fn decide(template_name: &str) -> Decision {
    if template_name.contains("reject") {
        Decision::rejection(Some("Its name contains \"reject\", which the sandbox takes as a wish."))
    } else {
        Decision::approval()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_reads_what_it_prints() {
        for (text, review) in [
            ("instant", Review::Instant),
            ("manual", Review::Manual),
            ("1", Review::default()),
            ("0.25", Review::After(Duration::from_millis(250))),
            ("0", Review::After(Duration::ZERO)),
        ] {
            assert_eq!(text.parse::<Review>().unwrap(), review);
            assert_eq!(review.to_string(), text);
        }
        for wrong in ["", "soon", "-1", "NaN", "inf", "1e300"] {
            assert!(wrong.parse::<Review>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_rejection_takes_a_known_reason_or_a_text() {
        assert_eq!(Decision::rejection(Some("scam")).reason, "SCAM");
        let free = Decision::rejection(Some("too loud"));
        assert_eq!((free.reason.as_str(), free.rejection.unwrap().reason.as_str()), ("INVALID_FORMAT", "too loud"));
        assert_eq!(decide("please_reject_me").status, TemplateStatus::Rejected);
        assert_eq!(decide("order_update").status, TemplateStatus::Approved);
    }
}
