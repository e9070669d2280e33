//! What is known of a template beside the template itself: `$extras` of its details.

use kabar_domain::catalogue::{Locale, sentence};
use kabar_domain::fault::{Fault, Faults};
use kabar_domain::template::Status;
use kabar_domain::template::draft::Draft;
use kabar_store::template::{StoredTemplate, TemplateEvent, TemplateFacts};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What is known beside the template itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Extras)]
pub(super) struct Extras {
    /// Whether link tracking is switched off.
    cta_url_link_tracking_opted_out: bool,
    quality_score: QualityScore,
    /// Why it was rejected; `NONE` when it was not.
    #[schema(example = "NONE")]
    rejected_reason: String,
    /// What the OCA dialect sends by.
    #[schema(example = "0199a4f4_0000_7000_8000_000000000001:otp_code")]
    template_code_id: String,
    /// A finer kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_category: Option<String>,
    /// For how many seconds after sending the upstream tries to deliver.
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    /// `POSITIONAL` or `NAMED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter_format: Option<String>,
    /// Of a rejected template: why, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection_info: Option<RejectionInfo>,
    /// Of a template with another status: what WhatsApp said beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_info: Option<OtherInfo>,
    /// Since when it is disabled, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<i64>,
    /// The category from which WhatsApp moved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_category: Option<&'static str>,
    /// The category that the app asked for, where it is another than the template has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_category: Option<&'static str>,
    /// The category into which WhatsApp will move it.
    #[serde(skip_serializing_if = "Option::is_none")]
    category_change: Option<CategoryChange>,
    /// What WhatsApp may refuse, or what sources contradict each other about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<Warning>,
    /// What happened to it, newest last; at most 100.
    history: Vec<HistoryItem>,
}

/// How recipients have taken the template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::QualityScore)]
pub(super) struct QualityScore {
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    #[schema(example = "UNKNOWN")]
    score: String,
    /// Since when, in Unix seconds.
    #[schema(example = 1_715_671_267)]
    date: i64,
}

/// Why a template was rejected, in WhatsApp's sentences.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::RejectionInfo)]
struct RejectionInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<String>,
}

/// What WhatsApp says beside a status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::OtherInfo)]
struct OtherInfo {
    /// Such as `FIRST_PAUSE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// Another category that is announced.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::CategoryChange)]
struct CategoryChange {
    /// Which.
    #[schema(example = "MARKETING")]
    to: &'static str,
    /// From when on, in Unix seconds, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
}

/// Something doubtful about a template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::Warning)]
pub(super) struct Warning {
    /// Where.
    #[schema(example = "components.0.text")]
    path: String,
    /// The id of the rule.
    #[schema(example = "body_edges_close")]
    rule: &'static str,
    /// A sentence: Indonesian, or English with `Accept-Language: en`.
    message: String,
}

/// One thing that happened to a template.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = unswer::HistoryItem)]
struct HistoryItem {
    /// When, in Unix seconds.
    #[schema(example = 1_715_671_267)]
    at: i64,
    /// What: `created`, `found`, `made_anew`, `edited`, `status`, `category`, `category_announced`, `category_accepted`,
    /// `quality` or `components`.
    #[schema(example = "status")]
    what: &'static str,
    /// What was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "PENDING")]
    from: Option<String>,
    /// What is since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "APPROVED")]
    to: Option<String>,
    /// How it became known: `webhook`, `poll`, or `gateway` where the app asked for it here.
    #[schema(example = "webhook")]
    by: &'static str,
    /// Why, in WhatsApp's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Extras {
    /// All that is told beside the template; its warnings in the caller's language.
    pub(super) fn of(template: &StoredTemplate, events: &[TemplateEvent], locale: Locale) -> Self {
        let facts = &template.facts;
        let since = facts.quality_at.unwrap_or(template.created_at);
        let rejected = facts.status == Status::Rejected;
        let (title, text) = (facts.note.title.clone(), facts.note.text.clone());
        let is_explained = title.is_some() || text.is_some();
        let coming = facts.coming.filter(|coming| coming.category != facts.category);
        Self {
            cta_url_link_tracking_opted_out: facts.link_tracking_opted_out,
            quality_score: QualityScore { score: facts.quality.clone(), date: since.as_seconds() },
            rejected_reason: facts.rejected_reason.clone(),
            template_code_id: template.code.to_string(),
            sub_category: facts.sub_category.clone(),
            ttl: facts.ttl,
            parameter_format: facts.parameter_format.clone(),
            rejection_info: (is_explained && rejected)
                .then(|| RejectionInfo { reason: title.clone(), recommendation: text.clone() }),
            other_info: (is_explained && !rejected).then_some(OtherInfo { title, description: text }),
            disabled_at: facts.disabled_at.map(kabar_domain::clock::Moment::as_seconds),
            previous_category: facts.previous_category.map(kabar_domain::template::Category::as_str),
            requested_category: (template.asked != facts.category).then(|| template.asked.as_str()),
            category_change: coming.map(|coming| CategoryChange {
                to: coming.category.as_str(),
                at: coming.at.map(kabar_domain::clock::Moment::as_seconds),
            }),
            warnings: warnings(&Draft::doubts(&as_asked(facts)), locale),
            history: events.iter().map(HistoryItem::of).collect(),
        }
    }
}

/// The template as it would be asked for.
fn as_asked(facts: &TemplateFacts) -> Value {
    let components: Value = serde_json::from_str(&facts.components).unwrap_or_default();
    json!({
        "name": facts.name,
        "language": facts.language,
        "category": facts.category.as_str(),
        "sub_category": facts.sub_category,
        "parameter_format": facts.parameter_format,
        "message_send_ttl_seconds": facts.ttl,
        "components": components,
    })
}

/// What is doubtful, in the caller's language.
pub(super) fn warnings(doubts: &Faults, locale: Locale) -> Vec<Warning> {
    let warning =
        |fault: &Fault| Warning { path: fault.path.dotted(), rule: fault.rule.id(), message: sentence(fault, locale) };
    doubts.iter().map(warning).collect()
}

impl HistoryItem {
    fn of(event: &TemplateEvent) -> Self {
        Self {
            at: event.at.as_seconds(),
            what: event.kind.as_str(),
            from: event.was.clone(),
            to: event.became.clone(),
            by: event.source.as_str(),
            reason: event.reason.clone(),
        }
    }
}
