//! Apps, senders and tokens, in memory: a copy of the store's, never older than about a second.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};

use kabar_domain::ids::{AppId, SenderId, TokenId, WabaId};
use kabar_domain::pacing::daily;
use kabar_domain::template::guard::Guard;
use kabar_graph::token::AccessToken;
use kabar_store::Store;
use kabar_store::directory::{Sender, Token};
use kabar_store::learnt::Limit;

pub(crate) mod watch;

/// Who there is.
#[derive(Debug)]
pub(crate) struct Directory {
    default_token: Option<AccessToken>,
    current: RwLock<Arc<Snapshot>>,
}

/// Who there was at one moment.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    version: i64,
    apps: HashMap<AppId, Vec<Arc<KnownSender>>>,
    senders: HashMap<SenderId, Arc<KnownSender>>,
    tokens: HashMap<TokenId, Arc<Token>>,
    guards: HashMap<AppId, Guard>,
}

/// A sender, and the credential that speaks for it.
#[derive(Debug)]
pub(crate) struct KnownSender {
    pub(crate) sender: Sender,
    /// `None` when there is none: then nothing can be sent, and the operator was told.
    pub(crate) access_token: Option<AccessToken>,
    /// How many messages a second the upstream takes from it, as the operator or the upstream says, whichever is more.
    pub(crate) throughput: NonZeroU32,
    /// To how many recipients within 24 hours its account may write by itself; `None` where there is no limit, or none is
    /// known.
    pub(crate) daily_limit: Option<u32>,
}

impl Directory {
    pub(crate) async fn load(store: &Store, default_token: Option<AccessToken>) -> Result<Self, kabar_store::Error> {
        let directory = Self { default_token, current: RwLock::default() };
        directory.refresh(store).await?;
        Ok(directory)
    }

    /// Takes the store's present directory for this one.
    pub(crate) async fn refresh(&self, store: &Store) -> Result<(), kabar_store::Error> {
        let read = store.directory().await?;
        let mut snapshot = Snapshot { version: read.version, guards: read.guards, ..Snapshot::default() };
        snapshot.apps.extend(read.apps.into_iter().map(|app| (app.id, Vec::new())));
        let learnt: HashMap<Limit, u32> = read.learnt.into_iter().map(|one| (one.limit, one.value)).collect();
        for sender in read.senders {
            let own_token = sender.access_token.as_deref().and_then(|token| AccessToken::new(token).ok());
            let access_token = own_token.or_else(|| self.default_token.clone());
            if access_token.is_none() {
                tracing::error!(sender = %sender.id, "the sender has no access token: nothing can be sent from it");
            }
            let learnt_throughput = learnt.get(&Limit::Throughput(sender.id.clone())).copied().unwrap_or(0);
            let throughput = NonZeroU32::new(sender.throughput.max(learnt_throughput)).unwrap_or(NonZeroU32::MIN);
            let daily_limit = learnt.get(&Limit::DailyRecipients(sender.waba.clone())).copied();
            let daily_limit = daily_limit.filter(|limit| *limit <= daily::LARGEST);
            let known = Arc::new(KnownSender { sender, access_token, throughput, daily_limit });
            snapshot.apps.entry(known.sender.app.clone()).or_default().push(Arc::clone(&known));
            snapshot.senders.insert(known.sender.id.clone(), known);
        }
        snapshot.tokens.extend(read.tokens.into_iter().map(|token| (token.id, Arc::new(token))));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        Ok(())
    }

    /// The version of what is known now.
    fn version(&self) -> i64 {
        self.current().version
    }

    fn current(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn has_app(&self, app: &AppId) -> bool {
        self.current().apps.contains_key(app)
    }

    /// How the app's sends react to a template that drifts.
    pub(crate) fn guard(&self, app: &AppId) -> Guard {
        self.current().guards.get(app).copied().unwrap_or_default()
    }

    pub(crate) fn token(&self, id: TokenId) -> Option<Arc<Token>> {
        self.current().tokens.get(&id).cloned()
    }

    pub(crate) fn sender(&self, id: &SenderId) -> Option<Arc<KnownSender>> {
        self.current().senders.get(id).cloned()
    }

    /// All senders of an account.
    pub(crate) fn senders_of(&self, waba: &WabaId) -> Vec<SenderId> {
        let current = self.current();
        let senders = current.senders.values().filter(|known| known.sender.waba == *waba);
        senders.map(|known| known.sender.id.clone()).collect()
    }

    /// The sender by which an app sends what belongs to an account: its first.
    pub(crate) fn sender_of(&self, app: &AppId, waba: &WabaId) -> Option<Arc<KnownSender>> {
        self.current().apps.get(app)?.iter().find(|known| known.sender.waba == *waba).cloned()
    }

    /// An account of an app, with the credential of the app's own sender there and every app that uses the account.
    pub(crate) fn account_of(&self, app: &AppId, waba: &WabaId) -> Option<Account> {
        let access_token = self.sender_of(app, waba)?.access_token.clone()?;
        let account = self.accounts().into_iter().find(|account| account.waba == *waba)?;
        Some(Account { access_token, ..account })
    }

    /// The first sender of an app: its account is where new templates go.
    pub(crate) fn first_sender(&self, app: &AppId) -> Option<Arc<KnownSender>> {
        self.current().apps.get(app)?.first().cloned()
    }

    /// Every account that has a sender with a credential: the credential, and the apps that use the account.
    pub(crate) fn accounts(&self) -> Vec<Account> {
        let mut accounts: Vec<Account> = Vec::new();
        let current = self.current();
        let mut senders: Vec<&Arc<KnownSender>> = current.senders.values().collect();
        senders.sort_by(|a, b| a.sender.id.cmp(&b.sender.id));
        for known in senders {
            let Some(access_token) = &known.access_token else { continue };
            let app = known.sender.app.clone();
            match accounts.iter_mut().find(|account| account.waba == known.sender.waba) {
                Some(account) if account.apps.contains(&app) => {}
                Some(account) => account.apps.push(app),
                None => accounts.push(Account {
                    waba: known.sender.waba.clone(),
                    access_token: access_token.clone(),
                    apps: vec![app],
                }),
            }
        }
        accounts
    }
}

/// An account upstream, as the directory's senders name it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) waba: WabaId,
    pub(crate) access_token: AccessToken,
    pub(crate) apps: Vec<AppId>,
}
