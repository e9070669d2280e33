//! What recipients answer: a button pressed, or words.

use serde::{Deserialize, Serialize};

use crate::random;
use crate::world::World;
use crate::world::account::Update;
use crate::world::event::Event;

/// The answer of a recipient: an inbound message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) wamid: String,
    /// The recipient in digits.
    pub(crate) from: String,
    /// The number that it goes to, and its account.
    pub(crate) phone_number_id: String,
    pub(crate) waba_id: String,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answers: Option<String>,
    pub(crate) said: Said,
    pub(crate) at: i64,
    /// When the callback took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delivered_at: Option<i64>,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    /// A quick reply was pressed: its label, and what the send put behind it.
    Button { text: String, payload: String },
    /// Words.
    Text(String),
    /// No marketing any more, or again, by the switch that the app has for each business.
    Marketing { stopped: bool },
}

impl Said {
    /// The bytes that it takes, about.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Button { text, payload } => text.len() + payload.len(),
            Self::Text(text) => text.len(),
            Self::Marketing { .. } => 1,
        }
    }
}

impl World {
    /// A recipient answers the message with this index: with `answers`, it is quoted.
    pub(crate) fn answer(&mut self, index: usize, said: Said, answers: bool, at: i64) {
        let Some(message) = self.messages.get(index) else { return };
        let reply = Reply {
            wamid: random::message_id(&message.to),
            from: message.to.clone(),
            phone_number_id: message.phone_number_id.clone(),
            waba_id: message.waba_id.clone(),
            answers: answers.then(|| message.wamid.clone()),
            said,
            at,
            delivered_at: None,
        };
        self.record(Event::Reply(Box::new(reply)));
    }

    pub(crate) fn apply_reply(&mut self, reply: Reply) {
        if let Said::Marketing { stopped } = reply.said {
            let whose = (reply.waba_id.clone(), reply.from.clone());
            if stopped {
                self.no_marketing.insert(whose);
            } else {
                self.no_marketing.remove(&whose);
            }
        }
        let number = u32::try_from(self.replies.len());
        if let (true, Ok(number)) = (self.live, number) {
            self.tell(&reply.waba_id, Update::Reply(number));
        }
        self.replies.push(reply);
    }

    /// Whether a recipient has stopped the marketing of an account.
    pub(crate) fn stops_marketing(&self, waba_id: &str, recipient: &str) -> bool {
        self.no_marketing.contains(&(waba_id.to_owned(), recipient.to_owned()))
    }

    /// The answer of this number.
    pub(crate) fn reply(&self, number: u32) -> Option<&Reply> {
        self.replies.get(usize::try_from(number).ok()?)
    }

    pub(crate) fn reply_mut(&mut self, number: u32) -> Option<&mut Reply> {
        self.replies.get_mut(usize::try_from(number).ok()?)
    }
}
