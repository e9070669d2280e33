//! What every dialect has at its entrance: who calls, and how often that caller may.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use kabar_domain::ids::AppId;
use kabar_engine::Gateway;
use kabar_store::directory::{Scope, Token};
use tokio::time::Instant;

use crate::auth::{Invalid, Tokens};
use crate::limit::{Limiter, Ticket};
use crate::metrics::Metrics;
use crate::sending::Sending;

/// What Kabar does alone takes no longer than this, from the last header of a request to its answer.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The entrance that both dialects share.
pub(crate) struct Door {
    pub(crate) gateway: Gateway,
    pub(crate) tokens: Tokens,
    pub(crate) limiter: Limiter,
    pub(crate) metrics: Metrics,
    pub(crate) max_body_bytes: usize,
    /// The dialect that messages are sent by, for the one that shows templates.
    pub(crate) sending: &'static dyn Sending,
    /// The address under which callers reach this gateway, where it is known.
    pub(crate) public_url: Option<String>,
    /// What the limiter counts from. Not the time of day, which may be put back.
    pub(crate) opened_at: Instant,
}

/// Who calls: an app, by a token that counts at this moment.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) app: AppId,
    token: Arc<Token>,
}

/// Why a JWT does not let its bearer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not valid.
    Invalid(Invalid),
    /// It is well signed, and there is no such token or app, or the token was revoked.
    Unknown,
}

impl Door {
    /// Who comes with this JWT.
    pub(crate) fn caller(&self, jwt: &str) -> Result<Caller, Refusal> {
        let claims = self.tokens.verify(jwt, self.gateway.clock().now()).map_err(Refusal::Invalid)?;
        let token = self.gateway.token(claims.token_id).ok_or(Refusal::Unknown)?;
        if token.revoked_at.is_some() || token.app != claims.app || !self.gateway.app(&claims.app) {
            return Err(Refusal::Unknown);
        }
        Ok(Caller { app: claims.app, token })
    }

    /// Counts one request of an app.
    pub(crate) fn ticket(&self, caller: &Caller, dialect: &'static str) -> Ticket {
        let ticket = self.limiter.take(&caller.app, self.opened_at.elapsed());
        if !ticket.admitted {
            self.metrics.rate_limited(dialect);
        }
        ticket
    }
}

impl Caller {
    /// Whether the token may be used for this.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.token.scopes.contains(&scope)
    }
}

/// What holds for every answer of a dialect: it comes in time, or is the dialect's own failure; and it tells the limit.
pub(crate) async fn finish(
    door: &Door,
    limit: Duration,
    failure: fn() -> Response,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match in_time(limit, request, next).await {
        Some(response) => response,
        None => {
            tracing::error!("a request was not answered in time");
            failure()
        }
    };
    door.limiter.write_unused(response.headers_mut());
    response
}

/// Runs the rest of the request, but not for ever: `None` when its time is up.
pub(crate) async fn in_time(limit: Duration, request: Request, next: Next) -> Option<Response> {
    tokio::time::timeout(limit, next.run(request)).await.ok()
}
