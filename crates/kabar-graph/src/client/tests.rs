use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};
use kabar_outbound::{Client, NotSent, Options, Pieces, Unknown};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::GraphClient;
use crate::call::{CallError, UnknownReason};
use crate::errors::Advice;
use crate::token::AccessToken;
use crate::wire::message::{SendStatus, Sent, TemplateMessage};
use crate::wire::template::Answered;

/// What stands in Meta's place: gives the same answer to every call, and keeps what was asked.
struct Upstream {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _serving: JoinSet<()>,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

struct Asked {
    method: Method,
    uri: String,
    headers: HeaderMap,
    body: String,
}

impl Upstream {
    async fn answering(status: u16, headers: &[(&'static str, &'static str)], body: impl ToString) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect(),
            body: body.to_string(),
            asked: Arc::clone(&asked),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(listener, Router::new().fallback(answer_call).with_state(answer)).await.unwrap();
        });
        Self { url, asked, _serving: serving }
    }

    fn client(&self) -> GraphClient {
        GraphClient::new(&self.url, Some("v26.0"), http_client()).unwrap()
    }

    /// The one call that was made.
    fn asked(&self) -> Asked {
        let mut asked = self.asked.lock().unwrap();
        assert_eq!(asked.len(), 1);
        asked.remove(0)
    }
}

async fn answer_call(State(answer): State<Answer>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    answer.asked.lock().unwrap().push(Asked {
        method: head.method,
        uri: head.uri.to_string(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

fn http_client() -> Client {
    Client::new(Options { max_response_bytes: 4096, ..Options::default() })
}

fn token() -> AccessToken {
    AccessToken::new("EAAGtest").unwrap()
}

async fn send(client: &GraphClient) -> Result<Sent, CallError> {
    let components: &RawValue = serde_json::from_str(r#"[{"type":"body"}]"#).unwrap();
    let message = TemplateMessage {
        to: "+6281234567890",
        name: "pesanan_dikirim",
        language: "id",
        components: Some(components),
        biz_opaque_callback_data: Some("msg-1"),
    };
    client.send_template(&token(), "106540", &message, || {}).await
}

fn refused(code: u32) -> Value {
    json!({"error": {"message": "(#…) …", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}})
}

#[tokio::test]
async fn a_message_is_sent() {
    let upstream = Upstream::answering(
        200,
        &[],
        json!({"messaging_product": "whatsapp", "contacts": [{"input": "+6281234567890", "wa_id": "6281234567890"}],
            "messages": [{"id": "wamid.HBg1", "message_status": "held_for_quality_assessment"}]}),
    )
    .await;
    let sent = send(&upstream.client()).await.unwrap();
    assert_eq!(sent.wamid, "wamid.HBg1");
    assert_eq!(sent.message_status, SendStatus::HeldForQualityAssessment);

    let asked = upstream.asked();
    assert_eq!((asked.method, asked.uri.as_str()), (Method::POST, "/v26.0/106540/messages"));
    assert_eq!(asked.headers["authorization"], "Bearer EAAGtest");
    assert_eq!(asked.headers["content-type"], "application/json");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body["to"], "+6281234567890");
    assert_eq!(body["biz_opaque_callback_data"], "msg-1");
    assert_eq!(body["template"]["components"], json!([{"type": "body"}]));
}

#[tokio::test]
async fn a_template_is_created() {
    let upstream =
        Upstream::answering(200, &[], json!({"id": "7001", "status": "PENDING", "category": "UTILITY"})).await;
    let template = json!({"name": "halo", "language": "id", "category": "UTILITY", "components": []});
    let created = upstream.client().create_template(&token(), "102290", &template).await.unwrap();
    assert_eq!((created.id.as_str(), created.status.as_str()), ("7001", "PENDING"));

    let asked = upstream.asked();
    assert_eq!((asked.method, asked.uri.as_str()), (Method::POST, "/v26.0/102290/message_templates"));
    assert_eq!(serde_json::from_str::<Value>(&asked.body).unwrap(), template);
}

#[tokio::test]
async fn templates_are_listed_page_by_page() {
    let upstream = Upstream::answering(
        200,
        &[],
        json!({"data": [{"id": "1", "name": "halo", "language": "id", "status": "APPROVED"}],
            "paging": {"cursors": {"before": "QQ", "after": "Qg=="}, "next": "https://graph.example/next"}}),
    )
    .await;
    let page = upstream.client().templates_page(&token(), "102290", Some("a+b/c=&d"), 50).await.unwrap();
    assert_eq!((page.templates.len(), page.after.as_deref()), (1, Some("Qg==")));

    let asked = upstream.asked();
    assert_eq!((asked.method, asked.body.as_str()), (Method::GET, ""));
    assert!(asked.uri.starts_with("/v26.0/102290/message_templates?fields=id,name,language,category"), "{}", asked.uri);
    assert!(asked.uri.ends_with("&limit=50&after=a%2Bb%2Fc%3D%26d"), "{}", asked.uri);
    assert!(!asked.uri.contains(' ') && !asked.headers.contains_key("content-type"), "{}", asked.uri);
}

#[tokio::test]
async fn one_template_is_read() {
    let upstream = Upstream::answering(
        200,
        &[],
        json!({"id": "1", "name": "halo", "language": "en_US", "status": "PAUSED", "quality_score": {"score": "RED"}}),
    )
    .await;
    let template = upstream.client().template(&token(), "1").await.unwrap();
    assert_eq!((template.status.as_str(), template.quality_score.unwrap().score.as_str()), ("PAUSED", "RED"));
    assert!(upstream.asked().uri.starts_with("/v26.0/1?fields=id,"));
}

#[tokio::test]
async fn one_language_of_a_template_is_deleted() {
    let upstream = Upstream::answering(200, &[], json!({"success": true})).await;
    upstream.client().delete_template(&token(), "102290", "halo", "7001").await.unwrap();
    let asked = upstream.asked();
    assert_eq!(asked.method, Method::DELETE);
    assert_eq!(asked.uri, "/v26.0/102290/message_templates?hsm_id=7001&name=halo");
}

#[tokio::test]
async fn all_languages_of_a_template_are_deleted() {
    let upstream = Upstream::answering(200, &[], json!({"success": true})).await;
    upstream.client().delete_template_name(&token(), "102290", "halo").await.unwrap();
    let asked = upstream.asked();
    assert_eq!((asked.method, asked.uri.as_str()), (Method::DELETE, "/v26.0/102290/message_templates?name=halo"));
}

#[tokio::test]
async fn a_template_is_edited() {
    let upstream = Upstream::answering(200, &[], json!({"success": true, "id": "7001"})).await;
    let changes = json!({"message_send_ttl_seconds": 60});
    upstream.client().edit_template(&token(), "7001", &changes).await.unwrap();
    let asked = upstream.asked();
    assert_eq!((asked.method, asked.uri.as_str()), (Method::POST, "/v26.0/7001"));
    assert_eq!(serde_json::from_str::<Value>(&asked.body).unwrap(), changes);
}

#[tokio::test]
async fn the_archive_answers_without_a_version_and_says_why_not() {
    for (verb, body, expected) in [
        ("archive", json!({"archived_templates": ["7001"], "failed_templates": {}}), Some(Answered::Done)),
        ("unarchive", json!({"unarchived_templates": [7001]}), Some(Answered::Done)),
        (
            "archive",
            json!({"archived_templates": [], "failed_templates": {"7001": "not now"}}),
            Some(Answered::Refused("not now".to_owned())),
        ),
        ("unarchive", json!({"unarchived_templates": ["7"], "failed_templates": []}), None),
    ] {
        let upstream = Upstream::answering(200, &[], &body).await;
        let (client, token) = (upstream.client(), token());
        let outcome = match verb {
            "archive" => client.archive_template(&token, "102290", "7001").await,
            _ => client.unarchive_template(&token, "102290", "7001").await,
        };
        assert_eq!(outcome.ok(), expected, "{body}");
        let asked = upstream.asked();
        assert_eq!((asked.method, asked.uri), (Method::POST, format!("/102290/message_templates/{verb}")));
        assert_eq!(asked.body, r#"{"hsm_ids":["7001"]}"#);
    }
    let client = GraphClient::new("https://graph.facebook.com/", Some("v26.0"), http_client()).unwrap();
    assert_eq!(client.archive_root, "https://api.facebook.com", "Meta has it on a host of its own");
}

#[tokio::test]
async fn a_pause_is_ended_or_not_with_the_reason() {
    for (body, expected) in [
        (json!({"success": true}), Answered::Done),
        (json!({"success": false, "reason": "too soon"}), Answered::Refused("too soon".to_owned())),
    ] {
        let upstream = Upstream::answering(200, &[], &body).await;
        assert_eq!(upstream.client().unpause_template(&token(), "7001").await, Ok(expected));
        let asked = upstream.asked();
        assert_eq!((asked.method, asked.uri.as_str()), (Method::POST, "/v26.0/7001/unpause"));
    }
}

#[tokio::test]
async fn webhooks_are_asked_for() {
    let upstream = Upstream::answering(200, &[], json!({"success": true})).await;
    upstream.client().subscribe(&token(), "102290", "https://kabar.example/webhooks/meta", "verify-me").await.unwrap();
    let asked = upstream.asked();
    assert_eq!((asked.method, asked.uri.as_str()), (Method::POST, "/v26.0/102290/subscribed_apps"));
    assert_eq!(
        serde_json::from_str::<Value>(&asked.body).unwrap(),
        json!({"override_callback_uri": "https://kabar.example/webhooks/meta", "verify_token": "verify-me"})
    );
}

#[tokio::test]
async fn senders_are_read() {
    let upstream = Upstream::answering(
        200,
        &[],
        json!({"data": [
            {"id": 106_540, "display_phone_number": "+62 812-3456", "throughput": {"level": "HIGH"}},
            {"id": "106541", "display_phone_number": "+62 812-3457", "verified_name": "Toko", "quality_rating": "GREEN"},
        ]}),
    )
    .await;
    let numbers = upstream.client().phone_numbers(&token(), "102290").await.unwrap();
    assert_eq!((numbers[0].id.as_str(), numbers[1].verified_name.as_deref()), ("106540", Some("Toko")));
    assert_eq!(numbers[0].throughput.as_ref().unwrap().level, "HIGH");
}

#[tokio::test]
async fn without_a_version_the_path_has_none() {
    let upstream = Upstream::answering(200, &[], json!({"success": true})).await;
    let client = GraphClient::new(&format!("{}/", upstream.url), None, http_client()).unwrap();
    client.subscribe(&token(), "../1?x", "https://kabar.example/", "v").await.unwrap();
    assert_eq!(upstream.asked().uri, "/..%2F1%3Fx/subscribed_apps");
}

#[test]
fn a_base_address_is_absolute() {
    for bad in ["", "graph.facebook.com", "ftp://graph.facebook.com", "https://graph.example/?a=b", "https://"] {
        assert!(GraphClient::new(bad, Some("v26.0"), http_client()).is_err(), "{bad:?}");
    }
    assert!(GraphClient::new("https://proxy.example/graph/", Some("v26.0"), http_client()).is_ok());
}

#[tokio::test]
async fn a_refusal_carries_all_that_meta_says() {
    let usage = r#"{"102290":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":3}]}"#;
    let headers = [("retry-after", "20"), ("x-business-use-case-usage", usage)];
    let upstream = Upstream::answering(400, &headers, refused(130_429)).await;
    let outcome = send(&upstream.client()).await.unwrap_err();
    assert!(!outcome.may_have_arrived());
    assert_eq!(outcome.to_string(), "refused with 400: code 130429 (Rate limit hit)");
    let CallError::Refused(refusal) = outcome else { panic!("{outcome:?}") };
    assert_eq!((refusal.status, refusal.error.code), (StatusCode::BAD_REQUEST, 130_429));
    assert_eq!(refusal.retry_after, Some(Duration::from_secs(20)));
    assert_eq!(refusal.wait(), Some(Duration::from_secs(180)));
    assert_eq!(refusal.advice(), Advice::RateLimit);
}

/// What each answer to a send means: refused, or in doubt.
#[tokio::test]
async fn answers_are_told_apart() {
    let not_meta = |status| Some(UnknownReason::NotMeta { status: StatusCode::from_u16(status).unwrap() });
    let unreadable = |status| Some(UnknownReason::Unreadable { status: StatusCode::from_u16(status).unwrap() });
    for (status, body, in_doubt) in [
        (400, refused(131_009).to_string(), None),
        (401, refused(190).to_string(), None),
        (404, refused(132_001).to_string(), None),
        (429, refused(4).to_string(), None),
        (500, refused(131_000).to_string(), None),
        (503, refused(2).to_string(), None),
        (502, "<html>Bad Gateway</html>".to_owned(), not_meta(502)),
        (504, String::new(), not_meta(504)),
        (500, r#"{"error":"oops"}"#.to_owned(), not_meta(500)),
        (400, r#"{"message":"not ours"}"#.to_owned(), not_meta(400)),
        (403, r#"{"error":{"message":"no code"}}"#.to_owned(), not_meta(403)),
        (302, String::new(), not_meta(302)),
        (200, String::new(), unreadable(200)),
        (200, r#"{"messages":[{"id":"wa"#.to_owned(), unreadable(200)),
        (200, r#"{"messages":[]}"#.to_owned(), unreadable(200)),
        (200, r#"{"messages":[{"id":""}]}"#.to_owned(), unreadable(200)),
        (200, refused(131_000).to_string(), unreadable(200)),
        (202, "<html>later</html>".to_owned(), unreadable(202)),
    ] {
        let upstream = Upstream::answering(status, &[], &body).await;
        let outcome = send(&upstream.client()).await.unwrap_err();
        assert_eq!(outcome.may_have_arrived(), in_doubt.is_some(), "{status} {body}");
        match (outcome, in_doubt) {
            (CallError::Refused(refusal), None) => assert_eq!(refusal.status.as_u16(), status),
            (CallError::Unknown(reason), Some(expected)) => assert_eq!(reason, expected, "{status} {body}"),
            (outcome, _) => panic!("{status} {body}: {outcome:?}"),
        }
        assert_eq!(upstream.asked.lock().unwrap().len(), 1, "{status} {body}: called more than once");
    }
}

#[tokio::test]
async fn transport_failures_are_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = GraphClient::new(&format!("http://{free}"), None, http_client()).unwrap();
    let outcome = send(&client).await.unwrap_err();
    assert_eq!(outcome, CallError::NotSent(NotSent::ConnectionRefused));
    assert!(!outcome.may_have_arrived());

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = GraphClient::new(&format!("http://{}", listener.local_addr().unwrap()), None, http_client()).unwrap();
    let mut closing = JoinSet::new();
    closing.spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // Readiness may be a false alarm: only bytes show that something of the request has come.
        while !matches!(stream.try_read(&mut [0; 64]), Ok(1..)) {
            stream.readable().await.unwrap();
        }
    });
    let outcome = send(&client).await.unwrap_err();
    assert_eq!(outcome, CallError::Unknown(UnknownReason::NoAnswer(Unknown::Closed)));

    let upstream = Upstream::answering(200, &[], "x".repeat(5000)).await;
    let outcome = send(&upstream.client()).await.unwrap_err();
    let too_large = Unknown::AnswerTooLarge { limit_bytes: 4096 };
    assert_eq!(outcome, CallError::Unknown(UnknownReason::NoAnswer(too_large)));
    assert!(outcome.may_have_arrived());
}

#[tokio::test]
async fn what_was_not_done_is_not_taken_for_done() {
    let upstream = Upstream::answering(200, &[], json!({"success": false})).await;
    let outcome = upstream.client().delete_template(&token(), "1", "halo", "2").await;
    assert!(matches!(outcome, Err(CallError::Unknown(UnknownReason::Unreadable { .. }))), "{outcome:?}");
}

#[tokio::test]
async fn an_endless_cursor_is_not_sent() {
    let upstream = Upstream::answering(200, &[], "{}").await;
    let cursor = "x".repeat(100_000);
    let outcome = upstream.client().templates_page(&token(), "1", Some(&cursor), 10).await;
    assert_eq!(outcome, Err(CallError::NotSent(NotSent::BadUrl)));
}

#[tokio::test]
async fn a_file_for_messages_is_uploaded_as_a_form() {
    let upstream = Upstream::answering(200, &[], json!({"id": 2_871_834_006_348_767_u64})).await;
    let file = Pieces::new(0, 4, |_| async { Ok("\u{89}PN".into()) });
    let id = upstream.client().upload_media(&token(), "106540", "image/png", "b0b", file).await.unwrap();
    assert_eq!(id, "2871834006348767");

    let asked = upstream.asked();
    assert_eq!((asked.method, asked.uri.as_str()), (Method::POST, "/v26.0/106540/media"));
    assert_eq!(asked.headers["authorization"], "Bearer EAAGtest");
    assert_eq!(asked.headers["content-type"], "multipart/form-data; boundary=b0b");
    assert_eq!(asked.headers["content-length"], asked.body.len().to_string());
    let part = |name: &str, rest: &str| format!("--b0b\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n");
    let expected = [
        part("messaging_product", "\r\n\r\nwhatsapp"),
        part("type", "\r\n\r\nimage/png"),
        part("file", "; filename=\"file\"\r\nContent-Type: image/png\r\n\r\n\u{89}PN"),
    ];
    assert_eq!(asked.body, format!("{}--b0b--\r\n", expected.concat()));
}

#[tokio::test]
async fn what_is_no_id_of_a_file_is_not_taken_for_one() {
    for answer in [json!({"id": ""}), json!({"id": "../me"}), json!({"id": null}), json!({})] {
        let upstream = Upstream::answering(200, &[], answer).await;
        let file = Pieces::new(0, 0, |_| async { Ok("".into()) });
        let outcome = upstream.client().upload_media(&token(), "106540", "image/png", "b0b", file).await;
        assert!(matches!(outcome, Err(CallError::Unknown(UnknownReason::Unreadable { .. }))), "{outcome:?}");
    }
}
