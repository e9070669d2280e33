//! The same request, again and again: one message, also when the process is killed between.

use std::collections::BTreeSet;
use std::sync::Arc;

use kabar_testkit::dev::Dev;
use kabar_testkit::http::Exchange;
use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::{Oca, msgid_in};
use kabar_testkit::program::Program;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::KABAR;

/// The same request so many times at once.
const TIMES: usize = 50;

fn order(dev: &Dev, number: &str) -> Value {
    Oca::message(dev.ready.code("pesanan_dikirim"), "+6281381475230", &[Oca::body(&["Budi", number])])
}

async fn named(oca: &Oca, key: &str, body: &Value) -> Exchange {
    oca.post(&[("authorization", &oca.token), ("idempotency-key", key)], &body.to_string()).await
}

/// The msgids with which the same request is answered, made so many times at once.
async fn many_at_once(oca: &Arc<Oca>, key: &str, body: &Value) -> BTreeSet<String> {
    let mut calls = JoinSet::new();
    for _ in 0..TIMES {
        let (oca, key, body) = (Arc::clone(oca), key.to_owned(), body.clone());
        calls.spawn(async move { named(&oca, &key, &body).await });
    }
    calls.join_all().await.iter().map(msgid_in).collect()
}

#[tokio::test]
async fn the_same_request_many_times_at_once_and_across_a_kill_is_one_message() {
    let data = tempfile::tempdir().unwrap();
    let sandbox = Program::sandbox(KABAR).start().await;
    let builder = Program::dev(KABAR).data(data.path()).rate_limit(0).sandbox_url(&sandbox.url);
    let mut dev = builder.clone().start().await;
    let body = order(&dev, "INV-50");
    let first = many_at_once(&Arc::new(Oca::new(&dev)), "pesanan-50", &body).await;
    assert_eq!(first.len(), 1, "one message for all: {first:?}");
    let msgid = first.first().unwrap();
    // So that no doubt is left about it.
    Oca::new(&dev).wait_for_status(msgid, "delivered").await;
    dev.kill();

    let dev = builder.start().await;
    let oca = Arc::new(Oca::new(&dev));
    assert_eq!(many_at_once(&oca, "pesanan-50", &body).await, first);
    let conflict = named(&oca, "pesanan-50", &order(&dev, "INV-51")).await;
    assert_eq!((conflict.status.as_u16(), conflict.json()["errors"][0]["code"].as_u64()), (409, Some(409)));
    let other = msgid_in(&named(&oca, "pesanan-51", &body).await);
    oca.wait_for_status(&other, "delivered").await;
    let sent = Ledger::of(&sandbox).messages().await;
    let mut sent: Vec<String> = sent.into_iter().filter_map(|message| message.biz_opaque_callback_data).collect();
    sent.sort();
    assert_eq!(sent, [msgid.clone(), other]);
}
