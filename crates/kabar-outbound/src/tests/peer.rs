//! A peer on a real socket, with a script for each connection.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// Listens until it is dropped, and runs its script on each connection, one after the other.
pub(super) struct Peer {
    pub(super) addr: SocketAddr,
    seen: Arc<Seen>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    bodies: Mutex<Vec<String>>,
    n_connections: AtomicUsize,
    open: Mutex<Option<TcpStream>>,
    stopping: AtomicBool,
}

/// One connection, as the peer has it.
pub(super) struct Conn {
    stream: TcpStream,
    seen: Arc<Seen>,
}

/// A request, as it came over the wire.
pub(super) struct Received {
    pub(super) head: String,
    pub(super) body: String,
}

impl Peer {
    pub(super) fn start(script: impl Fn(Conn) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                *shared.open.lock().unwrap() = Some(stream.try_clone().unwrap());
                if shared.stopping.load(Ordering::SeqCst) {
                    return;
                }
                shared.n_connections.fetch_add(1, Ordering::SeqCst);
                script(Conn { stream, seen: Arc::clone(&shared) });
                *shared.open.lock().unwrap() = None;
            }
        });
        Self { addr, seen, thread: Some(thread) }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(super) fn https_url(&self) -> String {
        format!("https://{}/", self.addr)
    }

    pub(super) fn n_connections(&self) -> usize {
        self.seen.n_connections.load(Ordering::SeqCst)
    }

    /// The bodies of all requests that were read whole, in their order.
    pub(super) fn bodies(&self) -> Vec<String> {
        self.seen.bodies.lock().unwrap().clone()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.seen.stopping.store(true, Ordering::SeqCst);
        // Wakes a script that still reads, and the listener.
        if let Some(open) = self.seen.open.lock().unwrap().take() {
            drop(open.shutdown(Shutdown::Both));
        }
        drop(TcpStream::connect(self.addr));
        let ended = self.thread.take().expect("joined once").join();
        assert!(ended.is_ok() || std::thread::panicking(), "the peer's script failed");
    }
}

impl Conn {
    /// Reads a request; `None` when the client closed the connection instead.
    pub(super) fn request(&mut self) -> Option<Received> {
        let mut bytes = Vec::new();
        let mut part = [0; 1024];
        loop {
            let n_read = self.stream.read(&mut part).unwrap_or(0);
            if n_read == 0 {
                return None;
            }
            bytes.extend_from_slice(&part[..n_read]);
            let text = String::from_utf8(bytes.clone()).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.map_or(0, |length| length.parse().unwrap()) {
                self.seen.bodies.lock().unwrap().push(body.to_owned());
                return Some(Received { head: format!("{head}\r\n"), body: body.to_owned() });
            }
        }
    }

    pub(super) fn write(&mut self, text: &str) {
        match self.stream.write_all(text.as_bytes()) {
            Ok(()) => {}
            Err(err) => assert!(matches!(err.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{err}"),
        }
    }

    /// Waits until the client closes the connection.
    pub(super) fn read_to_end(&mut self) {
        let mut rest = Vec::new();
        // A reset is an end too.
        drop(self.stream.read_to_end(&mut rest));
    }
}
