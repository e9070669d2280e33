//! Meta apps whose webhooks are taken, in configuration.

use std::collections::BTreeSet;
use std::path::PathBuf;

use kabar_domain::ids::WabaId;
use kabar_engine::MetaApp;
use serde::Deserialize;

use crate::config::secret::{self, Secret};

/// What the app of `upstream.app_secret` is called when its id is not said.
pub(crate) const MAIN: &str = "main";

/// One of `[[upstream.meta_apps]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetaAppConfig {
    /// What it is called in the journal and in logs.
    name: String,
    app_secret: Option<Secret>,
    app_secret_file: Option<PathBuf>,
    /// The accounts that it alone may report on.
    #[serde(default)]
    waba_ids: Vec<WabaId>,
}

/// Every app, the main one first; notes what is wrong under its key.
pub(super) fn all(secret: String, id: Option<&str>, others: &[MetaAppConfig], wrong: &mut Vec<String>) -> Vec<MetaApp> {
    let mut apps = vec![MetaApp { name: id.unwrap_or(MAIN).to_owned(), secret, accounts: BTreeSet::new() }];
    for (place, other) in others.iter().enumerate() {
        let key = |name: &str| format!("upstream.meta_apps[{place}].{name}");
        let secret =
            secret::required(&key("app_secret"), other.app_secret.as_ref(), other.app_secret_file.as_deref(), wrong);
        let name = other.name.trim().to_owned();
        if name.is_empty() || apps.iter().any(|app| app.name == name) {
            wrong.push(format!("{}: must be a name that no other app has", key("name")));
        }
        let accounts: BTreeSet<String> = other.waba_ids.iter().map(|id| id.as_str().to_owned()).collect();
        for account in &accounts {
            if let Some(app) = apps.iter().find(|app| app.accounts.contains(account)) {
                wrong.push(format!("{}: {account} belongs to {} already", key("waba_ids"), app.name));
            }
        }
        apps.push(MetaApp { name, secret, accounts });
    }
    apps
}
