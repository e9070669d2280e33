//! Every point at which the process can be made to end: nothing is lost or doubled at any of them.

use std::time::Duration;

use axum::Router;
use kabar_store::kill::KillPoint;
use kabar_testkit::oca::msgid_in;
use kabar_testkit::process::EndedEarly;
use kabar_testkit::stand::{Options, Stand, UTILITY};
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::{KABAR, PATIENCE, seed};

#[tokio::test(flavor = "multi_thread")]
async fn at_no_kill_point_is_anything_lost_or_doubled() {
    end_at(KillPoint::ALL.iter().step_by(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_none_of_the_other_kill_points_either() {
    end_at(KillPoint::ALL.iter().skip(1).step_by(2)).await;
}

/// Has a gateway end at each of these points, one after the other, and looks each time at what became of every message.
async fn end_at(points: impl Iterator<Item = &KillPoint>) {
    let mut stand = Stand::raise(KABAR, Options::new(seed())).await;
    let pictures = Pictures::start().await;
    let mut msgids = Vec::new();
    for (place, point) in points.enumerate() {
        if matches!(point, KillPoint::BeforeRecover | KillPoint::AfterRecover) {
            leave_calls_under_way(&mut stand, place, &mut msgids).await;
        } else {
            stand.kill_gateway();
        }
        match stand.try_start_gateway(|builder| builder.env("KABAR_KILL_AT", point.name())).await {
            Ok(()) => drive(&mut stand, &pictures.url, place, &mut msgids).await,
            Err(EndedEarly { status, log }) => {
                assert!(status.code().is_none(), "at {point} the gateway failed to start, {status}:\n{log}");
            }
        }
        stand.start_gateway().await;
        stand.settle(PATIENCE).await;
        let verified = stand.verify(&msgids);
        assert_eq!(verified.code, Some(0), "after an end at {point}:\n{}{}", verified.output, verified.log);
        let report: Value = serde_json::from_str(&verified.output).unwrap();
        assert_eq!(report["contradicted"], 0, "after an end at {point}: {report}");
    }
}

/// How often a template is created, or a message sent, until a point must have been reached.
const MOST_TRIES: usize = 200;

/// A recipient whom the sandbox refuses, as its documentation says.
const REFUSED: &str = "+6281299131030";

/// Somebody's web server, which has a picture at every path.
struct Pictures {
    url: String,
    _serving: JoinSet<()>,
}

impl Pictures {
    async fn start() -> Self {
        let picture = || async { ([("content-type", "image/png")], &b"\x89PNG\r\n\x1a\n"[..]) };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, Router::new().fallback(picture)).await.unwrap() });
        Self { url, _serving: serving }
    }
}

/// Has a message accepted by a gateway that may end at any moment, and adds its msgid if it was told.
async fn send(stand: &Stand, request: &Value, msgids: &mut Vec<String>) {
    let request = request.to_string();
    let url = format!("{}/api/v2/push/message", stand.oca.base);
    let headers = [("authorization", stand.oca.token.as_str())];
    match stand.oca.http.try_exchange("POST", &url, &headers, request).await {
        Ok(answer) if answer.status == 200 => msgids.push(msgid_in(&answer)),
        Ok(answer) => panic!("refused: {}", answer.text()),
        Err(_) => {}
    }
}

/// Has the gateway do everything that it does, until it ends at the kill point with which it was started. Adds the msgids
/// that were told.
async fn drive(stand: &mut Stand, pictures: &str, place: usize, msgids: &mut Vec<String>) {
    let mut refused = Vec::new();
    for number in 0..MOST_TRIES {
        if stand.gateway.as_mut().is_none_or(|gateway| gateway.ended().is_some()) {
            stand.gateway = None;
            return;
        }
        let order = |to: &str| stand.request(UTILITY, to, &["Budi", "INV-1"]);
        send(stand, &order(&format!("+6281372{place:02}{number:04}")), msgids).await;
        send(stand, &order(REFUSED), &mut refused).await;
        let picture = format!("{pictures}/{place}/{number}.png");
        send(stand, &stand.picture(&format!("+6281374{place:02}{number:04}"), &picture), msgids).await;
        if let Some(msgid) = msgids.last() {
            drop(stand.oca.cancel(msgid).await);
        }
        if let Some(msgid) = refused.first() {
            drop(stand.oca.retry(msgid).await);
        }
        // Nobody whom anything was sent to: what was sent is compared afterwards.
        let url = format!("{}/v1/recipients/+628137299{number:04}", stand.oca.base);
        let bearer = format!("Bearer {}", stand.oca.token);
        drop(stand.oca.http.try_exchange("DELETE", &url, &[("authorization", bearer.as_str())], "").await);
        let template = Unswer::plain(&format!("mati_{place}_{number}")).to_string();
        let url = format!("{}/{}", stand.unswer.base, stand.unswer.app);
        let bearer = format!("Bearer {}", stand.unswer.token);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        drop(stand.oca.http.try_exchange("POST", &url, &headers, template).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the kill point with the number {place} was not reached");
}

/// Has a kill leave something for the next start to put in order.
async fn leave_calls_under_way(stand: &mut Stand, place: usize, msgids: &mut Vec<String>) {
    let sandbox = stand.sandbox.as_ref().unwrap();
    sandbox.freeze();
    for number in 0..3 {
        let request = stand.request(UTILITY, &format!("+6281373{place:02}{number:04}"), &["Budi", "INV-2"]);
        msgids.push(stand.oca.accepted(&request).await);
    }
    wait_until("calls to be under way", async || (stand.unsettled().await.ok()?.being_sent > 0).then_some(())).await;
    stand.kill_gateway();
    stand.sandbox.as_ref().unwrap().thaw();
}
