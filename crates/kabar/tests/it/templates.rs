//! The way of a template: created, reviewed, sent by; and lists that meet each template exactly once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use kabar_testkit::ledger::Ledger;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::json;
use tokio::task::JoinSet;

use crate::KABAR;
use crate::shop::{arrived, code_in};

#[tokio::test]
async fn a_template_that_was_just_approved_can_be_sent_by_at_once() {
    let dev = Program::dev(KABAR).review("0.2").start().await;
    let (unswer, oca) = (Unswer::new(&dev), Oca::new(&dev));
    let created = unswer.create(&Unswer::plain("kabar_pagi")).await.json();
    assert_eq!(created["data"]["status"], "PENDING");
    let id = created["data"]["id"].as_str().unwrap();
    let details = unswer.wait_for_status(id, "APPROVED").await;
    let msgid = oca.accepted(&Oca::message(&code_in(&details), "+6281381475180", &[])).await;
    assert_eq!(arrived(&Ledger::new(&dev), &msgid).await.template, "kabar_pagi");
}

#[tokio::test]
async fn a_template_waits_for_its_review() {
    let dev = Program::dev(KABAR).review("manual").start().await;
    let (unswer, oca, ledger) = (Unswer::new(&dev), Oca::new(&dev), Ledger::new(&dev));
    let approved = unswer.created(&Unswer::plain("setujui_ini")).await;
    let rejected = unswer.created(&Unswer::plain("tolak_ini")).await;
    let code = code_in(&unswer.details(&approved).await);
    let body = Oca::message(&code, "+6281381475181", &[]);
    assert_eq!(oca.send(&body).await.json()["errors"][0]["code"], 59, "it is not approved yet");

    ledger.decide(&approved, "approve").await;
    ledger.decide(&rejected, "reject").await;
    unswer.wait_for_status(&approved, "APPROVED").await;
    oca.accepted(&body).await;
    let details = unswer.wait_for_status(&rejected, "REJECTED").await;
    assert_ne!(details["$extras"]["rejected_reason"], "NONE");

    ledger.decide(&approved, "pause").await;
    unswer.wait_for_status(&approved, "PAUSED").await;
    assert_eq!(oca.send(&body).await.json()["errors"][0]["code"], 59, "nothing is sent by a paused template");
}

#[tokio::test]
async fn a_name_with_reject_in_it_is_rejected() {
    let dev = Program::dev(KABAR).review("0").start().await;
    let unswer = Unswer::new(&dev);
    let id = unswer.created(&Unswer::plain("please_reject_me")).await;
    unswer.wait_for_status(&id, "REJECTED").await;
}

#[tokio::test]
async fn a_deleted_template_is_gone_upstream_too() {
    let dev = Program::dev(KABAR).review("instant").start().await;
    let (unswer, oca) = (Unswer::new(&dev), Oca::new(&dev));
    let id = unswer.created(&Unswer::plain("hapus_ini")).await;
    let code = code_in(&unswer.details(&id).await);
    assert_eq!(unswer.delete(&id).await.status, 200);
    assert_eq!(oca.send(&Oca::message(&code, "+6281381475182", &[])).await.json()["errors"][0]["code"], 59);
    let url = format!("{}/{}/message_templates?limit=100", dev.ready.sandbox_url, dev.ready.waba_id);
    let listed = unswer.http.exchange("GET", &url, &[("authorization", "Bearer any")], "").await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    assert!(!listed.text().contains("hapus_ini") && listed.text().contains("hello_world"), "{}", listed.text());
}

#[tokio::test]
async fn what_was_made_elsewhere_appears_and_what_was_deleted_elsewhere_goes() {
    let data = tempfile::tempdir().unwrap();
    let sandbox = Program::sandbox(KABAR).review("instant").start().await;
    let start = || Program::dev(KABAR).data(data.path()).sandbox_url(&sandbox.url);
    let (waba, url);
    {
        let dev = start().start().await;
        waba = dev.ready.waba_id.clone();
        url = format!("{}/{waba}/message_templates", sandbox.url);
        Unswer::new(&dev).created(&Unswer::plain("dibuat_di_sini")).await;
    }
    let http = kabar_testkit::http::Http::new();
    let headers = [("authorization", "Bearer any"), ("content-type", "application/json")];
    let made = http.exchange("POST", &url, &headers, Unswer::plain("dibuat_di_sana").to_string()).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let gone = http.exchange("DELETE", &format!("{url}?name=dibuat_di_sini"), &headers, "").await;
    assert_eq!(gone.status, 200, "{}", gone.text());

    let dev = start().start().await;
    let unswer = Unswer::new(&dev);
    wait_until("the list to be as the upstream has it", async || {
        let items = unswer.walk(50).await;
        let has = |name: &str| items.iter().any(|item| item["name"] == name);
        (has("dibuat_di_sana") && !has("dibuat_di_sini")).then_some(())
    })
    .await;
}

/// How many templates are walked, how often, and by pages of what sizes.
const N_TEMPLATES: usize = 137;
const N_WALKS: usize = 20;
const PAGE_SIZES: [usize; 5] = [10, 50, 7, 1, 33];

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_meets_each_template_exactly_once_whatever_comes_and_goes() {
    let dev = Program::dev(KABAR).rate_limit(0).review("instant").start().await;
    let unswer = Unswer::new(&dev);
    let mut expected = BTreeSet::new();
    for place in 0..N_TEMPLATES {
        expected.insert(unswer.created(&Unswer::plain(&format!("tetap_{place}"))).await);
    }
    assert_eq!(expected.len(), N_TEMPLATES);

    let stop = Arc::new(AtomicBool::new(false));
    let changes = Arc::new(AtomicUsize::new(0));
    let mut others = JoinSet::new();
    for other in 0..3 {
        let (unswer, stop, changes) = (unswer.clone(), Arc::clone(&stop), Arc::clone(&changes));
        others.spawn(async move {
            let mut kept = std::collections::VecDeque::new();
            for turn in 0.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                kept.push_back(unswer.created(&Unswer::plain(&format!("lewat_{other}_{turn}"))).await);
                // Some stay for a while, so that pages end at templates that are gone when the next page is asked for.
                if kept.len() > 4 {
                    let id = kept.pop_front().expect("there are five");
                    assert_eq!(unswer.delete(&id).await.status, 200);
                }
                changes.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    wait_until("the first changes", async || (changes.load(Ordering::Relaxed) > 3).then_some(())).await;
    let before = changes.load(Ordering::Relaxed);
    for walk in 0..N_WALKS {
        let mut met = BTreeMap::new();
        for item in unswer.walk(PAGE_SIZES[walk % PAGE_SIZES.len()]).await {
            *met.entry(item["id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        let missed: Vec<&String> = expected.iter().filter(|id| !met.contains_key(*id)).collect();
        assert!(missed.is_empty(), "walk {walk} missed {} of {N_TEMPLATES}", missed.len());
        let twice: Vec<_> = met.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "walk {walk} met more than once: {twice:?}");
    }
    assert!(changes.load(Ordering::Relaxed) > before, "templates came and went during the walks");
    stop.store(true, Ordering::Relaxed);
    others.join_all().await;
}

#[tokio::test]
async fn both_gateways_of_one_sandbox_keep_to_themselves() {
    let sandbox = Program::sandbox(KABAR).review("instant").start().await;
    let first = Program::dev(KABAR).sandbox_url(&sandbox.url).start().await;
    let second = Program::dev(KABAR).sandbox_url(&sandbox.url).start().await;
    assert_ne!(first.ready.waba_id, second.ready.waba_id);
    let id = Unswer::new(&first).created(&Unswer::plain("milik_pertama")).await;
    assert_eq!(Unswer::new(&second).get(&id).await.status, 404);
    for dev in [&first, &second] {
        let oca = Oca::new(dev);
        let msgid = oca.accepted(&Oca::message(dev.ready.code("hello_world"), "+6281381475183", &[])).await;
        oca.wait_for_status(&msgid, "read").await;
    }
    let messages = Ledger::of(&sandbox).messages_to("6281381475183").await;
    let accounts: BTreeSet<&str> = messages.iter().map(|message| message.waba_id.as_str()).collect();
    assert_eq!(json!(accounts), json!(BTreeSet::from([&first.ready.waba_id, &second.ready.waba_id])));
}
