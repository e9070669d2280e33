//! Where files lie until they are uploaded, and how they come there: judged as early as their first bytes allow.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use kabar_domain::fault::Path;
use kabar_domain::sample::{self, Kind, LOOKED_AT_BYTES, Looks, Purpose};
use kabar_outbound::Pieces;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::media::SampleError;

/// How much of a file is read at once while it is uploaded.
const PIECE_BYTES: usize = 256 * 1024;

/// The places for files.
#[derive(Debug)]
pub(crate) struct Spool {
    places: Arc<Semaphore>,
    folder: PathBuf,
}

impl Spool {
    pub(crate) fn new(folder: PathBuf, places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), folder }
    }

    pub(crate) async fn receive(
        &self,
        purpose: Purpose,
        path: Path,
        patience: Duration,
    ) -> Result<Receiving, SampleError> {
        let incoming = tokio::time::timeout(patience, self.open()).await.map_err(|_| SampleError::Busy)??;
        Ok(Receiving { incoming, declared: None, purpose, path })
    }

    /// An empty file, as soon as there is a place for it.
    pub(crate) async fn open(&self) -> io::Result<Incoming> {
        let place = Arc::clone(&self.places).acquire_owned().await.expect("the places are never closed");
        let folder = self.folder.clone();
        let file = blocking(move || tempfile::tempfile_in(folder)).await?;
        Ok(Incoming { file: Arc::new(file), first: Vec::new(), len: 0, hash: Context::new(&SHA256), place })
    }
}

/// A file that is being written.
pub(crate) struct Incoming {
    file: Arc<File>,
    /// Its first [`LOOKED_AT_BYTES`], or all that has come.
    pub(crate) first: Vec<u8>,
    pub(crate) len: u64,
    hash: Context,
    place: OwnedSemaphorePermit,
}

impl Incoming {
    /// Counts the next bytes, and keeps them if they are among the first. They must be written thereafter.
    fn note(&mut self, bytes: &Bytes) {
        let wanted = LOOKED_AT_BYTES - self.first.len();
        self.first.extend_from_slice(&bytes[..bytes.len().min(wanted)]);
        self.len += bytes.len() as u64;
    }

    async fn write_noted(&mut self, bytes: Bytes) -> io::Result<()> {
        self.hash.update(&bytes);
        let (file, at) = (Arc::clone(&self.file), self.len - bytes.len() as u64);
        blocking(move || file.write_all_at(&bytes, at)).await
    }

    /// Takes the next bytes. Whether it is worth while is for the caller to judge.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        self.note(&bytes);
        self.write_noted(bytes).await
    }

    /// The file, whole.
    pub(crate) fn finish(self) -> Written {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.hash.finish().as_ref());
        Written { file: self.file, len: self.len, sha256, _place: self.place }
    }
}

/// A whole file. It goes away with this.
#[derive(Debug)]
pub(crate) struct Written {
    file: Arc<File>,
    pub(crate) len: u64,
    pub(crate) sha256: [u8; 32],
    _place: OwnedSemaphorePermit,
}

impl Written {
    /// Its bytes from a place on, read while they are sent.
    pub(crate) fn pieces(&self, from: u64) -> Pieces {
        let file = Arc::clone(&self.file);
        let end = self.len;
        Pieces::new(from, end, move |at| {
            let file = Arc::clone(&file);
            let wanted = usize::try_from(end - at).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
            blocking(move || {
                let mut piece = vec![0; wanted];
                file.read_exact_at(&mut piece, at)?;
                Ok(Bytes::from(piece))
            })
        })
    }
}

/// A file that is coming.
pub struct Receiving {
    incoming: Incoming,
    declared: Option<String>,
    purpose: Purpose,
    path: Path,
}

impl Receiving {
    /// Notes the type that its sender declares.
    pub fn declare(&mut self, mime: &str) {
        self.declared = Some(mime.to_owned());
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`SampleError::Faults`] as soon as it is certain that no sample can come of it: nothing more need be read then.
    pub async fn take(&mut self, bytes: Bytes) -> Result<(), SampleError> {
        self.incoming.note(&bytes);
        let Incoming { first, len, .. } = &self.incoming;
        if first.len() == LOOKED_AT_BYTES && *len >= sample::bytes_worth_reading(first, self.purpose) {
            self.judge()?;
        }
        self.incoming.write_noted(bytes).await?;
        Ok(())
    }

    /// The file, now that it is whole.
    ///
    /// # Errors
    ///
    /// [`SampleError::Faults`] with everything that is wrong with it.
    pub fn finish(self) -> Result<Spooled, SampleError> {
        let kind = self.judge()?;
        Ok(Spooled { file: self.incoming.finish(), kind, path: self.path })
    }

    fn judge(&self) -> Result<Kind, SampleError> {
        let looks = Looks { first: &self.incoming.first, len: self.incoming.len, declared: self.declared.as_deref() };
        sample::check(looks, self.purpose, &self.path).map_err(SampleError::Faults)
    }
}

impl std::fmt::Debug for Receiving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiving")
            .field("len", &self.incoming.len)
            .field("declared", &self.declared)
            .finish_non_exhaustive()
    }
}

/// A whole file that can be a sample. It goes away with this.
#[derive(Debug)]
pub struct Spooled {
    pub(crate) file: Written,
    pub(crate) kind: Kind,
    /// Where it stands in the request.
    pub(crate) path: Path,
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|err| Err(io::Error::other(err)))
}
