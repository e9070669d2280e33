//! Random histories, beside a model that fits into a page: nothing is lost, nothing is begun twice without an outcome
//! between, and everything is begun in the right order, whatever is reported and whenever the process ends.

use std::collections::{BTreeSet, HashSet};

use kabar_domain::clock::Moment;
use kabar_domain::ids::Msgid;
use kabar_domain::message::{Lane, State};
use kabar_domain::template::Category;
use kabar_store::Store;
use kabar_store::ledger::{Hold, MessageKey, Verdict};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_oneof, proptest};
use proptest::sample::Index;

use crate::make::{PATIENCE, app_id, at, ended, lane, message, report, settle, submitted};
use crate::place::Place;

#[derive(Debug, Clone)]
enum Step {
    Accept { lane: bool },
    Begin { lane: bool, limit: u32, noted: usize },
    Settle { which: Index, how: How },
    Record { which: Index, state: State },
    SettleDoubt { how: How },
    Release { template: i64 },
    Wait { seconds: u64 },
    Reopen { crash: bool },
    Guilty { which: Index },
}

#[derive(Debug, Clone, Copy)]
enum How {
    Submitted,
    Later(u64),
    InDoubt(u64),
    Held(i64),
    Ended(State),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let how = || {
        prop_oneof![
            Just(How::Submitted),
            (0_u64..9).prop_map(How::Later),
            (0_u64..9).prop_map(How::InDoubt),
            (0_i64..2).prop_map(How::Held),
            prop::sample::select(vec![State::Rejected, State::Expired, State::OutcomeUnknown]).prop_map(How::Ended),
        ]
    };
    let reported = prop::sample::select(vec![State::Sent, State::Failed, State::Delivered, State::Read]);
    let step = prop_oneof![
        6 => any::<bool>().prop_map(|lane| Step::Accept { lane }),
        5 => (any::<bool>(), 0_u32..5, 0_usize..5).prop_map(|(lane, limit, noted)| Step::Begin { lane, limit, noted }),
        6 => (any::<Index>(), how()).prop_map(|(which, how)| Step::Settle { which, how }),
        2 => (any::<Index>(), reported).prop_map(|(which, state)| Step::Record { which, state }),
        2 => how().prop_map(|how| Step::SettleDoubt { how }),
        2 => (0_i64..2).prop_map(|template| Step::Release { template }),
        2 => (0_u64..9).prop_map(|seconds| Step::Wait { seconds }),
        1 => any::<bool>().prop_map(|crash| Step::Reopen { crash }),
        1 => any::<Index>().prop_map(|which| Step::Guilty { which }),
    ];
    prop::collection::vec(step, 1..60)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Where {
    New,
    UnderWay,
    Retry(Moment),
    Doubt(Moment),
    Held(i64),
    Nowhere,
}

#[derive(Debug)]
struct Told {
    msgid: Msgid,
    lane: bool,
    key: Option<MessageKey>,
    state: State,
    place: Where,
    noted: bool,
}

struct World {
    place: Place,
    store: Store,
    told: Vec<Told>,
    seconds: u64,
}

fn lane_of(lane_: bool) -> Lane {
    lane("100", if lane_ { Category::Authentication } else { Category::Marketing })
}

impl Told {
    fn settle(&mut self, how: How, now: u64) -> Verdict {
        self.place = Where::Nowhere;
        let open = !self.state.is_settled();
        match how {
            How::Submitted => {
                self.state = self.state.after(State::Submitted);
                submitted(&format!("wamid.{}", self.msgid))
            }
            How::Later(seconds) => {
                if open {
                    self.place = Where::Retry(at(now + seconds));
                }
                Verdict::Later { due: at(now + seconds) }
            }
            How::InDoubt(seconds) => {
                if open {
                    self.place = Where::Doubt(at(now + seconds));
                    self.state = State::InDoubt;
                }
                Verdict::InDoubt { until: at(now + seconds) }
            }
            How::Held(template) => {
                if open {
                    self.place = Where::Held(template);
                }
                Verdict::Held { on: Hold::Template(template) }
            }
            How::Ended(state) => {
                self.state = self.state.ended(state).unwrap_or(self.state);
                ended(state)
            }
        }
    }
}

impl World {
    async fn new() -> Self {
        let place = Place::sqlite();
        let store = place.open().await;
        Self { place, store, told: Vec::new(), seconds: 0 }
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Accept { lane } => {
                let message = message(&lane_of(lane));
                let msgid = message.msgid;
                self.store.accept(message).await.unwrap();
                self.told.push(Told {
                    msgid,
                    lane,
                    key: None,
                    state: State::Accepted,
                    place: Where::New,
                    noted: false,
                });
            }
            Step::Begin { lane, limit, noted } => self.begin(lane, limit, noted).await,
            Step::Settle { which, how } => {
                let under_way: Vec<usize> = self.find(|told| told.place == Where::UnderWay);
                if !under_way.is_empty() {
                    self.settle(*which.get(&under_way), how).await;
                }
            }
            Step::Record { which, state } => {
                if !self.told.is_empty() {
                    let told = which.index(self.told.len());
                    self.record(told, state).await;
                }
            }
            Step::SettleDoubt { how } => {
                let due = self.due_doubts();
                let found = self.store.doubts_due(at(self.seconds), 100).await.unwrap();
                assert_eq!(
                    found.iter().map(|doubt| doubt.msgid).collect::<HashSet<_>>(),
                    due.iter().map(|told| self.told[*told].msgid).collect::<HashSet<_>>()
                );
                if let Some(first) = due.first() {
                    self.settle(*first, how).await;
                }
            }
            Step::Release { template } => self.release(template).await,
            Step::Wait { seconds } => self.seconds += seconds,
            Step::Reopen { crash } => self.reopen(crash).await,
            Step::Guilty { which } => {
                if !self.told.is_empty() {
                    let told = &self.told[which.index(self.told.len())];
                    let mut again = message(&lane_of(told.lane));
                    again.msgid = told.msgid;
                    self.store.accept(again).await.unwrap_err();
                }
            }
        }
    }

    fn find(&self, wanted: impl Fn(&Told) -> bool) -> Vec<usize> {
        (0..self.told.len()).filter(|told| wanted(&self.told[*told])).collect()
    }

    fn due_doubts(&self) -> Vec<usize> {
        let now = at(self.seconds);
        self.find(|told| matches!(told.place, Where::Doubt(until) if until <= now))
    }

    async fn begin(&mut self, lane: bool, limit: u32, noted: usize) {
        let now = at(self.seconds);
        let mut expected: Vec<(Moment, usize)> = Vec::new();
        for (told, message) in self.told.iter().enumerate().filter(|(_, message)| message.lane == lane) {
            match message.place {
                Where::Retry(due) if due <= now => expected.push((due, told)),
                Where::New if !message.state.is_settled() => expected.push((Moment::from_millis(i64::MAX), told)),
                Where::New | Where::UnderWay | Where::Retry(_) | Where::Doubt(_) | Where::Held(_) | Where::Nowhere => {}
            }
        }
        expected.sort_by_key(|(due, told)| (*due, *told));
        expected.truncate(limit as usize);

        let begun = self.store.begin_attempts(&lane_of(lane), limit, now).await.unwrap();
        let found: Vec<Msgid> = begun.iter().map(|message| message.msgid).collect();
        let wanted: Vec<Msgid> = expected.iter().map(|(_, told)| self.told[*told].msgid).collect();
        assert_eq!(found, wanted);
        for (n, (message, (_, told))) in begun.iter().zip(expected).enumerate() {
            let told = &mut self.told[told];
            told.key = Some(message.key);
            told.place = Where::UnderWay;
            if n < noted {
                told.noted = true;
                self.store.note_calls(&[message.key]);
            }
        }
    }

    async fn settle(&mut self, told: usize, how: How) {
        let verdict = self.told[told].settle(how, self.seconds);
        settle(&self.store, self.told[told].key.unwrap(), at(self.seconds), verdict).await;
    }

    async fn release(&mut self, template: i64) {
        let now = at(self.seconds);
        let lanes = self.store.release_held(&Hold::Template(template), now).await.unwrap();
        let mut expected = BTreeSet::new();
        for told in self.told.iter_mut().filter(|told| told.place == Where::Held(template)) {
            told.place = Where::Retry(now);
            expected.insert(lane_of(told.lane));
        }
        assert_eq!(lanes, expected.into_iter().collect::<Vec<_>>());
    }

    async fn record(&mut self, told: usize, state: State) {
        let told = &mut self.told[told];
        told.state = told.state.after(state);
        if matches!(told.place, Where::Retry(_) | Where::Doubt(_) | Where::Held(_)) {
            told.place = Where::Nowhere;
        }
        let report = report(Some(told.msgid), &format!("wamid.{}", told.msgid), state, at(self.seconds));
        self.store.record(vec![report]).await.unwrap();
    }

    async fn reopen(&mut self, crash: bool) {
        if crash {
            self.place = self.place.after_a_crash();
        } else {
            self.store.close().await;
        }
        self.store = self.place.open().await;
        let now = at(self.seconds);
        let recovered = self.store.recover(now, PATIENCE).await.unwrap();
        let (mut again, mut in_doubt) = (0, 0);
        for told in &mut self.told {
            if told.place == Where::UnderWay {
                if told.state.is_settled() {
                    told.place = Where::Nowhere;
                } else if told.noted {
                    let patience = if told.lane { PATIENCE.authentication } else { PATIENCE.marketing };
                    told.place = Where::Doubt(now.plus(patience));
                    told.state = State::InDoubt;
                    in_doubt += 1;
                } else {
                    told.place = Where::Retry(now);
                    again += 1;
                }
            }
            told.noted = false;
        }
        assert_eq!((recovered.again, recovered.in_doubt), (again, in_doubt));
    }

    /// Lets time pass and sends all that is left, so that whatever is lost somewhere shows.
    async fn finish(&mut self) {
        while self.told.iter().any(|told| told.place != Where::Nowhere) {
            let before = self.told.iter().filter(|told| told.place != Where::Nowhere).count();
            self.seconds += 1000;
            for template in [0, 1] {
                self.release(template).await;
            }
            for lane in [true, false] {
                self.begin(lane, 1000, 0).await;
            }
            for doubt in self.due_doubts() {
                self.settle(doubt, How::Ended(State::OutcomeUnknown)).await;
            }
            for under_way in self.find(|told| told.place == Where::UnderWay) {
                self.settle(under_way, How::Submitted).await;
            }
            for told in self.find(|told| told.place == Where::New && told.state.is_settled()) {
                self.told[told].place = Where::Nowhere;
            }
            assert!(self.told.iter().filter(|told| told.place != Where::Nowhere).count() < before);
        }
        for told in &self.told {
            let view = self.store.message(&app_id("demo"), told.msgid).await.unwrap().unwrap();
            assert_eq!(view.history.state(), Some(told.state));
            assert!(view.history.path().is_some(), "{:?} is no way through the table", view.history);
            assert!(told.state.is_settled());
        }
        let counts = self.store.counts().await.unwrap();
        assert_eq!((counts.waiting, counts.being_sent, counts.in_doubt, counts.held), (0, 0, 0, 0));
        assert_eq!(counts.total, self.told.len() as u64);
        assert!(self.store.backlog().await.unwrap().is_empty());
        self.store.close().await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_does_what_the_model_does(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in steps {
                world.step(step).await;
            }
            world.finish().await;
        });
    }
}
