//! Cursors of the template list: where a page ended, in a form that says nothing to its bearer.
//!
//! A cursor is a version, the store's number of a template, and four bytes that a made-up text would hardly have. It
//! gives nobody access to anything, so it is checked and not signed.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const VERSION: u8 = 1;
const CHECKED: usize = 9;
const LENGTH: usize = 13;

/// The cursor at a template.
pub(super) fn write(seq: i64) -> String {
    let mut bytes = [0; LENGTH];
    bytes[0] = VERSION;
    bytes[1..CHECKED].copy_from_slice(&seq.to_be_bytes());
    let check = check(&bytes[..CHECKED]);
    bytes[CHECKED..].copy_from_slice(&check);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The template at which a cursor stands; `None` for every text that is no cursor of ours.
pub(super) fn read(text: &str) -> Option<i64> {
    let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    if bytes[0] != VERSION || bytes[CHECKED..] != check(&bytes[..CHECKED]) {
        return None;
    }
    Some(i64::from_be_bytes(bytes[1..CHECKED].try_into().ok()?))
}

fn check(bytes: &[u8]) -> [u8; LENGTH - CHECKED] {
    let hash = digest(&SHA256, bytes);
    let mut check = [0; LENGTH - CHECKED];
    check.copy_from_slice(&hash.as_ref()[..LENGTH - CHECKED]);
    check
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn only_cursors_are_cursors() {
        let good = write(42);
        assert_eq!(read(&good), Some(42));
        for bad in ["", "MAZDZD", "OQZDZD", "42", &good[1..], &format!("{good}A"), &good.to_lowercase(), "ééé", "===="]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
        let mut other_version = URL_SAFE_NO_PAD.decode(&good).unwrap();
        other_version[0] = 2;
        assert_eq!(read(&URL_SAFE_NO_PAD.encode(other_version)), None);
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_back(seq in any::<i64>()) {
            assert_eq!(read(&write(seq)), Some(seq));
        }

        #[test]
        fn any_other_text_is_none(text in ".{0,40}") {
            if let Some(seq) = read(&text) {
                assert_eq!(write(seq), text);
            }
        }
    }
}
