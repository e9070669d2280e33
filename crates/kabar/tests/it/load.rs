//! Ten thousand messages over 64 connections.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::wait::wait_until;
use tokio::task::JoinSet;

use crate::KABAR;

const N_MESSAGES: usize = 10_000;
const N_CONNECTIONS: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_messages_over_64_connections_are_all_delivered() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let code: Arc<str> = dev.ready.code("pesanan_dikirim").into();

    let next = Arc::new(AtomicUsize::new(0));
    let mut callers = JoinSet::new();
    for _ in 0..N_CONNECTIONS {
        let (oca, code, next) = (oca.clone(), Arc::clone(&code), Arc::clone(&next));
        callers.spawn(async move {
            let mut msgids = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                if place >= N_MESSAGES {
                    return msgids;
                }
                let to = format!("+62813{place:08}");
                let values = ["Budi".to_owned(), format!("INV-{place}")];
                let body = Oca::message(&code, &to, &[Oca::body(&[&values[0], &values[1]])]);
                msgids.push((oca.accepted(&body).await, to));
            }
        });
    }
    let sent: BTreeMap<String, String> = callers.join_all().await.into_iter().flatten().collect();
    assert_eq!(sent.len(), N_MESSAGES, "each message has a msgid of its own");

    // The ledger is read once everything is in it, the whole of it.
    let messages = wait_until("the upstream to have taken all messages", async || {
        let messages = ledger.messages().await;
        assert!(messages.len() <= N_MESSAGES, "{} messages arrived of {N_MESSAGES}", messages.len());
        (messages.len() == N_MESSAGES).then_some(messages)
    })
    .await;
    let mut seen = BTreeSet::new();
    for message in &messages {
        let msgid = message.biz_opaque_callback_data.as_deref().unwrap_or_default();
        assert!(seen.insert(msgid), "message {msgid} was sent twice");
        let to = sent.get(msgid).unwrap_or_else(|| panic!("nobody sent {msgid}"));
        assert_eq!(message.to.trim_start_matches('+'), to.trim_start_matches('+'));
    }

    let msgids = Arc::new(sent.into_keys().collect::<Vec<_>>());
    let next = Arc::new(AtomicUsize::new(0));
    let mut askers = JoinSet::new();
    for _ in 0..N_CONNECTIONS {
        let (oca, msgids, next) = (oca.clone(), Arc::clone(&msgids), Arc::clone(&next));
        askers.spawn(async move {
            while let Some(msgid) = msgids.get(next.fetch_add(1, Ordering::Relaxed)) {
                oca.wait_for_status(msgid, "delivered").await;
            }
        });
    }
    askers.join_all().await;
}
