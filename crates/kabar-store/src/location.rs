//! Where a store is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a store is, as its configuration names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// One SQLite file. What belongs to it lies beside it: the write-ahead log, and the key that seals secrets.
    Sqlite(PathBuf),
}

impl Location {
    /// The SQLite file of a data folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self::Sqlite(folder.join("kabar.db"))
    }
}

/// `sqlite:PATH`, or a path alone.
impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        if path.is_empty() {
            return Err("a store is written as sqlite:PATH".to_owned());
        }
        if path.contains("://") {
            return Err(format!("no store can be at {path}; write sqlite:PATH"));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
        }
    }
}
