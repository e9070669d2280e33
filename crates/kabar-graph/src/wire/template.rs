//! Templates as Meta keeps them.

use serde::Deserialize;
use serde_json::Value;

use super::tolerant;

/// The fields that are asked for: all that [`Template`] keeps.
pub(crate) const FIELDS: &str = "id,name,language,category,sub_category,previous_category,correct_category,status,\
    components,parameter_format,quality_score,rejected_reason,cta_url_link_tracking_opted_out,message_send_ttl_seconds";

/// A template in one language.
///
/// Enumerations are kept as Meta writes them, upper case: what they mean is for the reader to decide.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Template {
    /// Meta's id of this language of the template.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// The name, shared by all its languages.
    pub name: String,
    /// The language, as `id` or `en_US`.
    pub language: String,
    /// Where it stands: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`, `ARCHIVED` …
    pub status: String,
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub category: Option<String>,
    /// A narrower category, such as `ORDER_STATUS`.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub sub_category: Option<String>,
    /// The category before Meta changed it.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub previous_category: Option<String>,
    /// The category into which Meta is about to change it.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub correct_category: Option<String>,
    /// The components, untouched.
    #[serde(default, deserialize_with = "tolerant::list")]
    pub components: Vec<Value>,
    /// `POSITIONAL` or `NAMED`.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub parameter_format: Option<String>,
    /// How recipients take it.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub quality_score: Option<QualityScore>,
    /// Why it was rejected; `NONE` when it was not.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub rejected_reason: Option<String>,
    /// Whether clicks on its buttons are not counted.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub cta_url_link_tracking_opted_out: Option<bool>,
    /// How long delivery is tried, in seconds; -1 means 30 days.
    #[serde(default, deserialize_with = "tolerant::option_number")]
    pub message_send_ttl_seconds: Option<i64>,
}

/// How recipients take a template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct QualityScore {
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub score: String,
    /// Since when, in Unix seconds.
    #[serde(default, deserialize_with = "tolerant::option_number")]
    pub date: Option<i64>,
}

/// The answer to a template that was taken for review.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Created {
    /// Meta's id of the template.
    #[serde(deserialize_with = "tolerant::id")]
    pub id: String,
    /// Where it stands: mostly `PENDING`, at times `APPROVED` or `REJECTED` at once.
    pub status: String,
    /// The category that Meta gave it, which need not be the one that was asked for.
    #[serde(default, deserialize_with = "tolerant::option")]
    pub category: Option<String>,
}

/// What became of a request that Meta answers with a reason where it says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It was done.
    Done,
    /// It was not, for this reason.
    Refused(String),
}

/// The answer to putting templates into the archive, or taking them out: by id, why it was not done.
#[derive(Debug, Deserialize)]
pub(crate) struct Archived {
    #[serde(default, deserialize_with = "tolerant::list")]
    archived_templates: Vec<Value>,
    #[serde(default, deserialize_with = "tolerant::list")]
    unarchived_templates: Vec<Value>,
    #[serde(default)]
    failed_templates: Value,
}

impl Archived {
    /// What became of the template with this id; `None` when the answer does not tell.
    pub(crate) fn of(&self, template_id: &str) -> Option<Answered> {
        if let Some(reason) = self.failed_templates.get(template_id) {
            return Some(Answered::Refused(tolerant::text_of(reason).unwrap_or_default()));
        }
        let mut moved = self.archived_templates.iter().chain(&self.unarchived_templates);
        moved.any(|id| tolerant::text_of(id).as_deref() == Some(template_id)).then_some(Answered::Done)
    }
}

/// The answer to asking a paused template back.
#[derive(Debug, Deserialize)]
pub(crate) struct Unpaused {
    success: bool,
    #[serde(default, deserialize_with = "tolerant::option")]
    reason: Option<String>,
}

impl From<Unpaused> for Answered {
    fn from(answer: Unpaused) -> Self {
        if answer.success { Self::Done } else { Self::Refused(answer.reason.unwrap_or_default()) }
    }
}

/// A page of the list of templates.
///
/// A page with an element that can't be read is refused whole: left out, it would look deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The templates, in Meta's order.
    pub templates: Vec<Template>,
    /// The cursor of the next page; `None` on the last one.
    pub after: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct TemplateList {
    data: Vec<Template>,
    #[serde(default, deserialize_with = "tolerant::option")]
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl From<TemplateList> for Page {
    /// The last page has cursors too; only the address of a next page tells that there is one.
    fn from(list: TemplateList) -> Self {
        let after = list.paging.and_then(|paging| {
            paging.next?;
            paging.cursors?.after
        });
        Self { templates: list.data, after: after.filter(|cursor| !cursor.is_empty()) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Page, Template, TemplateList};

    #[test]
    fn a_whole_template_is_read() {
        let template: Template = serde_json::from_value(json!({
            "name": "pesanan_dikirim", "parameter_format": "NAMED", "language": "id", "status": "APPROVED",
            "category": "UTILITY", "previous_category": "MARKETING", "sub_category": "CUSTOM", "id": "1387372356726668",
            "components": [{"type": "BODY", "text": "Halo {{nama}}, pesanan Anda dikirim."}],
            "quality_score": {"score": "GREEN", "date": 1_758_754_645, "reasons": []}, "rejected_reason": "NONE",
            "cta_url_link_tracking_opted_out": true, "message_send_ttl_seconds": -1, "health_status": {"x": 1},
        }))
        .unwrap();
        assert_eq!(template.components.len(), 1);
        assert_eq!(template.quality_score.clone().unwrap().date, Some(1_758_754_645));
        assert_eq!(template.message_send_ttl_seconds, Some(-1));
        assert_eq!(template.previous_category.as_deref(), Some("MARKETING"));
    }

    #[test]
    fn a_lean_template_with_a_number_as_id_is_read() {
        let template: Template = serde_json::from_value(json!({
            "name": "halo", "language": "en_US", "status": "PENDING", "id": 42, "quality_score": "UNKNOWN", "category": null,
        }))
        .unwrap();
        assert_eq!((template.id.as_str(), template.category, template.quality_score), ("42", None, None));
        assert!(template.components.is_empty());
    }

    #[test]
    fn only_a_page_with_a_next_one_has_a_cursor() {
        for (paging, expected) in [
            (json!({"cursors": {"before": "a", "after": "b"}, "next": "https://graph.example/x"}), Some("b")),
            (json!({"cursors": {"before": "a", "after": "b"}}), None),
            (json!({"cursors": {"after": ""}, "next": "https://graph.example/x"}), None),
            (json!({}), None),
            (json!(null), None),
        ] {
            let list: TemplateList = serde_json::from_value(json!({"data": [], "paging": paging})).unwrap();
            assert_eq!(Page::from(list).after.as_deref(), expected, "{paging}");
        }
        assert_eq!(Page::from(serde_json::from_str::<TemplateList>(r#"{"data":[]}"#).unwrap()).after, None);
    }

    #[test]
    fn an_unreadable_element_refuses_the_page() {
        assert!(serde_json::from_value::<TemplateList>(json!({"data": [{"id": "1"}]})).is_err());
        assert!(serde_json::from_value::<TemplateList>(json!({"templates": []})).is_err());
    }
}
