//! Callers who go on sending whatever happens to the gateway. One who got no answer asks again, with the same key.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::oca::{Oca, msgid_in};
use crate::stand::{LOGIN_CODE, MARKETING, Stand, UTILITY};
use crate::torture::Plan;

/// How long a caller waits before it asks again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// One in so many messages is taken back at once.
const CHANGES_ITS_MIND: u64 = 20;

/// All of them.
pub(super) struct Callers {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

struct Shared {
    oca: Oca,
    codes: BTreeMap<String, String>,
    seed: u64,
    pause: Duration,
    stop: AtomicBool,
    next: AtomicU64,
    repeated: AtomicU64,
    /// The msgid that was told for each recipient. Nobody is sent two messages.
    told: Mutex<BTreeMap<String, String>>,
}

impl Callers {
    pub(super) fn start(stand: &Stand, plan: &Plan) -> Self {
        let shared = Arc::new(Shared {
            oca: stand.oca.clone(),
            codes: stand.codes.clone(),
            seed: plan.seed,
            pause: plan.pause,
            stop: AtomicBool::new(false),
            next: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            told: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for _ in 0..plan.callers {
            let shared = Arc::clone(&shared);
            tasks.spawn(async move { shared.call().await });
        }
        Self { shared, tasks }
    }

    /// Lets everyone come to an answer, and gives the msgid of each recipient, and how many requests were repeated.
    pub(super) async fn finish(mut self) -> (BTreeMap<String, String>, u64) {
        self.shared.stop.store(true, Ordering::SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(err) = ended {
                panic!("a caller gave up: {err}");
            }
        }
        let told = std::mem::take(&mut *self.shared.told.lock().unwrap_or_else(PoisonError::into_inner));
        (told, self.shared.repeated.load(Ordering::SeqCst))
    }
}

impl Shared {
    async fn call(&self) {
        while !self.stop.load(Ordering::SeqCst) {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            let to = format!("6281370{number:06}");
            let msgid = self.until_answered(number, &self.request(number, &to)).await;
            if number.is_multiple_of(CHANGES_ITS_MIND) {
                // Whether it comes in time, and whether it is answered, is left open; what matters is that it is true.
                drop(self.oca.cancel(&msgid).await);
            }
            self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(to, msgid);
            tokio::time::sleep(self.pause).await;
        }
    }

    fn request(&self, number: u64, to: &str) -> Value {
        let (template, values) = match number % 10 {
            0..=2 => (LOGIN_CODE, vec![format!("{number:06}")]),
            3 => (MARKETING, vec!["Budi".to_owned(), format!("KUPON{number}")]),
            _ => (UTILITY, vec!["Budi".to_owned(), format!("INV-{number}")]),
        };
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let code = self.codes.get(template).unwrap_or_else(|| panic!("there is no template {template}"));
        Oca::message(code, &format!("+{to}"), &[Oca::body(&values)])
    }

    async fn until_answered(&self, number: u64, request: &Value) -> String {
        let url = format!("{}/api/v2/push/message", self.oca.base);
        let key = format!("{}-{number}", self.seed);
        let headers = [
            ("authorization", self.oca.token.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key.as_str()),
        ];
        loop {
            match self.oca.http.try_exchange("POST", &url, &headers, request.to_string()).await {
                Ok(answer) if answer.status == 200 => return msgid_in(&answer),
                Ok(answer) if answer.status.is_server_error() || answer.status == 429 => {}
                Ok(answer) => panic!("a request was refused: {} {}", answer.status, answer.text()),
                Err(_) => {}
            }
            self.repeated.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }
}
