//! A router with something behind it, and what comes back from it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kabar_domain::clock::{Clock, Moment};
use kabar_domain::ids::{AppId, SenderId, TemplateCode, TemplateId, TokenId, WabaId};
use kabar_domain::template::{Category, Status};
use kabar_engine::room::Bounds;
use kabar_engine::{Gateway, MetaApp};
use kabar_graph::client::GraphClient;
use kabar_store::Store;
use kabar_store::directory::{App, Scope, Sender, Token};
use kabar_store::ledger::Patience;
use kabar_store::location::Location;
use kabar_store::template::{PutTemplate, TemplateFacts, Told};
use prometheus_client::registry::Registry;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpSocket;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::auth::Tokens;
use crate::metrics::Metrics;
use crate::{DEFAULT_MAX_BODY_BYTES, Options, router};

pub(super) const APP_SECRET: &str = "app secret";
/// Of an app that alone speaks for the account 20.
pub(super) const OTHER_APP_SECRET: &str = "another app secret";
pub(super) const VERIFY_TOKEN: &str = "verify token";
const KEY: &[u8] = b"a key for tests and for nothing else";
const NOW: Moment = Moment::from_seconds(1_709_263_378);

/// The code of the template of this name.
pub(super) fn code(name: &str) -> String {
    TemplateCode::new(Uuid::nil(), name).to_string()
}

pub(super) struct Desk {
    router: Router,
    pub(super) gateway: Gateway,
    pub(super) store: Store,
    tokens: Tokens,
    pub(super) clock: Clock,
    /// Holds the port at which nobody answers.
    _nobody: TcpSocket,
    /// Goes away with the desk.
    folder: TempDir,
}

/// An answer, whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|err| panic!("{err}: {}", self.text))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code of an error in the OCA dialect.
    pub(super) fn oca_error(&self) -> (u16, u64) {
        (self.status.as_u16(), self.json()["errors"][0]["code"].as_u64().unwrap_or_default())
    }
}

fn token(number: u128, app: &str, scopes: &[Scope]) -> Token {
    Token {
        id: TokenId::from_uuid(Uuid::from_u128(number)),
        app: AppId::parse(app).unwrap(),
        label: "tests".to_owned(),
        scopes: scopes.to_vec(),
        issued_at: Moment::from_seconds(1000),
        expires_at: None,
        revoked_at: None,
    }
}

fn template(id: u32, name: &str, category: Category, status: Status, components: &str) -> PutTemplate {
    PutTemplate {
        app: AppId::parse("demo").unwrap(),
        waba: WabaId::parse("10").unwrap(),
        id: TemplateId::parse(&id.to_string()).unwrap(),
        code: TemplateCode::new(Uuid::nil(), name),
        facts: TemplateFacts {
            sample: name == "hello_world",
            ..TemplateFacts::new(name, "id", category, status, components)
        },
        asked: None,
        told: Told::default(),
        at: NOW,
        events: Vec::new(),
    }
}

impl Desk {
    /// Without a limit.
    pub(super) async fn open() -> Self {
        Self::open_with(None).await
    }

    pub(super) async fn open_with(rate_limit: Option<NonZeroU32>) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(kabar_store::Options::new(Location::in_folder(folder.path()))).await.unwrap();
        fill(&store).await;
        Self::start(folder, store, rate_limit).await
    }

    /// The same store with another gateway before it.
    pub(super) async fn started_again(self) -> Self {
        Self::start(self.folder, self.store, None).await
    }

    async fn start(folder: TempDir, store: Store, rate_limit: Option<NonZeroU32>) -> Self {
        let nobody = TcpSocket::new_v4().unwrap();
        nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let upstream = format!("http://{}", nobody.local_addr().unwrap());
        let http = kabar_outbound::Client::new(kabar_outbound::Options::default());
        let clock = Clock::manual(NOW);
        let mut registry = Registry::default();
        let gateway = Gateway::start(kabar_engine::Options {
            store: store.clone(),
            graph: GraphClient::new(&upstream, None, http).unwrap(),
            clock: clock.clone(),
            access_token: None,
            meta_apps: [("main", APP_SECRET, None), ("other", OTHER_APP_SECRET, Some("20"))]
                .map(|(name, secret, account)| MetaApp {
                    name: name.to_owned(),
                    secret: secret.to_owned(),
                    accounts: account.map(str::to_owned).into_iter().collect(),
                })
                .to_vec(),
            journal_keep: Duration::from_secs(3600),
            verify_token: VERIFY_TOKEN.to_owned(),
            webhook_uri: None,
            patience: Patience {
                authentication: Duration::from_secs(60),
                utility: Duration::from_secs(60),
                marketing: Duration::from_secs(60),
            },
            poll_every: Duration::from_secs(3600),
            calls_at_once: 1,
            calls_in_all: 4,
            callbacks: kabar_engine::callbacks::Options::default(),
            bounds: Bounds { most_waiting: 100, least_free_bytes: 0 },
            media: kabar_engine::media::Options::default(),
            rates: None,
            retention: kabar_engine::retention::Options::default(),
            metrics: kabar_engine::metrics::Metrics::register(&mut registry),
        })
        .await
        .unwrap();
        let metrics = Metrics::register(&mut registry);
        let router = router(Options {
            gateway: gateway.clone(),
            tokens: Tokens::new(KEY),
            registry: Arc::new(registry),
            metrics,
            rate_limit,
            max_body_bytes: DEFAULT_MAX_BODY_BYTES,
            public_url: None,
        });
        Self { router, gateway, store, tokens: Tokens::new(KEY), clock, _nobody: nobody, folder }
    }

    /// The JWT of a token for all scopes of `demo`.
    pub(super) fn jwt(&self) -> String {
        self.tokens.sign(&token(1, "demo", &[Scope::Send, Scope::Templates, Scope::Callbacks]))
    }

    /// The JWT of a token with one scope.
    pub(super) fn jwt_for(&self, scope: Scope) -> String {
        let number = if scope == Scope::Send { 2 } else { 3 };
        self.tokens.sign(&token(number, "demo", &[scope]))
    }

    /// The JWT of a token of another app.
    pub(super) fn jwt_of_another(&self) -> String {
        self.tokens.sign(&token(4, "other", &[Scope::Send, Scope::Templates, Scope::Callbacks]))
    }

    /// Well signed, and revoked.
    pub(super) fn jwt_revoked(&self) -> String {
        self.tokens.sign(&token(5, "demo", &[Scope::Send, Scope::Templates, Scope::Callbacks]))
    }

    /// Well signed, and nobody was ever given it.
    pub(super) fn jwt_unknown(&self) -> String {
        self.tokens.sign(&token(99, "demo", &[Scope::Send, Scope::Templates]))
    }

    /// Well signed, and over.
    pub(super) fn jwt_expired(&self) -> String {
        let mut token = token(6, "demo", &[Scope::Send, Scope::Templates, Scope::Callbacks]);
        token.expires_at = Some(NOW);
        self.tokens.sign(&token)
    }

    pub(super) async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A request with these headers.
    pub(super) async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path).body(Body::from(body.to_owned())).unwrap();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        self.ask(request).await
    }

    /// A request of `demo`, with a token that is good for everything.
    pub(super) async fn demo(&self, method: Method, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.jwt());
        self.call(method, path, &[(AUTHORIZATION.as_str(), &bearer)], body).await
    }
}

async fn fill(store: &Store) {
    for app in ["demo", "other"] {
        let app = App { id: AppId::parse(app).unwrap(), name: app.to_owned(), created_at: NOW };
        store.create_app(app).await.unwrap();
    }
    store
        .add_sender(Sender {
            id: SenderId::parse("20").unwrap(),
            app: AppId::parse("demo").unwrap(),
            waba: WabaId::parse("10").unwrap(),
            throughput: 80,
            access_token: Some("graph-token".to_owned()),
            created_at: NOW,
        })
        .await
        .unwrap();
    for token in [
        token(1, "demo", &[Scope::Send, Scope::Templates, Scope::Callbacks]),
        token(2, "demo", &[Scope::Send]),
        token(3, "demo", &[Scope::Templates]),
        token(4, "other", &[Scope::Send, Scope::Templates, Scope::Callbacks]),
        token(5, "demo", &[Scope::Send, Scope::Templates, Scope::Callbacks]),
        token(6, "demo", &[Scope::Send, Scope::Templates, Scope::Callbacks]),
    ] {
        store.issue_token(token).await.unwrap();
    }
    store.revoke_token(TokenId::from_uuid(Uuid::from_u128(5)), NOW).await.unwrap();
    let order = r#"[{"type":"BODY","text":"Halo {{1}}, pesanan {{2}}.","example":{"body_text":[["a","b"]]}}]"#;
    let promo = r#"[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"Promo"},{"type":"BUTTONS","buttons":[
        {"type":"QUICK_REPLY","text":"Stop"},{"type":"URL","text":"Buka","url":"https://example.com/{{1}}"}]}]"#;
    let login = r#"[{"type":"BODY"},{"type":"BUTTONS","buttons":[{"type":"OTP","otp_type":"COPY_CODE"}]}]"#;
    let plain = r#"[{"type":"BODY","text":"Halo"}]"#;
    for template in [
        template(101, "pesanan", Category::Utility, Status::Approved, order),
        template(102, "promo", Category::Marketing, Status::Approved, promo),
        template(103, "masuk", Category::Authentication, Status::Approved, login),
        template(104, "ditahan", Category::Utility, Status::Paused, plain),
        template(105, "hello_world", Category::Utility, Status::Approved, plain),
    ] {
        store.put_template(template).await.unwrap();
    }
}
