//! `/{waba}/subscribed_apps`: an account's own callback, kept after it has answered the handshake. The newest wins.

use http::Method;
use serde_json::json;

use crate::Sandbox;
use crate::check::keys::required_string;
use crate::graph::Reply;
use crate::graph::errors::GraphError;
use crate::graph::request::GraphCall;
use crate::world::account::Subscription;
use crate::world::event::Event;

const MAX_URL_CHARS: usize = 200;

/// Subscribes, unsubscribes, or tells what is subscribed.
pub(crate) async fn answer(
    sandbox: &Sandbox,
    call: &GraphCall,
    method: &Method,
    waba_id: &str,
) -> Result<Reply, GraphError> {
    match *method {
        Method::GET => Ok(show(sandbox, waba_id)),
        Method::POST => subscribe(sandbox, call, waba_id).await,
        Method::DELETE => {
            keep(sandbox, waba_id, None);
            Ok(Reply::success())
        }
        _ => Err(GraphError::unsupported(method.as_str(), waba_id)),
    }
}

fn show(sandbox: &Sandbox, waba_id: &str) -> Reply {
    let world = sandbox.world();
    let subscription = world.accounts.get(waba_id).and_then(|account| account.subscription.as_ref());
    let app = subscription.map(|subscription| {
        json!({
            "whatsapp_business_api_data": {
                "id": "100000000000001",
                "name": "Sandbox app",
                "link": "https://www.facebook.com/games/?app_id=100000000000001"
            },
            "override_callback_uri": subscription.callback_url
        })
    });
    Reply::ok(json!({"data": app.into_iter().collect::<Vec<_>>()}))
}

async fn subscribe(sandbox: &Sandbox, call: &GraphCall, waba_id: &str) -> Result<Reply, GraphError> {
    call.check_readable()?;
    if !call.parameters.contains_key("override_callback_uri") {
        // Without a callback of its own the account goes by the app's.
        keep(sandbox, waba_id, None);
        return Ok(Reply::success());
    }
    let callback_url = required_string(&call.parameters, "override_callback_uri", "override_callback_uri")?;
    let verify_token = required_string(&call.parameters, "verify_token", "verify_token")?;
    if callback_url.chars().count() > MAX_URL_CHARS {
        let message = format!("Param override_callback_uri must be at most {MAX_URL_CHARS} characters long.");
        return Err(GraphError::parameter(message));
    }
    let verified = sandbox.webhooks().verify(callback_url, verify_token).await;
    verified.map_err(|what| GraphError::callback_unverified(&what))?;
    let subscription = Subscription { callback_url: callback_url.to_owned(), verify_token: verify_token.to_owned() };
    keep(sandbox, waba_id, Some(subscription));
    sandbox.wake();
    Ok(Reply { body: json!({"success": true}), outcome: "subscribed" })
}

fn keep(sandbox: &Sandbox, waba_id: &str, subscription: Option<Subscription>) {
    let mut world = sandbox.world();
    let old = world.accounts.get(waba_id).and_then(|account| account.subscription.as_ref());
    if old == subscription.as_ref() {
        // Said again, as a gateway does at each start: nothing to write, but what waits need not wait longer.
        world.apply(Event::Subscription { waba_id: waba_id.to_owned(), subscription });
    } else {
        world.record(Event::Subscription { waba_id: waba_id.to_owned(), subscription });
    }
}
