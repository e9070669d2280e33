//! The process is killed, and started again on the same data: nothing that was accepted is lost, and nothing is doubled.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kabar_testkit::dev::{Dev, DevBuilder};
use kabar_testkit::http::Http;
use kabar_testkit::ledger::{Ledger, Message};
use kabar_testkit::oca::{Oca, msgid_in};
use kabar_testkit::program::Program;
use kabar_testkit::sandbox::Sandbox;
use kabar_testkit::wait::wait_until;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::KABAR;

/// A gateway and its upstream, each in a process and on data of its own.
struct Pair {
    folder: tempfile::TempDir,
}

impl Pair {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The gateway's data.
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts the upstream, with what an earlier one left.
    async fn sandbox(&self) -> Sandbox {
        Program::sandbox(KABAR).data(self.folder.path().join("sandbox.jsonl")).start().await
    }

    /// How the gateway is started before that upstream, with what an earlier one left.
    fn gateway(&self, sandbox: &Sandbox) -> DevBuilder {
        Program::dev(KABAR).data(self.data()).rate_limit(0).sandbox_url(&sandbox.url)
    }
}

/// What the gateway says of its queue, and how many messages it accepted since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Queue {
    accepted: u64,
    waiting: u64,
    being_sent: u64,
    in_doubt: u64,
}

async fn queue(dev: &Dev) -> Queue {
    let text = Http::new().get(&format!("{}/metrics", dev.ready.gateway_url)).await;
    let gauge = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} among the metrics:\n{text}"))
    };
    Queue {
        accepted: gauge("kabar_messages_accepted_total"),
        waiting: gauge("kabar_messages_waiting"),
        being_sent: gauge("kabar_messages_being_sent"),
        in_doubt: gauge("kabar_messages_in_doubt"),
    }
}

/// Waits until the gateway has nothing left to do but to wait for evidence, and says for how many messages it does.
async fn settled(dev: &Dev) -> u64 {
    wait_until("the queue to be empty", async || {
        let queue = queue(dev).await;
        (queue.waiting == 0 && queue.being_sent == 0).then_some(queue.in_doubt)
    })
    .await
}

/// The ledger by msgid, after making sure that nothing is in it twice or unasked.
fn by_msgid(messages: Vec<Message>, accepted: &BTreeSet<String>) -> BTreeMap<String, Message> {
    let mut found = BTreeMap::new();
    for message in messages {
        let msgid = message.biz_opaque_callback_data.clone().expect("every message carries its msgid");
        assert!(accepted.contains(&msgid), "nobody was told of message {msgid}, and it was sent");
        assert!(found.insert(msgid.clone(), message).is_none(), "message {msgid} was sent twice");
    }
    found
}

/// Has messages accepted, one after the other, for recipients whose numbers begin alike: one of them gets no more than 45 at
/// once.
async fn accept(dev: &Dev, n_messages: usize, to: &str) -> BTreeSet<String> {
    let oca = Oca::new(dev);
    let code = dev.ready.code("pesanan_dikirim");
    let mut accepted = BTreeSet::new();
    for place in 0..n_messages {
        let (number, to) = (format!("INV-{place}"), format!("{to}{}", place % 10));
        accepted.insert(oca.accepted(&Oca::message(code, &to, &[Oca::body(&["Budi", &number])])).await);
    }
    accepted
}

/// Waits until so many calls have come to an upstream that reads none of them.
#[cfg(target_os = "linux")]
async fn under_way(sandbox: &Sandbox, n_calls: usize) {
    wait_until("every call to be under way", async || (sandbox.unread_calls() >= n_calls).then_some(())).await;
}

/// Sets how many messages a second the sender of a stopped `kabar dev` may send.
fn set_throughput(data: &Path, dev: &Dev, per_second: u32) {
    let ready = &dev.ready;
    let args = [
        "sender",
        "add",
        "--data",
        data.to_str().unwrap(),
        "--app",
        &ready.app_id,
        "--phone-number-id",
        &ready.sender,
        "--waba-id",
        &ready.waba_id,
        "--throughput",
        &per_second.to_string(),
    ];
    Program::run(KABAR, args).ok();
}

#[tokio::test]
async fn what_was_accepted_before_a_kill_is_sent_after_it() {
    const N_MESSAGES: usize = 200;
    let pair = Pair::new();
    let sandbox = pair.sandbox().await;
    let ledger = Ledger::of(&sandbox);
    let builder = pair.gateway(&sandbox);

    let mut dev = builder.clone().start().await;
    dev.interrupt();
    assert!(dev.wait().await.success());
    // One message a second: the others stay between their acceptance and their sending.
    set_throughput(&pair.data(), &dev, 1);
    let mut dev = builder.clone().start().await;
    let accepted = accept(&dev, N_MESSAGES, "+6281381475200").await;
    // Killed while no call is under way, so that nothing is in doubt.
    wait_until("a moment between two calls", async || {
        let queue = queue(&dev).await;
        (queue.being_sent == 0 && queue.waiting > 0).then_some(())
    })
    .await;
    dev.kill();
    let sent_before = ledger.messages().await.len();
    assert!(sent_before < N_MESSAGES / 2, "{sent_before} messages were sent before the kill");

    set_throughput(&pair.data(), &dev, 1000);
    let dev = builder.start().await;
    let oca = Oca::new(&dev);
    for msgid in &accepted {
        oca.wait_for_status(msgid, "delivered").await;
    }
    assert_eq!(by_msgid(ledger.messages().await, &accepted).len(), N_MESSAGES);
    assert_eq!(settled(&dev).await, 0, "nothing is in doubt");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn answers_that_a_kill_cut_off_are_made_up_for_by_evidence() {
    const N_MESSAGES: usize = 40;
    let pair = Pair::new();
    let sandbox = pair.sandbox().await;
    let ledger = Ledger::of(&sandbox);
    let builder = pair.gateway(&sandbox);
    let mut dev = builder.clone().start().await;
    // The upstream lets all calls come, the gateway stands still, and only then the upstream answers.
    sandbox.freeze();
    let accepted = accept(&dev, N_MESSAGES, "+6281381475201").await;
    under_way(&sandbox, N_MESSAGES).await;
    dev.freeze();
    sandbox.thaw();
    wait_until("the upstream to have taken all messages", async || {
        (ledger.messages().await.len() == N_MESSAGES).then_some(())
    })
    .await;
    dev.kill();

    let dev = builder.start().await;
    let oca = Oca::new(&dev);
    for msgid in &accepted {
        oca.wait_for_status(msgid, "delivered").await;
    }
    assert_eq!(settled(&dev).await, 0, "no doubt is left");
    assert_eq!(by_msgid(ledger.messages().await, &accepted).len(), N_MESSAGES);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_evidence_nothing_is_sent_again() {
    const N_MESSAGES: usize = 20;
    let pair = Pair::new();
    let mut sandbox = pair.sandbox().await;
    let mut dev = pair.gateway(&sandbox).start().await;
    // Both end within the calls: the gateway does not know whether they were taken, and they were not.
    sandbox.freeze();
    let accepted = accept(&dev, N_MESSAGES, "+6281381475204").await;
    under_way(&sandbox, N_MESSAGES).await;
    dev.kill();
    sandbox.kill();

    let sandbox = pair.sandbox().await;
    let dev = pair.gateway(&sandbox).start().await;
    assert_eq!(settled(&dev).await, N_MESSAGES as u64, "all are in doubt");
    // What comes after them passes, so they had every chance to be sent again.
    let oca = Oca::new(&dev);
    let later = accept(&dev, 1, "+6281381475205").await;
    for msgid in &later {
        oca.wait_for_status(msgid, "read").await;
    }
    for msgid in &accepted {
        assert_eq!(oca.history(msgid).await, ["submitted"]);
    }
    assert_eq!(by_msgid(Ledger::of(&sandbox).messages().await, &later).len(), 1);
    assert_eq!(queue(&dev).await, Queue { accepted: 1, waiting: 0, being_sent: 0, in_doubt: N_MESSAGES as u64 });
}

#[tokio::test]
async fn while_the_upstream_is_away_messages_wait() {
    const N_MESSAGES: usize = 30;
    let pair = Pair::new();

    let mut sandbox = pair.sandbox().await;
    let mut dev = pair.gateway(&sandbox).start().await;
    sandbox.kill();
    let accepted = accept(&dev, N_MESSAGES, "+6281381475202").await;
    // Asked to stop, so that each call's outcome is written down: none could be made.
    dev.interrupt();
    assert!(dev.wait().await.success());

    let sandbox = pair.sandbox().await;
    let dev = pair.gateway(&sandbox).start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::of(&sandbox));
    for msgid in &accepted {
        oca.wait_for_status(msgid, "delivered").await;
    }
    assert_eq!(by_msgid(ledger.messages().await, &accepted).len(), N_MESSAGES);
}

/// How many calls of one lane may be under way at once, and so be in doubt after a kill.
const CALLS_AT_ONCE: usize = 256;

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_under_load_loses_and_doubles_nothing() {
    let data = tempfile::tempdir().unwrap();
    let builder = Program::dev(KABAR).data(data.path()).rate_limit(0);
    let mut accepted = BTreeSet::new();
    for _ in 0..2 {
        let mut dev = builder.clone().start().await;
        let ledger = Ledger::new(&dev);
        let sent_before = ledger.messages().await.len();
        let callers = load(&dev);
        // Right in the middle: much is accepted, some of it is sent, and more comes in.
        wait_until("the load to be under way", async || {
            let accepted = queue(&dev).await.accepted;
            (accepted > 600 && ledger.messages().await.len() > sent_before + 300).then_some(())
        })
        .await;
        dev.kill();
        let told = callers.join_all().await.into_iter().flatten().collect::<Vec<_>>();
        assert!(told.len() > 300, "only {} messages were accepted", told.len());
        accepted.extend(told);
    }
    let dev = builder.start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let in_doubt = settled(&dev).await;
    // A message that was accepted while the kill cut off its answer was sent, though nobody was told its msgid.
    let messages = ledger.messages().await;
    let mut found = BTreeSet::new();
    for message in &messages {
        let msgid = message.biz_opaque_callback_data.clone().unwrap();
        assert!(found.insert(msgid.clone()), "message {msgid} was sent twice");
    }
    let missing: Vec<&String> = accepted.iter().filter(|msgid| !found.contains(*msgid)).collect();
    assert!(missing.len() as u64 <= in_doubt, "{} messages are lost", missing.len() as u64 - in_doubt);
    assert!(missing.len() <= 2 * CALLS_AT_ONCE, "{} messages are in doubt", missing.len());
    for msgid in &missing {
        assert_eq!(oca.history(msgid).await, ["submitted"], "{msgid} is in doubt");
    }
    for msgid in accepted.iter().filter(|msgid| found.contains(*msgid)) {
        oca.wait_for_status(msgid, "delivered").await;
    }
}

/// Callers that send until the program is gone, and then tell which messages were accepted.
fn load(dev: &Dev) -> JoinSet<Vec<String>> {
    let oca = Oca::new(dev);
    let code: Arc<str> = dev.ready.code("pesanan_dikirim").into();
    let mut callers = JoinSet::new();
    for caller in 0..32 {
        let (oca, code) = (oca.clone(), Arc::clone(&code));
        callers.spawn(async move {
            let url = format!("{}/api/v2/push/message", oca.base);
            let mut accepted = Vec::new();
            for place in 0.. {
                let (number, to) = (format!("INV-{caller}-{place}"), format!("+62813{caller:02}{place:06}"));
                let body: Value = Oca::message(&code, &to, &[Oca::body(&["Budi", &number])]);
                let headers = [("authorization", oca.token.as_str())];
                match oca.http.try_exchange("POST", &url, &headers, body.to_string()).await {
                    Ok(answer) if answer.status == 200 => accepted.push(msgid_in(&answer)),
                    Ok(answer) => panic!("refused: {}", answer.text()),
                    Err(_) => return accepted,
                }
            }
            accepted
        });
    }
    callers
}
