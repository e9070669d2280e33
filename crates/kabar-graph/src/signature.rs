//! The signature of a webhook: HMAC-SHA256 with the app secret over the bytes of the body as they came.

use aws_lc_rs::hmac;

const PREFIX: &str = "sha256=";
const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

/// The value of `X-Hub-Signature-256` for a body.
#[must_use]
pub fn sign(app_secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&key(app_secret), body);
    let mut value = String::with_capacity(PREFIX.len() + 64);
    value.push_str(PREFIX);
    for byte in tag.as_ref() {
        value.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    value
}

/// Whether the value of `X-Hub-Signature-256` fits the body, found in a time that does not depend on where they differ.
///
/// `body` is what came over the wire: parsed and written again it has other bytes. Whatever is malformed does not fit.
#[must_use]
pub fn verify(app_secret: &str, header_value: &str, body: &[u8]) -> bool {
    let Some(tag) = header_value.strip_prefix(PREFIX).and_then(from_hex) else { return false };
    hmac::verify(&key(app_secret), body, &tag).is_ok()
}

fn key(app_secret: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, app_secret.as_bytes())
}

/// The 32 bytes of 64 hexadecimal digits, in either case.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{sign, verify};

    /// RFC 4231, test case 2.
    const KNOWN: &str = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn the_known_vector_is_signed_and_verified() {
        assert_eq!(sign("Jefe", b"what do ya want for nothing?"), KNOWN);
        assert!(verify("Jefe", KNOWN, b"what do ya want for nothing?"));
        let upper = format!("sha256={}", KNOWN["sha256=".len()..].to_ascii_uppercase());
        assert!(verify("Jefe", &upper, b"what do ya want for nothing?"));
    }

    #[test]
    fn raw_bytes_are_signed() {
        let escaped = br#"{"name":"caf\u00e9"}"#;
        let plain = "{\"name\":\"café\"}".as_bytes();
        assert!(verify("s", &sign("s", escaped), escaped));
        assert!(!verify("s", &sign("s", escaped), plain));
        assert!(verify("s", &sign("s", b"\xff\xfe"), b"\xff\xfe"));
        assert!(verify("s", &sign("s", b""), b""));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let body = b"{}";
        let good = sign("secret", body);
        assert!(!verify("other", &good, body));
        assert!(!verify("secret", &good, b"{ }"));
        let longer = format!("{good}00");
        let flipped = format!("{}{}", &good[..good.len() - 1], if good.ends_with('0') { '1' } else { '0' });
        for bad in [
            "",
            "sha256=",
            "sha1=0000",
            &good[7..],
            &good[..good.len() - 1],
            &good[..good.len() - 2],
            &longer,
            &flipped,
            &good.replace("sha256", "SHA256"),
            &format!(" {good}"),
            &format!("sha256={}", "zz".repeat(32)),
            &format!("sha256={}", "é".repeat(32)),
        ] {
            assert!(!verify("secret", bad, body), "{bad:?}");
        }
    }
}
