//! Files that messages name by their URLs: fetched once, uploaded once, named by their ids.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use kabar_testkit::dev::{Dev, DevBuilder};
use kabar_testkit::http::Http;
use kabar_testkit::ledger::{Ledger, Message};
use kabar_testkit::oca::Oca;
use kabar_testkit::program::Program;
use kabar_testkit::unswer::Unswer;
use kabar_testkit::wait::wait_until;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::KABAR;
use crate::shop::code_in;

#[cfg(debug_assertions)]
mod later;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const MIB: usize = 1024 * 1024;

/// What a path of the origin answers with.
#[derive(Clone)]
struct Page {
    status: StatusCode,
    mime: &'static str,
    bytes: Vec<u8>,
    etag: Option<&'static str>,
}

fn picture(content: &[u8]) -> Page {
    let bytes = [PNG, content].concat();
    Page { status: StatusCode::OK, mime: "image/png", bytes, etag: None }
}

fn failing(status: StatusCode) -> Page {
    Page { status, mime: "text/plain", bytes: Vec::new(), etag: None }
}

/// Somebody's web server on this machine, which counts what it is asked for.
struct Origin {
    url: String,
    desk: Arc<OriginDesk>,
    _serving: JoinSet<()>,
}

struct OriginDesk {
    pages: Mutex<HashMap<String, Page>>,
    asked: Mutex<Vec<(String, HeaderMap)>>,
    /// Paths with `slow` in them are answered when this is `true`.
    open: watch::Sender<bool>,
}

impl Origin {
    async fn start() -> Self {
        let desk =
            Arc::new(OriginDesk { pages: Mutex::default(), asked: Mutex::default(), open: watch::Sender::new(false) });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&desk));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, desk, _serving: serving }
    }

    /// Puts a page there from now on, and gives its URL.
    fn put(&self, path: &str, page: Page) -> String {
        self.desk.pages.lock().unwrap().insert(path.to_owned(), page);
        format!("{}{path}", self.url)
    }

    /// How often a path was asked for.
    fn asked(&self, path: &str) -> usize {
        self.desk.asked.lock().unwrap().iter().filter(|(asked, _)| asked == path).count()
    }

    /// The last request's header for a path.
    fn last_header(&self, path: &str, name: header::HeaderName) -> Option<String> {
        let asked = self.desk.asked.lock().unwrap();
        let (_, headers) = asked.iter().rev().find(|(asked, _)| asked == path)?;
        headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }
}

async fn serve(State(desk): State<Arc<OriginDesk>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    desk.asked.lock().unwrap().push((path.clone(), request.headers().clone()));
    if path.contains("slow") {
        desk.open.subscribe().wait_for(|open| *open).await.unwrap();
    }
    let Some(page) = desk.pages.lock().unwrap().get(&path).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if page.etag.is_some() && page.etag == known {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let mut answer = (page.status, [(header::CONTENT_TYPE, page.mime)], page.bytes).into_response();
    if let Some(etag) = page.etag {
        answer.headers_mut().insert(header::ETAG, etag.parse().unwrap());
    }
    answer
}

fn builder() -> DevBuilder {
    Program::dev(KABAR).rate_limit(0).review("instant").arg("--media").arg("upload")
}

/// A promotion with a picture above it.
fn promotion(dev: &Dev, to: &str, url: &str) -> Value {
    let payload = [
        json!({ "position": "header", "parameters": [{ "type": "image", "image": { "url": url } }] }),
        Oca::body(&["Budi", "25%"]),
        json!({ "position": "button", "sub_types": "url_dynamic", "index": 1,
            "parameters": [{ "type": "text", "text": "lari" }] }),
    ];
    Oca::message(dev.ready.code("promo_akhir_pekan"), to, &payload)
}

/// What stands above a message's text.
fn shown(message: &Message) -> &Value {
    &message.components[0]["parameters"][0]["image"]
}

async fn arrived(ledger: &Ledger, msgid: &str) -> Message {
    wait_until(&format!("message {msgid} to arrive"), async || ledger.by_msgid(msgid).await.pop()).await
}

/// Sends, and gives what stands above the text when it has arrived.
async fn sent(dev: &Dev, request: &Value) -> Value {
    let msgid = Oca::new(dev).accepted(request).await;
    shown(&arrived(&Ledger::new(dev), &msgid).await).clone()
}

/// Everything that is known of a message.
async fn told(dev: &Dev, msgid: &str) -> Value {
    let url = format!("{}/v1/messages/{msgid}", dev.ready.gateway_url);
    Http::new().exchange("GET", &url, &[("authorization", &dev.ready.token)], "").await.json()
}

#[tokio::test]
async fn a_picture_of_many_messages_is_fetched_and_uploaded_once() {
    const N_MESSAGES: usize = 200;
    let (dev, origin) = (builder().start().await, Origin::start().await);
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let url = origin.put("/promo.png", picture(&[7; 3000]));
    for n in 0..N_MESSAGES {
        oca.accepted(&promotion(&dev, &format!("+62813814{n:05}"), &url)).await;
    }
    let messages = wait_until("every message to arrive", async || {
        Some(ledger.messages().await).filter(|messages| messages.len() >= N_MESSAGES)
    })
    .await;
    assert_eq!(messages.len(), N_MESSAGES);
    let files = ledger.files().await;
    assert_eq!(files.len(), 1, "{files:?}");
    let file = &files[0];
    assert_eq!((file.phone_number_id.as_str(), file.mime_type.as_str()), (dev.ready.sender.as_str(), "image/png"));
    assert_eq!((file.file_size, file.messages), (3008, N_MESSAGES));
    assert!(messages.iter().all(|message| *shown(message) == json!({ "id": file.id })), "every message names the id");
    assert_eq!(origin.asked("/promo.png"), 1);
    let calls = ledger.calls().await;
    assert_eq!(calls.iter().filter(|call| call.path.ends_with("/media")).count(), 1);

    let metrics = Http::new().get(&format!("{}/metrics", dev.ready.gateway_url)).await;
    for (outcome, count) in [("fetched", 1), ("uploaded", 1), ("id", N_MESSAGES)] {
        let line = format!("kabar_message_files_total{{outcome=\"{outcome}\"}} {count}");
        assert!(metrics.contains(&line), "no {line} in:\n{metrics}");
    }
}

#[tokio::test]
async fn cards_and_documents_go_by_ids_too() {
    let (dev, origin) = (builder().start().await, Origin::start().await);
    let (unswer, oca, ledger) = (Unswer::new(&dev), Oca::new(&dev), Ledger::new(&dev));
    let (one, two) = (origin.put("/1.png", picture(b"one")), origin.put("/2.png", picture(b"two")));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/media_carousel");
    let read = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap() };
    let id = unswer.created(&read("template.json")).await;
    let mut body = read("send.json");
    body["message"]["template"]["template_code_id"] = json!(code_in(&unswer.wait_for_status(&id, "APPROVED").await));
    let payload = body["message"]["template"]["payload"].as_array_mut().unwrap();
    let carousel = payload.iter_mut().find(|part| part["position"] == "carousel").unwrap();
    let cards = carousel["cards"].as_array_mut().unwrap();
    let n_cards = cards.len();
    for (place, card) in cards.iter_mut().enumerate() {
        let header = card["payload"].as_array_mut().unwrap().iter_mut().find(|part| part["position"] == "header");
        header.unwrap()["parameters"][0]["image"] = json!({ "url": if place == 0 { &one } else { &two } });
    }
    let message = arrived(&ledger, &oca.accepted(&body).await).await;
    let files = ledger.files().await;
    assert_eq!(files.len(), 2, "one upload for each picture, however many cards show it: {files:?}");
    let carousel = message.components.as_array().unwrap().iter().find(|part| part["type"] == "carousel").unwrap();
    for card in carousel["cards"].as_array().unwrap() {
        let header = &card["components"][0]["parameters"][0]["image"];
        assert!(files.iter().any(|file| *header == json!({ "id": file.id })), "{header}");
    }
    assert_eq!((origin.asked("/1.png"), origin.asked("/2.png")), (1, 1));
    assert!(n_cards >= 2);

    let film = b"\0\0\0\x20ftypmp42film".to_vec();
    let film = origin.put("/a.mp4", Page { mime: "video/mp4", bytes: film, ..picture(b"") });
    let folder = folder.with_file_name("gif_header");
    let read = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap() };
    let id = unswer.created(&read("template.json")).await;
    let mut body = read("send.json");
    body["message"]["template"]["template_code_id"] = json!(code_in(&unswer.wait_for_status(&id, "APPROVED").await));
    let payload = body["message"]["template"]["payload"].as_array_mut().unwrap();
    let header = payload.iter_mut().find(|part| part["position"] == "header").unwrap();
    header["parameters"][0]["gif"] = json!({ "url": film });
    let message = arrived(&ledger, &oca.accepted(&body).await).await;
    let file = ledger.files().await.into_iter().find(|file| file.mime_type == "video/mp4").unwrap();
    assert_eq!(message.components[0]["parameters"][0], json!({ "type": "gif", "gif": { "id": file.id } }));

    let template = json!({ "name": "tagihan", "category": "UTILITY", "language": "id", "components": [
        { "type": "HEADER", "format": "DOCUMENT", "example": { "header_handle": ["4::YXBwbGljYXRpb24vcGRm:contoh"] } },
        { "type": "BODY", "text": "Tagihan Anda bulan ini kami lampirkan, terima kasih." }
    ] });
    let id = unswer.created(&template).await;
    let code = code_in(&unswer.wait_for_status(&id, "APPROVED").await);
    let bytes = b"%PDF-1.7\nTagihan".to_vec();
    let pdf = origin.put("/a.pdf", Page { mime: "application/pdf", bytes, ..picture(b"") });
    let document = json!({ "url": pdf, "caption": "tagihan.pdf" });
    let header = json!({ "position": "header", "parameters": [{ "type": "document", "document": document }] });
    let msgid = oca.accepted(&Oca::message(&code, "+6281381477001", &[header])).await;
    let message = arrived(&ledger, &msgid).await;
    let file = ledger.files().await.into_iter().find(|file| file.mime_type == "application/pdf").unwrap();
    let expected = json!({ "id": file.id, "filename": "tagihan.pdf" });
    assert_eq!(message.components[0]["parameters"][0]["document"], expected);
}

#[tokio::test]
async fn files_of_one_message_each_go_as_links_until_a_second_one_names_them() {
    let (dev, origin) = (builder().start().await, Origin::start().await);
    let ledger = Ledger::new(&dev);
    let urls: Vec<String> =
        (0..8).map(|n| origin.put(&format!("/{n}.png"), picture(format!("picture {n}").as_bytes()))).collect();
    for (n, url) in urls.iter().enumerate() {
        let shown = sent(&dev, &promotion(&dev, &format!("+628138147510{n}"), url)).await;
        assert_eq!(shown.get("id").is_some(), n < 3, "message {n}: {shown}");
        assert_eq!(shown.get("link").is_some(), n >= 3, "message {n}: {shown}");
    }
    assert_eq!((ledger.files().await.len(), origin.asked("/7.png")), (3, 0));
    let again = sent(&dev, &promotion(&dev, "+6281381475120", &urls[7])).await;
    assert!(again.get("id").is_some(), "{again}");
    assert_eq!((ledger.files().await.len(), origin.asked("/7.png")), (4, 1));
}

#[tokio::test]
async fn a_request_and_the_configuration_say_how_files_go() {
    let origin = Origin::start().await;
    let url = origin.put("/a.png", picture(b"a"));
    let asking = |dev: &Dev, to: &str, media: &str| {
        let mut request = promotion(dev, to, &url);
        request["message"]["media"] = json!(media);
        request
    };
    let uploading = builder().start().await;
    let link = sent(&uploading, &asking(&uploading, "+6281381475200", "link")).await;
    assert_eq!((link, origin.asked("/a.png")), (json!({ "link": url }), 0));
    let refused = Oca::new(&uploading).send(&asking(&uploading, "+6281381475200", "id")).await;
    assert_eq!(refused.status, 406);
    let fault = &refused.json()["errors"][0]["message"][0];
    assert_eq!(fault["param"], "message.media", "{}", refused.text());

    let linking = Program::dev(KABAR).rate_limit(0).start().await;
    assert_eq!(sent(&linking, &promotion(&linking, "+6281381475201", &url)).await, json!({ "link": url }));
    let by_id = sent(&linking, &asking(&linking, "+6281381475202", "upload")).await;
    assert!(by_id.get("id").is_some(), "{by_id}");
}

#[tokio::test]
async fn a_file_that_can_t_be_sent_rejects_its_message_and_says_why() {
    let (dev, origin) = (builder().start().await, Origin::start().await);
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let html = Page { mime: "image/png", bytes: b"<!DOCTYPE html><html>Toko</html>".to_vec(), ..picture(b"") };
    for (url, why) in [
        (format!("{}/none.png?token=geheim", origin.url), "the server answered 404, not 200"),
        (origin.put("/forbidden.png", failing(StatusCode::FORBIDDEN)), "the server answered 403, not 200"),
        (origin.put("/page.png", html), "the file is HTML; what is taken here: JPEG, PNG"),
        (origin.put("/empty.png", Page { bytes: Vec::new(), ..picture(b"") }), "the file is empty"),
        (origin.put("/large.png", picture(&vec![1; 5 * MIB])), "the file is too large: here it has at most 5 MiB"),
        ("http://10.1.2.3/a.png".to_owned(), "it leads to an address that this gateway must not call"),
        ("http://[::ffff:169.254.169.254]/".to_owned(), "it leads to an address that this gateway must not call"),
    ] {
        let msgid = oca.accepted(&promotion(&dev, "+6281381475300", &url)).await;
        let answer = oca.wait_for_status(&msgid, "rejected").await.json();
        let shown = url.split('?').next().unwrap();
        let mark = if url.contains('?') { "…" } else { "" };
        let reason = format!("the image at {shown}{mark}: {why}");
        assert_eq!(answer["additional_info"], json!({ "code": 900_005, "reason": reason }));
    }
    assert_eq!((ledger.messages().await.len(), ledger.files().await.len()), (0, 0));

    // For a while nobody is asked again, and every message is told the same.
    let before = origin.asked("/page.png");
    let msgid = oca.accepted(&promotion(&dev, "+6281381475301", &format!("{}/page.png", origin.url))).await;
    oca.wait_for_status(&msgid, "rejected").await;
    assert_eq!(origin.asked("/page.png"), before);
}

#[tokio::test]
async fn a_slow_server_holds_its_own_messages_and_nobody_elses() {
    // More than there are places for calls.
    const N_SLOW: usize = 300;
    let (dev, origin) = (builder().start().await, Origin::start().await);
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let (slow, fast) = (origin.put("/slow.png", picture(b"slow")), origin.put("/fast.png", picture(b"fast")));
    let mut waiting = Vec::new();
    for n in 0..N_SLOW {
        waiting.push(oca.accepted(&promotion(&dev, &format!("+62813815{n:05}"), &slow)).await);
    }
    // More than there are places for files.
    for n in 0..12 {
        let url = origin.put(&format!("/slow/{n}.png"), picture(format!("slow {n}").as_bytes()));
        let mut request = promotion(&dev, &format!("+628138151{n:04}"), &url);
        request["message"]["media"] = json!("upload");
        waiting.push(oca.accepted(&request).await);
    }
    wait_until("the slow server to be asked", async || (origin.asked("/slow/11.png") > 0).then_some(())).await;
    let code = Oca::message(dev.ready.code("kode_masuk"), "+6281381476000", &[Oca::body(&["123456"])]);
    arrived(&ledger, &oca.accepted(&code).await).await;
    // In the same lane, behind all of them.
    let other = sent(&dev, &promotion(&dev, "+6281381476001", &fast)).await;
    assert!(other.get("id").is_some(), "{other}");
    assert_eq!(ledger.messages().await.len(), 2, "the others wait");
    wait_until("the message to be held", async || {
        (told(&dev, &waiting[0]).await["waits_for"] == json!({ "what": "media" })).then_some(())
    })
    .await;

    origin.desk.open.send_replace(true);
    for msgid in &waiting {
        assert!(shown(&arrived(&ledger, msgid).await).get("id").is_some());
    }
    assert_eq!((origin.asked("/slow.png"), ledger.files().await.len()), (1, 14));
    assert_eq!(ledger.messages().await.len(), N_SLOW + 14, "nothing is doubled");
}

#[tokio::test]
async fn a_server_that_is_down_is_asked_again_until_the_messages_expire() {
    let (dev, origin) = (builder().start().await, Origin::start().await);
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let url = origin.put("/a.png", failing(StatusCode::SERVICE_UNAVAILABLE));
    let msgid = oca.accepted(&promotion(&dev, "+6281381475400", &url)).await;
    wait_until("the server to be asked twice", async || (origin.asked("/a.png") >= 2).then_some(())).await;
    assert_eq!(oca.history(&msgid).await, ["submitted"]);
    origin.put("/a.png", picture(b"a"));
    assert!(shown(&arrived(&ledger, &msgid).await).get("id").is_some());

    let mut request = promotion(&dev, "+6281381475401", &origin.put("/b.png", failing(StatusCode::BAD_GATEWAY)));
    request["message"]["expires_in"] = json!(2);
    let msgid = oca.accepted(&request).await;
    let answer = oca.wait_for_status(&msgid, "rejected").await.json();
    assert_eq!(answer["additional_info"]["code"], 900_002, "{answer}");
}

#[tokio::test]
async fn what_the_upstream_refuses_goes_by_its_error() {
    let (dev, origin) = (builder().start().await, Origin::start().await);
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let url = origin.put("/a.png", picture(b"a"));
    let faults = format!("{}/_sandbox/faults", dev.ready.sandbox_url);
    let http = Http::new();
    let set = async |rule: Value| {
        assert_eq!(http.exchange("POST", &faults, &[], rule.to_string()).await.status, 200);
    };
    // A passing error is got over, and a lasting one is the end of the message, in the upstream's words.
    let rule = |code: u32| {
        let path = format!("/{}/media", dev.ready.sender);
        json!({ "kind": "other", "method": "POST", "path": path, "times": 1, "fault": "error", "code": code })
    };
    set(rule(131_000)).await;
    assert!(sent(&dev, &promotion(&dev, "+6281381475500", &url)).await.get("id").is_some());
    assert_eq!(origin.asked("/a.png"), 2, "fetched once more for the second try");
    set(rule(131_053)).await;
    let other = origin.put("/b.png", picture(b"b"));
    let msgid = oca.accepted(&promotion(&dev, "+6281381475501", &other)).await;
    let answer = oca.wait_for_status(&msgid, "rejected").await.json();
    assert_eq!(answer["additional_info"]["code"], 131_053, "{answer}");
    assert!(answer["additional_info"]["reason"].as_str().unwrap().contains("/b.png: WhatsApp refused the upload"));
    assert_eq!(ledger.files().await.len(), 1);
}

#[tokio::test]
async fn an_id_that_the_upstream_does_not_know_any_more_is_replaced() {
    let (dev, origin) = (builder().start().await, Origin::start().await);
    let (oca, ledger) = (Oca::new(&dev), Ledger::new(&dev));
    let url = origin.put("/a.png", picture(b"a"));
    let first = sent(&dev, &promotion(&dev, "+6281381475600", &url)).await;
    // Twice in a while it is believed that the upstream has lost the file; then there is something else.
    for n in 1..=2 {
        let known = ledger.files().await.pop().unwrap();
        ledger.forget_file(&known.id).await;
        let shown = sent(&dev, &promotion(&dev, &format!("+628138147560{n}"), &url)).await;
        assert!(shown != first && shown != json!({ "id": known.id }), "{shown}");
        assert_eq!((ledger.files().await.len(), origin.asked("/a.png")), (1, n + 1));
    }
    ledger.forget_file(&ledger.files().await.pop().unwrap().id).await;
    let msgid = oca.accepted(&promotion(&dev, "+6281381475603", &url)).await;
    let answer = oca.wait_for_status(&msgid, "rejected").await.json();
    assert_eq!(answer["additional_info"]["code"], 100, "{answer}");
}
