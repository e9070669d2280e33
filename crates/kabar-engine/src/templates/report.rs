//! One thing that the upstream said of a template.

use kabar_domain::clock::Moment;
use kabar_domain::template::{Category, Status};
use kabar_store::template::TemplateFacts;

/// A report about a template, ready to be applied whenever the template is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Report {
    Status { status: Status, reason: Option<String>, category: Option<Category> },
    Quality { score: String, at: Option<Moment> },
    Category { category: Category },
}

impl Report {
    pub(crate) fn apply(&self, facts: &mut TemplateFacts) {
        match self {
            Self::Status { status, reason, category } => {
                facts.status = *status;
                facts.category = category.unwrap_or(facts.category);
                let rejected = *status == Status::Rejected;
                facts.rejected_reason = reason.clone().filter(|_| rejected).unwrap_or_else(|| "NONE".to_owned());
            }
            Self::Quality { score, at } => {
                facts.quality.clone_from(score);
                facts.quality_at = *at;
            }
            Self::Category { category } => facts.category = *category,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> TemplateFacts {
        TemplateFacts {
            name: "halo".to_owned(),
            language: "id".to_owned(),
            category: Category::Utility,
            status: Status::Pending,
            components: "[]".to_owned(),
            sub_category: None,
            ttl: None,
            parameter_format: None,
            link_tracking_opted_out: false,
            quality: "UNKNOWN".to_owned(),
            quality_at: None,
            rejected_reason: "NONE".to_owned(),
            sample: false,
        }
    }

    #[test]
    fn a_rejection_keeps_its_reason_until_the_template_is_well_again() {
        let mut facts = facts();
        let reason = Some("INVALID_FORMAT".to_owned());
        Report::Status { status: Status::Rejected, reason, category: None }.apply(&mut facts);
        assert_eq!((facts.status, facts.rejected_reason.as_str()), (Status::Rejected, "INVALID_FORMAT"));
        let reason = Some("NONE".to_owned());
        Report::Status { status: Status::Approved, reason, category: Some(Category::Marketing) }.apply(&mut facts);
        assert_eq!((facts.status, facts.rejected_reason.as_str()), (Status::Approved, "NONE"));
        assert_eq!(facts.category, Category::Marketing);
    }

    #[test]
    fn quality_and_category_change_nothing_else() {
        let (mut changed, at) = (facts(), Some(Moment::from_seconds(7)));
        Report::Quality { score: "RED".to_owned(), at }.apply(&mut changed);
        Report::Category { category: Category::Marketing }.apply(&mut changed);
        let expected =
            TemplateFacts { quality: "RED".to_owned(), quality_at: at, category: Category::Marketing, ..facts() };
        assert_eq!(changed, expected);
    }
}
