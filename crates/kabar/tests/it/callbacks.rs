//! An app's own server, called by the real program: told of everything, across kills of the gateway.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use kabar_testkit::dev::Dev;
use kabar_testkit::http::Http;
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};

use crate::KABAR;

/// The app's server: answers every call with 204, and keeps what it was told. It lasts as long as the process.
#[derive(Clone)]
pub(crate) struct Receiver {
    url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// A call: its id, and what it said.
#[derive(Clone)]
pub(crate) struct Call {
    id: String,
    pub(crate) said: Value,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/kabar", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&calls);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, kept) = (stream.unwrap(), Arc::clone(&kept));
                std::thread::spawn(move || serve(stream, &kept));
            }
        });
        Self { url, calls }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// What was told of each message, in the order in which it was first told.
    fn told(&self) -> BTreeMap<String, Vec<String>> {
        let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for call in self.calls() {
            let msgid = call.said["data"]["msgid"].as_str().unwrap_or_default().to_owned();
            if seen.insert(call.id) {
                told.entry(msgid).or_default().push(call.said["type"].as_str().unwrap().to_owned());
            }
        }
        told
    }
}

fn serve(mut stream: TcpStream, calls: &Mutex<Vec<Call>>) {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let n_read = stream.read(&mut part).unwrap_or(0);
        if n_read == 0 {
            return;
        }
        bytes.extend_from_slice(&part[..n_read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        if body.len().to_string() != header("content-length: ") {
            continue;
        }
        let said = serde_json::from_str(body).unwrap();
        calls.lock().unwrap().push(Call { id: header("webhook-id: "), said });
        if stream.write_all(b"HTTP/1.1 204 Told\r\n\r\n").is_err() {
            return;
        }
        bytes.clear();
    }
}

async fn ask(dev: &Dev, method: &str, path: &str, body: &str) -> Value {
    let bearer = format!("Bearer {}", dev.ready.token);
    let url = format!("{}{path}", dev.ready.gateway_url);
    let answer = Http::new().exchange(method, &url, &[("authorization", &bearer)], body.to_owned()).await;
    assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.text());
    answer.json()
}

/// Has a receiver called for everything that becomes of messages.
pub(crate) async fn listen(dev: &Dev, receiver: &Receiver) -> String {
    let asked = json!({ "url": receiver.url, "events": ["message.*"] });
    let made = ask(dev, "POST", "/v1/callbacks", &asked.to_string()).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn send(dev: &Dev, n_messages: usize) -> BTreeSet<String> {
    let oca = Oca::new(dev);
    let code = dev.ready.code("pesanan_dikirim");
    let mut accepted = BTreeSet::new();
    for place in 0..n_messages {
        let body = Oca::body(&["Budi", &format!("INV-{place}")]);
        accepted.insert(oca.accepted(&Oca::message(code, "+6281381475230", &[body])).await);
    }
    accepted
}

const WHOLE_WAY: [&str; 4] = ["message.submitted", "message.sent", "message.delivered", "message.read"];

#[tokio::test]
async fn an_app_is_told_of_all_that_becomes_of_its_messages() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let receiver = Receiver::start();
    let id = listen(&dev, &receiver).await;
    let accepted = send(&dev, 5).await;
    wait_until("all to be told", async || {
        let told = receiver.told();
        (told.len() == accepted.len() && told.values().all(|events| events.len() == WHOLE_WAY.len())).then_some(())
    })
    .await;
    for (msgid, mut events) in receiver.told() {
        assert!(accepted.contains(&msgid), "{msgid}");
        events.sort();
        let mut expected = WHOLE_WAY.to_vec();
        expected.sort_unstable();
        assert_eq!(events, expected);
    }
    let call = receiver.calls().remove(0);
    let data = &call.said["data"];
    assert_eq!((&data["recipient"], &data["sender"]), (&json!("+6281381475230"), &json!(dev.ready.sender)));
    assert_eq!(data["template"]["name"], "pesanan_dikirim");
    assert!(!call.said.to_string().contains("Budi"), "values of a message are not told");
    wait_until("nothing to wait", async || {
        let callback = ask(&dev, "GET", &format!("/v1/callbacks/{id}"), "").await;
        (callback["waiting"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nothing_that_is_to_be_told_is_lost_over_a_kill() {
    const N_MESSAGES: usize = 60;
    let data = tempfile::tempdir().unwrap();
    let state = tempfile::tempdir().unwrap();
    let state = state.path().join("sandbox.jsonl");
    let sandbox = Program::sandbox(KABAR).arg("--data").arg(&state).start().await;
    let builder = Program::dev(KABAR).data(data.path()).rate_limit(0).sandbox_url(&sandbox.url);
    let receiver = Receiver::start();
    let mut dev = builder.clone().start().await;
    let id = listen(&dev, &receiver).await;
    let mut accepted = BTreeSet::new();
    for _ in 0..2 {
        // What is accepted before the pause, and what happens to it, waits.
        ask(&dev, "POST", &format!("/v1/callbacks/{id}/pause"), "").await;
        accepted.extend(send(&dev, N_MESSAGES / 2).await);
        wait_until("much to wait", async || {
            let callback = ask(&dev, "GET", &format!("/v1/callbacks/{id}"), "").await;
            (callback["waiting"].as_u64() >= Some(N_MESSAGES as u64)).then_some(())
        })
        .await;
        let n_before = receiver.calls().len();
        ask(&dev, "POST", &format!("/v1/callbacks/{id}/resume"), "").await;
        // In the middle of telling.
        wait_until("some to be told", async || (receiver.calls().len() > n_before).then_some(())).await;
        dev.kill();
        dev = builder.clone().start().await;
    }
    wait_until("every message's way to be told to its end", async || {
        let told = receiver.told();
        let whole =
            |msgid: &String| told.get(msgid).is_some_and(|events| events.iter().any(|one| one == "message.read"));
        accepted.iter().all(whole).then_some(())
    })
    .await;
    wait_until("nothing to wait", async || {
        let callback = ask(&dev, "GET", &format!("/v1/callbacks/{id}"), "").await;
        (callback["waiting"] == 0).then_some(())
    })
    .await;
    // All that the gateway knows of a message was told, however often it was killed.
    for msgid in &accepted {
        let message = ask(&dev, "GET", &format!("/v1/messages/{msgid}"), "").await;
        let history = message["history"].as_array().unwrap().iter();
        let states = history.map(|event| event["state"].as_str().unwrap()).filter(|state| *state != "accepted");
        let known: BTreeSet<String> = states.map(|state| format!("message.{state}")).collect();
        let told: BTreeSet<String> = receiver.told()[msgid].iter().cloned().collect();
        assert_eq!(told, known, "{msgid}");
    }
}

#[tokio::test]
async fn the_command_line_does_what_can_be_asked_over_http() {
    let dev = Program::dev(KABAR).start().await;
    let receiver = Receiver::start();
    let data = dev.data().to_str().unwrap().to_owned();
    let run = |args: &[&str]| {
        let all = [&["callback"], args, &["--data", &data]].concat();
        Program::run(KABAR, all)
    };
    let wrong = run(&["add", "--app", "demo", "--url", "toko", "--events", "message.*,nothing"]).failed();
    assert!(wrong.contains("complete http or https address") && wrong.contains("must be one of"), "{wrong}");
    let secret = run(&["add", "--app", "demo", "--url", &receiver.url, "--events", "message.*"]).ok();
    assert!(secret.starts_with("whsec_"), "{secret}");
    let listed: Value = serde_json::from_str(&run(&["list", "--app", "demo", "--output", "json"]).ok()).unwrap();
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    assert_eq!((&listed[0]["state"], &listed[0]["events"]), (&json!("active"), &json!("message.*")));
    run(&["pause", &id]).ok();
    assert!(run(&["test", &id]).failed().contains("resume"), "a paused callback is not tried out");
    assert!(run(&["show", &id]).ok().contains("paused (asked)"));
    run(&["resume", &id]).ok();
    assert_ne!(run(&["rotate", &id]).ok(), secret);
    let event = run(&["test", &id]).ok().trim().to_owned();
    wait_until("the test event", async || receiver.calls().iter().any(|call| call.id == event).then_some(())).await;
    let delivered = || run(&["deliveries", &id, "--state", "delivered", "--output", "json"]).ok();
    wait_until("it to be written down", async || delivered().contains(&event).then_some(())).await;
    run(&["redrive", &id, "--event", &event]).ok();
    wait_until("it to come again", async || (receiver.calls().len() == 2).then_some(())).await;
    let range = ["redrive", &id, "--from", "2020-01-01T00:00:00Z", "--to", "2020-01-02T00:00:00Z"];
    assert_eq!(run(&range).code, Some(0));
    run(&["delete", &id]).ok();
    assert!(run(&["show", &id]).failed().contains("no callback"));
}

#[tokio::test]
async fn an_app_is_told_that_its_sender_is_held_and_goes_on() {
    let receiver = Receiver::start();
    let dev = Program::dev(KABAR).start().await;
    let data = dev.data().to_str().unwrap();
    let add =
        ["callback", "add", "--app", &dev.ready.app_id, "--url", &receiver.url, "--events", "sender.*", "--data", data];
    Program::run(KABAR, add).ok();
    let faults = format!("{}/_sandbox/faults", dev.ready.sandbox_url);
    let expired = json!({ "kind": "send", "times": 1, "fault": "error", "code": 190 }).to_string();
    assert_eq!(Http::new().exchange("POST", &faults, &[], expired).await.status, 200);
    let oca = Oca::new(&dev);
    let body = Oca::message(dev.ready.code("pesanan_dikirim"), "+6281381475777", &[Oca::body(&["Budi", "INV-1"])]);
    let msgid = oca.accepted(&body).await;
    let held = wait_until("both to be told", async || {
        let held: Vec<Value> = receiver.calls().into_iter().map(|call| call.said["data"]["held"].clone()).collect();
        (held.len() == 2).then_some(held)
    })
    .await;
    assert_eq!(held, [json!(true), json!(false)]);
    let told = &receiver.calls()[0].said;
    assert_eq!((&told["type"], &told["data"]["sender"]), (&json!("sender.held"), &json!(dev.ready.sender)));
    assert!(told["data"]["reason"].as_str().unwrap().starts_with("code 190: "), "{told}");
    oca.wait_for_status(&msgid, "read").await;
}
