//! Everything that can happen, one variant each; a line of the state file is one of them.

use serde::{Deserialize, Serialize};

use crate::statuses::{Habit, Status};
use crate::world::account::Subscription;
use crate::world::media::Media;
use crate::world::message::Message;
use crate::world::reply::Reply;
use crate::world::upload::Upload;
use crate::world::{Template, TemplateChange, World};

/// The form of the state file that this program writes.
pub(crate) const VERSION: u32 = 1;

/// Something that happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// The first line of a state file.
    Sandbox {
        version: u32,
    },
    Account {
        waba_id: String,
    },
    Number {
        phone_number_id: String,
        waba_id: String,
        display: String,
    },
    /// A template is new, or was changed.
    Template(Box<Template>),
    TemplateChange(Box<TemplateChange>),
    TemplateDeleted {
        template_id: String,
    },
    /// The name of a deleted template cannot be used in this language until then.
    NameBlocked {
        waba_id: String,
        name: String,
        language: String,
        until: i64,
    },
    /// A sample is being uploaded, or was; each time anew, as far as it has come.
    Upload(Box<Upload>),
    /// A file for messages was uploaded.
    Media(Box<Media>),
    MediaDeleted {
        id: String,
    },
    Subscription {
        waba_id: String,
        subscription: Option<Subscription>,
    },
    Message(Box<Message>),
    /// These messages, by their index, reached a status at the same time.
    Statuses {
        status: Status,
        at: i64,
        messages: Vec<u32>,
    },
    /// A fault rule keeps a status of a message, by its index, from ever being told.
    Lost {
        message: u32,
        status: Status,
    },
    /// A callback took these updates.
    Delivered {
        at: i64,
        statuses: Vec<(u32, Status)>,
        changes: Vec<u64>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        replies: Vec<u32>,
    },
    /// A recipient answered.
    Reply(Box<Reply>),
    /// From now on a recipient's phone does this with messages.
    Habit {
        to: String,
        habit: Habit,
    },
    /// A message, by its index, fails with this error, as was asked by hand.
    FailsWith {
        message: u32,
        code: u32,
    },
    /// A number of the agreed digits was refused once.
    Refused {
        to: String,
    },
    Call(Box<Call>),
}

/// A Graph call, as the ledger shows it. It never holds the access token, so it holds no query either.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) at: i64,
    pub(crate) method: String,
    pub(crate) path: String,
    /// 0 where a fault rule let nothing be answered.
    pub(crate) status: u16,
    pub(crate) outcome: String,
    /// The fault that a rule had it meet, with `after` where it was handled before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) biz_opaque_callback_data: Option<String>,
}

/// A call to a callback, as the ledger shows it; these are not kept in the state file.
#[derive(Debug, Clone)]
pub(crate) struct WebhookCall {
    pub(crate) at: i64,
    /// Without its query, which may hold a secret.
    pub(crate) url: String,
    pub(crate) waba_id: String,
    pub(crate) n_updates: usize,
    pub(crate) size_bytes: usize,
    /// The HTTP status, or what went wrong.
    pub(crate) outcome: Result<u16, String>,
}

impl World {
    /// Hands every event of the shortest file that leads to this world to `each`, in an order that can be replayed.
    pub(crate) fn for_each_event<E>(&self, mut each: impl FnMut(&Event) -> Result<(), E>) -> Result<(), E> {
        each(&Event::Sandbox { version: VERSION })?;
        let mut accounts: Vec<_> = self.accounts.iter().collect();
        accounts.sort_by_key(|(_, account)| account.last_named);
        for (waba_id, account) in accounts {
            each(&Event::Account { waba_id: waba_id.clone() })?;
            for phone_number_id in &account.numbers {
                if let Some(number) = self.numbers.get(phone_number_id) {
                    each(&Event::Number {
                        phone_number_id: phone_number_id.clone(),
                        waba_id: waba_id.clone(),
                        display: number.display.clone(),
                    })?;
                }
            }
            if account.subscription.is_some() {
                each(&Event::Subscription { waba_id: waba_id.clone(), subscription: account.subscription.clone() })?;
            }
        }
        // Before the templates, whose state is newer than that of a change which was not told yet.
        for change in self.changes.values() {
            each(&Event::TemplateChange(Box::new(change.clone())))?;
        }
        for template in self.templates.values() {
            each(&Event::Template(Box::new(template.clone())))?;
        }
        for template_id in &self.deleted_templates {
            each(&Event::TemplateDeleted { template_id: template_id.clone() })?;
        }
        for ((waba_id, name, language), until) in &self.blocked_names {
            let (waba_id, name, language) = (waba_id.clone(), name.clone(), language.clone());
            each(&Event::NameBlocked { waba_id, name, language, until: *until })?;
        }
        for upload in self.uploads.values() {
            each(&Event::Upload(Box::new(upload.clone())))?;
        }
        for message in &self.messages {
            each(&Event::Message(Box::new(message.clone())))?;
        }
        for reply in &self.replies {
            each(&Event::Reply(Box::new(reply.clone())))?;
        }
        for (to, habit) in &self.habits {
            each(&Event::Habit { to: to.clone(), habit: *habit })?;
        }
        for (to, n_refusals) in &self.refusals {
            for _ in 0..*n_refusals {
                each(&Event::Refused { to: to.clone() })?;
            }
        }
        for call in &self.calls {
            each(&Event::Call(Box::new(call.clone())))?;
        }
        Ok(())
    }
}
