//! Reports about templates. `None` means that the report lacks what would make it one.

use serde_json::Value;

use super::change::{Change, OtherInfo, RejectionInfo, TemplateCategory, TemplateQuality, TemplateRef, TemplateStatus};
use super::read::{number, said, text};
use super::{Origin, normalised_language};

/// Meta's pages put `rejection_info` into the value in one place and beside it in another, hence the whole change.
pub(super) fn status(origin: &Origin, change: &Value, value: &Value) -> Option<Change> {
    let places = [value.get("rejection_info"), change.get("rejection_info")];
    let rejection_info = places.into_iter().flatten().find(|info| info.is_object());
    let disable_info = value.get("disable_info");
    Some(Change::TemplateStatus(TemplateStatus {
        template: template(origin, value)?,
        event: text(value, "event")?.to_ascii_uppercase(),
        reason: said(value, "reason"),
        category: text(value, "message_template_category"),
        rejection_info: rejection_info
            .map(|info| RejectionInfo { reason: text(info, "reason"), recommendation: text(info, "recommendation") }),
        other_info: value
            .get("other_info")
            .filter(|info| info.is_object())
            .map(|info| OtherInfo { title: text(info, "title"), description: text(info, "description") }),
        disable_date: disable_info.and_then(|info| number(info, "disable_date")),
    }))
}

pub(super) fn quality(origin: &Origin, value: &Value) -> Option<Change> {
    Some(Change::TemplateQuality(TemplateQuality {
        template: template(origin, value)?,
        previous: text(value, "previous_quality_score"),
        new: text(value, "new_quality_score")?,
    }))
}

pub(super) fn category(origin: &Origin, value: &Value) -> Option<Change> {
    Some(Change::TemplateCategory(TemplateCategory {
        template: template(origin, value)?,
        previous: text(value, "previous_category"),
        new: text(value, "new_category"),
        correct: text(value, "correct_category"),
        update_at: number(value, "category_update_timestamp"),
    }))
}

pub(super) fn components(origin: &Origin, value: &Value) -> Option<Change> {
    template(origin, value).map(Change::TemplateComponents)
}

fn template(origin: &Origin, value: &Value) -> Option<TemplateRef> {
    let language = text(value, "message_template_language").unwrap_or_default();
    Some(TemplateRef {
        waba: origin.waba.clone(),
        template_id: text(value, "message_template_id")?,
        name: text(value, "message_template_name").unwrap_or_default(),
        language: normalised_language(&language),
        reported_at: origin.reported_at,
    })
}
