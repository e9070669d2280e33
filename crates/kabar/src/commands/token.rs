//! `kabar token`

use kabar_domain::clock::{Clock, Moment};
use kabar_domain::ids::TokenId;
use kabar_store::directory::{Scope, Token};

use crate::cli::TokenCommand;
use crate::commands::store::{Make, open};
use crate::{output, server};

pub(crate) async fn run(command: TokenCommand) -> anyhow::Result<()> {
    let clock = Clock::system();
    match command {
        TokenCommand::Issue { app, mut scope, expires, label, store } => {
            scope.sort();
            scope.dedup();
            let kept = open(&store, Make::No).await?;
            let issued_at = Moment::from_seconds(clock.now().as_seconds());
            let token = Token {
                id: TokenId::from_uuid(clock.msgid().as_uuid()),
                app,
                label,
                scopes: scope,
                issued_at,
                expires_at: expires.map(|period| issued_at.plus(period)),
                revoked_at: None,
            };
            kept.issue_token(token.clone()).await?;
            let jwt = server::token_signer(&kept).await?.sign(&token);
            kept.close().await;
            output::words(&format!("issued the token {} for the app {}; it is shown only now:", token.id, token.app));
            output::data(&jwt);
        }
        TokenCommand::List { app, list } => {
            let kept = open(&list.store, Make::No).await?;
            let tokens = kept.directory().await?.tokens;
            kept.close().await;
            let now = clock.now();
            let rows: Vec<Vec<String>> = tokens
                .iter()
                .filter(|token| app.as_ref().is_none_or(|app| token.app == *app))
                .map(|token| row(token, now))
                .collect();
            output::list(&["id", "app", "label", "scope", "issued_at", "expires_at", "state"], &rows, list.output);
        }
        TokenCommand::Revoke { id, store } => {
            let kept = open(&store, Make::No).await?;
            let revoked = kept.revoke_token(id, clock.now()).await?;
            kept.close().await;
            anyhow::ensure!(revoked, "there is no token with the id {id}");
            output::words(&format!("revoked the token {id}"));
        }
    }
    Ok(())
}

fn row(token: &Token, now: Moment) -> Vec<String> {
    let scopes: Vec<&str> = token.scopes.iter().copied().map(Scope::as_str).collect();
    let state = match (token.revoked_at, token.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now => "expired",
        (None, _) => "valid",
    };
    vec![
        token.id.to_string(),
        token.app.to_string(),
        token.label.clone(),
        scopes.join(","),
        token.issued_at.to_string(),
        token.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string()),
        state.to_owned(),
    ]
}
