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
    /// The category that the app asked for, or accepted since; the upstream's where it was made elsewhere.
    pub asked: Category,
    /// Of when the newest reports are.
    pub told: Told,
    /// When Kabar first knew of it.
    pub created_at: Moment,
    /// When anything of it last changed.
    pub updated_at: Moment,
}

/// By the upstream's clock, of when its newest report about each side of a template is. `None` where it has reported
/// nothing. A report that is older than that is not news.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// About its status.
    pub status_at: Option<Moment>,
    /// About its quality.
    pub quality_at: Option<Moment>,
    /// About its category.
    pub category_at: Option<Moment>,
}

/// What the upstream says beside a status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusNote {
    /// Of a rejection: what is wrong. Of a pause: which one it is, such as `FIRST_PAUSE`.
    pub title: Option<String>,
    /// Of a rejection: what to do. Of a pause: what it is about.
    pub text: Option<String>,
}

/// A category into which the upstream will move a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComingCategory {
    /// Which.
    pub category: Category,
    /// When, where that was said.
    pub at: Option<Moment>,
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
    /// What was said beside the status.
    pub note: StatusNote,
    /// Since when it is disabled, where the upstream said so.
    pub disabled_at: Option<Moment>,
    /// The category from which the upstream moved it.
    pub previous_category: Option<Category>,
    /// The category into which the upstream will move it.
    pub coming: Option<ComingCategory>,
    /// Whether it is one of the upstream's samples, which can't be changed or deleted.
    pub sample: bool,
}

impl TemplateFacts {
    /// The facts of a template of which no more is known than this.
    pub fn new(name: &str, language: &str, category: Category, status: Status, components: &str) -> Self {
        Self {
            name: name.to_owned(),
            language: language.to_owned(),
            category,
            status,
            components: components.to_owned(),
            sub_category: None,
            ttl: None,
            parameter_format: None,
            link_tracking_opted_out: false,
            quality: "UNKNOWN".to_owned(),
            quality_at: None,
            rejected_reason: "NONE".to_owned(),
            note: StatusNote::default(),
            disabled_at: None,
            previous_category: None,
            coming: None,
            sample: false,
        }
    }
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
    /// The category that the app asks for or accepts now. Without one, that of a known template stays, and a new one has the
    /// upstream's.
    pub asked: Option<Category>,
    /// Of when the newest reports are.
    pub told: Told,
    /// When that was said.
    pub at: Moment,
    /// What happened to it, for its history.
    pub events: Vec<TemplateEvent>,
}

/// One thing that happened to a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateEvent {
    /// When: by the upstream's clock where it said so, otherwise when Kabar saw it.
    pub at: Moment,
    /// What.
    pub kind: EventKind,
    /// How it became known.
    pub source: EventSource,
    /// What was before, where that is a word: a status, a category, a score.
    pub was: Option<String>,
    /// What is since.
    pub became: Option<String>,
    /// Why, in the upstream's words.
    pub reason: Option<String>,
}

/// What can happen to a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// It was created through Kabar.
    Created,
    /// It was found upstream, where somebody made it elsewhere.
    Found,
    /// It was deleted and made anew upstream under the same name.
    MadeAnew,
    /// It was edited through Kabar.
    Edited,
    /// Its status changed.
    Status,
    /// Its category changed.
    Category,
    /// Another category was announced, or the announcement taken back.
    CategoryAnnounced,
    /// The app accepted the category that the upstream gave it.
    CategoryAccepted,
    /// Its quality changed.
    Quality,
    /// Its components, or what stands beside them, changed.
    Components,
}

impl EventKind {
    /// Every kind with its name.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("created", Self::Created),
        ("found", Self::Found),
        ("made_anew", Self::MadeAnew),
        ("edited", Self::Edited),
        ("status", Self::Status),
        ("category", Self::Category),
        ("category_announced", Self::CategoryAnnounced),
        ("category_accepted", Self::CategoryAccepted),
        ("quality", Self::Quality),
        ("components", Self::Components),
    ];

    /// The kind's name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// How something about a template became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventSource {
    /// The app asked for it through Kabar.
    Gateway,
    /// The upstream reported it.
    Webhook,
    /// Kabar read it from the upstream.
    Poll,
}

impl EventSource {
    /// Every source with its name.
    pub const NAMES: [(&'static str, Self); 3] =
        [("gateway", Self::Gateway), ("webhook", Self::Webhook), ("poll", Self::Poll)];

    /// The source's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Webhook => "webhook",
            Self::Poll => "poll",
        }
    }
}

/// How many events of a template are kept: the newest.
pub const EVENTS_KEPT: u32 = 100;

/// A name and language whose approved template was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedName {
    /// The name.
    pub name: String,
    /// The language.
    pub language: String,
    /// The category that it had.
    pub category: Category,
    /// When it was deleted.
    pub deleted_at: Moment,
}

/// For how long a deleted name is remembered, in days.
pub const DELETED_NAMES_KEPT_DAYS: u64 = 30;

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
    /// Whether there are older ones.
    pub has_after: bool,
}
