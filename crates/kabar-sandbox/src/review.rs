//! How a new template is reviewed, and with what outcome.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::check::text;
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
    /// What webhooks call it, where that is not the status.
    pub(crate) event: Option<String>,
    /// The title of its explanation in webhooks.
    pub(crate) title: Option<String>,
}

impl Decision {
    /// A status that needs no explanation.
    pub(crate) fn of(status: TemplateStatus) -> Self {
        Self { status, reason: "NONE".to_owned(), rejection: None, event: None, title: None }
    }

    pub(crate) fn approval() -> Self {
        Self::of(TemplateStatus::Approved)
    }

    /// The end of a pause.
    pub(crate) fn unpausing() -> Self {
        Self { title: Some("UNPAUSE".to_owned()), ..Self::approval() }
    }

    /// The return from the archive to `status`.
    pub(crate) fn unarchiving(status: TemplateStatus) -> Self {
        Self { event: Some("UNARCHIVED".to_owned()), ..Self::of(status) }
    }

    /// A rejection. `reason` is one of the platform's own or free text, which then
    /// explains an `INVALID_FORMAT`.
    pub(crate) fn rejection(reason: Option<&str>, recommendation: Option<&str>) -> Self {
        let known = reason.and_then(|reason| REASONS.iter().find(|known| known.eq_ignore_ascii_case(reason)));
        let explanation = match (reason, known) {
            (Some(text), None) => text,
            (None, _) | (_, Some(_)) => "The sandbox was asked to reject it.",
        };
        let rejection = Rejection {
            reason: explanation.to_owned(),
            recommendation: recommendation.unwrap_or("Change the template and submit it once more.").to_owned(),
        };
        let reason = (*known.unwrap_or(&"INVALID_FORMAT")).to_owned();
        Self { reason, rejection: Some(rejection), ..Self::of(TemplateStatus::Rejected) }
    }

    /// A pause; the title is one of the platform's, such as `FIRST_PAUSE`.
    pub(crate) fn pause(title: &str) -> Self {
        Self { title: Some(title.to_owned()), ..Self::of(TemplateStatus::Paused) }
    }

    pub(crate) fn disabling() -> Self {
        Self::of(TemplateStatus::Disabled)
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

/// The decision on a template: one whose name contains `reject` is rejected, and one with variables side by side, as the
/// platform does that only in its review; every other is approved.
pub(crate) fn decide(template_name: &str, body: &str) -> Decision {
    if template_name.contains("reject") {
        return Decision::rejection(Some("Its name contains \"reject\", which the sandbox takes as a wish."), None);
    }
    if text::has_adjacent_variables(body) {
        let reason = "Two variables stand side by side, without text or punctuation between them.";
        return Decision::rejection(Some(reason), Some("Put words between the variables."));
    }
    Decision::approval()
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
        assert_eq!(Decision::rejection(Some("scam"), None).reason, "SCAM");
        let free = Decision::rejection(Some("too loud"), Some("whisper"));
        assert_eq!(
            (free.reason.as_str(), free.rejection.clone().unwrap().reason.as_str()),
            ("INVALID_FORMAT", "too loud")
        );
        assert_eq!(free.rejection.unwrap().recommendation, "whisper");
        assert_eq!(decide("please_reject_me", "a").status, TemplateStatus::Rejected);
        assert_eq!(decide("order_update", "a {{1}} b {{2}} c").status, TemplateStatus::Approved);
        assert_eq!(decide("order_update", "a {{1}} {{2}} c").status, TemplateStatus::Rejected);
    }
}
