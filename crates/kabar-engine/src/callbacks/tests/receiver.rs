//! An app's own server, on a real socket, with an answer for each call.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// How a call is answered.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// With this status and nothing else.
    Status(u16),
    /// With 503 and the wish to be called again after so many seconds.
    Later(u64),
    /// By an address elsewhere.
    Redirect(String),
    /// Never.
    Hang,
    /// With 200 and a body that goes on for as long as anybody listens, up to what its head says.
    Endless { announced: usize },
}

/// A call as it came.
#[derive(Debug, Clone)]
pub(super) struct Call {
    head: String,
    pub(super) body: String,
}

impl Call {
    /// A header's value.
    pub(super) fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default()
    }
}

/// The server. It lasts as long as this.
pub(super) struct Receiver {
    pub(super) url: String,
    seen: Arc<Seen>,
    _serving: JoinSet<()>,
}

struct Seen {
    calls: Mutex<Vec<Call>>,
    n_written: AtomicUsize,
    written: Notify,
    /// The answer to a call, by how many came before it.
    answer: Box<dyn Fn(usize) -> Reply + Send + Sync>,
}

/// A server that is down. Its address is nobody else's meanwhile.
pub(super) struct Down(TcpSocket);

impl Down {
    pub(super) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.0.local_addr().unwrap())
    }

    pub(super) fn start(self, answer: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Receiver {
        Receiver::on(self.0.listen(1024).unwrap(), answer)
    }
}

impl Receiver {
    pub(super) async fn start(answer: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer)
    }

    fn on(listener: TcpListener, answer: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let seen = Arc::new(Seen {
            calls: Mutex::default(),
            n_written: AtomicUsize::new(0),
            written: Notify::new(),
            answer: Box::new(answer),
        });
        let shared = Arc::clone(&seen);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&shared);
                connections.spawn(async move { seen.serve(stream).await.unwrap_or_default() });
            }
        });
        Self { url, seen, _serving: serving }
    }

    /// The calls so far.
    pub(super) fn calls(&self) -> Vec<Call> {
        self.seen.calls.lock().unwrap().clone()
    }

    /// Waits until the caller hung up on an endless answer, and says how much of it was written.
    pub(super) async fn written(&self) -> usize {
        self.seen.written.notified().await;
        self.seen.n_written.load(Ordering::SeqCst)
    }
}

impl Seen {
    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        while let Some(call) = read(&mut stream).await? {
            let earlier = {
                let mut calls = self.calls.lock().unwrap();
                calls.push(call);
                calls.len() - 1
            };
            let head = match (self.answer)(earlier) {
                Reply::Status(status) => format!("{status} Told\r\ncontent-length: 0"),
                Reply::Later(seconds) => format!("503 Busy\r\nretry-after: {seconds}\r\ncontent-length: 0"),
                Reply::Redirect(url) => format!("307 Elsewhere\r\nlocation: {url}\r\ncontent-length: 0"),
                Reply::Hang => {
                    // Until the caller hangs up.
                    let _n_read = stream.read(&mut [0; 16]).await?;
                    return Ok(());
                }
                Reply::Endless { announced } => return self.go_on(&mut stream, announced).await,
            };
            stream.write_all(format!("HTTP/1.1 {head}\r\n\r\n").as_bytes()).await?;
        }
        Ok(())
    }

    async fn go_on(&self, stream: &mut TcpStream, announced: usize) -> std::io::Result<()> {
        const PART: [u8; 4096] = [b'x'; 4096];
        let mut left = announced;
        let mut outcome =
            stream.write_all(format!("HTTP/1.1 200 Told\r\ncontent-length: {announced}\r\n\r\n").as_bytes()).await;
        while outcome.is_ok() && left > 0 {
            let part = &PART[..left.min(PART.len())];
            outcome = stream.write_all(part).await;
            left -= part.len();
            self.n_written.store(announced - left, Ordering::SeqCst);
        }
        self.written.notify_one();
        outcome
    }
}

/// Reads a call; `None` when the caller closed the connection instead.
async fn read(stream: &mut TcpStream) -> std::io::Result<Option<Call>> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let n_read = stream.read(&mut part).await?;
        if n_read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&part[..n_read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() == length.map_or(0, |length| length.parse().unwrap_or_default()) {
            return Ok(Some(Call { head: head.to_owned(), body: body.to_owned() }));
        }
    }
}
