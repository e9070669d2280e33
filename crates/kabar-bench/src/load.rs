//! The load: so many connections, each with one request under way at a time, as fast as answers come.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Where a send goes.
pub(crate) const SEND_PATH: &str = "/api/v2/push/message";
/// How many recipients there are; their numbers take turns.
const RECIPIENTS: usize = 10_000;

/// A server, and what it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    authority: HeaderValue,
    authorization: HeaderValue,
    /// Of the template.
    pub(crate) code: String,
    /// Made when the first is needed.
    bodies: Arc<OnceLock<Vec<Bytes>>>,
}

/// The header that names a request; one in two has it.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What a run brought. Every answer was 200 and had a msgid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outcome {
    /// Answers a second within the measured time.
    pub(crate) per_second: f64,
    /// All answers, those before and after the measured time as well.
    pub(crate) answers: u64,
}

/// The part of an answer that is looked at.
#[derive(Debug, Deserialize)]
struct Answer<'a> {
    msgid: &'a str,
    success: bool,
}

impl Target {
    /// The server at `url` (http, without a path), the token it is sent, and the template's code.
    pub(crate) fn new(url: &str, token: &str, code: &str) -> anyhow::Result<Self> {
        let authority = url.strip_prefix("http://").with_context(|| format!("not an http address: {url}"))?;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}"))?;
        authorization.set_sensitive(true);
        let (code, bodies) = (code.to_owned(), Arc::default());
        Ok(Self { authority: HeaderValue::from_str(authority)?, authorization, code, bodies })
    }

    pub(crate) async fn connect(&self) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect(self.authority.to_str()?).await.context("could not connect")?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn request(&self, number: usize) -> anyhow::Result<Request<Full<Bytes>>> {
        let bodies = self.bodies();
        self.request_of(bodies[number % bodies.len()].clone())
    }

    fn bodies(&self) -> &[Bytes] {
        self.bodies.get_or_init(|| (0..RECIPIENTS).map(|number| Bytes::from(body(number, &self.code))).collect())
    }

    /// A send with this body.
    pub(crate) fn request_of(&self, body: Bytes) -> anyhow::Result<Request<Full<Bytes>>> {
        Request::post(SEND_PATH)
            .header(HOST, &self.authority)
            .header(AUTHORIZATION, &self.authorization)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(Full::new(body))
            .context("could not make a request")
    }
}

/// An order update with two values. The numbers stay clear of those that fail on purpose in the sandbox.
fn body(number: usize, code: &str) -> String {
    message(number, code, &["Budi Santoso", &format!("INV-{number:06}")])
}

/// A message with these values for its text.
pub(crate) fn message(number: usize, code: &str, values: &[&str]) -> String {
    let parameters: Vec<_> = values.iter().map(|text| serde_json::json!({ "type": "text", "text": text })).collect();
    serde_json::json!({
        "phone_number": format!("+62812{number:08}"),
        "message": {
            "type": "template",
            "template": {
                "template_code_id": code,
                "payload": [{ "position": "body", "parameters": parameters }]
            }
        }
    })
    .to_string()
}

/// When answers count.
#[derive(Debug, Clone, Copy)]
struct Window {
    start: Instant,
    end: Instant,
}

/// Sends over so many connections until `measured` has passed after `warm_up`; then every connection ends with the answer
/// that it waits for. An answer that is not 200 with a msgid makes the whole run void.
pub(crate) async fn run(
    target: &Target,
    connections: usize,
    warm_up: Duration,
    measured: Duration,
) -> anyhow::Result<Outcome> {
    // Before the time is taken.
    anyhow::ensure!(!target.bodies().is_empty(), "there is nothing to send");
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        streams.push(target.connect().await?);
    }
    let start = Instant::now() + warm_up;
    let window = Window { start, end: start + measured };
    let mut tasks = JoinSet::new();
    for (place, stream) in streams.into_iter().enumerate() {
        tasks.spawn(send_until(target.clone(), stream, place, window));
    }
    let (mut counted, mut answers) = (0_u64, 0_u64);
    while let Some(ended) = tasks.join_next().await {
        let (in_window, all) = ended.context("a connection's task ended")??;
        counted += in_window;
        answers += all;
    }
    let counted = u32::try_from(counted).context("more answers than can be counted")?;
    Ok(Outcome { per_second: f64::from(counted) / measured.as_secs_f64(), answers })
}

/// Gives how many answers came within the window, and how many in all.
async fn send_until(target: Target, stream: TcpStream, place: usize, window: Window) -> anyhow::Result<(u64, u64)> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let sending = async {
        let (mut in_window, mut all) = (0, 0);
        for number in place * 37.. {
            if Instant::now() >= window.end {
                break;
            }
            let mut request = target.request(number)?;
            if number % 2 == 0 {
                // As callers do that want to be sure; the server is fresh in every run, so no name was used before.
                let name = HeaderValue::from_str(&format!("connection {place}, request {number}"))?;
                request.headers_mut().insert(IDEMPOTENCY_KEY, name);
            }
            let response = sender.send_request(request).await.context("a request failed")?;
            let status = response.status();
            let body = response.into_body().collect().await.context("an answer broke off")?.to_bytes();
            check(status, &body)?;
            let now = Instant::now();
            in_window += u64::from(now >= window.start && now < window.end);
            all += 1;
        }
        anyhow::Ok((in_window, all))
    };
    tokio::select! {
        sent = sending => sent,
        ended = connection => {
            ended.context("a connection failed")?;
            anyhow::bail!("the server closed a connection")
        }
    }
}

/// Sends by the targets in turn, to recipients of their own, over one connection, until so many were sent by all who share
/// `next`. The targets are of one server.
pub(crate) async fn send_from(targets: &[Target], next: &AtomicUsize, messages: usize) -> anyhow::Result<()> {
    let first = targets.first().context("there is nothing to send by")?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(first.connect().await?)).await?;
    let sending = async {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= messages {
                return anyhow::Ok(());
            }
            let target = &targets[number % targets.len()];
            let request = target.request_of(Bytes::from(body(number, &target.code)))?;
            let response = sender.send_request(request).await.context("a request failed")?;
            let status = response.status();
            let body = response.into_body().collect().await.context("an answer broke off")?.to_bytes();
            check(status, &body)?;
        }
    };
    tokio::select! {
        sent = sending => sent,
        _ = connection => anyhow::bail!("the server closed a connection"),
    }
}

pub(crate) fn check(status: StatusCode, body: &[u8]) -> anyhow::Result<()> {
    let answer =
        serde_json::from_slice::<Answer<'_>>(body).ok().filter(|answer| answer.success && answer.msgid.len() == 36);
    anyhow::ensure!(
        status == StatusCode::OK && answer.is_some(),
        "an answer was not 200 with a msgid, but {status}: {}",
        String::from_utf8_lossy(&body[..body.len().min(500)])
    );
    Ok(())
}

/// The text at a path of the same server.
pub(crate) async fn get(target: &Target, path: &str) -> anyhow::Result<String> {
    let mut text = Vec::new();
    take(target, path, |piece| text.extend_from_slice(piece)).await?;
    Ok(String::from_utf8(text)?)
}

/// What is at a path of the same server, piece by piece as it comes.
pub(crate) async fn take(target: &Target, path: &str, mut each: impl FnMut(&[u8])) -> anyhow::Result<()> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(target.connect().await?)).await?;
    let request = Request::get(path)
        .header(HOST, &target.authority)
        .header(AUTHORIZATION, &target.authorization)
        .body(Full::new(Bytes::new()))?;
    let asking = async {
        let response = sender.send_request(request).await?;
        anyhow::ensure!(response.status().is_success(), "{path} answered {}", response.status());
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            if let Ok(piece) = frame?.into_data() {
                each(&piece);
            }
        }
        Ok(())
    };
    tokio::select! {
        done = asking => done,
        _ = connection => anyhow::bail!("the server closed a connection"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use axum::Router;
    use axum::routing::post;
    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::ceiling;

    const SHORT: Duration = Duration::from_millis(50);

    async fn against(router: Router) -> anyhow::Result<Outcome> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::new(&format!("http://{}", listener.local_addr().unwrap()), "token", "code").unwrap();
        let stop = CancellationToken::new();
        let options = kabar_listen::Options::default();
        let (_, outcome) = tokio::join!(kabar_listen::serve(listener, router, options, stop.clone()), async {
            let outcome = run(&target, 3, SHORT, SHORT).await;
            stop.cancel();
            outcome
        });
        outcome
    }

    #[tokio::test]
    async fn every_answer_is_counted() {
        let taken = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&taken);
        let count = axum::middleware::from_fn(move |request, next: axum::middleware::Next| {
            counter.fetch_add(1, Ordering::Relaxed);
            next.run(request)
        });
        let outcome = against(ceiling::router().layer(count)).await.unwrap();
        assert!(outcome.answers >= 3);
        assert_eq!(outcome.answers, taken.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn an_answer_without_a_msgid_makes_the_run_void() {
        for bad in [r#"{"success":true}"#, r#"{"msgid":"","success":true}"#, "no"] {
            let err = against(Router::new().route(SEND_PATH, post(async move || bad))).await.unwrap_err();
            assert!(err.to_string().contains("not 200 with a msgid"), "{err:#}");
        }
        let busy = async || (StatusCode::TOO_MANY_REQUESTS, r#"{"errors":[]}"#);
        let err = against(Router::new().route(SEND_PATH, post(busy))).await.unwrap_err();
        assert!(err.to_string().contains("429"), "{err:#}");
    }

    #[test]
    fn a_body_is_a_send_by_the_sample() {
        let body: serde_json::Value = serde_json::from_str(&body(7, "a:b")).unwrap();
        assert_eq!(body["phone_number"], "+6281200000007");
        assert_eq!(body["message"]["template"]["payload"][0]["parameters"].as_array().unwrap().len(), 2);
    }
}
