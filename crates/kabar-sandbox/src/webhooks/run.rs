//! The sandbox's background work, in one loop: what is due happens, and callbacks are told.
//!
//! Each account has at most one call under way. When nothing is under way, what there is goes out at once; what happens
//! meanwhile goes out together afterwards, so that load makes its own batches.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Sandbox;
use crate::webhooks::payload;
use crate::world::event::WebhookCall;

/// Calls under way at once, over all accounts.
const MAX_CALLS: usize = 64;
/// How long calls under way may still take when the sandbox is stopped.
const GRACE: Duration = Duration::from_secs(1);

/// A call that has ended, with its account.
type Ended = (String, WebhookCall);

/// Works until `stop`.
pub(crate) async fn run(sandbox: &Sandbox, stop: &CancellationToken) {
    let mut calls: JoinSet<Ended> = JoinSet::new();
    let mut accounts: HashMap<tokio::task::Id, String> = HashMap::new();
    loop {
        let now = sandbox.now_ms();
        let more = sandbox.world().advance(now);
        let next = start_calls(sandbox, &mut calls, &mut accounts);
        let next = if more { Some(now) } else { next };
        let sleep = async {
            match next {
                Some(at) => tokio::time::sleep_until(instant_of(at, sandbox.now_ms())).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = sandbox.woken() => {}
            () = sleep => {}
            Some(ended) = calls.join_next_with_id() => settle(sandbox, ended, &mut accounts),
        }
    }
    let finish = async {
        while let Some(ended) = calls.join_next_with_id().await {
            settle(sandbox, ended, &mut accounts);
        }
    };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::debug!(calls = calls.len(), "webhook calls were under way when the sandbox was stopped");
    }
    calls.shutdown().await;
}

fn instant_of(at: i64, now: i64) -> Instant {
    Instant::now() + Duration::from_millis(u64::try_from(at.saturating_sub(now)).unwrap_or(0))
}

/// Starts the calls that can be; gives the time of the next thing to do.
fn start_calls(
    sandbox: &Sandbox,
    calls: &mut JoinSet<Ended>,
    accounts: &mut HashMap<tokio::task::Id, String>,
) -> Option<i64> {
    let now = sandbox.now_ms();
    let mut world = sandbox.world();
    let (ready, first_pause_ends) = world.ready_outboxes(now, sandbox.default_callback().is_some());
    for waba_id in ready.into_iter().take(MAX_CALLS.saturating_sub(calls.len())) {
        let subscription = world.accounts.get(&waba_id).and_then(|account| account.subscription.as_ref());
        let own = subscription.map(|subscription| subscription.callback_url.clone());
        let Some(callback_url) = own.clone().or_else(|| sandbox.default_callback().map(str::to_owned)) else {
            continue;
        };
        let updates = world.take_updates(&waba_id, now);
        if updates.is_empty() {
            continue;
        }
        let body = payload::body(&world, &waba_id, &updates);
        let call =
            Call { waba_id: waba_id.clone(), callback_url, is_default: own.is_none(), n_updates: updates.len(), body };
        let task = calls.spawn(make(sandbox.clone(), call));
        accounts.insert(task.id(), waba_id);
    }
    [world.next_due(), first_pause_ends].into_iter().flatten().min()
}

struct Call {
    waba_id: String,
    callback_url: String,
    is_default: bool,
    n_updates: usize,
    body: Bytes,
}

async fn make(sandbox: Sandbox, call: Call) -> Ended {
    let at = sandbox.now_ms();
    let size_bytes = call.body.len();
    let ready = if call.is_default { sandbox.verify_default_callback().await } else { Ok(()) };
    let outcome = match ready {
        Ok(()) => sandbox.webhooks().call(&call.callback_url, call.body).await,
        Err(what) => Err(format!("the handshake failed: {what}")),
    };
    let url = call.callback_url.split('?').next().unwrap_or_default().to_owned();
    let webhook_call =
        WebhookCall { at, url, waba_id: call.waba_id.clone(), n_updates: call.n_updates, size_bytes, outcome };
    (call.waba_id, webhook_call)
}

fn settle(
    sandbox: &Sandbox,
    ended: Result<(tokio::task::Id, Ended), tokio::task::JoinError>,
    accounts: &mut HashMap<tokio::task::Id, String>,
) {
    let now = sandbox.now_ms();
    let (waba_id, call) = match ended {
        Ok((id, ended)) => {
            accounts.remove(&id);
            ended
        }
        Err(err) => {
            tracing::error!(error = %err, "a webhook call ended in a fault of the sandbox");
            let Some(waba_id) = accounts.remove(&err.id()) else { return };
            let outcome = Err("a fault of the sandbox".to_owned());
            let call = WebhookCall {
                at: now,
                url: String::new(),
                waba_id: waba_id.clone(),
                n_updates: 0,
                size_bytes: 0,
                outcome,
            };
            (waba_id, call)
        }
    };
    if let Err(what) = &call.outcome {
        tracing::debug!(waba_id, error = %what, "a callback could not be called; it will be tried again");
    }
    sandbox.world().settle_call(&waba_id, call, now);
}
