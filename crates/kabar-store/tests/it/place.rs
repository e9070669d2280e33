//! Where the store of a test lies.

use std::path::{Path, PathBuf};

use kabar_store::location::Location;
use kabar_store::{Options, Store};
use tempfile::TempDir;

/// A place for one store, gone at the end of the test.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn options(&self) -> Options {
        Options::new(Location::in_folder(self.folder.path()))
    }

    /// Opens the store as the process that serves.
    pub(crate) async fn open(&self) -> Store {
        Store::open(self.options()).await.unwrap()
    }

    /// The store as a process finds it after another was killed at this moment.
    pub(crate) fn after_a_crash(&self) -> Self {
        let copy = Self::sqlite();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let entry = entry.unwrap();
            // The index of the log is made anew by whoever finds it missing.
            if !entry.file_name().to_string_lossy().ends_with("-shm") {
                std::fs::copy(entry.path(), copy.folder.path().join(entry.file_name())).unwrap();
            }
        }
        copy
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
