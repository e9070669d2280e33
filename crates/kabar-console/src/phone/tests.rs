//! The pages over a sandbox that answers what it is told to, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use tower::ServiceExt as _;

use super::*;

/// What was asked: the method, the path, the body.
type Asked = Arc<Mutex<Vec<(Method, String, Value)>>>;

struct Double {
    asked: Asked,
    /// What it answers to what would change something; nothing, if it can't be reached.
    answer: Option<(u16, Value)>,
}

impl Sandbox for Double {
    fn call(&self, method: Method, path: String, body: Value) -> Called<'_> {
        self.asked.lock().unwrap().push((method, path.clone(), body));
        let Some(changed) = self.answer.clone() else {
            return Box::pin(async { Err("nobody is there".to_owned()) });
        };
        let answer = match (method, path.split('?').next().unwrap_or_default()) {
            (Method::Post | Method::Delete, _) => changed,
            (_, "/_sandbox/phones") => (
                200,
                json!({"seen": 7, "phones": [{"number": "628", "habit": "off", "newest":
                {"text": "*Halo*", "at": "2026-11-21T22:32:38.210Z", "is_answer": false}}]}),
            ),
            (_, "/_sandbox/templates") => (200, json!({"templates": []})),
            (_, "/_sandbox/faults") => (200, json!({"seed": 1, "rules": []})),
            (_, "/_sandbox/limits") => (
                200,
                json!({"enforced": false, "messages_per_second": 80,
                "unique_recipients_per_day": 250, "pair_seconds": 6}),
            ),
            (_, "/_sandbox/review") => (200, json!({"review": "1"})),
            (_, "/_sandbox/recipients") => (200, json!([])),
            (_, "/_sandbox/seen") => (200, json!({"seen": 8})),
            (_, other) if other.starts_with("/_sandbox/phones/") => {
                (200, json!({"number": "628", "habit": "off", "entries": []}))
            }
            (_, other) => panic!("nobody asks for {other}"),
        };
        Box::pin(async { Ok(answer) })
    }
}

fn pages(answer: Option<(u16, Value)>) -> (Router, Asked) {
    let asked = Asked::default();
    let double = Double { asked: Arc::clone(&asked), answer };
    (router(Arc::new(double), CancellationToken::new()), asked)
}

async fn ask(pages: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (Response, String) {
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = pages.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (Response::from_parts(parts, Body::empty()), String::from_utf8(text.to_vec()).unwrap())
}

const SAY: &str = "wish=say&phone=628&text=Selamat+pagi+%26+sore";

#[tokio::test]
async fn a_form_is_one_call_and_leads_back_to_its_phone() {
    let (pages, asked) = pages(Some((200, json!({}))));
    for headers in [&[("origin", "http://127.0.0.1:8080")][..], &[("sec-fetch-site", "same-origin")], &[]] {
        let (answer, _) = ask(&pages, "POST", "/phone/do", headers, SAY).await;
        assert_eq!((answer.status().as_u16(), &answer.headers()["location"]), (303, &"/phone/628".parse().unwrap()));
        let call = asked.lock().unwrap().pop().unwrap();
        let body = json!({"text": "Selamat pagi & sore"});
        assert_eq!(call, (Method::Post, "/_sandbox/phones/628/say".to_owned(), body));
    }
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let (pages, asked) = pages(Some((200, json!({}))));
    for headers in [
        &[("origin", "http://evil.example")][..],
        &[("origin", "http://127.0.0.1:8081")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let (answer, _) = ask(&pages, "POST", "/phone/do", headers, SAY).await;
        assert_eq!(answer.status(), 403, "{headers:?}");
    }
    let (answer, _) = ask(&pages, "POST", "/phone/do", &[], "wish=everything").await;
    assert_eq!(answer.status(), 400);
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_the_sandbox_refuses_stands_on_the_page_in_its_words() {
    let refused = json!({"error": "nothing was added", "problems": [{"path": "fault", "problem": "<unknown>"}]});
    let (pages, _) = pages(Some((400, refused)));
    let (answer, page) = ask(&pages, "POST", "/phone/do", &[], "wish=fault&rule=x").await;
    assert_eq!(answer.status(), 400);
    assert!(page.contains("nothing was added; fault: &lt;unknown&gt;"), "{page}");
    assert!(page.contains("id=\"phones\"") && page.contains(">Halo<"), "the page is there all the same: {page}");
}

#[tokio::test]
async fn a_page_loads_nothing_of_others_and_runs_only_the_script_that_is_served() {
    let (pages, _) = pages(Some((200, json!({}))));
    let (answer, page) = ask(&pages, "GET", "/phone/628", &[], "").await;
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains('*'));
    for forbidden in ["<style", " style=", "onclick", "http://", "https://"] {
        assert!(!page.contains(forbidden), "{forbidden} in {page}");
    }
    assert_eq!(page.matches("<script").count(), 1);
}

#[tokio::test]
async fn a_sandbox_that_is_away_is_told_and_news_are_asked_for_again() {
    let (pages, _) = pages(None);
    let (answer, page) = ask(&pages, "GET", "/phone", &[], "").await;
    assert_eq!(answer.status(), 502);
    assert!(page.contains("nobody is there"));
    let (answer, _) = ask(&pages, "GET", "/phone/news?after=1", &[], "").await;
    assert_eq!(answer.status(), 503);
}

#[tokio::test]
async fn numbers_and_languages_are_chosen_and_news_are_told() {
    let (pages, _) = pages(Some((200, json!({}))));
    let (answer, _) = ask(&pages, "GET", "/phone?number=%2B62+812-3456", &[], "").await;
    assert_eq!(answer.headers()["location"], "/phone/628123456");
    let (answer, _) = ask(&pages, "GET", "/phone/language?code=id&phone=../628", &[], "").await;
    assert_eq!(answer.headers()["location"], "/phone/628");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let (_, page) = ask(&pages, "GET", "/phone", &[("cookie", &cookie)], "").await;
    assert!(page.contains("<html lang=\"id\">") && page.contains("Ponsel di sandbox"));
    let (answer, _) = ask(&pages, "GET", "/phone/language?code=xx", &[], "").await;
    assert!(!answer.headers().contains_key("set-cookie"));
    let (_, news) = ask(&pages, "GET", "/phone/news?after=7", &[], "").await;
    assert_eq!(news, "{\"seen\":8}");
}
