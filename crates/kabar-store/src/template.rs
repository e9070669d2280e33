//! Templates as they are kept.

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, TemplateCode, TemplateId, WabaId};
use kabar_domain::template::{Category, Status};

/// A template of an app. The pair of app and upstream id is unique; so are the code, and within an app the pair of name and language.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTemplate {
    /// The store's own number for it, never used twice; lists are walked by it.
    pub seq: i64,
    /// Whose it is.
    pub app: AppId,
    /// The account to which it belongs upstream.
    pub waba: WabaId,
    /// The upstream's id.
    pub id: TemplateId,
    /// What the OCA dialect sends by.
    pub code: TemplateCode,
    /// What the upstream says of it.
    pub facts: TemplateFacts,
    /// When Kabar first knew of it.
    pub created_at: Moment,
    /// When anything of it last changed.
    pub updated_at: Moment,
}

/// What the upstream says of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateFacts {
    /// Its name.
    pub name: String,
    /// Its language, as the upstream spells it.
    pub language: String,
    /// Its category, as the upstream judges it.
    pub category: Category,
    /// Its status.
    pub status: Status,
    /// The components as JSON (an array): as they were created here, or as the upstream lists them.
    pub components: String,
    /// A finer kind.
    pub sub_category: Option<String>,
    /// For how many seconds after sending the upstream tries to deliver.
    pub ttl: Option<u32>,
    /// `NAMED` where the variables have names; nothing where they are numbered.
    pub parameter_format: Option<String>,
    /// Whether link tracking is switched off.
    pub link_tracking_opted_out: bool,
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    pub quality: String,
    /// Since when the quality is so.
    pub quality_at: Option<Moment>,
    /// Why it was rejected; `NONE` when it was not.
    pub rejected_reason: String,
    /// Whether it is one of the upstream's samples, which can't be changed or deleted.
    pub sample: bool,
}

/// A template to be kept: new, or known under the same app and upstream id, in which case the facts are replaced and all else stays.
#[derive(Debug, Clone, PartialEq)]
pub struct PutTemplate {
    /// Whose it is.
    pub app: AppId,
    /// The account to which it belongs upstream.
    pub waba: WabaId,
    /// The upstream's id.
    pub id: TemplateId,
    /// The code that it gets if it is new.
    pub code: TemplateCode,
    /// What the upstream says of it.
    pub facts: TemplateFacts,
    /// When that was said.
    pub at: Moment,
}

/// Which way a list is walked, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// From the newest.
    FromStart,
    /// On to what is older than the template with this number.
    After(i64),
    /// Back to what is newer than the template with this number.
    Before(i64),
}

/// A page of templates, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplatePage {
    /// The templates.
    pub items: Vec<StoredTemplate>,
    /// Whether there are newer ones.
    pub has_before: bool,
    /// Whether there are older ones.
    pub has_after: bool,
}
