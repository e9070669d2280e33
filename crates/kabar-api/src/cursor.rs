//! Cursors of lists: where a page ended, in a form that says nothing to its bearer.
//!
//! A cursor is a version, the bytes of a place, and four bytes that a made-up text would hardly have. It gives nobody access
//! to anything, so it is checked and not signed.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const VERSION: u8 = 1;
const CHECK: usize = 4;

/// The cursor at a place.
pub(crate) fn write(place: &[u8]) -> String {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(place);
    bytes.extend(check(&bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place at which a cursor stands, of so many bytes; `None` for every text that is no cursor of ours.
pub(crate) fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (checked, sum) = bytes.split_last_chunk::<CHECK>()?;
    let (version, place) = checked.split_first()?;
    if *version != VERSION || *sum != check(checked) {
        return None;
    }
    place.try_into().ok()
}

fn check(bytes: &[u8]) -> [u8; CHECK] {
    let hash = digest(&SHA256, bytes);
    let mut check = [0; CHECK];
    check.copy_from_slice(&hash.as_ref()[..CHECK]);
    check
}
