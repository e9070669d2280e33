//! A file that tells another program that this one is ready, and where.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

/// Writes `content` as JSON: the file is there whole, or not at all.
pub(crate) fn write(path: &Path, content: &impl Serialize) -> anyhow::Result<()> {
    let write = || -> anyhow::Result<()> {
        let mut name = path.file_name().context("it names no file")?.to_os_string();
        name.push(format!(".{}.new", std::process::id()));
        let beside = path.with_file_name(name);
        let mut file = fs::File::create(&beside)?;
        serde_json::to_writer(&mut file, content)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        Ok(())
    };
    write().with_context(|| format!("could not write the ready file {}", path.display()))
}

/// Takes away what an earlier run left, so that nobody takes it for this one's.
pub(crate) fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(err) => Err(err).with_context(|| format!("could not remove the old ready file {}", path.display())),
    }
}
