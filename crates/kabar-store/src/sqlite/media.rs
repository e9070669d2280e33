//! Files that were uploaded to the upstream for messages.

use kabar_domain::clock::Moment;
use rusqlite::{Row, Transaction};

use super::Sqlite;
use super::memory::Memory;
use super::rows::moment;
use super::writer::{Around, Command, Failure};
use crate::Error;
use crate::kill::KillPoint;
use crate::media::{FileKey, SentMedia};

impl Sqlite {
    pub(crate) async fn sent_media(&self) -> Result<Vec<SentMedia>, Error> {
        self.0.readers.read(all).await
    }

    pub(crate) async fn keep_sent_media(&self, media: SentMedia) -> Result<(), Error> {
        self.0.writer.run(Keep(media)).await
    }

    pub(crate) async fn forget_sent_media(&self, key: FileKey) -> Result<(), Error> {
        self.0.writer.run(Forget(key)).await
    }

    pub(crate) async fn sweep_sent_media(&self, before: Moment, most: u32) -> Result<u32, Error> {
        self.0.writer.run(Sweep { before, most }).await
    }
}

fn all(tx: &Transaction<'_>) -> Result<Vec<SentMedia>, rusqlite::Error> {
    tx.prepare_cached("SELECT key, media_id, sha256, etag, last_modified, uploaded_at, checked_at FROM sent_media")?
        .query_map([], |row| {
            Ok(SentMedia {
                key: FileKey(bytes(row, 0)?),
                media_id: row.get(1)?,
                sha256: bytes(row, 2)?,
                etag: row.get(3)?,
                last_modified: row.get(4)?,
                uploaded_at: moment(row, 5)?,
                checked_at: moment(row, 6)?,
            })
        })?
        .collect()
}

fn bytes(row: &Row<'_>, column: usize) -> Result<[u8; 32], rusqlite::Error> {
    row.get(column)
}

struct Keep(SentMedia);

impl Command for Keep {
    type Answer = ();

    const AROUND: Around = Some((KillPoint::BeforeKeepMedia, KillPoint::AfterKeepMedia));

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        let Self(media) = self;
        tx.prepare_cached(
            "INSERT OR REPLACE INTO sent_media (key, media_id, sha256, etag, last_modified, uploaded_at, checked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            media.key.0,
            &media.media_id,
            media.sha256,
            &media.etag,
            &media.last_modified,
            media.uploaded_at.as_millis(),
            media.checked_at.as_millis(),
        ))?;
        Ok(())
    }
}

struct Forget(FileKey);

impl Command for Forget {
    type Answer = ();

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<(), Failure> {
        tx.prepare_cached("DELETE FROM sent_media WHERE key = ?1")?.execute([self.0.0])?;
        Ok(())
    }
}

/// Forgets what was uploaded before a moment, and the oldest of what is too many.
struct Sweep {
    before: Moment,
    most: u32,
}

impl Command for Sweep {
    type Answer = u32;

    fn run(&self, tx: &Transaction<'_>, _memory: &mut Memory) -> Result<u32, Failure> {
        let too_old =
            tx.prepare_cached("DELETE FROM sent_media WHERE uploaded_at < ?1")?.execute([self.before.as_millis()])?;
        let too_many = tx
            .prepare_cached(
                "DELETE FROM sent_media WHERE key IN
                 (SELECT key FROM sent_media ORDER BY uploaded_at DESC LIMIT -1 OFFSET ?1)",
            )?
            .execute([self.most])?;
        Ok(u32::try_from(too_old + too_many).unwrap_or(u32::MAX))
    }
}
