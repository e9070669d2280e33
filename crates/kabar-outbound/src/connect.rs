//! Making a connection: the address guard, TLS, one limit of time over all of it, and a typed reason for each way to fail.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::Service;

use crate::address::AddressPolicy;
use crate::error::NotSent;

type Tcp = TokioIo<TcpStream>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, NotSent>> + Send>>;

/// Makes connections, within a limit of time, to allowed addresses only; plain or with TLS, as the address says.
#[derive(Clone)]
pub(crate) struct Connector {
    https: HttpsConnector<GuardedTcp>,
    timeout: Duration,
}

impl Connector {
    pub(crate) fn new(policy: AddressPolicy, timeout: Duration) -> Self {
        let policy = Arc::new(policy);
        let mut http =
            HttpConnector::new_with_resolver(GuardedResolver { gai: GaiResolver::new(), policy: Arc::clone(&policy) });
        http.enforce_http(false);
        http.set_nodelay(true);
        // Shared out among a name's addresses, so that one which swallows packets leaves time for the others.
        http.set_connect_timeout(Some(timeout));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls_config())
            .https_or_http()
            .enable_http1()
            .wrap_connector(GuardedTcp { http, policy });
        Self { https, timeout }
    }
}

/// The roots come with the program, so that a container without a certificate store works too.
fn tls_config() -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Tcp>;
    type Error = NotSent;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), NotSent>> {
        self.https.poll_ready(cx).map_err(|err| reason(err.as_ref()))
    }

    fn call(&mut self, dst: Uri) -> Self::Future {
        let connecting = self.https.call(dst);
        let timeout = self.timeout;
        Box::pin(async move {
            match tokio::time::timeout(timeout, connecting).await {
                Ok(connected) => connected.map_err(|err| reason(err.as_ref())),
                Err(_) => Err(NotSent::ConnectTimeout),
            }
        })
    }
}

/// What lies below TLS names its own reason; every other error on the way to a connection is thus one of TLS.
fn reason(err: &(dyn StdError + Send + Sync + 'static)) -> NotSent {
    err.downcast_ref::<NotSent>().cloned().unwrap_or_else(|| NotSent::Tls(err.to_string()))
}

/// TCP connections to allowed addresses.
///
/// An address literal never passes through a resolver, so it is looked at here.
#[derive(Clone)]
struct GuardedTcp {
    http: HttpConnector<GuardedResolver>,
    policy: Arc<AddressPolicy>,
}

impl Service<Uri> for GuardedTcp {
    type Response = Tcp;
    type Error = NotSent;
    type Future = Connecting<Tcp>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), NotSent>> {
        self.http.poll_ready(cx).map_err(|err| tcp_reason(&err))
    }

    fn call(&mut self, dst: Uri) -> Self::Future {
        if let Some(addr) = literal(&dst)
            && !self.policy.allows(addr)
        {
            return Box::pin(async move { Err(NotSent::AddressRefused { addr }) });
        }
        let connecting = self.http.call(dst);
        Box::pin(async move { connecting.await.map_err(|err| tcp_reason(&err)) })
    }
}

fn literal(dst: &Uri) -> Option<IpAddr> {
    let host = dst.host()?;
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

fn tcp_reason(err: &(dyn StdError + 'static)) -> NotSent {
    let mut cause = Some(err);
    while let Some(err) = cause {
        if let Some(reason) = err.downcast_ref::<NotSent>() {
            return reason.clone();
        }
        if let Some(io_error) = err.downcast_ref::<io::Error>() {
            return io_reason(io_error.kind());
        }
        cause = err.source();
    }
    NotSent::ConnectFailed(io::ErrorKind::Other)
}

fn io_reason(kind: io::ErrorKind) -> NotSent {
    if kind == io::ErrorKind::ConnectionRefused {
        NotSent::ConnectionRefused
    } else if kind == io::ErrorKind::TimedOut {
        NotSent::ConnectTimeout
    } else {
        NotSent::ConnectFailed(kind)
    }
}

/// The system's resolver, of whose answers only allowed addresses are passed on: what was looked at is what is dialled.
#[derive(Clone)]
struct GuardedResolver {
    gai: GaiResolver,
    policy: Arc<AddressPolicy>,
}

impl Service<Name> for GuardedResolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NotSent;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), NotSent>> {
        self.gai.poll_ready(cx).map_err(|err| io_reason(err.kind()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let host = name.as_str().to_owned();
        let resolving = self.gai.call(name);
        let policy = Arc::clone(&self.policy);
        Box::pin(async move {
            let Ok(found) = resolving.await else { return Err(NotSent::NameNotResolved { host }) };
            let (allowed, refused): (Vec<_>, Vec<_>) = found.partition(|addr| policy.allows(addr.ip()));
            match (allowed.is_empty(), refused.first()) {
                (false, _) => Ok(allowed.into_iter()),
                (true, Some(addr)) => Err(NotSent::AddressRefused { addr: addr.ip() }),
                (true, None) => Err(NotSent::NameNotResolved { host }),
            }
        })
    }
}
