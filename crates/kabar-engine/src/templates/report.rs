//! One thing that the upstream said of a template.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{TemplateId, WabaId};
use kabar_domain::template::{Category, Status};
use kabar_graph::webhook::change::{Change, TemplateCategory, TemplateQuality, TemplateRef, TemplateStatus};
use kabar_store::template::{ComingCategory, StatusNote, TemplateFacts, Told};

use crate::templates::order::{Mark, Touched, Worth, worth};

/// A report about a template, ready to be applied whenever the template is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// When it was said, by the upstream's clock.
    pub(super) at: Option<Moment>,
    pub(super) said: Said,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Status {
        status: Status,
        reason: Option<String>,
        note: StatusNote,
        disabled_at: Option<Moment>,
        /// Mentioned beside the status.
        category: Option<Category>,
    },
    /// Its quality is watched; its status stays.
    Flagged,
    Quality {
        score: String,
    },
    Category {
        category: Option<Category>,
        previous: Option<Category>,
        coming: Option<ComingCategory>,
    },
    /// Something changed that the report does not tell.
    Look,
}

/// Whom a change is about, and what it says.
pub(super) struct About {
    /// The account; `None` when the report names none that could be one.
    pub(super) waba: Option<WabaId>,
    pub(super) id: TemplateId,
    pub(super) name: String,
    pub(super) language: String,
    pub(super) report: Report,
}

/// Reads a change; `None` when it is not about a template, or not understood.
pub(super) fn read(change: &Change) -> Option<About> {
    let (about, said) = match change {
        Change::TemplateStatus(report) => (&report.template, status(report)),
        Change::TemplateQuality(report) => (&report.template, quality(report)),
        Change::TemplateCategory(report) => (&report.template, category(report)),
        Change::TemplateComponents(template) => (template, Said::Look),
        Change::MessageStatus(_)
        | Change::ButtonReply(_)
        | Change::SenderErrors(_)
        | Change::Preference(_)
        | Change::AccountEvent(_)
        | Change::Other { .. } => return None,
    };
    let TemplateRef { waba, template_id, name, language, reported_at } = about;
    Some(About {
        waba: WabaId::parse(waba).ok(),
        id: TemplateId::parse(template_id).ok()?,
        name: name.clone(),
        language: language.clone(),
        report: Report { at: reported_at.map(Moment::from_seconds), said },
    })
}

fn status(report: &TemplateStatus) -> Said {
    match report.event.as_str() {
        "FLAGGED" => return Said::Flagged,
        // It may have been rejected before it was put away.
        "UNARCHIVED" | "REINSTATED" => return Said::Look,
        _ => {}
    }
    let status = Status::from_upstream(&report.event);
    if status == Status::Unknown {
        return Said::Look;
    }
    let note = match (&report.rejection_info, &report.other_info) {
        (Some(info), _) => StatusNote { title: info.reason.clone(), text: info.recommendation.clone() },
        (None, Some(info)) => StatusNote { title: info.title.clone(), text: info.description.clone() },
        (None, None) => StatusNote::default(),
    };
    Said::Status {
        status,
        reason: report.reason.clone(),
        note,
        disabled_at: report.disable_date.map(Moment::from_seconds),
        category: report.category.as_deref().and_then(Category::parse),
    }
}

fn quality(report: &TemplateQuality) -> Said {
    Said::Quality { score: report.new.to_ascii_uppercase() }
}

fn category(report: &TemplateCategory) -> Said {
    let parse = |category: &Option<String>| category.as_deref().and_then(Category::parse);
    let coming = parse(&report.correct)
        .map(|category| ComingCategory { category, at: report.update_at.map(Moment::from_seconds) });
    Said::Category { category: parse(&report.new), previous: parse(&report.previous), coming }
}

/// What followed from a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Followed {
    /// The template should be read.
    pub(super) look: bool,
    /// It was worth something, whether or not it changed anything.
    pub(super) counted: bool,
}

impl Report {
    /// Applies the report to what is known, as far as it is news.
    pub(super) fn apply(
        &self,
        facts: &mut TemplateFacts,
        told: &mut Told,
        touched: &mut Touched,
        mark: Mark,
    ) -> Followed {
        let before = facts.clone();
        let worth = match &self.said {
            Said::Look => return Followed { look: true, counted: true },
            Said::Flagged => return Followed { look: false, counted: true },
            Said::Status { .. } => worth(self.at, told.status_at, touched.read_at),
            Said::Quality { .. } => worth(self.at, told.quality_at, touched.read_at),
            Said::Category { .. } => worth(self.at, told.category_at, touched.read_at),
        };
        self.write(facts);
        let says_else = says_else(&before, facts);
        if worth == Worth::Old {
            *facts = before;
            return Followed { look: says_else, counted: false };
        }
        let newest = |side: &mut Option<Moment>| *side = (*side).max(self.at);
        match &self.said {
            Said::Status { .. } => {
                newest(&mut told.status_at);
                touched.status = touched.status.max(mark);
            }
            Said::Quality { .. } => {
                newest(&mut told.quality_at);
                touched.quality = touched.quality.max(mark);
            }
            Said::Category { .. } => {
                newest(&mut told.category_at);
                touched.category = touched.category.max(mark);
            }
            Said::Look | Said::Flagged => {}
        }
        let mentions_other = self.take_mentioned_category(facts, told, touched, mark);
        // With another category the upstream drops settings that the report does not tell.
        let moved = before.category != facts.category;
        Followed { look: mentions_other || moved || (worth == Worth::Close && says_else), counted: true }
    }

    /// A status report mentions the category, which has reports of its own. A mention that is not older than those counts.
    /// Whether there was another category in it.
    fn take_mentioned_category(
        &self,
        facts: &mut TemplateFacts,
        told: &Told,
        touched: &mut Touched,
        mark: Mark,
    ) -> bool {
        let Said::Status { category: Some(category), .. } = self.said else { return false };
        if category == facts.category {
            return false;
        }
        if told.category_at.is_none_or(|told_at| self.at.is_some_and(|at| at >= told_at)) {
            facts.previous_category = Some(facts.category);
            facts.category = category;
            facts.coming = facts.coming.filter(|coming| coming.category != category);
            touched.category = touched.category.max(mark);
        }
        true
    }

    /// Writes what was said over what is known.
    pub(super) fn write(&self, facts: &mut TemplateFacts) {
        match &self.said {
            Said::Status { status, reason, note, disabled_at, category: _ } => {
                let same = facts.status == *status;
                facts.status = *status;
                let rejected = *status == Status::Rejected;
                facts.rejected_reason = reason.clone().filter(|_| rejected).unwrap_or_else(|| "NONE".to_owned());
                if !same || *note != StatusNote::default() {
                    facts.note.clone_from(note);
                }
                let disabled = *status == Status::Disabled;
                facts.disabled_at = disabled_at.filter(|_| disabled).or_else(|| facts.disabled_at.filter(|_| disabled));
            }
            Said::Quality { score } => {
                if facts.quality != *score {
                    facts.quality_at = self.at;
                }
                facts.quality.clone_from(score);
            }
            Said::Category { category, previous, coming } => {
                facts.category = category.unwrap_or(facts.category);
                facts.previous_category = previous.or(facts.previous_category);
                facts.coming = coming.filter(|coming| coming.category != facts.category);
            }
            Said::Look | Said::Flagged => {}
        }
    }
}

/// Whether something differs that matters to a send or to its template's owner.
fn says_else(before: &TemplateFacts, after: &TemplateFacts) -> bool {
    (before.status, &before.quality, before.category, before.coming)
        != (after.status, &after.quality, after.category, after.coming)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::order::Marks;

    fn facts() -> TemplateFacts {
        TemplateFacts::new("halo", "id", Category::Utility, Status::Pending, "[]")
    }

    fn at(seconds: i64) -> Option<Moment> {
        Some(Moment::from_seconds(seconds))
    }

    fn of_status(seconds: i64, status: Status) -> Report {
        let said =
            Said::Status { status, reason: None, note: StatusNote::default(), disabled_at: None, category: None };
        Report { at: at(seconds), said }
    }

    fn rejection() -> Report {
        let note = StatusNote { title: Some("side by side".to_owned()), text: Some("put a word between".to_owned()) };
        let said = Said::Status {
            status: Status::Rejected,
            reason: Some("INVALID_FORMAT".to_owned()),
            note,
            disabled_at: at(3),
            category: None,
        };
        Report { at: at(1), said }
    }

    #[test]
    fn a_rejection_keeps_its_reason_until_the_template_is_well_again() {
        let mut facts = facts();
        rejection().write(&mut facts);
        assert_eq!((facts.status, facts.rejected_reason.as_str()), (Status::Rejected, "INVALID_FORMAT"));
        assert_eq!(facts.note.text.as_deref(), Some("put a word between"));
        assert_eq!(facts.disabled_at, None, "only what is disabled has a day of it");
        let told = facts.clone();
        let bare = Report {
            said: Said::Status {
                status: Status::Rejected,
                reason: Some("INVALID_FORMAT".to_owned()),
                note: StatusNote::default(),
                disabled_at: None,
                category: None,
            },
            ..rejection()
        };
        bare.write(&mut facts);
        assert_eq!(facts, told, "the same again, with fewer words, takes nothing away");
        of_status(2, Status::Approved).write(&mut facts);
        assert_eq!((facts.rejected_reason.as_str(), facts.note), ("NONE", StatusNote::default()));
    }

    #[test]
    fn quality_and_category_change_nothing_else() {
        let mut changed = facts();
        Report { at: at(7), said: Said::Quality { score: "RED".to_owned() } }.write(&mut changed);
        let coming = ComingCategory { category: Category::Marketing, at: at(9) };
        let announced = Said::Category { category: Some(Category::Utility), previous: None, coming: Some(coming) };
        Report { at: at(8), said: announced }.write(&mut changed);
        let expected = TemplateFacts { quality: "RED".to_owned(), quality_at: at(7), coming: Some(coming), ..facts() };
        assert_eq!(changed, expected);
        let done =
            Said::Category { category: Some(Category::Marketing), previous: Some(Category::Utility), coming: None };
        Report { at: at(9), said: done }.write(&mut changed);
        let expected = TemplateFacts {
            category: Category::Marketing,
            previous_category: Some(Category::Utility),
            coming: None,
            ..expected
        };
        assert_eq!(changed, expected);
    }

    #[test]
    fn a_late_report_undoes_nothing_and_each_side_has_its_own_time() {
        let (marks, mut touched) = (Marks::default(), Touched::default());
        let (mut facts, mut told) = (facts(), Told::default());
        let mut apply = |report: &Report, facts: &mut TemplateFacts| {
            let followed = report.apply(facts, &mut told, &mut touched, marks.next());
            (followed.counted, followed.look)
        };
        assert_eq!(apply(&of_status(100, Status::Paused), &mut facts), (true, false));
        assert_eq!(apply(&of_status(99, Status::Approved), &mut facts), (false, true), "read, since it says else");
        assert_eq!(facts.status, Status::Paused);
        assert_eq!(apply(&of_status(99, Status::Paused), &mut facts), (false, false), "it is so already");
        assert_eq!(apply(&of_status(100, Status::Approved), &mut facts), (true, true), "of the same second");
        assert_eq!(facts.status, Status::Approved);
        let red = Report { at: at(50), said: Said::Quality { score: "RED".to_owned() } };
        assert_eq!(apply(&red, &mut facts), (true, false), "an earlier time, of another side");
        assert_eq!(facts.quality, "RED");
        assert_eq!(apply(&Report { at: at(1), said: Said::Look }, &mut facts), (true, true));
    }

    #[test]
    fn every_event_of_the_upstream_is_read() {
        let said = |event: &str| {
            status(&TemplateStatus {
                template: TemplateRef {
                    waba: "1".to_owned(),
                    template_id: "2".to_owned(),
                    name: String::new(),
                    language: String::new(),
                    reported_at: None,
                },
                event: event.to_owned(),
                reason: None,
                category: None,
                rejection_info: None,
                other_info: None,
                disable_date: None,
            })
        };
        for (event, expected) in [
            ("APPROVED", Some(Status::Approved)),
            ("LOCKED", Some(Status::Paused)),
            ("DELETED", Some(Status::Deleted)),
            ("IN_APPEAL", Some(Status::InAppeal)),
            ("UNARCHIVED", None),
            ("REINSTATED", None),
            ("SOMETHING_NEW", None),
        ] {
            match (said(event), expected) {
                (Said::Status { status, .. }, Some(expected)) => assert_eq!(status, expected, "{event}"),
                (Said::Look, None) => {}
                (other, _) => panic!("{event}: {other:?}"),
            }
        }
        assert_eq!(said("FLAGGED"), Said::Flagged);
    }
}
