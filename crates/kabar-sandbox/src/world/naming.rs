//! Accounts and numbers come into being when they are first named.

use std::sync::Arc;

use serde_json::json;

use crate::random;
use crate::world::event::Event;
use crate::world::template::Life;
use crate::world::{Template, TemplateStatus, World};

/// The sample template that every new account has; its name is taken for good.
pub(crate) const SAMPLE_TEMPLATE: &str = "hello_world";

/// What an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Account,
    Number,
    Template,
}

impl Node {
    /// The Graph API's name of the type.
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Account => "WhatsAppBusinessAccount",
            Self::Number => "WhatsAppBusinessPhoneNumber",
            Self::Template => "WhatsAppMessageTemplate",
        }
    }
}

impl World {
    /// What `id` is known as.
    pub(crate) fn node(&self, id: &str) -> Option<Node> {
        if self.accounts.contains_key(id) {
            Some(Node::Account)
        } else if self.numbers.contains_key(id) {
            Some(Node::Number)
        } else if self.template_sequences.contains_key(id) {
            Some(Node::Template)
        } else {
            None
        }
    }

    /// Names an account; one that was never heard of gets a number and the sample template.
    pub(crate) fn name_account(&mut self, waba_id: &str, now: i64) {
        if self.accounts.contains_key(waba_id) {
            // The order of naming is a hint for new numbers only, so it is not written down.
            self.apply(Event::Account { waba_id: waba_id.to_owned() });
            return;
        }
        self.record(Event::Account { waba_id: waba_id.to_owned() });
        let phone_number_id = (0..)
            .map(|salt| random::derived_id(waba_id, salt))
            .find(|id| self.node(id).is_none())
            .expect("there are more ids than things");
        self.add_number(phone_number_id, waba_id);
        self.record(Event::Template(Box::new(sample_template(self.next_sequence(), waba_id, now))));
    }

    /// Names a number by which a template is sent. One that was never heard of is attached to the account that has the
    /// template, the one named last of several; if none has it, to the account named last of all; and if there is no
    /// account, to a new one.
    pub(crate) fn name_number(&mut self, phone_number_id: &str, template_name: &str, now: i64) {
        if self.numbers.contains_key(phone_number_id) {
            return;
        }
        let accounts = self.accounts.iter();
        let best =
            accounts.max_by_key(|(_, account)| (account.by_name.contains_key(template_name), account.last_named));
        let waba_id = best.map(|(waba_id, _)| waba_id.clone());
        let waba_id = waba_id.unwrap_or_else(|| {
            let waba_id = random::derived_id(phone_number_id, 1);
            self.name_account(&waba_id, now);
            waba_id
        });
        self.add_number(phone_number_id.to_owned(), &waba_id);
    }

    fn add_number(&mut self, phone_number_id: String, waba_id: &str) {
        let display = display_digits(&phone_number_id);
        self.record(Event::Number { phone_number_id, waba_id: waba_id.to_owned(), display });
    }
}

/// The telephone number that belongs to an id, in digits; always the same.
pub(crate) fn display_digits(phone_number_id: &str) -> String {
    format!("1555{}", random::derived_subscriber(phone_number_id))
}

fn sample_template(sequence: u64, waba_id: &str, now: i64) -> Template {
    Template {
        shared: Arc::default(),
        id: random::numeric_id(),
        sequence,
        waba_id: waba_id.to_owned(),
        name: SAMPLE_TEMPLATE.to_owned(),
        language: "en_US".to_owned(),
        category: "UTILITY".to_owned(),
        named_parameters: false,
        components: vec![
            json!({"type": "HEADER", "format": "TEXT", "text": "Hello World"}),
            json!({"type": "BODY", "text": "This is the sample template that every new account has, sent by the sandbox."}),
            json!({"type": "FOOTER", "text": "Sample message"}),
        ],
        attributes: serde_json::Map::new(),
        status: TemplateStatus::Approved,
        reason: "NONE".to_owned(),
        created_at: now,
        updated_at: now,
        life: Life::default(),
        spec: crate::check::spec::Spec::default(),
    }
}
