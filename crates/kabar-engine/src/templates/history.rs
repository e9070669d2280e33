//! What a change of facts was, for the template's history.

use kabar_domain::clock::Moment;
use kabar_domain::template::Status;
use kabar_store::template::{EventKind, EventSource, StatusNote, TemplateEvent, TemplateFacts};

/// Everything that differs, in the order in which it is told.
pub(super) fn changes(old: &TemplateFacts, new: &TemplateFacts, source: EventSource, at: Moment) -> Vec<TemplateEvent> {
    let event = |kind: EventKind, was: &str, became: &str, reason: Option<String>| TemplateEvent {
        at,
        kind,
        source,
        was: Some(was.to_owned()),
        became: Some(became.to_owned()),
        reason,
    };
    let mut events = Vec::new();
    if has_other_components(old, new) {
        events.push(TemplateEvent { was: None, became: None, ..event(EventKind::Components, "", "", None) });
    }
    // What to do about a rejection may be told after the rejection itself.
    let explained = new.note != old.note && new.note != StatusNote::default();
    if old.status != new.status || explained {
        events.push(event(EventKind::Status, old.status.as_str(), new.status.as_str(), reason_of(new)));
    }
    if old.category != new.category {
        events.push(event(EventKind::Category, old.category.as_str(), new.category.as_str(), None));
    }
    // An announcement that came true is told by the change itself.
    if old.coming != new.coming && (new.coming.is_some() || old.category == new.category) {
        let when = new.coming.and_then(|coming| coming.at).map(|at| format!("from {at}"));
        let coming = new.coming.map_or(new.category, |coming| coming.category);
        events.push(event(EventKind::CategoryAnnounced, new.category.as_str(), coming.as_str(), when));
    }
    if old.quality != new.quality {
        events.push(event(EventKind::Quality, &old.quality, &new.quality, None));
    }
    events
}

/// The beginning of a history.
pub(super) fn beginning(kind: EventKind, facts: &TemplateFacts, source: EventSource, at: Moment) -> TemplateEvent {
    let became = Some(facts.status.as_str().to_owned());
    TemplateEvent { at, kind, source, was: None, became, reason: reason_of(facts) }
}

fn has_other_components(old: &TemplateFacts, new: &TemplateFacts) -> bool {
    let beside = |facts: &TemplateFacts| {
        (facts.sub_category.clone(), facts.ttl, facts.parameter_format.clone(), facts.link_tracking_opted_out)
    };
    old.components != new.components || beside(old) != beside(new)
}

/// Why the status is as it is, in the upstream's words; nothing where it gave no reason.
fn reason_of(facts: &TemplateFacts) -> Option<String> {
    let word = Some(facts.rejected_reason.as_str()).filter(|word| facts.status == Status::Rejected && *word != "NONE");
    let parts = [word, facts.note.title.as_deref(), facts.note.text.as_deref()];
    let said: Vec<&str> = parts.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(": "))
}

#[cfg(test)]
mod tests {
    use kabar_domain::template::Category;
    use kabar_store::template::ComingCategory;

    use super::*;

    const AT: Moment = Moment::from_seconds(7);

    fn facts() -> TemplateFacts {
        TemplateFacts::new("halo", "id", Category::Utility, Status::Approved, "[]")
    }

    fn told(old: &TemplateFacts, new: &TemplateFacts) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        changes(old, new, EventSource::Webhook, AT)
            .iter()
            .map(|event| {
                let (was, became, reason) = (text(&event.was), text(&event.became), text(&event.reason));
                format!("{} {was}→{became} {reason}", event.kind.as_str())
            })
            .collect()
    }

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        assert_eq!(told(&facts(), &facts()), Vec::<String>::new());
        let coming = Some(ComingCategory { category: Category::Marketing, at: Some(Moment::from_seconds(0)) });
        let announced = TemplateFacts { coming, ..facts() };
        let new = TemplateFacts {
            components: "[1]".to_owned(),
            status: Status::Rejected,
            rejected_reason: "SCAM".to_owned(),
            note: StatusNote { title: Some("it smells".to_owned()), text: Some("wash it".to_owned()) },
            quality: "RED".to_owned(),
            ..announced.clone()
        };
        assert_eq!(
            told(&facts(), &new),
            [
                "components → ",
                "status APPROVED→REJECTED SCAM: it smells: wash it",
                "category_announced UTILITY→MARKETING from 1970-01-01T00:00:00.000Z",
                "quality UNKNOWN→RED ",
            ]
        );
        let moved = TemplateFacts { category: Category::Marketing, coming: None, ..facts() };
        assert_eq!(told(&announced, &moved), ["category UTILITY→MARKETING "]);
        assert_eq!(told(&announced, &facts()), ["category_announced UTILITY→UTILITY "], "it was taken back");
        let unexplained = TemplateFacts { note: StatusNote::default(), ..new.clone() };
        assert_eq!(told(&unexplained, &new), ["status REJECTED→REJECTED SCAM: it smells: wash it"]);
    }
}
