//! The ids that the platform hands out. Random ones come from the system; the ids of things that come into being when
//! they are first named are derived from the name, so that a new sandbox gives the same ones again.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// A numeric id of 15 or 16 digits, as templates have.
pub(crate) fn numeric_id() -> String {
    in_digits(u64::from_le_bytes(bytes()))
}

/// The challenge of a webhook's handshake: ten digits.
pub(crate) fn challenge() -> String {
    (1_000_000_000 + u64::from_le_bytes(bytes()) % 9_000_000_000).to_string()
}

/// A seed for dice.
pub(crate) fn seed() -> u64 {
    // Short enough to be typed again, and exact in every JSON reader.
    u64::from_le_bytes(bytes()) % 1_000_000_000
}

/// Dice that always throw the same from the same seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice of one seed; each `number` has its own.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        Self(seed ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to 1, without it.
    pub(crate) fn fraction(&mut self) -> f64 {
        let thirty_two_bits = u32::try_from(self.next() >> 32).unwrap_or(u32::MAX);
        f64::from(thirty_two_bits) / (f64::from(u32::MAX) + 1.0)
    }

    /// From 0 to `most`.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        self.next() % most.saturating_add(1)
    }
}

/// The `fbtrace_id` of an error body.
pub(crate) fn trace_id() -> String {
    format!("A{}", URL_SAFE_NO_PAD.encode(bytes::<16>()))
}

/// The id of a message to the number of these digits: bytes of the platform's layout, in base64.
pub(crate) fn message_id(to_digits: &str) -> String {
    let token = bytes::<9>();
    let mut raw = vec![0x1c, 0x18, u8::try_from(to_digits.len()).unwrap_or(u8::MAX)];
    raw.extend_from_slice(to_digits.as_bytes());
    raw.extend_from_slice(&[0x15, 0x02, 0x00, 0x11, 0x18, 0x12]);
    for byte in token {
        raw.extend_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 0x0f)]);
    }
    raw.push(0);
    format!("wamid.{}", STANDARD.encode(raw))
}

/// The id that belongs to `name` and `salt`: 15 digits, always the same.
pub(crate) fn derived_id(name: &str, salt: u64) -> String {
    in_digits(hash(name, salt))
}

/// Seven digits that belong to `name`, for a telephone number.
pub(crate) fn derived_subscriber(name: &str) -> String {
    format!("{:07}", 2_000_000 + hash(name, 7) % 8_000_000)
}

fn in_digits(number: u64) -> String {
    (100_000_000_000_000 + number % 9_000_000_000_000_000).to_string()
}

/// FNV-1a with a last mixing step; it need not be secret, only spread out.
pub(crate) fn hash(text: &str, salt: u64) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 29;
    hash = hash.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^ (hash >> 32)
}

fn hex_digit(nibble: u8) -> u8 {
    b"0123456789ABCDEF"[usize::from(nibble & 0x0f)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_has_the_layout_of_the_platform() {
        let id = message_id("6281234567890");
        assert!(id.starts_with("wamid.HBgNNjI4MTIzNDU2Nzg5MBUCABEYE"), "{id}");
        assert_ne!(id, message_id("6281234567890"));
    }

    #[test]
    fn numeric_ids_have_15_or_16_digits() {
        for _ in 0..1000 {
            let id = numeric_id();
            assert!(matches!(id.len(), 15 | 16) && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
        }
        assert_eq!(derived_id("102290129340398", 0), derived_id("102290129340398", 0));
        assert_ne!(derived_id("102290129340398", 0), derived_id("102290129340399", 0));
        assert_eq!(derived_subscriber("1").len(), 7);
    }
}
