//! Uploads of samples: what is known of a file, but not the file itself.

use serde::{Deserialize, Serialize};

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
    pub(crate) created_at: i64,
    /// The handle of a file that has arrived whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handle: Option<String>,
}

impl Upload {
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
    /// The upload that gave a handle.
    pub(crate) fn upload_of_handle(&self, handle: &str) -> Option<&Upload> {
        self.uploads.values().find(|upload| upload.handle.as_deref() == Some(handle))
    }
}
