//! The app of `kabar dev`, with one sender and one token: made at the first start, and the same ever after.

use anyhow::Context as _;
use kabar_domain::clock::{Clock, Moment};
use kabar_domain::ids::{AppId, SenderId, TokenId, WabaId};
use kabar_graph::token::AccessToken;
use kabar_store::Store;
use kabar_store::directory::{App, Directory, Scope, Sender, Token};

use crate::server::{self, Settings};

/// The id of the app.
const APP: &str = "demo";
/// What its token is called.
const LABEL: &str = "dev";
/// Messages a second: what Meta takes from a number that it upgraded, as the sandbox's are.
const THROUGHPUT: u32 = 1000;

/// The app of `kabar dev`.
#[derive(Debug)]
pub(super) struct DevApp {
    pub(super) id: AppId,
    pub(super) sender: SenderId,
    pub(super) waba: WabaId,
    pub(super) token: String,
}

/// Makes what is not there yet.
pub(super) async fn ensure_app(store: &Store, settings: &Settings) -> anyhow::Result<DevApp> {
    let clock = Clock::system();
    let id = AppId::parse(APP)?;
    let mut directory = store.directory().await?;
    if !directory.apps.iter().any(|app| app.id == id) {
        let name = "Toko Kabar".to_owned();
        store.create_app(App { id: id.clone(), name, created_at: clock.now() }).await?;
    }
    if !directory.senders.iter().any(|sender| sender.app == id) {
        store.add_sender(new_sender(&id, settings, clock.now()).await?).await?;
    }
    if dev_token(&directory, &id).is_none() {
        store.issue_token(new_token(&id, &clock)).await?;
    }
    directory = store.directory().await?;
    let sender = directory.senders.iter().find(|sender| sender.app == id).context("the sender is gone")?;
    let token = dev_token(&directory, &id).context("the token is gone")?;
    Ok(DevApp {
        sender: sender.id.clone(),
        waba: sender.waba.clone(),
        token: server::token_signer(store).await?.sign(token),
        id,
    })
}

fn dev_token<'d>(directory: &'d Directory, app: &AppId) -> Option<&'d Token> {
    directory.tokens.iter().find(|token| token.app == *app && token.label == LABEL && token.revoked_at.is_none())
}

fn new_token(app: &AppId, clock: &Clock) -> Token {
    Token {
        id: TokenId::from_uuid(clock.msgid().as_uuid()),
        app: app.clone(),
        label: LABEL.to_owned(),
        scopes: vec![Scope::Send, Scope::Templates, Scope::Callbacks, Scope::Suppressions],
        issued_at: Moment::from_seconds(clock.now().as_seconds()),
        expires_at: None,
        revoked_at: None,
    }
}

/// A sender in an account of its own, so that many gateways can share a sandbox.
async fn new_sender(app: &AppId, settings: &Settings, now: Moment) -> anyhow::Result<Sender> {
    let waba = fresh_waba()?;
    let access_token = AccessToken::new(settings.access_token.as_deref().unwrap_or_default())?;
    let numbers = server::graph_client(settings)?
        .phone_numbers(&access_token, waba.as_str())
        .await
        .with_context(|| format!("no sandbox answers at {}", settings.upstream_url))?;
    let number = numbers.first().context("the sandbox gave the account no phone number")?;
    let id = SenderId::parse(&number.id).context("the sandbox named a phone number oddly")?;
    Ok(Sender { id, app: app.clone(), waba, throughput: THROUGHPUT, access_token: None, created_at: now })
}

/// Fifteen digits, as Meta's ids have.
fn fresh_waba() -> anyhow::Result<WabaId> {
    let random = server::fresh_key()?;
    let digits: String = random.iter().take(14).map(|byte| char::from(b'0' + byte % 10)).collect();
    Ok(WabaId::parse(&format!("1{digits}"))?)
}
