//! Samples of templates: as a file and from a URL, good and bad, whole and broken off.

use std::fs;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use kabar_testkit::dev::Dev;
use kabar_testkit::http::{Exchange, Http};
use kabar_testkit::ledger::Ledger;
use kabar_testkit::program::Program;
use kabar_testkit::sandbox::Sandbox;
use kabar_testkit::serve::Serve;
use kabar_testkit::unswer::Unswer;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::KABAR;

const MIB: usize = 1024 * 1024;

fn png(len: usize) -> Vec<u8> {
    starting_with(b"\x89PNG\r\n\x1a\n", len)
}

fn pdf(len: usize) -> Vec<u8> {
    starting_with(b"%PDF-1.7\n", len)
}

fn mp4(len: usize) -> Vec<u8> {
    starting_with(b"\0\0\0\x20ftypmp42", len)
}

/// Bytes that do not repeat where a call could be cut, so that no piece can stand in another's place unseen.
fn starting_with(start: &[u8], len: usize) -> Vec<u8> {
    let rest = (start.len()..len).map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]);
    start.iter().copied().chain(rest).collect()
}

/// The checksum that the sandbox tells.
fn fnv1a64(bytes: &[u8]) -> String {
    let sum = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{sum:016x}")
}

/// Somebody's web server on this machine.
struct Files {
    url: String,
    _serving: JoinSet<()>,
}

impl Files {
    async fn start() -> Self {
        let file = |mime: &'static str, bytes: Vec<u8>| {
            get(move || async move { ([("content-type", mime)], bytes).into_response() as Response })
        };
        let to = |target: &'static str| get(move || async move { Redirect::temporary(target) });
        let router = Router::new()
            .route("/foto/a.png", file("image/png", png(3000)))
            .route("/b.png", file("application/octet-stream", png(4000)))
            .route("/film.mp4", file("video/mp4", mp4(5000)))
            .route("/film/2.mp4", file("video/mp4", mp4(6000)))
            .route("/moved", to("/foto/a.png"))
            .route("/round", to("/round"))
            .route("/inside", to("http://169.254.169.254/latest/meta-data"))
            .route("/page", file("text/html", b"<!DOCTYPE html><html><body>Toko</body></html>".to_vec()))
            .route("/named.jpg", file("image/jpeg", png(3000)))
            .route("/empty.png", file("image/png", Vec::new()))
            .route("/large.png", file("image/png", png(5 * MIB + 1)))
            .route("/large.mp4", file("video/mp4", mp4(4 * MIB)))
            .route("/forbidden", get(|| async { StatusCode::FORBIDDEN }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, _serving: serving }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// A form with one field that is a file.
fn form(field: &str, name: &str, mime: &str, bytes: &[u8]) -> (&'static str, Vec<u8>) {
    let mut body = format!(
        "--line\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nabc\r\n--line\r\ncontent-disposition: \
         form-data; name=\"{field}\"; filename=\"{name}\"\r\ncontent-type: {mime}\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--line--\r\n");
    ("multipart/form-data; boundary=line", body)
}

fn header(format: &str, handle: &str) -> Value {
    json!({ "type": "HEADER", "format": format, "example": { "header_handle": [handle] } })
}

fn template(name: &str, components: &[Value]) -> Value {
    let body = json!({ "type": "BODY", "text": "Sepatu baru sudah datang di toko kami." });
    let components: Vec<Value> = components.iter().cloned().chain([body]).collect();
    json!({ "name": name, "category": "MARKETING", "language": "id", "components": components })
}

fn cards(name: &str, format: &str, handles: &[&str]) -> Value {
    let card = |handle: &&str| json!({ "components": [header(format, handle), { "type": "BODY", "text": "Sepatu." }] });
    let cards: Vec<Value> = handles.iter().map(card).collect();
    template(name, &[json!({ "type": "CAROUSEL", "cards": cards })])
}

#[track_caller]
fn handle_in(answer: &Exchange) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["data"]["header_handle"].as_str().unwrap().to_owned()
}

/// The one fault of an answer: its path and its sentence.
#[track_caller]
fn fault_in(answer: &Exchange) -> (String, String) {
    assert_eq!(answer.status, 422, "{}", answer.text());
    let body = answer.json();
    let errors = body["errors"].as_object().unwrap();
    assert_eq!(errors.len(), 1, "{}", answer.text());
    let (path, sentence) = errors.iter().next().unwrap();
    (path.clone(), sentence.as_str().unwrap().to_owned())
}

fn english(dev: &Dev) -> Unswer {
    Unswer { language: Some("en".to_owned()), ..Unswer::new(dev) }
}

#[tokio::test]
async fn a_file_is_uploaded_and_a_template_names_its_handle() {
    let dev = Program::dev(KABAR).review("instant").start().await;
    let (unswer, ledger) = (Unswer::new(&dev), Ledger::new(&dev));
    let picture = png(70_000);
    let (mime, body) = form("file", "C:\\foto\\sepatu baru.png", "image/png", &picture);
    let answer = unswer.upload(mime, body).await;
    let handle = handle_in(&answer);
    let data = &answer.json()["data"];
    assert_eq!((&data["type"], &data["size_bytes"]), (&json!("image/png"), &json!(70_000)));
    let as_body = unswer.upload("image/png", picture.clone()).await;
    assert_eq!(handle_in(&as_body), handle, "the same bytes are uploaded once");
    let document = unswer.upload("", pdf(200_000)).await;
    let document = handle_in(&document);

    let id = unswer.created(&template("dengan_foto", &[header("IMAGE", &handle)])).await;
    let wrong = unswer.create(&template("salah", &[header("IMAGE", &document)])).await;
    let path = "components.0.example.header_handle.0".to_owned();
    let sentence = "Isi ke-1 dari Contoh media header berisi PDF; yang diterima di sini: JPEG, PNG".to_owned();
    assert_eq!(fault_in(&wrong), (path, sentence));
    let uploads = ledger.uploads().await;
    assert_eq!(uploads.len(), 2);
    assert_eq!((uploads[0].file_name.as_str(), uploads[0].file_type.as_str()), ("sepatu baru.png", "image/png"));
    assert_eq!((&uploads[0].fnv1a64, uploads[0].h.as_ref()), (&fnv1a64(&picture), Some(&handle)));
    assert_eq!(uploads[0].templates, [id]);
    assert_eq!((uploads[1].file_name.as_str(), uploads[1].file_length), ("sample.pdf", 200_000));
}

#[tokio::test]
async fn a_template_names_urls_and_each_is_fetched_and_uploaded_once() {
    let dev = Program::dev(KABAR).review("instant").start().await;
    let (unswer, ledger, files) = (Unswer::new(&dev), Ledger::new(&dev), Files::start().await);
    let url = files.at("/foto/a.png?lebar=300");
    let id = unswer.created(&template("dari_url", &[header("IMAGE", &url)])).await;
    let uploads = ledger.uploads().await;
    assert_eq!(uploads.len(), 1);
    assert_eq!((uploads[0].file_name.as_str(), &uploads[0].templates), ("a.png", &vec![id.clone()]));
    assert_eq!(uploads[0].fnv1a64, fnv1a64(&png(3000)));
    let shown = unswer.details(&id).await;
    assert_eq!(shown["components"][0], header("IMAGE", &url), "as it was created, since a handle does not last");

    let (moved, other) = (files.at("/moved"), files.at("/b.png"));
    let id = unswer.created(&cards("kartu", "IMAGE", &[&moved, &other, &moved, &url])).await;
    let uploads = ledger.uploads().await;
    assert_eq!(uploads.len(), 2, "the first picture is known: {uploads:?}");
    assert!(uploads.iter().all(|upload| upload.templates.contains(&id)), "{uploads:?}");
    let film = unswer.created(&template("film_pendek", &[header("VIDEO", &files.at("/film.mp4"))])).await;

    let as_json = json!({ "url": files.at("/film.mp4") }).to_string();
    let known = handle_in(&unswer.upload("application/json", as_json).await);
    assert_eq!(ledger.uploads().await[2].h.as_ref(), Some(&known));

    let edit = template("film_pendek", &[header("VIDEO", &files.at("/film/2.mp4"))]);
    let edit = json!({ "components": edit["components"] }).to_string();
    let answer = unswer.call("PATCH", &format!("{}/{film}", unswer.app), &edit).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let uploads = ledger.uploads().await;
    assert_eq!((uploads[3].file_name.as_str(), &uploads[3].templates), ("2.mp4", &vec![film]));
}

#[tokio::test]
async fn mistakes_are_told_before_anything_is_uploaded() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let (unswer, ledger) = (english(&dev), Ledger::new(&dev));
    let refused: [(&str, Vec<u8>, &str); 8] = [
        ("image/png", Vec::new(), "The file is empty"),
        ("image/png", b"Halo, dunia".to_vec(), "The file is TXT; what is taken here: JPEG, PNG, MP4, PDF"),
        (
            "application/x-www-form-urlencoded",
            b"{\"url\":\"http://toko.example/\"}".to_vec(),
            "The file is JSON; what is taken here: JPEG, PNG, MP4, PDF",
        ),
        ("image/gif", b"GIF89a\x01\0\x01\0".to_vec(), "The file is GIF; what is taken here: JPEG, PNG, MP4, PDF"),
        ("image/jpeg", png(2000), "The file is declared as image/jpeg, but its content is PNG"),
        ("image/png", png(5 * MIB + 1), "The file is too large: PNG files have at most 5 MiB"),
        ("video/mp4", mp4(16 * MIB + 1), "The file is too large: MP4 files have at most 16 MiB"),
        (
            "application/octet-stream",
            starting_with(&[0, 1, 2], 20 * MIB),
            "The file has content that is not recognised; what is taken here: JPEG, PNG, MP4, PDF",
        ),
    ];
    for (mime, body, sentence) in refused {
        let answer = unswer.upload(mime, body).await;
        assert_eq!(fault_in(&answer), ("file".to_owned(), sentence.to_owned()), "{mime}");
    }
    for (field, name, mime, bytes, sentence) in [
        ("gambar", "a.png", "image/png", png(100), "The file is required"),
        (
            "file",
            "catatan.txt",
            "image/png",
            b"Halo".to_vec(),
            "The file is TXT; what is taken here: JPEG, PNG, MP4, PDF",
        ),
        ("file", "a.png", "image/png", Vec::new(), "The file is empty"),
        ("file", "a.png", "image/png", png(6 * MIB), "The file is too large: PNG files have at most 5 MiB"),
    ] {
        let (content_type, body) = form(field, name, mime, &bytes);
        let answer = unswer.upload(content_type, body).await;
        assert_eq!(fault_in(&answer), ("file".to_owned(), sentence.to_owned()), "{field} {name}");
    }
    let indonesian = Unswer { language: None, ..unswer.clone() };
    let answer = indonesian.upload("image/png", png(5 * MIB + 1)).await;
    assert_eq!(fault_in(&answer).1, "Berkas terlalu besar: PNG paling besar 5 MiB");
    for (content_type, body) in [
        ("multipart/form-data", "abc"),
        ("multipart/form-data; boundary=line", "--line\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nabc"),
        ("application/json", "[]"),
        ("application/json", "{\"url\":"),
    ] {
        let answer = unswer.upload(content_type, body).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (400, Some("BAD_REQUEST")), "{body}");
    }
    assert_eq!(ledger.uploads().await, []);
    let elsewhere = Unswer { app: "lain".to_owned(), ..unswer.clone() };
    assert_eq!(elsewhere.upload("image/png", png(100)).await.status, 403);
    let nobody = Unswer { token: "x".to_owned(), ..unswer };
    assert_eq!(nobody.upload("image/png", png(100)).await.status, 401);
}

#[tokio::test]
async fn a_url_that_gives_no_sample_is_a_fault_and_nothing_half_done_stays() {
    let dev = Program::dev(KABAR).rate_limit(0).start().await;
    let (unswer, ledger, files) = (english(&dev), Ledger::new(&dev), Files::start().await);
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let label = "Item 1 of Header media example";
    for (url, purpose, says) in [
        (files.at("/nothing"), "IMAGE", ": the server answered 404, not 200"),
        (files.at("/forbidden"), "IMAGE", ": the server answered 403, not 200"),
        (files.at("/page"), "IMAGE", " is HTML; what is taken here: JPEG, PNG"),
        (files.at("/named.jpg"), "IMAGE", " is declared as image/jpeg, but its content is PNG"),
        (files.at("/foto/a.png"), "DOCUMENT", " is PNG; what is taken here: PDF"),
        (files.at("/empty.png"), "IMAGE", " is empty"),
        (files.at("/large.png"), "IMAGE", " is too large: PNG files have at most 5 MiB"),
        (files.at("/large.mp4"), "GIF", " is too large: MP4 files have at most 3.5 MiB"),
        (files.at("/round"), "IMAGE", " is redirected more than 3 times, or to what is no URL"),
        (files.at("/inside"), "IMAGE", " leads to an address that this gateway must not call"),
        ("http://10.1.2.3/a.png".to_owned(), "IMAGE", " leads to an address that this gateway must not call"),
        ("http://[::ffff:127.0.0.1]/a.png".to_owned(), "IMAGE", " leads to an address that this gateway must not call"),
        (format!("http://{closed}/a.png"), "IMAGE", ": the server can't be reached, or broke off"),
        (
            format!("https://{}/a.png", files.url.trim_start_matches("http://")),
            "IMAGE",
            ": the server can't be reached, or broke off",
        ),
        (
            "https://a b/a.png".to_owned(),
            "IMAGE",
            " must be a handle, or a complete http or https URL without a user name",
        ),
    ] {
        let answer = unswer.create(&template("tidak_jadi", &[header(purpose, &url)])).await;
        let (path, sentence) = fault_in(&answer);
        assert_eq!(
            (path.as_str(), sentence),
            ("components.0.example.header_handle.0", format!("{label}{says}")),
            "{url}"
        );
    }
    let (good, page) = (files.at("/foto/a.png"), files.at("/page"));
    let answer = unswer.create(&cards("tidak_jadi", "IMAGE", &[&page, &good, &page])).await;
    assert_eq!(answer.status, 422);
    let body = answer.json();
    let paths: Vec<&String> = body["errors"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "components.0.cards.0.components.0.example.header_handle.0",
            "components.0.cards.2.components.0.example.header_handle.0"
        ]
    );
    for (body, path, says) in [
        (json!({ "url": files.at("/page") }), "url", "URL is HTML; what is taken here: JPEG, PNG, MP4, PDF"),
        (json!({ "url": "toko.example/a.png" }), "url", "URL must be a complete http or https URL"),
        (json!({ "uri": "x" }), "url", "URL is required"),
    ] {
        let answer = unswer.upload("application/json", body.to_string()).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text());
        assert_eq!(answer.json()["errors"][path], says, "{body}");
    }
    let calls = ledger.calls().await;
    let is_creation = |path: &str| path.ends_with("/message_templates");
    let n_created = calls.iter().filter(|call| call.method == "POST" && is_creation(&call.path)).count();
    assert_eq!(n_created, 3, "only the templates of `kabar dev` itself");
    assert!(ledger.uploads().await.iter().all(|upload| upload.templates.is_empty()));
}

#[tokio::test]
async fn an_upload_that_breaks_goes_on_where_it_broke() {
    let dev = Program::dev(KABAR).start().await;
    let (unswer, ledger) = (Unswer::new(&dev), Ledger::new(&dev));
    let document = pdf(3 * MIB);
    // Twice in the middle, once without a byte, and at last the answer to a whole file is lost.
    ledger.break_uploads(&[1_000_001, 700_000, 0, 1_000_000_000]).await;
    let handle = handle_in(&unswer.upload("application/pdf", document.clone()).await);
    let uploads = ledger.uploads().await;
    assert_eq!(uploads.len(), 1, "one session: {uploads:?}");
    let upload = &uploads[0];
    assert_eq!((upload.file_offset, upload.h.as_ref()), (3 * MIB as u64, Some(&handle)));
    assert_eq!(upload.fnv1a64, fnv1a64(&document), "every byte once, and in its place");
    // A call that found the offset taken by the one before it, as it was still being written down, counts for none.
    assert!(upload.calls >= 5, "{upload:?}");
}

#[tokio::test]
async fn an_upload_that_breaks_all_the_time_is_given_up() {
    let dev = Program::dev(KABAR).start().await;
    let (unswer, ledger) = (Unswer::new(&dev), Ledger::new(&dev));
    ledger.break_uploads(&[0; 20]).await;
    let answer = unswer.upload("image/png", png(100_000)).await;
    assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (500, Some("INTERNAL_SERVER_ERROR")));
    assert!(answer.json()["message"].as_str().unwrap().contains("try again"), "{}", answer.text());
}

/// A gateway of production with a sandbox as its upstream, and a caller of its app.
async fn serving(sandbox: &Sandbox, more: &str) -> (Serve, Unswer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kabar.toml");
    let text = format!(
        "[store]\nurl = \"sqlite:{}/kabar.db\"\n[[senders]]\napp = \"toko\"\nphone_number_id = \"106540352242922\"\n\
         waba_id = \"102290129340398\"\n[upstream]\nurl = \"{}\"\naccess_token = \"t\"\napp_secret = \"s\"\n\
         verify_token = \"v\"\n{more}",
        folder.path().display(),
        sandbox.url
    );
    fs::write(&config, text).unwrap();
    let gateway = Program::serve(KABAR, &config).start().await;
    let issue = ["token", "issue", "--app", "toko", "--config", config.to_str().unwrap()];
    let unswer = Unswer {
        http: Http::new(),
        base: format!("{}/api/v1/templates", gateway.url),
        token: Program::run(KABAR, issue).ok().trim().to_owned(),
        app: "toko".to_owned(),
        language: Some("en".to_owned()),
    };
    kabar_testkit::wait::wait_until("the token to count", async || (unswer.list("").await.status == 200).then_some(()))
        .await;
    (gateway, unswer, folder)
}

#[tokio::test]
async fn in_production_only_listed_nets_are_called_and_the_app_must_be_known() {
    let (sandbox, files) = (Program::sandbox(KABAR).start().await, Files::start().await);
    let url = files.at("/foto/a.png");
    let by_url = template("dari_url", &[header("IMAGE", &url)]);

    let (_gateway, unswer, _folder) = serving(&sandbox, "").await;
    let answer = unswer.upload("image/png", png(100)).await;
    assert_eq!(answer.status, 501);
    assert!(answer.text().contains("upstream.meta_app_id"), "{}", answer.text());
    let (path, sentence) = fault_in(&unswer.create(&by_url).await);
    assert_eq!(path, "components.0.example.header_handle.0");
    assert!(sentence.contains("upstream.meta_app_id is not configured"), "{sentence}");
    unswer.created(&template("dari_handle", &[header("IMAGE", "4::aW1hZ2UvcG5n:of-elsewhere")])).await;

    let (_gateway, unswer, _folder) = serving(&sandbox, "meta_app_id = \"634974688087057\"\n").await;
    let (_, sentence) = fault_in(&unswer.create(&by_url).await);
    assert!(sentence.contains("must not call") && !sentence.contains("127.0.0.1"), "{sentence}");
    assert_eq!(Ledger::of(&sandbox).uploads().await, []);

    let more = "meta_app_id = \"634974688087057\"\n[media]\nallow = [\"127.0.0.0/8\"]\n";
    let (_gateway, unswer, _folder) = serving(&sandbox, more).await;
    let id = unswer.created(&by_url).await;
    let uploads = Ledger::of(&sandbox).uploads().await;
    assert_eq!((uploads[0].app_id.as_str(), &uploads[0].templates), ("634974688087057", &vec![id]));
}
