//! Callbacks as their receivers see them: real sockets, and a clock that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use kabar_domain::callback::request::{NewCallback, Redrive, Rotation};
use kabar_domain::callback::{CallbackUrl, Pattern, PauseReason, Signing, Subscription};
use kabar_domain::clock::{Clock, Moment};
use kabar_domain::ids::AppId;
use kabar_graph::client::GraphClient;
use kabar_outbound::AddressPolicy;
use kabar_store::Store;
use kabar_store::callback::{CallAnswer, Callback, Delivery, DeliveryQuery, DeliveryState, DueDelivery};
use kabar_store::directory::App;
use kabar_store::ledger::Patience;
use kabar_store::location::Location;
use prometheus_client::registry::Registry;
use tempfile::TempDir;
use uuid::Uuid;

use crate::Gateway;
use crate::callbacks::deliver::Worker;
use crate::callbacks::{Callbacks, Options, WithKey, cleaning, keys};
use crate::metrics::Metrics;

mod receiver;

use receiver::{Down, Receiver, Reply};

const NOW: Moment = Moment::from_seconds(1_763_764_320);
const HOUR: Duration = Duration::from_secs(3600);
/// So long that no call of a test comes to it, unless it means to.
const PATIENCE: Duration = Duration::from_secs(60);

/// A gateway with an app.
struct Desk {
    gateway: Gateway,
    store: Store,
    clock: Clock,
    app: AppId,
    _folder: TempDir,
}

/// What a test allows, unless it is about that.
fn open_options() -> Options {
    let also = ["127.0.0.0/8", "::1"].map(|net| net.parse().unwrap()).to_vec();
    Options { allow: AddressPolicy::PublicOnly { also }, clear_http: true, timeout: PATIENCE, ..Options::default() }
}

impl Desk {
    async fn open() -> Self {
        Self::open_with(open_options()).await
    }

    async fn open_with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::in_folder(folder.path());
        let store = Store::open(kabar_store::Options::new(location)).await.unwrap();
        let app = AppId::parse("toko").unwrap();
        store.create_app(App { id: app.clone(), name: "Toko".to_owned(), created_at: NOW }).await.unwrap();
        let http = kabar_outbound::Client::new(kabar_outbound::Options::default());
        let clock = Clock::manual(NOW);
        let gateway = Gateway::start(crate::Options {
            store: store.clone(),
            graph: GraphClient::new("http://127.0.0.1:1", None, http).unwrap(),
            clock: clock.clone(),
            access_token: None,
            meta_apps: Vec::new(),
            journal_keep: Duration::from_secs(3600),
            verify_token: String::new(),
            webhook_uri: None,
            patience: Patience { authentication: HOUR, utility: HOUR, marketing: HOUR },
            poll_every: HOUR,
            calls_at_once: 1,
            calls_in_all: 4,
            bounds: crate::room::Bounds::default(),
            callbacks: options,
            media: crate::media::Options::default(),
            rates: None,
            retention: crate::retention::Options::default(),
            metrics: Metrics::register(&mut Registry::default()),
        })
        .await
        .unwrap();
        Self { gateway, store, clock, app, _folder: folder }
    }

    fn callbacks(&self) -> Callbacks<'_> {
        self.gateway.callbacks()
    }

    /// A callback for all events.
    async fn add(&self, url: &str) -> WithKey {
        let asked = NewCallback {
            url: CallbackUrl::parse(url).unwrap(),
            events: Subscription::of(vec![Pattern::parse("*").unwrap()]).unwrap(),
            description: String::new(),
            signing: Signing::Hmac,
        };
        self.callbacks().add(&self.app, asked).await.unwrap()
    }

    async fn test(&self, callback: &Callback) -> Uuid {
        self.callbacks().test(&self.app, callback.id).await.unwrap().unwrap()
    }

    /// Delivers what is due at this moment.
    async fn round(&self) {
        let shared = self.callbacks().shared;
        let now = self.clock.now();
        let mut workers = tokio::task::JoinSet::new();
        for callback in shared.store.callbacks_due(now).await.unwrap() {
            if !shared.callbacks.is_held(callback, now) {
                workers.spawn(Worker::new(Arc::clone(shared), callback).work_off());
            }
        }
        workers.join_all().await;
    }

    /// Lets time pass, and delivers what comes due on the way.
    async fn pass(&self, period: Duration) {
        const STEP: Duration = Duration::from_secs(60);
        let end = self.clock.now().plus(period);
        while self.clock.now() < end {
            self.clock.advance(STEP.min(end.since(self.clock.now())));
            self.round().await;
        }
    }

    async fn delivery(&self, callback: &Callback, event: Uuid) -> Delivery {
        self.callbacks().delivery(&self.app, callback.id, event).await.unwrap().unwrap()
    }

    async fn now_is(&self, callback: &Callback) -> Callback {
        self.callbacks().one(&self.app, callback.id).await.unwrap().unwrap()
    }
}

/// A delivery that is due.
pub(super) async fn any_delivery() -> DueDelivery {
    let desk = Desk::open().await;
    let WithKey { callback, .. } = desk.add("http://127.0.0.1:1/").await;
    desk.test(&callback).await;
    let key = desk.store.callbacks_due(NOW).await.unwrap()[0];
    desk.store.deliveries_due(key, NOW, 1).await.unwrap().unwrap().1.remove(0)
}

fn answers(delivery: &Delivery) -> Vec<CallAnswer> {
    delivery.calls.iter().map(|call| call.answer.clone()).collect()
}

fn no_answer(reason: &str) -> CallAnswer {
    CallAnswer::None(reason.to_owned())
}

#[tokio::test]
async fn a_call_is_signed_and_says_what_happened() {
    let desk = Desk::open().await;
    let receiver = Receiver::start(|_| Reply::Status(204)).await;
    let WithKey { callback, key } = desk.add(&receiver.url).await;
    let event = desk.test(&callback).await;
    desk.round().await;
    let calls = receiver.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].header("webhook-id"), event.to_string());
    assert_eq!(calls[0].header("webhook-timestamp"), NOW.as_seconds().to_string());
    assert_eq!(calls[0].header("content-type"), "application/json");
    let expected = keys::signatures(&[key], event, NOW, &calls[0].body);
    assert_eq!(calls[0].header("webhook-signature"), expected);
    assert!(calls[0].body.starts_with(r#"{"type":"callback.test","timestamp":"2025-11-21T22:32:00.000Z""#));
    assert_eq!(desk.delivery(&callback, event).await.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn while_keys_overlap_calls_carry_both_signatures() {
    let desk = Desk::open().await;
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    let WithKey { callback, key: old } = desk.add(&receiver.url).await;
    let rotation = Rotation { overlap: HOUR, signing: Some(Signing::Ed25519) };
    let rotated = desk.callbacks().rotate(&desk.app, callback.id, rotation).await.unwrap().unwrap();
    assert!(keys::shown(&rotated.key).starts_with("whpk_"));
    let new = rotated.key;
    for (passed, signers) in [(0, vec![new.clone(), old]), (3600, vec![new])] {
        desk.clock.advance(Duration::from_secs(passed));
        let event = desk.test(&callback).await;
        desk.round().await;
        let call = receiver.calls().pop().unwrap();
        let expected = keys::signatures(&signers, event, desk.clock.now(), &call.body);
        assert_eq!(call.header("webhook-signature"), expected);
    }
}

#[tokio::test]
async fn a_receiver_that_is_down_for_hours_gets_everything_afterwards() {
    let desk = Desk::open().await;
    let down = Down::new();
    let WithKey { callback, .. } = desk.add(&down.url()).await;
    let mut events = Vec::new();
    for _ in 0..9 {
        events.push(desk.test(&callback).await.to_string());
        desk.pass(HOUR).await;
    }
    let first = desk.delivery(&callback, Uuid::parse_str(&events[0]).unwrap()).await;
    assert!(answers(&first).iter().all(|answer| *answer == no_answer("connection_refused")), "{first:?}");
    assert!((5..=7).contains(&first.calls.len()), "{} calls in nine hours", first.calls.len());
    assert_eq!(desk.now_is(&callback).await.waiting, 9);

    let receiver = down.start(|_| Reply::Status(200));
    desk.pass(20 * HOUR).await;
    let mut told: Vec<String> = receiver.calls().iter().map(|call| call.header("webhook-id").to_owned()).collect();
    assert_eq!(told.len(), events.len(), "each is told once");
    told.sort();
    events.sort();
    assert_eq!(told, events);
    let now = desk.now_is(&callback).await;
    assert_eq!((now.waiting, now.failing_since, now.paused), (0, None, None));
}

#[tokio::test]
async fn an_answer_of_500_is_tried_again_with_the_same_id() {
    let desk = Desk::open().await;
    let receiver = Receiver::start(|earlier| Reply::Status(if earlier < 2 { 500 } else { 200 })).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    let event = desk.test(&callback).await;
    desk.round().await;
    desk.pass(HOUR).await;
    let calls = receiver.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| call.header("webhook-id") == event.to_string()));
    assert_ne!(calls[0].header("webhook-timestamp"), calls[2].header("webhook-timestamp"));
    assert_ne!(calls[0].header("webhook-signature"), calls[2].header("webhook-signature"));
    let delivery = desk.delivery(&callback, event).await;
    assert_eq!(answers(&delivery), [500, 500, 200].map(CallAnswer::Status));
}

#[tokio::test]
async fn a_receiver_that_hangs_is_given_up_in_time_and_slows_no_other() {
    let desk = Desk::open_with(Options { timeout: Duration::from_millis(300), ..open_options() }).await;
    let hanging = Receiver::start(|_| Reply::Hang).await;
    let quick = Receiver::start(|_| Reply::Status(200)).await;
    let (slow, well) = (desk.add(&hanging.url).await.callback, desk.add(&quick.url).await.callback);
    for _ in 0..200 {
        desk.test(&slow).await;
        desk.test(&well).await;
    }
    desk.round().await;
    assert_eq!(quick.calls().len(), 200);
    // As many as it may have at once, and what was begun before three of them had failed.
    assert!(hanging.calls().len() <= 18, "{} calls", hanging.calls().len());
    // From then on it is tried with one call at a time, and takes no place from those that do well.
    desk.pass(Duration::from_secs(300)).await;
    assert!(hanging.calls().len() <= 18 + 5, "{} calls", hanging.calls().len());
    let listed = desk.callbacks().deliveries(&desk.app, slow.id, DeliveryQuery::default(), 200).await.unwrap().unwrap();
    let called: Vec<&Delivery> = listed.iter().filter(|delivery| !delivery.calls.is_empty()).collect();
    assert!(called.iter().all(|delivery| answers(delivery).iter().all(|answer| *answer == no_answer("timed_out"))));
    assert_eq!(desk.now_is(&slow).await.waiting, 200, "nothing is lost");
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let desk = Desk::open().await;
    let elsewhere = Receiver::start(|_| Reply::Status(200)).await;
    let target = elsewhere.url.clone();
    let receiver = Receiver::start(move |_| Reply::Redirect(target.clone())).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    let event = desk.test(&callback).await;
    desk.round().await;
    assert_eq!((receiver.calls().len(), elsewhere.calls().len()), (1, 0));
    let delivery = desk.delivery(&callback, event).await;
    assert_eq!((answers(&delivery), delivery.state), (vec![CallAnswer::Status(307)], DeliveryState::Waiting));
}

#[tokio::test]
async fn of_an_answer_of_10_mb_the_status_counts_and_the_rest_is_not_taken() {
    let desk = Desk::open().await;
    let receiver = Receiver::start(|_| Reply::Endless { announced: 10_000_000 }).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    let event = desk.test(&callback).await;
    desk.round().await;
    assert_eq!(desk.delivery(&callback, event).await.state, DeliveryState::Delivered);
    let n_written = receiver.written().await;
    assert!(n_written < 10_000_000, "{n_written} bytes were taken");
}

#[tokio::test]
async fn addresses_that_are_not_public_are_never_dialled() {
    let guarded = Options { clear_http: true, timeout: PATIENCE, ..Options::default() };
    let desk = Desk::open_with(guarded).await;
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    let port = receiver.url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    for host in
        ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "10.0.0.1"]
    {
        let WithKey { callback, .. } = desk.add(&format!("http://{host}:{port}/")).await;
        let event = desk.test(&callback).await;
        desk.round().await;
        let delivery = desk.delivery(&callback, event).await;
        assert_eq!(answers(&delivery), [no_answer("address_refused")], "{host}");
    }
    assert_eq!(receiver.calls().len(), 0);
}

#[tokio::test]
async fn clear_http_is_not_spoken_unless_it_is_allowed() {
    let desk = Desk::open_with(Options { clear_http: false, ..open_options() }).await;
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    let event = desk.test(&callback).await;
    desk.round().await;
    assert_eq!(answers(&desk.delivery(&callback, event).await), [no_answer("not_https")]);
    assert_eq!(receiver.calls().len(), 0);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_paused_and_may_come_back() {
    let desk = Desk::open().await;
    let receiver = Receiver::start(|earlier| Reply::Status(if earlier == 0 { 410 } else { 200 })).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    let event = desk.test(&callback).await;
    desk.round().await;
    assert_eq!(desk.now_is(&callback).await.paused, Some((NOW, PauseReason::Gone)));
    desk.test(&callback).await;
    desk.pass(HOUR).await;
    assert_eq!(receiver.calls().len(), 1, "it is left alone");
    desk.callbacks().resume(&desk.app, callback.id).await.unwrap().unwrap();
    desk.round().await;
    assert_eq!(receiver.calls().len(), 3, "what waited goes at once");
    assert_eq!(desk.delivery(&callback, event).await.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_receiver_that_keeps_failing_is_paused_and_nothing_is_lost() {
    // Long before the last call of the first delivery, which chance may bring near the third day's end.
    let desk = Desk::open_with(Options { pause_after: 24 * HOUR, ..open_options() }).await;
    let receiver = Receiver::start(|_| Reply::Status(503)).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    desk.test(&callback).await;
    desk.round().await;
    desk.pass(23 * HOUR).await;
    assert_eq!(desk.now_is(&callback).await.paused, None);
    assert_eq!(desk.now_is(&callback).await.failing_since, Some(NOW));
    desk.clock.advance(HOUR);
    desk.test(&callback).await;
    desk.pass(HOUR).await;
    let now = desk.now_is(&callback).await;
    assert_eq!(now.paused.map(|(_, why)| why), Some(PauseReason::Failing));
    assert_eq!(now.waiting, 2);
}

#[tokio::test]
async fn a_delivery_is_given_up_after_three_days_and_made_again_when_asked() {
    let desk = Desk::open_with(Options { pause_after: 1000 * HOUR, ..open_options() }).await;
    let receiver = Receiver::start(|earlier| Reply::Status(if earlier < 10 { 500 } else { 200 })).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    let event = desk.test(&callback).await;
    desk.round().await;
    desk.pass(90 * HOUR).await;
    let delivery = desk.delivery(&callback, event).await;
    assert_eq!((delivery.state, delivery.calls.len()), (DeliveryState::Failed, 10));
    let range = Redrive { from: NOW, to: NOW.plus(HOUR), delivered_too: false };
    assert_eq!(desk.callbacks().redrive(&desk.app, callback.id, range).await.unwrap(), Some(1));
    desk.pass(HOUR).await;
    assert_eq!(desk.delivery(&callback, event).await.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_receiver_that_asks_to_wait_is_left_alone_as_long() {
    let desk = Desk::open().await;
    let receiver = Receiver::start(|earlier| if earlier == 0 { Reply::Later(7200) } else { Reply::Status(200) }).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    desk.test(&callback).await;
    desk.round().await;
    desk.test(&callback).await;
    desk.pass(Duration::from_secs(7140)).await;
    assert_eq!(receiver.calls().len(), 1);
    desk.pass(Duration::from_secs(60)).await;
    assert_eq!(receiver.calls().len(), 3);
}

#[tokio::test]
async fn what_was_delivered_is_forgotten_after_its_time() {
    let desk = Desk::open().await;
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    let WithKey { callback, .. } = desk.add(&receiver.url).await;
    let event = desk.test(&callback).await;
    desk.round().await;
    let shared = desk.callbacks().shared;
    desk.clock.advance(7 * 24 * HOUR);
    assert!(!cleaning::step(shared).await);
    desk.delivery(&callback, event).await;
    desk.clock.advance(Duration::from_millis(1));
    assert!(cleaning::step(shared).await);
    assert_eq!(desk.callbacks().delivery(&desk.app, callback.id, event).await.unwrap(), None);
}
