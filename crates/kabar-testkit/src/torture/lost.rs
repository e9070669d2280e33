//! Every send's answer is lost after the sandbox has handled it: only its reports tell what became of each message.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::stand::{LOGIN_CODE, Options, Stand, UTILITY};

/// How many callers send at once.
const CALLERS: usize = 16;

/// Has `n` messages accepted by a template, each for a recipient of its own, many at once; gives their msgids. The numbers
/// of the recipients go on from `first`.
pub async fn accept(stand: &Stand, template: &str, first: usize, n: usize) -> Vec<String> {
    let mut sending = JoinSet::new();
    for caller in 0..CALLERS {
        let requests: Vec<Value> = (first..first + n)
            .filter(|number| number % CALLERS == caller)
            .map(|number| {
                let code = format!("{number:06}");
                let values = if template == LOGIN_CODE { vec![code.as_str()] } else { vec!["Budi", code.as_str()] };
                stand.request(template, &format!("+6281371{number:06}"), &values)
            })
            .collect();
        let oca = stand.oca.clone();
        sending.spawn(async move {
            let mut msgids = Vec::new();
            for request in &requests {
                msgids.push(oca.accepted(request).await);
            }
            msgids
        });
    }
    sending.join_all().await.into_iter().flatten().collect()
}

/// Sends so many order updates and so many login codes, loses the answer to each call, lets all settle, and gives what
/// `kabar verify` says, which must find nothing lost or doubled.
///
/// # Panics
///
/// When it does, or when anything does not settle within `patience`.
pub async fn every_answer(binary: &Path, seed: u64, each: usize, patience: Duration) -> Value {
    let stand = Stand::raise(binary, Options { patience: 20, ..Options::new(seed) }).await;
    stand.set_faults(&json!({"kind": "send", "after": true, "fault": "close"})).await;
    let mut msgids = accept(&stand, UTILITY, 0, each).await;
    msgids.extend(accept(&stand, LOGIN_CODE, each, each).await);
    stand.settle(patience).await;
    let text = stand.verify(&msgids).ok();
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|err| panic!("no report ({err}): {text}"));
    let count = |name: &str| report[name].as_u64();
    let all = Some(2 * each as u64);
    assert_eq!((count("accepted"), count("ended")), (all, all), "not every message came to its end: {report}");
    let states = ["sent", "delivered", "read"].iter().filter_map(|state| report["states"][state].as_u64());
    assert_eq!(Some(states.sum()), all, "the upstream reported on every message: {report}");
    report
}
