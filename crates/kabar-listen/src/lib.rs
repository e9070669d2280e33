//! How are others let in safely?
//!
//! One accept loop for every listener of the program. It exists because a plain `axum::serve` sets no timer, so that a
//! client which sends half a header may hold a connection for ever. This loop bounds what a stranger can hold: the
//! number of connections, the time for a request's header, and its size. It knows nothing of what is served.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// What a listener grants to a client.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a client may take to send the header of a request, counted from the moment the connection is ready for
    /// it; so this is also how long a kept connection may be idle.
    pub header_timeout: Duration,
    /// Connections served at once; more wait in the kernel's queue.
    pub max_connections: usize,
    /// The largest request header in bytes, names, values and request line together.
    pub max_header_bytes: usize,
    /// How long requests under way may go on after the listener was asked to stop.
    pub grace: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(20),
            max_connections: 10_000,
            max_header_bytes: 32 * 1024,
            grace: Duration::from_secs(20),
        }
    }
}

/// Serves `app` on `listener` until `stop` is cancelled.
///
/// Then no new connection is taken, requests under way are answered, and the call returns when all connections have
/// ended or `options.grace` has passed, whichever is first. Every task that it starts ends with it.
pub async fn serve(listener: TcpListener, app: Router, options: Options, stop: CancellationToken) {
    let server = Arc::new(connection_builder(&options));
    let places = Arc::new(Semaphore::new(options.max_connections));
    let connections = GracefulShutdown::new();
    let tasks = TaskTracker::new();
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = Arc::clone(&places).acquire_owned() => place.expect("the semaphore is never closed"),
        };
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(err) => {
                    wait_after_accept_error(&err).await;
                    continue;
                }
            },
        };
        let server = Arc::clone(&server);
        let app = app.clone();
        let watcher = connections.watcher();
        tasks.spawn(async move {
            let _place = place;
            serve_connection(&server, stream, app, watcher).await;
        });
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(options.grace, connections.shutdown()).await.is_err() {
        tracing::warn!(connections = tasks.len(), "closing connections that did not finish in time");
    }
}

/// HTTP/1.1 only: callers within a network have no use for cleartext HTTP/2, a proxy in front ends TLS, and reading which
/// version a client speaks would be one more wait that a stranger decides on.
fn connection_builder(options: &Options) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_header_size(options.max_header_bytes)
        // What came whole is carried out whole, also when its client has gone: a handler is never cut off in its middle.
        .half_close(true);
    builder
}

async fn serve_connection(server: &http1::Builder, stream: TcpStream, app: Router, watcher: Watcher) {
    if let Err(err) = stream.set_nodelay(true) {
        tracing::debug!(error = %err, "could not set TCP_NODELAY");
    }
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        app.clone().oneshot(request.map(axum::body::Body::new))
    });
    if let Err(err) = watcher.watch(server.serve_connection(TokioIo::new(stream), service)).await {
        tracing::debug!(error = %err, "connection ended early");
    }
}

/// Errors of one connection are passed over at once; errors of the process (no file descriptor is left) need time.
async fn wait_after_accept_error(err: &io::Error) {
    let of_the_connection = matches!(
        err.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !of_the_connection {
        tracing::error!(error = %err, "could not accept a connection; trying again in a second");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
