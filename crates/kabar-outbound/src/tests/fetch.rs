//! Bodies that come or go piece by piece, and what is at a URL that somebody else chose.

use bytes::Bytes;
use http::{Request, StatusCode};

use super::peer::{Conn, Peer};
use super::{impatient, options, unknown};
use crate::{AddressPolicy, Client, Error, FetchError, NotSent, Options, Pieces, Seen, Unknown};

const AGENT: &str = "Kabar tests";

async fn fetched(options: Options, url: &str) -> Result<Bytes, FetchError> {
    let mut answer = Client::new(options).fetch(url, AGENT, 2).await?;
    let mut whole = Vec::new();
    while let Some(piece) = answer.piece().await.map_err(|reason| FetchError::NoAnswer(Error::Unknown(reason)))? {
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

/// Answers by the path of the request, on as many connections as it takes.
fn pages(pages: &'static [(&'static str, &'static str)]) -> Peer {
    Peer::start(move |mut conn: Conn| {
        while let Some(request) = conn.request() {
            assert!(request.head.contains(AGENT), "{}", request.head);
            let path = request.head.split(' ').nth(1).unwrap().to_owned();
            let page = pages.iter().find(|(known, _)| *known == path).map(|(_, page)| *page);
            conn.write(page.unwrap_or("HTTP/1.1 404 Not Here\r\ncontent-length: 0\r\n\r\n"));
        }
    })
}

#[tokio::test]
async fn a_file_is_got_by_way_of_redirects_that_are_not_too_many() {
    let peer = pages(&[
        ("/file", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nfil\r\n1\r\ne\r\n0\r\n\r\n"),
        ("/one", "HTTP/1.1 302 Found\r\nlocation: file\r\ncontent-length: 0\r\n\r\n"),
        ("/two", "HTTP/1.1 308 There\r\nlocation: /one\r\ncontent-length: 0\r\n\r\n"),
        ("/three", "HTTP/1.1 301 There\r\nlocation: /two\r\ncontent-length: 0\r\n\r\n"),
        ("/nowhere", "HTTP/1.1 301 There\r\ncontent-length: 0\r\n\r\n"),
    ]);
    for path in ["/file", "/one", "/two", "/two#piece"] {
        assert_eq!(fetched(options(), &peer.url(path)).await.unwrap(), "file", "{path}");
    }
    for path in ["/three", "/nowhere"] {
        assert_eq!(fetched(options(), &peer.url(path)).await.unwrap_err(), FetchError::Redirected, "{path}");
    }
    let missing = fetched(options(), &peer.url("/none")).await.unwrap_err();
    assert_eq!(missing, FetchError::Status(StatusCode::NOT_FOUND));
    let bad = fetched(options(), "https://").await.unwrap_err();
    assert_eq!(bad, FetchError::NoAnswer(Error::NotSent(NotSent::BadUrl)));
}

#[tokio::test]
async fn a_redirect_does_not_lead_round_the_guard() {
    // 127.0.0.1 is allowed, and no other address that is not public.
    let redirect = "HTTP/1.1 302 Found\r\nlocation: http://[::1]:81/\r\ncontent-length: 0\r\n\r\n";
    let outside = Peer::start(move |mut conn: Conn| {
        conn.request().unwrap();
        conn.write(redirect);
    });
    let allow = AddressPolicy::PublicOnly { also: vec!["127.0.0.1".parse().unwrap()] };
    let guarded = Options { allow, ..options() };
    let refused = fetched(guarded, &outside.url("/")).await.unwrap_err();
    assert_eq!(refused, FetchError::NoAnswer(Error::NotSent(NotSent::AddressRefused { addr: "::1".parse().unwrap() })));
    assert_eq!(outside.n_connections(), 1);
}

#[tokio::test]
async fn a_file_has_the_bounds_of_its_client() {
    let peer = pages(&[
        ("/announced", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nlarge"),
        ("/chunked", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nlarg\r\n1\r\ne\r\n0\r\n\r\n"),
    ]);
    let limited = Options { max_response_bytes: 4, ..options() };
    for path in ["/announced", "/chunked"] {
        let outcome = fetched(limited.clone(), &peer.url(path)).await.unwrap_err();
        assert_eq!(outcome, FetchError::NoAnswer(unknown(Unknown::AnswerTooLarge { limit_bytes: 4 })), "{path}");
    }
    let silent = Peer::start(|mut conn: Conn| {
        conn.request().unwrap();
        conn.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        conn.read_to_end();
    });
    let outcome = fetched(impatient(), &silent.url("/")).await.unwrap_err();
    assert_eq!(outcome, FetchError::NoAnswer(unknown(Unknown::TimedOut)));
}

#[tokio::test]
async fn a_body_in_pieces_arrives_whole_and_with_its_length() {
    let peer = Peer::start(|mut conn: Conn| {
        let Some(request) = conn.request() else { return };
        assert!(request.head.contains("content-length: 300000\r\n"), "{}", request.head);
        conn.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    let body = Pieces::new(100, 300_100, |_| async { Ok(Bytes::from_static(&[b'x'; 70_000])) });
    let answer = Client::new(options()).send_pieces(Request::post(peer.url("/")).body(body).unwrap()).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(peer.bodies(), ["x".repeat(300_000)]);
    let broken = Pieces::new(0, 10, |_| async { Err(std::io::Error::other("gone")) });
    let outcome = Client::new(options()).send_pieces(Request::post(peer.url("/")).body(broken).unwrap()).await;
    assert!(outcome.unwrap_err().may_have_arrived());
}

#[tokio::test]
async fn a_file_is_asked_for_by_what_was_seen_of_it() {
    let peer = Peer::start(|mut conn: Conn| {
        while let Some(request) = conn.request() {
            let known = ["if-none-match: \"a1\"\r\n", "if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT\r\n"];
            let is_known = known.iter().all(|line| request.head.contains(line));
            let is_asked = request.head.contains("if-");
            assert_eq!(is_known, is_asked, "{}", request.head);
            conn.write(if is_known {
                "HTTP/1.1 304 Same\r\n\r\n"
            } else {
                "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfile"
            });
        }
    });
    let client = Client::new(options());
    let seen =
        Seen { etag: Some("\"a1\"".to_owned()), last_modified: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()) };
    let known = client.fetch_if_new(&peer.url("/file"), AGENT, 2, &seen).await.unwrap_err();
    assert_eq!(known, FetchError::Status(StatusCode::NOT_MODIFIED));
    assert!(client.fetch_if_new(&peer.url("/file"), AGENT, 2, &Seen::default()).await.is_ok());
}
