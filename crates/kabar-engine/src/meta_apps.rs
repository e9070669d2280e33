//! The Meta apps that call our webhook address, each with a secret of its own.

use std::collections::BTreeSet;
use std::fmt;

use kabar_graph::signature;

/// A Meta app whose webhooks are taken.
#[derive(Clone, PartialEq, Eq)]
pub struct MetaApp {
    /// What it is called in the journal: its id, or any other name.
    pub name: String,
    /// With what it signs.
    pub secret: String,
    /// The accounts (WABA ids) that it alone speaks for. Without any it speaks for all that no other app has.
    pub accounts: BTreeSet<String>,
}

impl fmt::Debug for MetaApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetaApp").field("name", &self.name).field("accounts", &self.accounts).finish_non_exhaustive()
    }
}

/// All of them.
#[derive(Debug)]
pub(crate) struct MetaApps(Vec<MetaApp>);

impl MetaApps {
    pub(crate) const fn new(apps: Vec<MetaApp>) -> Self {
        Self(apps)
    }

    /// The app whose secret a signature was made with.
    pub(crate) fn signer(&self, signature: Option<&str>, body: &[u8]) -> Option<&MetaApp> {
        let signature = signature?;
        self.0.iter().find(|app| signature::verify(&app.secret, signature, body))
    }

    /// Whether an app speaks for an account. A report that names no account is anybody's.
    pub(crate) fn speaks_for(&self, app: &MetaApp, account: &str) -> bool {
        let is_somebodys = self.0.iter().any(|one| one.accounts.contains(account));
        account.is_empty() || app.accounts.contains(account) || (app.accounts.is_empty() && !is_somebodys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(name: &str, accounts: &[&str]) -> MetaApp {
        MetaApp {
            name: name.to_owned(),
            secret: format!("secret of {name}"),
            accounts: accounts.iter().map(|&id| id.to_owned()).collect(),
        }
    }

    #[test]
    fn each_app_is_known_by_its_secret() {
        let apps = MetaApps::new(vec![app("a", &[]), app("b", &[])]);
        let body = b"{}";
        for name in ["a", "b"] {
            let signature = signature::sign(&format!("secret of {name}"), body);
            assert_eq!(apps.signer(Some(&signature), body).map(|app| app.name.as_str()), Some(name));
        }
        let stranger = signature::sign("secret of c", body);
        assert_eq!((apps.signer(Some(&stranger), body), apps.signer(None, body)), (None, None));
        assert_eq!(apps.signer(Some(&signature::sign("secret of a", body)), b"{ }"), None);
    }

    #[test]
    fn an_account_that_belongs_to_one_app_is_spoken_for_by_no_other() {
        let (all, one, two) = (app("all", &[]), app("one", &["1"]), app("two", &["2"]));
        let apps = MetaApps::new(vec![all.clone(), one.clone(), two.clone()]);
        for (app, account, speaks) in [
            (&one, "1", true),
            (&two, "1", false),
            (&all, "1", false),
            (&all, "3", true),
            (&one, "3", false),
            (&one, "2", false),
            (&one, "", true),
        ] {
            assert_eq!(apps.speaks_for(app, account), speaks, "{} {account}", app.name);
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        assert!(!format!("{:?}", app("a", &["1"])).contains("secret of"));
    }
}
