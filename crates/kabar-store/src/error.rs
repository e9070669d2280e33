//! What can go wrong in the store.

use kabar_domain::ids::{AppId, SenderId};

/// Why a command was not carried out. Whatever is said, nothing of the command was kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// There is an app of that id already.
    #[error("an app with the id {0} exists already")]
    AppExists(AppId),
    /// There is no such app.
    #[error("there is no app with the id {0}")]
    NoSuchApp(AppId),
    /// Another app has that sender.
    #[error("the sender {sender} belongs to the app {owner}")]
    SenderTaken {
        /// The sender.
        sender: SenderId,
        /// Whose it is.
        owner: AppId,
    },
    /// The app has as many callbacks as it may have.
    #[error("an app may have {most} callbacks")]
    TooManyCallbacks {
        /// How many it may have.
        most: u32,
    },
    /// The disk has no room left, or takes no more from this process.
    #[error("the disk is full")]
    DiskFull,
    /// The database was made by a newer version of the program.
    #[error("the database is of version {found}, newer than this program knows ({known}); use the newer program")]
    NewerDatabase {
        /// The version of the database.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// Another process serves from this data folder.
    #[error("{path} is in use by another process")]
    InUse {
        /// The folder.
        path: String,
    },
    /// The key file does not open what is in the database.
    #[error("{path} is not the key with which this database was written")]
    WrongKey {
        /// The key file.
        path: String,
    },
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// The engine failed; the text is for operators.
    #[error("the database failed: {0}")]
    Engine(String),
}
