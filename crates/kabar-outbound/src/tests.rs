//! Each way in which an exchange can end, against real sockets.

mod fetch;
mod peer;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};

use crate::{AddressPolicy, Client, Error, NotSent, Options, Response, Unknown};
use peer::{Conn, Peer};

/// Long enough that no test comes to it, unless it means to.
const PATIENCE: Duration = Duration::from_secs(60);
const IMPATIENCE: Duration = Duration::from_millis(300);

fn options() -> Options {
    Options { connect_timeout: PATIENCE, total_timeout: PATIENCE, ..Options::default() }
}

fn impatient() -> Options {
    Options { total_timeout: IMPATIENCE, ..options() }
}

fn post(url: &str, body: &'static str) -> Request<Bytes> {
    Request::post(url).body(Bytes::from_static(body.as_bytes())).unwrap()
}

async fn send(options: Options, url: &str) -> Result<Response, Error> {
    Client::new(options).send(post(url, "hello")).await
}

fn unknown(reason: Unknown) -> Error {
    Error::Unknown(reason)
}

fn refused_address(outcome: &Result<Response, Error>) -> bool {
    matches!(outcome, Err(Error::NotSent(NotSent::AddressRefused { .. })))
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let peer = Peer::start(|mut conn: Conn| {
        let request = conn.request().unwrap();
        assert!(request.head.starts_with("POST /path?q=1 HTTP/1.1\r\n"), "{}", request.head);
        assert!(request.head.contains("host: 127.0.0.1:"), "{}", request.head);
        conn.write("HTTP/1.1 418 Odd\r\nx-told: yes\r\ncontent-length: 5\r\n\r\n");
        conn.write(&request.body);
    });
    let answer = send(options(), &peer.url("/path?q=1")).await.unwrap();
    assert_eq!((answer.status, answer.body.as_ref()), (StatusCode::IM_A_TEAPOT, b"hello".as_slice()));
    assert_eq!(answer.headers["x-told"], "yes");
}

#[tokio::test]
async fn the_note_is_made_before_the_peer_can_see_anything_and_not_without_a_connection() {
    let noted = Arc::new(AtomicUsize::new(0));
    let note = || {
        let noted = Arc::clone(&noted);
        move || {
            noted.fetch_add(1, Ordering::SeqCst);
        }
    };
    let seen = Arc::clone(&noted);
    let peer = Peer::start(move |mut conn: Conn| {
        conn.request().unwrap();
        let status = if seen.load(Ordering::SeqCst) == 1 { "200 Noted" } else { "500 Unnoted" };
        conn.write(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"));
    });
    let client = Client::new(options());
    let answer = client.send_noting(post(&peer.url("/"), "hello"), note()).await.unwrap();
    assert_eq!((answer.status, noted.load(Ordering::SeqCst)), (StatusCode::OK, 1));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = client.send_noting(post(&format!("http://{free}/"), "hello"), note()).await.unwrap_err();
    assert_eq!((outcome.may_have_arrived(), noted.load(Ordering::SeqCst)), (false, 1));
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let peer = Peer::start(|mut conn: Conn| {
        conn.request().unwrap();
        conn.write("HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
    });
    assert_eq!(send(options(), &peer.url("/")).await.unwrap().status, StatusCode::TEMPORARY_REDIRECT);
}

#[tokio::test]
async fn refused_is_not_sent() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = send(options(), &format!("http://{free}/")).await.unwrap_err();
    assert_eq!(outcome, Error::NotSent(NotSent::ConnectionRefused));
    assert!(!outcome.may_have_arrived());
}

#[tokio::test]
async fn an_unknown_name_is_not_sent() {
    // A label of more than 63 letters can't be a name, so no name server is asked.
    let host = format!("{}.invalid", "a".repeat(64));
    let outcome = send(options(), &format!("http://{host}/")).await.unwrap_err();
    assert_eq!(outcome, Error::NotSent(NotSent::NameNotResolved { host }));
}

#[tokio::test]
async fn what_is_no_web_address_is_not_sent() {
    let client = Client::new(options());
    for bad in ["/path", "ftp://example.com/", "example.com"] {
        let outcome = client.send(post(bad, "hello")).await.unwrap_err();
        assert_eq!(outcome, Error::NotSent(NotSent::BadUrl), "{bad}");
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_end_is_not_sent() {
    let peer = Peer::start(|mut conn: Conn| conn.read_to_end());
    let outcome = send(impatient(), &peer.https_url()).await.unwrap_err();
    assert_eq!(outcome, Error::NotSent(NotSent::ConnectTimeout));
}

#[tokio::test]
async fn a_failed_handshake_is_not_sent() {
    let talks_plain = Peer::start(|mut conn: Conn| conn.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    let outcome = send(options(), &talks_plain.https_url()).await;
    assert!(matches!(outcome, Err(Error::NotSent(NotSent::Tls(_)))), "{outcome:?}");

    let hangs_up = Peer::start(|conn: Conn| drop(conn));
    let outcome = send(options(), &hangs_up.https_url()).await;
    assert!(matches!(outcome, Err(Error::NotSent(NotSent::Tls(_)))), "{outcome:?}");
}

#[tokio::test]
async fn silence_after_the_request_is_unknown() {
    let peer = Peer::start(|mut conn: Conn| {
        conn.request().unwrap();
        conn.read_to_end();
    });
    let outcome = send(impatient(), &peer.url("/")).await.unwrap_err();
    assert_eq!(outcome, unknown(Unknown::TimedOut));
    assert!(outcome.may_have_arrived());
}

#[tokio::test]
async fn silence_inside_the_answer_is_unknown() {
    let peer = Peer::start(|mut conn: Conn| {
        conn.request().unwrap();
        conn.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        conn.read_to_end();
    });
    assert_eq!(send(impatient(), &peer.url("/")).await.unwrap_err(), unknown(Unknown::TimedOut));
}

#[tokio::test]
async fn a_close_before_the_answer_is_unknown() {
    for told in ["", "HTTP/1.1 200 OK\r\ncontent-"] {
        let peer = Peer::start(move |mut conn: Conn| {
            conn.request().unwrap();
            conn.write(told);
        });
        assert_eq!(send(options(), &peer.url("/")).await.unwrap_err(), unknown(Unknown::Closed), "{told:?}");
    }
}

#[tokio::test]
async fn half_an_answer_is_unknown() {
    for told in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhalf\r\n",
    ] {
        let peer = Peer::start(move |mut conn: Conn| {
            conn.request().unwrap();
            conn.write(told);
        });
        assert_eq!(send(options(), &peer.url("/")).await.unwrap_err(), unknown(Unknown::AnswerCutShort), "{told:?}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_unknown() {
    let peer = Peer::start(|mut conn: Conn| {
        conn.request().unwrap();
        conn.write("SSH-2.0-OpenSSH_9.6\r\n\r\n");
    });
    assert_eq!(send(options(), &peer.url("/")).await.unwrap_err(), unknown(Unknown::BadAnswer));
}

#[tokio::test]
async fn too_long_an_answer_is_unknown() {
    let limited = Options { max_response_bytes: 4, ..options() };
    for (told, fits) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfour", true),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nfo\r\n2\r\nur\r\n0\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfour\r\n1\r\n!\r\n", false),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nfour", true),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nfour!", false),
    ] {
        let peer = Peer::start(move |mut conn: Conn| {
            conn.request().unwrap();
            conn.write(told);
            if !told.contains("close") {
                conn.read_to_end();
            }
        });
        match send(limited.clone(), &peer.url("/")).await {
            Ok(answer) => assert!(fits && answer.body.as_ref() == b"four", "{told:?}"),
            Err(outcome) => {
                assert_eq!(outcome, unknown(Unknown::AnswerTooLarge { limit_bytes: 4 }), "{told:?}");
                assert!(!fits, "{told:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_connection_is_kept() {
    let peer = Peer::start(|mut conn: Conn| {
        while conn.request().is_some() {
            conn.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let client = Client::new(options());
    for _ in 0..3 {
        client.send(post(&peer.url("/"), "hello")).await.unwrap();
    }
    assert_eq!((peer.n_connections(), peer.bodies().len()), (1, 3));
}

#[tokio::test]
async fn a_request_lost_on_a_kept_connection_is_unknown_and_not_repeated() {
    let peer = Peer::start(|mut conn: Conn| {
        conn.request().unwrap();
        conn.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        conn.request().unwrap();
    });
    let client = Client::new(options());
    client.send(post(&peer.url("/"), "first")).await.unwrap();
    let outcome = client.send(post(&peer.url("/"), "second")).await.unwrap_err();
    assert_eq!(outcome, unknown(Unknown::Closed));
    assert_eq!(peer.bodies(), ["first", "second"]);
}

/// The peer closes each connection right after its answer, without saying so: every later request may meet a connection
/// that is just ending. Whatever comes of it, what is said must be true.
#[tokio::test]
async fn no_request_is_repeated_when_kept_connections_end() {
    let peer = Peer::start(|mut conn: Conn| {
        if conn.request().is_some() {
            conn.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let client = Client::new(options());
    let (mut arrived, mut lost, mut in_doubt) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..300 {
        let request = Request::post(peer.url("/")).body(Bytes::from(format!("{number}"))).unwrap();
        match client.send(request).await {
            Ok(_) => arrived.push(format!("{number}")),
            Err(Error::NotSent(_)) => lost.push(format!("{number}")),
            Err(Error::Unknown(_)) => in_doubt.push(format!("{number}")),
        }
    }
    let mut seen = peer.bodies();
    let n_seen = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), n_seen, "a request was seen twice");
    assert!(arrived.iter().all(|number| seen.contains(number)), "an answer without a request");
    assert!(!lost.iter().any(|number| seen.contains(number)), "a request that was said not to be sent was seen");
    assert_eq!(arrived.len() + lost.len() + in_doubt.len(), 300);
    assert!(!arrived.is_empty());
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_before_dialling() {
    let peer = Peer::start(|mut conn: Conn| {
        conn.request().unwrap();
        conn.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    let guarded = |also| Options { allow: AddressPolicy::PublicOnly { also }, ..options() };
    let port = peer.addr.port();
    for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "2130706433", "0x7f.1"] {
        let outcome = send(guarded(Vec::new()), &format!("http://{host}:{port}/")).await;
        assert!(refused_address(&outcome), "{host}: {outcome:?}");
    }
    assert!(refused_address(&send(guarded(Vec::new()), &peer.https_url()).await));
    assert_eq!(peer.n_connections(), 0);

    let also = vec!["127.0.0.0/8".parse().unwrap()];
    for host in ["127.0.0.1", "localhost"] {
        let answer = send(guarded(also.clone()), &format!("http://{host}:{port}/")).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
}
