//! Two readings of the platform's rules, held against each other: what the checker of `kabar-domain` accepts is created
//! here, and what binds to its contract is sent.
//!
//! Each case is a list of numbers by which a template, and values for it, are chosen, so that a failing one shrinks to a
//! small template. `KABAR_AGREEMENT` is how many templates are tried, `KABAR_AGREEMENT_SEED` is the seed of the first:
//! whoever looks for a disagreement gives both, and every ordinary run tries the same templates.

use std::collections::BTreeMap;

use kabar_domain::clock::{Clock, Moment};
use kabar_domain::fault::Path;
use kabar_domain::template::contract::Contract;
use kabar_domain::template::draft::Draft;
use kabar_sandbox::Review;
use proptest::prelude::{Strategy as _, any};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::harness::{Platform, WABA, quick};

mod buttons;
mod choices;
mod templates;
mod texts;
mod things;
mod values;

use choices::Choices;
use templates::template;
use values::values;

const N_TEMPLATES: usize = 300;
const SEED: u64 = 20_260_921;
/// An account may not have many more templates, so that a new one is taken after so many.
const N_PER_PLATFORM: usize = 500;
const MAX_SHRINKS: usize = 3_000;

/// How a case ended, where the two agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The checker refused the template.
    Refused,
    /// It was created, and the values did not bind.
    Created,
    /// It was created, and a message was sent by it.
    Sent,
}

#[tokio::test]
async fn what_the_checker_takes_is_taken_here() {
    let n_templates = variable("KABAR_AGREEMENT").map_or(N_TEMPLATES, |n| usize::try_from(n).unwrap());
    let seed = variable("KABAR_AGREEMENT_SEED").unwrap_or(SEED);
    let (mut n_created, mut n_sent) = (0, 0);
    let mut court = Court::open().await;
    for case in 0..n_templates {
        if court.n_cases >= N_PER_PLATFORM {
            let kinds = court.kinds;
            court = Court { kinds, ..Court::open().await };
        }
        let seed = seed.wrapping_add(case as u64);
        match court.try_seed(seed).await {
            Ok(end) => {
                n_created += usize::from(end != End::Refused);
                n_sent += usize::from(end == End::Sent);
            }
            Err(why) => panic!("{why}\nto see it again: KABAR_AGREEMENT=1 KABAR_AGREEMENT_SEED={seed}"),
        }
    }
    let figures = format!("of {n_templates} templates {n_created} were created, and {n_sent} messages sent");
    println!("{figures}\nof these messages had {:?}", court.kinds);
    // Otherwise the two agree on nothing but refusals.
    let is_telling = n_created * 10 >= n_templates * 3 && n_sent * 20 >= n_templates;
    assert!(is_telling || n_templates < 100, "{figures}, from seed {seed}");
}

fn now() -> Moment {
    Clock::system().now()
}

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

/// A sandbox before which cases are tried.
struct Court {
    platform: Platform,
    number: String,
    n_cases: usize,
    /// How many messages were sent that had something of a kind.
    kinds: BTreeMap<&'static str, usize>,
}

#[rustfmt::skip]
const KINDS: [&str; 23] = [
    "header", "body", "image", "video", "document", "gif", "location", "product", "parameter_name", "currency",
    "date_time", "quick_reply", "url", "copy_code", "catalog", "mpm", "flow", "voice_call", "order_details",
    "limited_time_offer", "carousel", "order_status", "tap_target_configuration",
];

impl Court {
    async fn open() -> Self {
        let mut options = quick();
        options.review = Review::Manual;
        let platform = Platform::start(options).await;
        let number = platform.number(WABA).await;
        Self { platform, number, n_cases: 0, kinds: BTreeMap::new() }
    }

    /// Tries the case of a seed; where the two disagree, gives the smallest case found in which they do.
    async fn try_seed(&mut self, seed: u64) -> Result<End, String> {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 4].map(u64::to_le_bytes).concat());
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut tree = proptest::collection::vec(any::<u32>(), 100..400).new_tree(&mut runner).unwrap();
        let mut why = match self.try_one(&tree.current()).await {
            Ok(end) => return Ok(end),
            Err(why) => why,
        };
        let mut moved = tree.simplify();
        for _ in 0..MAX_SHRINKS {
            if !moved {
                break;
            }
            moved = match self.try_one(&tree.current()).await {
                Ok(_) => tree.complicate(),
                Err(smaller) => {
                    why = smaller;
                    tree.simplify()
                }
            };
        }
        Err(why)
    }

    /// Counts what was sent, by words that stand in it.
    fn note_kinds(&mut self, components: &str) {
        for kind in KINDS.into_iter().filter(|kind| components.contains(&format!("\"{kind}\""))) {
            *self.kinds.entry(kind).or_default() += 1;
        }
    }

    async fn try_one(&mut self, numbers: &[u32]) -> Result<End, String> {
        self.n_cases += 1;
        let name = format!("agreement_{}", self.n_cases);
        let mut choices = Choices::new(numbers);
        let body = template(&mut choices, &name);
        let create = format!("/v26.0/{WABA}/message_templates");
        let Ok(draft) = Draft::parse(&body) else {
            // Whatever it says to it, it must have an answer.
            let answer = self.platform.post(&create, &body).await;
            let is_answer = answer.status == 200 || (400..500).contains(&answer.status);
            return if is_answer { Ok(End::Refused) } else { Err(format!("{} to {body}", answer.status)) };
        };
        let upstream = draft.to_upstream();
        let answer = self.platform.post(&create, &upstream).await;
        if answer.status != 200 {
            return Err(format!("the checker accepts {body}\nand to {upstream}\nthe answer is {}", answer.body));
        }
        let id = answer.body["id"].as_str().unwrap();
        self.platform.post(&format!("/_sandbox/templates/{id}/approve"), &json!({})).await.ok();

        let contract = Contract::compile(draft.category, &upstream["components"]).with_sub_category(draft.sub_category);
        let Ok(bound) = contract.bind(&values(&mut choices, &upstream), now(), &|_| Path::root()) else {
            return Ok(End::Created);
        };
        let message = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "6281234567890",
            "type": "template",
            "template": {
                "name": name,
                "language": { "code": draft.language.as_str() },
                "components": serde_json::from_str::<Value>(bound.as_json()).unwrap()
            }
        });
        let answer = self.platform.post(&format!("/v26.0/{}/messages", self.number), &message).await;
        if answer.status == 200 {
            self.note_kinds(bound.as_json());
            return Ok(End::Sent);
        }
        Err(format!("to the template {upstream}\nis bound {}\nand the answer is {}", bound.as_json(), answer.body))
    }
}
