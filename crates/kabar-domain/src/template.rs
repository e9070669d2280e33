//! Templates: what a business has approved by the upstream, and may send by.

use std::fmt;

pub mod components;
pub mod contract;
pub mod draft;
pub mod edit;
pub mod fixed;
pub mod guard;
pub mod likeness;
pub mod markup;
pub mod neighbours;
pub mod placeholder;
pub mod preview;
mod raw;
pub mod samples;
mod text;

/// What a template is for. It decides what the upstream allows and charges, and in which lane its messages leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// One-time codes.
    Authentication,
    /// What follows from something that the recipient did: an order, an appointment.
    Utility,
    /// All else.
    Marketing,
}

impl Category {
    /// Every category with its name.
    pub const NAMES: [(&'static str, Self); 3] =
        [("UTILITY", Self::Utility), ("MARKETING", Self::Marketing), ("AUTHENTICATION", Self::Authentication)];

    /// Reads a category in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, category)| *category)
    }

    /// The name as both dialects and the upstream write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "AUTHENTICATION",
            Self::Utility => "UTILITY",
            Self::Marketing => "MARKETING",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the variables of a template's texts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ParameterFormat {
    /// By number: `{{1}}`.
    #[default]
    Positional,
    /// By name: `{{first_name}}`.
    Named,
}

impl ParameterFormat {
    /// Every format with its name.
    pub const NAMES: [(&'static str, Self); 2] = [("POSITIONAL", Self::Positional), ("NAMED", Self::Named)];

    /// The name as the upstream writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Positional => "POSITIONAL",
            Self::Named => "NAMED",
        }
    }
}

/// What the upstream says of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// May be sent by.
    Approved,
    /// Put away after long disuse.
    Archived,
    /// Deleted upstream.
    Deleted,
    /// Switched off for good.
    Disabled,
    /// Its rejection is contested.
    InAppeal,
    /// The account has too many templates.
    LimitExceeded,
    /// Switched off for a while, for its quality.
    Paused,
    /// Not reviewed yet.
    Pending,
    /// Being deleted upstream.
    PendingDeletion,
    /// Refused by the review.
    Rejected,
    /// A word that we do not know: nothing is sent by it until the upstream says another.
    Unknown,
}

impl Status {
    const NAMES: [(&'static str, Self); 11] = [
        ("APPROVED", Self::Approved),
        ("ARCHIVED", Self::Archived),
        ("DELETED", Self::Deleted),
        ("DISABLED", Self::Disabled),
        ("IN_APPEAL", Self::InAppeal),
        ("LIMIT_EXCEEDED", Self::LimitExceeded),
        ("PAUSED", Self::Paused),
        ("PENDING", Self::Pending),
        ("PENDING_DELETION", Self::PendingDeletion),
        ("REJECTED", Self::Rejected),
        ("UNKNOWN", Self::Unknown),
    ];

    /// Reads what the upstream wrote, in any letter case. Events of its webhooks that name no status of their own are read
    /// as the status that follows from them: `REINSTATED` and `UNARCHIVED` as approved, `FLAGGED` as still approved,
    /// `LOCKED` as paused.
    pub fn from_upstream(text: &str) -> Self {
        let upper = text.to_ascii_uppercase();
        match upper.as_str() {
            "REINSTATED" | "UNARCHIVED" | "FLAGGED" => Self::Approved,
            "LOCKED" => Self::Paused,
            _ => Self::NAMES.iter().find(|(name, _)| *name == upper).map_or(Self::Unknown, |(_, status)| *status),
        }
    }

    /// The name as both dialects and the upstream write it.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, status)| *status == self).map_or("UNKNOWN", |(name, _)| name)
    }

    /// Whether a message may be sent by a template with this status.
    pub const fn may_be_sent(self) -> bool {
        matches!(self, Self::Approved)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names of the templates that the upstream gives to every new account as examples; they can't be changed or deleted.
pub const SAMPLE_NAMES: &[&str] = &["hello_world"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read_back_from_its_name() {
        for (name, status) in Status::NAMES {
            assert_eq!(Status::from_upstream(&name.to_lowercase()), status);
            assert_eq!(status.as_str(), name);
            assert_eq!(status.may_be_sent(), name == "APPROVED");
        }
        assert_eq!(Status::from_upstream("SOMETHING_NEW"), Status::Unknown);
        assert_eq!(Status::from_upstream("REINSTATED"), Status::Approved);
    }

    #[test]
    fn every_category_is_read_back_from_its_name() {
        for (name, category) in Category::NAMES {
            assert_eq!(Category::parse(&name.to_lowercase()), Some(category));
            assert_eq!(category.as_str(), name);
        }
        assert_eq!(Category::parse("FREE"), None);
    }
}
