//! The accept loop against clients that behave badly.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use kabar_listen::{Options, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

async fn start(app: Router, options: Options) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(serve(listener, app, options, stop.clone()));
    tasks.close();
    Served { address, stop, tasks }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// Everything that comes until the server closes.
async fn rest_of(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    drop(stream.read_to_end(&mut bytes).await);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_request_is_answered_and_the_connection_kept() {
    let served = start(hello(), Options::default()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    for _ in 0..2 {
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"hello") {
            stream.read_buf(&mut answer).await.unwrap();
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn whoever_sends_half_a_header_or_nothing_is_dropped() {
    let options = Options { header_timeout: Duration::from_millis(100), ..Options::default() };
    let served = start(hello(), options).await;
    for sent in ["GET / HTTP/1.1\r\nhost: x\r\nx-slow: ", "GE", "P", ""] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        // It ends: without the timer this would wait for ever.
        let answer = rest_of(&mut stream).await;
        assert!(!answer.contains("200"), "{answer}");
    }
}

#[tokio::test]
async fn a_header_that_is_too_large_is_refused() {
    let options = Options { max_header_bytes: 1024, ..Options::default() };
    let served = start(hello(), options).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(4096));
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(rest_of(&mut stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn no_more_connections_than_allowed_are_served_at_once() {
    let options = Options { max_connections: 1, ..Options::default() };
    let served = start(hello(), options).await;
    let mut first = TcpStream::connect(served.address).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello") {
        first.read_buf(&mut answer).await.unwrap();
    }
    let mut second = TcpStream::connect(served.address).await.unwrap();
    second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let waiting = tokio::time::timeout(Duration::from_millis(50), second.readable()).await;
    assert!(waiting.is_err(), "the second is served beside the first");
    drop(first);
    assert!(rest_of(&mut second).await.contains("hello"));
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way() {
    let (begun, go_on) = (std::sync::Arc::new(Notify::new()), std::sync::Arc::new(Notify::new()));
    let (signal, wait) = (std::sync::Arc::clone(&begun), std::sync::Arc::clone(&go_on));
    let app = Router::new().route(
        "/",
        get(move || async move {
            signal.notify_one();
            wait.notified().await;
            "finished"
        }),
    );
    let served = start(app, Options::default()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    begun.notified().await;
    served.stop.cancel();
    go_on.notify_one();
    assert!(rest_of(&mut stream).await.ends_with("finished"));
    served.tasks.wait().await;
    assert!(TcpStream::connect(served.address).await.is_err(), "it still listens");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_whole_is_carried_out_although_the_client_has_gone() {
    let (done, seen) = tokio::sync::mpsc::unbounded_channel::<String>();
    let app = Router::new().route(
        "/",
        axum::routing::post(move |body: String| async move {
            // A moment in which a dropped connection would end the handler.
            tokio::task::yield_now().await;
            drop(done.send(body));
            "answered"
        }),
    );
    let mut seen = seen;
    let served = start(app, Options::default()).await;
    for n in 0..200 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let body = format!("message {n}");
        let request = format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.unwrap();
        drop(stream);
        assert_eq!(seen.recv().await, Some(body));
    }
}
