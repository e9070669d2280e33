//! What the sandbox saw: the truth that tests go by.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::dev::Dev;
use crate::http::Http;
use crate::sandbox::Sandbox;

/// A reader of the sandbox's ledger, and its operator.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// By what it calls.
    pub http: Http,
    /// Where the sandbox answers.
    pub sandbox_url: String,
}

/// A message that the sandbox accepted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Message {
    /// The upstream's id of the message.
    pub wamid: String,
    /// The recipient, as the call named it.
    pub to: String,
    /// The template's name.
    pub template: String,
    /// Its language.
    pub language: String,
    /// The values, as the call had them; null if it had none.
    pub components: Value,
    /// What the call wanted echoed: our msgid.
    pub biz_opaque_callback_data: Option<String>,
    /// When it was accepted (RFC 3339).
    pub accepted_at: String,
    /// What became of it so far, oldest first.
    pub statuses: Vec<Status>,
    /// From which number it was sent.
    pub phone_number_id: String,
    /// In which account.
    pub waba_id: String,
}

/// Something that became of a message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Status {
    /// `sent`, `delivered`, `read` or `failed`.
    pub status: String,
    /// When (RFC 3339).
    pub at: String,
    /// When a callback was told of it; not yet, if there is none.
    pub delivered_at: Option<String>,
    /// Why it failed.
    pub code: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Uploads {
    uploads: Vec<Upload>,
}

/// A sample that was uploaded to the sandbox, or is being.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Upload {
    /// In whose name.
    pub app_id: String,
    /// As what file.
    pub file_name: String,
    /// Of what type.
    pub file_type: String,
    /// How many bytes it is to have.
    pub file_length: u64,
    /// How many have arrived.
    pub file_offset: u64,
    /// A checksum of those, in their order.
    pub fnv1a64: String,
    /// How many calls brought bytes, or should have.
    pub calls: u32,
    /// The handle, once it is whole.
    pub h: Option<String>,
    /// The templates that name it.
    pub templates: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Files {
    media: Vec<File>,
}

/// A file that was uploaded to the sandbox for messages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct File {
    /// By what messages name it.
    pub id: String,
    /// For messages of which number.
    pub phone_number_id: String,
    /// Of what type.
    pub mime_type: String,
    /// How many bytes it has.
    pub file_size: u64,
    /// A checksum of those.
    pub fnv1a64: String,
    /// How many messages name it.
    pub messages: usize,
}

/// A call that the sandbox answered.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Call {
    /// When (RFC 3339).
    pub at: String,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// What became of it: `ok`, or what was wrong.
    pub outcome: String,
    /// Whom a message was for.
    pub to: Option<String>,
    /// What it wanted echoed.
    pub biz_opaque_callback_data: Option<String>,
}

impl Ledger {
    /// The ledger of the upstream of a running `kabar dev`.
    pub fn new(dev: &Dev) -> Self {
        Self { http: Http::new(), sandbox_url: dev.ready.sandbox_url.clone() }
    }

    /// The ledger of a sandbox.
    pub fn of(sandbox: &Sandbox) -> Self {
        Self { http: Http::new(), sandbox_url: sandbox.url.clone() }
    }

    /// Every message that was accepted, in order.
    pub async fn messages(&self) -> Vec<Message> {
        self.lines("messages").await
    }

    /// The messages for a recipient, named with or without `+`.
    pub async fn messages_to(&self, number: &str) -> Vec<Message> {
        self.lines(&format!("messages?to={}", number.trim_start_matches('+'))).await
    }

    /// The messages that carry a `msgid`. More than one means that something was sent twice.
    pub async fn by_msgid(&self, msgid: &str) -> Vec<Message> {
        self.lines(&format!("messages?biz_opaque_callback_data={msgid}")).await
    }

    /// Every call that was answered, in order.
    pub async fn calls(&self) -> Vec<Call> {
        self.lines("calls").await
    }

    /// Decides on a template as an operator of the sandbox: `approve`, `reject`, `pause` or `disable`.
    ///
    /// # Panics
    ///
    /// When the sandbox does not know the template.
    pub async fn decide(&self, template_id: &str, decision: &str) {
        let url = format!("{}/_sandbox/templates/{template_id}/{decision}", self.sandbox_url);
        let answer = self.http.exchange("POST", &url, &[], "").await;
        assert_eq!(answer.status, 200, "the sandbox can't {decision} {template_id}: {}", answer.text());
    }

    /// The uploads of samples, oldest first.
    ///
    /// # Panics
    ///
    /// When the answer is not as documented.
    pub async fn uploads(&self) -> Vec<Upload> {
        let text = self.http.get(&format!("{}/_sandbox/uploads", self.sandbox_url)).await;
        let told: Uploads = serde_json::from_str(&text).unwrap_or_else(|err| panic!("not uploads: {err}\n{text}"));
        told.uploads
    }

    /// The files that were uploaded for messages, oldest first.
    ///
    /// # Panics
    ///
    /// When the answer is not as documented.
    pub async fn files(&self) -> Vec<File> {
        let text = self.http.get(&format!("{}/_sandbox/media", self.sandbox_url)).await;
        let told: Files = serde_json::from_str(&text).unwrap_or_else(|err| panic!("not files: {err}\n{text}"));
        told.media
    }

    /// Has the sandbox forget a file that was uploaded for messages.
    ///
    /// # Panics
    ///
    /// When it has none of this id.
    pub async fn forget_file(&self, id: &str) {
        let url = format!("{}/v26.0/{id}", self.sandbox_url);
        let answer = self.http.exchange("DELETE", &url, &[("authorization", "Bearer sandbox")], "").await;
        assert_eq!(answer.status, 200, "the sandbox has no file {id}: {}", answer.text());
    }

    /// Has the next calls that bring bytes of a sample broken off, each after so many.
    ///
    /// # Panics
    ///
    /// When the sandbox refuses.
    pub async fn break_uploads(&self, after: &[u64]) {
        let url = format!("{}/_sandbox/uploads", self.sandbox_url);
        let body = serde_json::json!({ "break_after": after }).to_string();
        let answer = self.http.exchange("POST", &url, &[], body).await;
        assert_eq!(answer.status, 200, "the sandbox won't break uploads off: {}", answer.text());
    }

    async fn lines<T: DeserializeOwned>(&self, what: &str) -> Vec<T> {
        let text = self.http.get(&format!("{}/_sandbox/ledger/{what}", self.sandbox_url)).await;
        let read = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|err| panic!("a line of the ledger can't be read: {err}\n{line}"))
        };
        text.lines().map(read).collect()
    }
}
