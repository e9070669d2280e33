//! The journal: every webhook call of the upstream, byte for byte.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use kabar_domain::clock::Moment;

/// Bodies that are shorter gain little, and are kept as they are.
const WORTH_DEFLATING: usize = 1024;

/// A call that was refused is kept up to this many bytes of its body. Who can't sign can't fill the disk.
pub const MOST_REFUSED_BYTES: usize = 64 * 1024;

/// So many refused calls are kept, the newest.
pub const MOST_REFUSED: u32 = 1000;

/// A webhook call, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    /// When it came.
    pub received_at: Moment,
    /// The Meta app whose secret its signature was made with; `None` if it was refused.
    pub signed_by: Option<String>,
    /// What stood in `X-Hub-Signature-256`.
    pub signature: Option<String>,
    /// Its body: all of it, unless the call was refused.
    pub body: Vec<u8>,
}

/// A webhook call that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCall {
    /// Its number; later calls have higher ones.
    pub id: i64,
    /// As it was kept.
    pub call: NewCall,
}

/// What is told of a call in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallHead {
    /// Its number.
    pub id: i64,
    /// When it came.
    pub received_at: Moment,
    /// The Meta app that signed it; `None` if it was refused.
    pub signed_by: Option<String>,
    /// How long its body is, in bytes.
    pub n_bytes: u32,
    /// How much of the disk its body takes, in bytes.
    pub n_kept: u32,
}

impl CallHead {
    /// The place after it.
    pub const fn place(&self) -> Place {
        Place { at: self.received_at, id: self.id }
    }
}

/// A part of the journal: from one moment up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first moment.
    pub from: Moment,
    /// The moment after the last.
    pub to: Moment,
}

/// A place in the journal: after this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// When the call came.
    pub at: Moment,
    /// Its number; below the first, if no call was looked at yet.
    pub id: i64,
}

impl Range {
    /// The place before its first call.
    pub const fn start(&self) -> Place {
        Place { at: self.from, id: 0 }
    }
}

/// What came of a part of the journal that was taken in once more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls that were looked at.
    pub calls: u32,
    /// Of these, those whose signature fits no secret.
    pub refused: u32,
    /// Those that could not be read.
    pub unreadable: u32,
    /// Reports of messages that were news.
    pub news: u32,
    /// Reports that were known.
    pub known: u32,
    /// Reports of messages that nobody knows.
    pub uncorrelated: u32,
}

/// A wish to have a part of the journal taken in once more, and how far that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    /// Its number.
    pub id: i64,
    /// Which part.
    pub range: Range,
    /// Up to where it was looked at.
    pub place: Place,
    /// What came of it so far.
    pub tally: Tally,
    /// When all was done.
    pub done_at: Option<Moment>,
}

/// A body, as it lies on the disk.
pub(crate) fn packed(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() < WORTH_DEFLATING {
        return None;
    }
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Writing into memory does not fail.
    let packed = encoder.write_all(body).and_then(|()| encoder.finish()).ok()?;
    (packed.len() < body.len()).then_some(packed)
}

/// The body that was packed, of so many bytes; `None` if it is none.
pub(crate) fn unpacked(kept: Vec<u8>, n_bytes: u32) -> Option<Vec<u8>> {
    let n_bytes = usize::try_from(n_bytes).ok()?;
    if kept.len() == n_bytes {
        return Some(kept);
    }
    let mut body = Vec::with_capacity(n_bytes);
    DeflateDecoder::new(kept.as_slice()).take(n_bytes as u64).read_to_end(&mut body).ok()?;
    (body.len() == n_bytes).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_back_byte_for_byte() {
        let long = br#"{"object":"whatsapp_business_account","entry":[{"id":"1\u00e9"}]}"#.repeat(100);
        let packed = packed(&long).unwrap();
        assert!(packed.len() < long.len() / 10);
        assert_eq!(unpacked(packed, u32::try_from(long.len()).unwrap()), Some(long));
    }

    #[test]
    fn what_gains_nothing_stays_as_it_is() {
        assert_eq!(packed(b"{}"), None);
        let noise: Vec<u8> = (0..5000_u32).flat_map(|n| n.wrapping_mul(0x9E37_79B1).to_be_bytes()).collect();
        let kept = packed(&noise).unwrap_or_else(|| noise.clone());
        assert_eq!(unpacked(kept, u32::try_from(noise.len()).unwrap()), Some(noise));
    }

    #[test]
    fn a_broken_body_is_none() {
        assert_eq!(unpacked(vec![1, 2, 3], 10), None);
    }
}
