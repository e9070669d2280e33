//! Access tokens: JWTs signed by Kabar's own key, and who comes with them.
//!
//! A JWT says which token it is and for which app it speaks. Whether that token still counts, and what it may be used
//! for, is asked of the store's directory with every request.

use std::sync::Mutex;

use aws_lc_rs::digest::{SHA256, digest};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, TokenId};
use kabar_store::directory::Token;
use serde::{Deserialize, Serialize};

use crate::auth::verified::Verified;

pub(crate) mod header;
mod verified;

const ISSUER: &str = "kabar";

/// No token of ours comes near this length, in bytes; longer ones are not even looked at.
const MAX_JWT_BYTES: usize = 4096;

/// Signs and verifies access tokens with one key. `Debug` shows nothing of the key.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    key_id: String,
    /// JWTs whose signature was found good: one that is used all the time costs no second look.
    verified: Mutex<Verified>,
}

/// What a verified JWT says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Which token it is (`jti`).
    pub token_id: TokenId,
    /// The app for which it speaks (`sub`).
    pub app: AppId,
}

/// Why a JWT is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is no JWT, not signed by this key with HS256, or it does not say what a token of ours says.
    #[error("the token is malformed or was not signed by this gateway")]
    Signature,
    /// It was valid once.
    #[error("the token has expired")]
    Expired,
}

/// What stands in a token. Other issuers' claims are passed over.
#[derive(Serialize, Deserialize)]
struct Body {
    iss: String,
    sub: String,
    /// The same as `sub`, under the name by which the OCA dialect's own tokens carry it.
    application: String,
    jti: String,
    iat: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(default)]
    scope: String,
}

impl Tokens {
    /// Tokens of this key. Any length does; 32 random bytes are right.
    pub fn new(key: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "sub"]);
        // The library reads the machine's clock for these; the end of a token is checked here against the time given.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let fingerprint = digest(&SHA256, key);
        let key_id: String = fingerprint.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
            key_id,
            verified: Mutex::new(Verified::default()),
        }
    }

    /// The JWT of a token. The same token and key always give the same text.
    pub fn sign(&self, token: &Token) -> String {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.key_id.clone());
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        let body = Body {
            iss: ISSUER.to_owned(),
            sub: token.app.to_string(),
            application: token.app.to_string(),
            jti: token.id.to_string(),
            iat: token.issued_at.as_seconds(),
            exp: token.expires_at.map(Moment::as_seconds),
            scope: scopes.join(" "),
        };
        jsonwebtoken::encode(&header, &body, &self.encoding).expect("HS256 signs any claims that are plain text")
    }

    /// What a JWT says, if this key signed it and it has not ended at `now`. There is no leeway: both clocks are ours.
    pub fn verify(&self, jwt: &str, now: Moment) -> Result<Claims, Invalid> {
        if jwt.len() > MAX_JWT_BYTES {
            return Err(Invalid::Signature);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, jwt.as_bytes()).as_ref());
        let known = self.verified().get(&hash);
        let (claims, ends_at) = match known {
            Some(known) => known,
            None => {
                let fresh = self.read(jwt)?;
                self.verified().put(hash, fresh.clone());
                fresh
            }
        };
        if ends_at.is_some_and(|end| end <= now) { Err(Invalid::Expired) } else { Ok(claims) }
    }

    fn read(&self, jwt: &str) -> Result<(Claims, Option<Moment>), Invalid> {
        let data =
            jsonwebtoken::decode::<Body>(jwt, &self.decoding, &self.validation).map_err(|_| Invalid::Signature)?;
        let body = data.claims;
        let token_id = TokenId::parse(&body.jti).map_err(|_| Invalid::Signature)?;
        let app = AppId::parse(&body.sub).map_err(|_| Invalid::Signature)?;
        Ok((Claims { token_id, app }, body.exp.map(Moment::from_seconds)))
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, Verified> {
        // What is in there stays right, whoever panicked while holding it.
        self.verified.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use kabar_store::directory::Scope;
    use uuid::Uuid;

    use super::*;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn token(expires_at: Option<Moment>) -> Token {
        Token {
            id: TokenId::from_uuid(Uuid::from_u128(7)),
            app: AppId::parse("demo").unwrap(),
            label: "tests".to_owned(),
            scopes: vec![Scope::Send, Scope::Templates],
            issued_at: Moment::from_seconds(1000),
            expires_at,
            revoked_at: None,
        }
    }

    fn part(jwt: &str, place: usize) -> serde_json::Value {
        let part = jwt.split('.').nth(place).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn a_signed_token_is_read_back() {
        let tokens = Tokens::new(KEY);
        let jwt = tokens.sign(&token(None));
        assert_eq!(jwt, Tokens::new(KEY).sign(&token(None)));
        let expected = Claims { token_id: token(None).id, app: token(None).app };
        // The second time it comes from the tokens that are known to be good.
        for _ in 0..2 {
            assert_eq!(tokens.verify(&jwt, Moment::from_seconds(i64::from(u32::MAX))), Ok(expected.clone()));
        }
        assert_eq!(
            part(&jwt, 1),
            serde_json::json!({
                "iss": "kabar", "sub": "demo", "application": "demo", "jti": "00000000-0000-0000-0000-000000000007",
                "iat": 1000, "scope": "send templates"
            })
        );
        assert_eq!(part(&jwt, 0)["alg"], "HS256");
        assert_eq!(part(&jwt, 0)["kid"], tokens.key_id);
    }

    #[test]
    fn a_token_ends_at_its_second_and_not_later() {
        let tokens = Tokens::new(KEY);
        let jwt = tokens.sign(&token(Some(Moment::from_seconds(2000))));
        assert_eq!(part(&jwt, 1)["exp"], 2000);
        assert!(tokens.verify(&jwt, Moment::from_millis(1_999_999)).is_ok());
        assert_eq!(tokens.verify(&jwt, Moment::from_seconds(2000)), Err(Invalid::Expired));
    }

    #[test]
    fn what_this_key_did_not_sign_with_this_algorithm_is_refused() {
        let tokens = Tokens::new(KEY);
        let good = tokens.sign(&token(None));
        let pieces: Vec<&str> = good.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let other_algorithm = {
            let body: Body = serde_json::from_value(part(&good, 1)).unwrap();
            jsonwebtoken::encode(&Header::new(Algorithm::HS384), &body, &tokens.encoding).unwrap()
        };
        let other_issuer = {
            let mut body: Body = serde_json::from_value(part(&good, 1)).unwrap();
            body.iss = "someone".to_owned();
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &body, &tokens.encoding).unwrap()
        };
        let other_app = {
            let mut claims = part(&good, 1);
            claims["sub"] = "another".into();
            URL_SAFE_NO_PAD.encode(claims.to_string())
        };
        for bad in [
            String::new(),
            "x".to_owned(),
            "a.b.c".to_owned(),
            "x".repeat(5000),
            Tokens::new(b"another key").sign(&token(None)),
            format!("{}.{}.", pieces[0], pieces[1]),
            format!("{none}.{}.", pieces[1]),
            format!("{none}.{}.{}", pieces[1], pieces[2]),
            format!("{}.{other_app}.{}", pieces[0], pieces[2]),
            other_algorithm,
            other_issuer,
        ] {
            assert_eq!(tokens.verify(&bad, Moment::from_seconds(0)), Err(Invalid::Signature), "{bad}");
        }
        assert!(tokens.verify(&good, Moment::from_seconds(0)).is_ok());
    }
}
