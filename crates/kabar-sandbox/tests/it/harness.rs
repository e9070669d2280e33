//! A running sandbox with typed callers, and a callback that keeps what it is told.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use kabar_sandbox::{Options, Review, Sandbox, Timings};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub(crate) const SECRET: &str = "app-secret";
pub(crate) const WABA: &str = "102290129340398";

/// Options with which things happen at once.
pub(crate) fn quick() -> Options {
    let mut options = Options::new(SECRET);
    options.review = Review::Instant;
    options.timings =
        Timings { sent: Duration::from_millis(1), delivered: Duration::from_millis(2), read: Duration::from_millis(3) };
    options
}

/// A sandbox that is running.
pub(crate) struct Platform {
    router: Router,
    stop: CancellationToken,
    tasks: TaskTracker,
    _stop_at_drop: DropGuard,
}

/// A sandbox's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The error's code, then its subcode where it has one.
    pub(crate) fn code(&self) -> String {
        let error = &self.body["error"];
        match error.get("error_subcode") {
            Some(subcode) => format!("{}/{subcode}", error["code"]),
            None => error["code"].to_string(),
        }
    }

    /// The body of a call that must succeed.
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }
}

impl Platform {
    pub(crate) async fn start(options: Options) -> Self {
        let sandbox = Sandbox::open(options).await.unwrap();
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let router = sandbox.router();
        tasks.spawn({
            let stop = stop.clone();
            async move { sandbox.run(stop).await }
        });
        tasks.close();
        Self { router, _stop_at_drop: stop.clone().drop_guard(), stop, tasks }
    }

    /// Stops the sandbox and lets go of its state file.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }

    pub(crate) async fn request(&self, request: Request<Body>) -> Answer {
        self.try_request(request).await.unwrap()
    }

    /// The same where the answer may break off.
    pub(crate) async fn try_request(&self, request: Request<Body>) -> Result<Answer, axum::Error> {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await?;
        let body = serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)));
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// A Graph call with a token and, where there is one, a JSON body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "graph.test")
            .header("authorization", "Bearer token")
            .header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.request(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    /// Creates a template with a body of no variables; gives its id.
    pub(crate) async fn create(&self, waba_id: &str, name: &str) -> String {
        let template = simple_template(name);
        let body = self.post(&format!("/v26.0/{waba_id}/message_templates"), &template).await.ok();
        body["id"].as_str().unwrap().to_owned()
    }

    /// The account's first number.
    pub(crate) async fn number(&self, waba_id: &str) -> String {
        let body = self.get(&format!("/v26.0/{waba_id}/phone_numbers")).await.ok();
        body["data"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Sends by the template `name`, without parameters.
    pub(crate) async fn send(&self, number: &str, name: &str, to: &str) -> Answer {
        self.post(&format!("/v26.0/{number}/messages"), &send_body(name, to)).await
    }

    /// The objects of a ledger.
    pub(crate) async fn ledger(&self, path: &str) -> Vec<Value> {
        let request = Request::get(format!("/_sandbox/ledger/{path}")).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/x-ndjson");
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        std::str::from_utf8(&body).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn simple_template(name: &str) -> Value {
    json!({
        "name": name,
        "language": "id",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Pesanan Anda dikirim."}]
    })
}

pub(crate) fn send_body(name: &str, to: &str) -> Value {
    json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to,
        "type": "template",
        "template": {"name": name, "language": {"code": "id"}}
    })
}

/// A webhook call as it came.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) signature: String,
    pub(crate) body: Bytes,
}

impl Delivery {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A callback on a free port.
pub(crate) struct Callback {
    pub(crate) url: String,
    state: Arc<CallbackState>,
    _stop_at_drop: DropGuard,
}

#[derive(Debug, Default)]
struct CallbackState {
    deliveries: Mutex<Vec<Delivery>>,
    handshakes: AtomicU32,
    /// So many calls are still answered with 500.
    refusals: AtomicU32,
    refused: AtomicU32,
}

pub(crate) const VERIFY_TOKEN: &str = "verify me & more";

impl Callback {
    pub(crate) async fn start() -> Self {
        let state = Arc::new(CallbackState::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let app = Router::new().route("/hook", get(handshake).post(take)).with_state(Arc::clone(&state));
        let stop = CancellationToken::new();
        let serve = kabar_listen::serve(listener, app, kabar_listen::Options::default(), stop.clone());
        TaskTracker::new().spawn(serve);
        Self { url, state, _stop_at_drop: stop.drop_guard() }
    }

    /// Answers the next `n` calls with 500.
    pub(crate) fn refuse_next(&self, n: u32) {
        self.state.refusals.store(n, Ordering::SeqCst);
    }

    pub(crate) fn n_refused(&self) -> u32 {
        self.state.refused.load(Ordering::SeqCst)
    }

    pub(crate) fn n_handshakes(&self) -> u32 {
        self.state.handshakes.load(Ordering::SeqCst)
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.state.deliveries.lock().unwrap().clone()
    }

    /// The `value` of each change of `field`, in the order of arrival.
    pub(crate) fn values(&self, field: &str) -> Vec<Value> {
        let mut values = Vec::new();
        for delivery in self.deliveries() {
            for entry in delivery.json()["entry"].as_array().unwrap() {
                for change in entry["changes"].as_array().unwrap() {
                    if change["field"] == field {
                        values.push(change["value"].clone());
                    }
                }
            }
        }
        values
    }

    /// Every status told, in the order of arrival.
    pub(crate) fn statuses(&self) -> Vec<Value> {
        let values = self.values("messages").into_iter();
        values.flat_map(|value| value["statuses"].as_array().unwrap().clone()).collect()
    }
}

async fn handshake(
    State(state): State<Arc<CallbackState>>,
    Query(query): Query<std::collections::HashMap<String, String>>,
) -> (StatusCode, String) {
    state.handshakes.fetch_add(1, Ordering::SeqCst);
    let challenge = query.get("hub.challenge").cloned().unwrap_or_default();
    let right = query.get("hub.mode").is_some_and(|mode| mode == "subscribe")
        && query.get("hub.verify_token").is_some_and(|token| token == VERIFY_TOKEN)
        && challenge.bytes().all(|byte| byte.is_ascii_digit());
    if right { (StatusCode::OK, challenge) } else { (StatusCode::FORBIDDEN, String::new()) }
}

async fn take(State(state): State<Arc<CallbackState>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let refused = state.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
    if refused {
        state.refused.fetch_add(1, Ordering::SeqCst);
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    let signature = headers["x-hub-signature-256"].to_str().unwrap().to_owned();
    state.deliveries.lock().unwrap().push(Delivery { signature, body });
    StatusCode::OK
}

/// Waits until `condition` gives a value.
pub(crate) async fn until<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..6_000 {
        if let Some(value) = condition().await {
            return value;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("this did not come about: {what}");
}
