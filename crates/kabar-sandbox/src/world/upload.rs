//! Uploads of samples: what is known of a file, but not the file itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::graph::readback::sample_address;
use crate::world::World;

/// A file that is being uploaded, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Upload {
    /// The session's name, without `upload:`.
    pub(crate) session: String,
    /// What must be given along with the session's name.
    pub(crate) signature: String,
    pub(crate) app_id: String,
    pub(crate) file_name: String,
    pub(crate) file_type: String,
    pub(crate) n_bytes: u64,
    /// Bytes that have arrived.
    pub(crate) offset: u64,
    /// A checksum of the bytes that have arrived: 64 bits of FNV-1a.
    #[serde(default = "checksum_of_nothing")]
    pub(crate) checksum: u64,
    /// How many calls brought bytes, or should have.
    #[serde(default)]
    pub(crate) n_calls: u32,
    pub(crate) created_at: i64,
    /// The handle of a file that has arrived whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handle: Option<String>,
}

/// How long a session and a handle hold.
pub(crate) const HOLDS_MS: i64 = 30 * 24 * 3600 * 1000;
/// The place of the user among the parts of a handle.
const OWN_USER_AT: usize = 7;
/// Whose upload it is, in a handle. A handle with this user is one of the sandbox's own.
pub(crate) const USER: &str = "100000000000002";

pub(crate) const fn checksum_of_nothing() -> u64 {
    0xcbf2_9ce4_8422_2325
}

impl Upload {
    /// Takes bytes that have arrived.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.checksum = (self.checksum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.offset = self.offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    /// Whether its session, and then its handle, still holds.
    pub(crate) const fn holds(&self, now: i64) -> bool {
        self.created_at.saturating_add(HOLDS_MS) > now
    }

    /// What the sandbox tells of it.
    pub(crate) fn shown(&self, world: &World) -> Value {
        // A template keeps the address under which its sample is read back.
        let address = self.handle.as_deref().map(sample_address);
        let names = |components: &[Value], address: &str| Value::from(components).to_string().contains(address);
        let naming = world
            .templates
            .values()
            .filter(|template| address.as_ref().is_some_and(|address| names(&template.components, address)));
        let templates: Vec<&str> = naming.map(|template| template.id.as_str()).collect();
        json!({
            "app_id": self.app_id,
            "file_name": self.file_name,
            "file_type": self.file_type,
            "file_length": self.n_bytes,
            "file_offset": self.offset,
            "fnv1a64": format!("{:016x}", self.checksum),
            "calls": self.n_calls,
            "h": self.handle,
            "templates": templates,
        })
    }

    /// Whether the file can be the sample of a header of this format.
    pub(crate) fn fits(&self, format: &str) -> bool {
        match format {
            "IMAGE" => matches!(self.file_type.as_str(), "image/jpeg" | "image/jpg" | "image/png"),
            "VIDEO" | "GIF" => self.file_type == "video/mp4",
            "DOCUMENT" => self.file_type == "application/pdf",
            _ => false,
        }
    }
}

impl World {
    /// Whether a handle can be the sample of a header of this format. Own ones must have been given out, still hold, and be
    /// of the right type; a handle that does not look like an own one is of elsewhere, and is taken.
    pub(crate) fn takes_handle(&self, handle: &str, format: &str, now: i64) -> bool {
        let upload = self.uploads.values().find(|upload| upload.handle.as_deref() == Some(handle));
        match upload {
            Some(upload) => upload.fits(format) && upload.holds(now),
            None => handle.split(':').nth(OWN_USER_AT) != Some(USER),
        }
    }
}
