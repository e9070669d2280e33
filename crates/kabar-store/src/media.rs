//! Files that were uploaded to the upstream for messages.

use std::fmt;

use kabar_domain::clock::Moment;
use kabar_domain::ids::SenderId;
use kabar_domain::template::contract::MediaKind;

use aws_lc_rs::digest::{Context, SHA256};

/// What stands for a file of a sender: the sender, what the file is shown as, and its URL, none of which can be read out
/// of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileKey(pub(crate) [u8; 32]);

impl FileKey {
    /// The key of the file at this URL, as it is shown in messages of a sender.
    #[must_use]
    pub fn of(sender: &SenderId, kind: MediaKind, url: &str) -> Self {
        let mut hash = Context::new(&SHA256);
        for part in [sender.as_str(), kind.word(), url] {
            hash.update(&part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.copy_from_slice(hash.finish().as_ref());
        Self(key)
    }

    /// Some of its bits, which are as good as random.
    #[must_use]
    pub const fn bits(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// Its 64 hexadecimal digits.
    pub(crate) fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key with these digits.
    pub(crate) fn of_hex(text: &str) -> Option<Self> {
        let mut key = [0; 32];
        if text.len() != 2 * key.len() || !text.is_ascii() {
            return None;
        }
        for (place, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
        }
        Some(Self(key))
    }
}

/// A few digits, enough to know it again in a log.
impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex()[..12])
    }
}

/// A file that the upstream has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMedia {
    /// What stands for it.
    pub key: FileKey,
    /// By what messages name it.
    pub media_id: String,
    /// The hash of its content.
    pub sha256: [u8; 32],
    /// With what its server is asked whether it has changed.
    pub etag: Option<String>,
    /// Likewise.
    pub last_modified: Option<String>,
    /// When it was uploaded.
    pub uploaded_at: Moment,
    /// When it was last seen that its server has no other file there.
    pub checked_at: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_files_apart_and_is_read_back() {
        let [one, other] = ["100", "1001"].map(|id| SenderId::parse(id).unwrap());
        let key = FileKey::of(&one, MediaKind::Image, "https://a.example/b.png");
        assert_eq!(key, FileKey::of(&one, MediaKind::Image, "https://a.example/b.png"));
        for (sender, kind, url) in [
            (&other, MediaKind::Image, "https://a.example/b.png"),
            (&one, MediaKind::Document, "https://a.example/b.png"),
            (&one, MediaKind::Image, "https://a.example/b.pn"),
        ] {
            assert_ne!(key, FileKey::of(sender, kind, url));
        }
        assert_eq!(FileKey::of_hex(&key.to_hex()), Some(key));
        for wrong in ["", "ab", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(FileKey::of_hex(wrong), None);
        }
    }
}
