//! The one way in which a template changes here: on disk, and in memory with its contract.

use kabar_store::template::{PutTemplate, StoredTemplate};

use crate::shared::Shared;

/// Writes a template down and puts it into memory. The caller holds `changing`.
pub(super) async fn put(shared: &Shared, template: PutTemplate) -> Result<StoredTemplate, kabar_store::Error> {
    let stored = shared.store.put_template(template).await?;
    shared.templates.keep(stored.clone());
    Ok(stored)
}
