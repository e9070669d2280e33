//! Files that were uploaded for messages: what is known of a file, but not the file itself.

use serde::{Deserialize, Serialize};

use crate::random;
use crate::world::World;
use crate::world::upload::HOLDS_MS;

/// With what the ids of the sandbox's own files begin. The platform's ids look otherwise, so a file of this sandbox is told
/// from one of elsewhere.
const OWN_IDS: &str = "8800";

/// A file that was uploaded for messages of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) id: String,
    pub(crate) phone_number_id: String,
    pub(crate) mime_type: String,
    pub(crate) n_bytes: u64,
    /// 64 bits of FNV-1a.
    pub(crate) checksum: u64,
    pub(crate) created_at: i64,
}

impl Media {
    /// Whether it can still be named: for as long as samples hold.
    pub(crate) const fn holds(&self, now: i64) -> bool {
        self.created_at.saturating_add(HOLDS_MS) > now
    }

    /// Whether it can be shown as this kind of parameter.
    pub(crate) fn fits(&self, kind: &str) -> bool {
        match kind {
            "image" => self.mime_type.starts_with("image/"),
            "video" => self.mime_type.starts_with("video/"),
            "gif" => self.mime_type == "video/mp4",
            _ => ["application/", "text/"].iter().any(|family| self.mime_type.starts_with(family)),
        }
    }
}

impl World {
    /// An id for a new file.
    pub(crate) fn new_media_id(&self) -> String {
        loop {
            let id = format!("{OWN_IDS}{:012}", random::hash(&random::trace_id(), 29) % 1_000_000_000_000);
            if !self.media.contains_key(&id) && self.node(&id).is_none() {
                return id;
            }
        }
    }

    /// Whether a message of a number can name this id as this kind of file. Own ones must have been given out to this very
    /// number, still hold, and be of the right type; an id that does not look like an own one is of elsewhere, and is taken.
    pub(crate) fn takes_media(&self, id: &str, kind: &str, phone_number_id: &str, now: i64) -> bool {
        match self.media.get(id) {
            Some(media) => media.phone_number_id == phone_number_id && media.holds(now) && media.fits(kind),
            None => !id.starts_with(OWN_IDS),
        }
    }
}
