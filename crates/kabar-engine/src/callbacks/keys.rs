//! Keys of callbacks, and signatures made with them, as Standard Webhooks 1.0 wants both.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kabar_domain::callback::Signing;
use kabar_domain::clock::Moment;
use kabar_store::callback::SigningKey;
use uuid::Uuid;

/// How many random bytes a key is made of: what Ed25519 needs, and between the 24 and 64 that HMAC may have.
const KEY_BYTES: usize = 32;

/// The machine gives no random numbers, or none that make a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the machine gives no random numbers")]
pub struct NoRandom;

/// A new key.
pub fn fresh(signing: Signing) -> Result<SigningKey, NoRandom> {
    let mut secret = vec![0; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_| NoRandom)?;
    let public = match signing {
        Signing::Hmac => None,
        Signing::Ed25519 => Some(pair(&secret).ok_or(NoRandom)?.public_key().as_ref().to_vec()),
    };
    Ok(SigningKey { signing, secret, public })
}

/// What the app verifies with: the secret that both sides share, or the public half of the pair.
pub fn shown(key: &SigningKey) -> String {
    match &key.public {
        Some(public) => shown_public(public),
        None => format!("whsec_{}", STANDARD.encode(&key.secret)),
    }
}

/// The public half of a pair, as it is written.
pub fn shown_public(public: &[u8]) -> String {
    format!("whpk_{}", STANDARD.encode(public))
}

/// The value of `webhook-signature`: a signature of each key over the event's id, the second of the call and the body.
pub(super) fn signatures(keys: &[SigningKey], event: Uuid, at: Moment, body: &str) -> String {
    let signed = format!("{event}.{}.{body}", at.as_seconds());
    let signatures: Vec<String> = keys.iter().filter_map(|key| signature(key, signed.as_bytes())).collect();
    signatures.join(" ")
}

fn signature(key: &SigningKey, signed: &[u8]) -> Option<String> {
    match key.signing {
        Signing::Hmac => {
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key.secret), signed);
            Some(format!("v1,{}", STANDARD.encode(tag.as_ref())))
        }
        Signing::Ed25519 => {
            let signature = pair(&key.secret)?.sign(signed);
            Some(format!("v1a,{}", STANDARD.encode(signature.as_ref())))
        }
    }
}

fn pair(seed: &[u8]) -> Option<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed).ok()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    /// The example of the official libraries' tests.
    #[test]
    fn a_signature_is_the_one_of_the_standard() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let key = SigningKey { signing: Signing::Hmac, secret, public: None };
        assert_eq!(shown(&key), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signature(&key, signed.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn a_pair_signs_what_its_public_half_verifies() {
        let key = fresh(Signing::Ed25519).unwrap();
        let (event, at) = (Uuid::from_u128(7), Moment::from_millis(1_700_000_000_999));
        let written = signatures(std::slice::from_ref(&key), event, at, "{}");
        let signature = STANDARD.decode(written.strip_prefix("v1a,").unwrap()).unwrap();
        let public = STANDARD.decode(shown(&key).strip_prefix("whpk_").unwrap()).unwrap();
        let signed = "00000000-0000-0000-0000-000000000007.1700000000.{}";
        UnparsedPublicKey::new(&ED25519, public).verify(signed.as_bytes(), &signature).unwrap();
    }

    #[test]
    fn while_two_keys_overlap_both_sign() {
        let keys = [fresh(Signing::Ed25519).unwrap(), fresh(Signing::Hmac).unwrap()];
        let written = signatures(&keys, Uuid::from_u128(7), Moment::from_seconds(1), "{}");
        let versions: Vec<&str> = written.split(' ').map(|one| one.split_once(',').unwrap().0).collect();
        assert_eq!(versions, ["v1a", "v1"]);
        assert_ne!(fresh(Signing::Hmac).unwrap(), fresh(Signing::Hmac).unwrap());
    }
}
