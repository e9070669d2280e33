//! How long the disk takes to make an append last: what every durable figure on this machine stands on.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use tokio::time::Instant;

use crate::figures::Figures;

/// How many appends are synced.
pub(crate) const APPENDS: usize = 200;
/// The size of each in bytes: a page, as a database writes.
const APPEND_BYTES: usize = 4096;

/// The time of an append with `fdatasync` in this folder, in microseconds.
pub(crate) async fn sync_time(folder: &Path) -> anyhow::Result<Figures> {
    let folder = folder.to_owned();
    let probe = tokio::task::spawn_blocking(move || probe(&folder));
    probe.await.context("the probe of the disk ended")?.context("the disk could not be probed")
}

fn probe(folder: &Path) -> anyhow::Result<Figures> {
    let path = folder.join("sync-probe");
    let mut file = File::create(&path)?;
    let page = [7_u8; APPEND_BYTES];
    let mut micros = Vec::with_capacity(APPENDS);
    for _ in 0..APPENDS {
        let begun = Instant::now();
        file.write_all(&page)?;
        file.sync_data()?;
        micros.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    std::fs::remove_file(&path)?;
    Figures::of(micros).context("nothing was measured")
}
