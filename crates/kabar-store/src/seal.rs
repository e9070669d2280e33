//! Secrets at rest: AES-256-GCM with a key that lies in a file beside the database.
//!
//! It protects a copy of the database that travels without the key: a backup, a file sent to somebody who looks for a
//! fault. Who can read both files reads the secrets. What is sealed is bound to the name of its row, so that it opens in no other.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};

use crate::Error;

/// The first byte of everything sealed, so that another way of sealing can be told apart later.
const VERSION: u8 = 1;
const NONCE: usize = 12;
const KEY: usize = 32;

/// Seals and opens with the key of one file.
pub(crate) struct Seal {
    key: RandomizedNonceKey,
    path: PathBuf,
}

impl Seal {
    /// Reads the key. Where there is none, one is made if `may_make`; otherwise the key was lost, and so it is the wrong one.
    pub(crate) fn open(path: PathBuf, may_make: bool) -> Result<Self, Error> {
        let bytes = match read(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(wrong_key(&path)),
            Err(err) if err.kind() == ErrorKind::NotFound && may_make => {
                make(&path).map_err(|err| failed("make", &path, &err))?
            }
            Err(err) if err.kind() == ErrorKind::NotFound => return Err(wrong_key(&path)),
            Err(err) => return Err(failed("read", &path, &err)),
        };
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| wrong_key(&path))?;
        Ok(Self { key, path })
    }

    /// Seals a value for the row of that name.
    pub(crate) fn seal(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, Error> {
        let mut text = value.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut text)
            .map_err(|_| Error::Engine("a secret could not be sealed".to_owned()))?;
        let mut sealed = Vec::with_capacity(1 + NONCE + text.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Opens what was sealed for the row of that name. [`Error::WrongKey`] for anything else.
    pub(crate) fn open_sealed(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let wrong = || wrong_key(&self.path);
        let (&version, rest) = sealed.split_first().ok_or_else(wrong)?;
        if version != VERSION {
            return Err(Error::Engine(format!(
                "a secret is sealed in a way ({version}) that this program does not know"
            )));
        }
        let (nonce, text) = rest.split_at_checked(NONCE).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut text = text.to_vec();
        let value = self.key.open_in_place(nonce, Aad::from(name.as_bytes()), &mut text).map_err(|_| wrong())?;
        Ok(value.to_vec())
    }
}

/// The key; `None` if the file holds something else.
fn read(path: &Path) -> std::io::Result<Option<[u8; KEY]>> {
    let mut bytes = Vec::with_capacity(KEY + 1);
    File::open(path)?.take(KEY as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes.try_into().ok())
}

fn make(path: &Path) -> std::io::Result<[u8; KEY]> {
    let mut bytes = [0_u8; KEY];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| std::io::Error::other("no random bytes"))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    // The name must last as long as what is sealed with the key.
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(bytes)
}

fn wrong_key(path: &Path) -> Error {
    Error::WrongKey { path: path.display().to_string() }
}

fn failed(what: &str, path: &Path, err: &std::io::Error) -> Error {
    Error::Engine(format!("could not {what} the key file {}: {err}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_name_open_what_was_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::open(folder.path().join("one"), true).unwrap();
        let again = Seal::open(folder.path().join("one"), false).unwrap();
        let other = Seal::open(folder.path().join("two"), true).unwrap();

        let sealed = seal.seal("a", b"word").unwrap();
        assert_ne!(sealed, seal.seal("a", b"word").unwrap(), "the same word never looks the same twice");
        assert!(!sealed.windows(4).any(|part| part == b"word"));
        assert_eq!(again.open_sealed("a", &sealed).unwrap(), b"word");
        assert!(matches!(seal.open_sealed("b", &sealed), Err(Error::WrongKey { .. })));
        assert!(matches!(other.open_sealed("a", &sealed), Err(Error::WrongKey { path }) if path.ends_with("two")));

        for end in 0..sealed.len() {
            assert!(seal.open_sealed("a", &sealed[..end]).is_err(), "cut at {end}");
        }
        let mut changed = sealed;
        *changed.last_mut().unwrap() ^= 1;
        assert!(seal.open_sealed("a", &changed).is_err());
    }

    #[test]
    fn a_key_is_made_only_when_it_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(matches!(Seal::open(path.clone(), false), Err(Error::WrongKey { .. })));
        assert!(!path.exists());
        Seal::open(path.clone(), true).unwrap();
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777, 0o600);
        std::fs::write(&path, b"short").unwrap();
        assert!(matches!(Seal::open(path, true), Err(Error::WrongKey { .. })));
    }
}
