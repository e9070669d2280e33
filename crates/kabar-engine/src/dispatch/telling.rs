//! Tells an app by its callbacks that a sender of it is held until a person does something, and that it goes on.

use kabar_store::callback::SenderNews;

use crate::directory::KnownSender;
use crate::dispatch::desk::Desk;
use crate::shared::Shared;

/// Tells what the desk has not told yet.
pub(super) async fn tell_app(shared: &Shared, known: &KnownSender, desk: &Desk) {
    let Some(held) = desk.untold() else { return };
    let (app, sender) = (known.sender.app.clone(), known.sender.id.clone());
    let reason = held.map(|why| why.to_string());
    let news = SenderNews::Held { app, sender, reason, at: shared.clock.now() };
    if let Err(err) = shared.store.tell_senders(vec![news]).await {
        tracing::error!(error = %err, sender = %known.sender.id, "an app could not be told of its sender");
    }
}
