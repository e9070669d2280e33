//! The handle by which everyone else uses the store.

use std::collections::HashMap;
use std::path::PathBuf;

use kabar_domain::clock::Moment;
use kabar_domain::ids::{AppId, Msgid, SenderId, TemplateId, TokenId};
use kabar_domain::message::Lane;
use kabar_domain::pacing::Recipient;
use kabar_domain::template::guard::Guard;

use crate::Error;
use crate::directory::{App, Directory, Sender, Token};
use crate::kill::{KillPoint, KillSwitch};
use crate::learnt::Learnt;
use crate::ledger::{
    Audited, Backlog, Begun, Counts, Doubt, Hold, MessageKey, MessageView, NewMessage, Noted, Patience, Recorded,
    Recovered, Report, Retried, Retry, TakenBack,
};
use crate::location::Location;
use crate::once::{Accepted, Once};
use crate::sqlite::Sqlite;
use crate::template::{DeletedName, PutTemplate, StoredTemplate, TemplateEvent, TemplatePage, Walk};

mod asking;
mod callbacks;
mod journal;
mod media;
mod retention;
mod suppression;

pub use retention::StatsWalk;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is.
    pub location: Location,
    /// The file with the key that seals secrets; made at first use. `None` for the database's own name with `.key` after it.
    pub key_file: Option<PathBuf>,
    /// How many reads run at the same time; at least one does.
    pub readers: usize,
    /// Whether this process is the one that serves: only one such has the store open at a time, and only it begins
    /// attempts. Others may look, and change the directory, meanwhile.
    pub exclusive: bool,
    /// Where a test has the process end.
    pub kill: KillSwitch,
}

impl Options {
    /// For the process that serves: exclusive, three readers, and the key beside the database.
    pub const fn new(location: Location) -> Self {
        Self { location, key_file: None, readers: 3, exclusive: true, kill: KillSwitch::off() }
    }
}

/// An open store. Clones are cheap and share everything.
///
/// A command that was given to the store is carried out even when its future is dropped. So whoever calls
/// [`Store::begin_attempts`] must wait for the answer: what it began is under way until it is settled.
#[derive(Debug, Clone)]
pub struct Store {
    engine: Engine,
}

#[derive(Debug, Clone)]
enum Engine {
    Sqlite(Sqlite),
}

impl Store {
    /// Opens the store, makes it if there is none, and brings its tables up to date.
    pub async fn open(options: Options) -> Result<Self, Error> {
        match options.location.clone() {
            Location::Sqlite(path) => Ok(Self { engine: Engine::Sqlite(Sqlite::open(path, options).await?) }),
        }
    }

    /// Says that a point is reached at which a test may have the process end.
    #[inline]
    pub fn reach(&self, point: KillPoint) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.reach(point),
        }
    }

    /// Finishes what was asked so far and closes the store, for all clones. Every later command answers [`Error::Closed`].
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
        }
    }

    /// Makes an app. [`Error::AppExists`] if there is one of that id.
    pub async fn create_app(&self, app: App) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.create_app(app).await,
        }
    }

    /// Says how an app's sends react to a template that drifts. [`Error::NoSuchApp`] if there is no such app.
    pub async fn set_guard(&self, app: &AppId, guard: Guard) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.set_guard(app.clone(), guard).await,
        }
    }

    /// Gives an app a sender. If the app has it already, its account, throughput and access token are replaced.
    /// [`Error::NoSuchApp`], or [`Error::SenderTaken`] if another app has it.
    pub async fn add_sender(&self, sender: Sender) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.add_sender(sender).await,
        }
    }

    /// Keeps what was learnt of a sender or an account, in place of what was known. `false` if that was the same.
    pub async fn learn(&self, learnt: Learnt) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.learn(learnt).await,
        }
    }

    /// The recipients of a sender to whom a message may have left since this moment, each with the last time. It walks
    /// over all that was accepted within the day before, too.
    pub async fn recipients_since(
        &self,
        sender: &SenderId,
        since: Moment,
    ) -> Result<HashMap<Recipient, Moment>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.recipients_since(sender.clone(), since).await,
        }
    }

    /// The lanes in which something is to be tried again at this moment. Costs a look-up for each lane that there is.
    pub async fn lanes_due(&self, now: Moment) -> Result<Vec<Lane>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.lanes_due(now).await,
        }
    }

    /// Keeps a token. [`Error::NoSuchApp`] if there is nobody for whom it could speak.
    pub async fn issue_token(&self, token: Token) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.issue_token(token).await,
        }
    }

    /// Revokes a token from `at` on; one that was revoked already keeps its first moment. `false` if there is no such token.
    pub async fn revoke_token(&self, id: TokenId, at: Moment) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.revoke_token(id, at).await,
        }
    }

    /// Everyone there is.
    pub async fn directory(&self) -> Result<Directory, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.directory().await,
        }
    }

    /// The number of the directory's last change, by whichever process: cheap enough to be asked every second.
    pub async fn directory_version(&self) -> Result<i64, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.directory_version().await,
        }
    }

    /// The secret of that name; `fresh` becomes it if there is none yet. All who ask get the same. Kept sealed.
    pub async fn secret(&self, name: &'static str, fresh: Vec<u8>) -> Result<Vec<u8>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.secret(name, fresh).await,
        }
    }

    /// Keeps a template, or replaces the facts of a known one: then number, code and creation stay, and the time of the
    /// last change moves only if a fact changed. A template whose name and language the app has under another upstream id
    /// (deleted, and made anew elsewhere) takes that one's place: number, code and history stay, the id is the new one. Of
    /// the events the newest [`EVENTS_KEPT`](crate::template::EVENTS_KEPT) stay. [`Error::NoSuchApp`] if there is no such app.
    pub async fn put_template(&self, template: PutTemplate) -> Result<StoredTemplate, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.put_template(template).await,
        }
    }

    /// Forgets a template and its history. With `blocked_since`, its name and language are remembered for
    /// [`DELETED_NAMES_KEPT_DAYS`](crate::template::DELETED_NAMES_KEPT_DAYS) from then, or until it is there again.
    /// `false` if the app has none of that id.
    pub async fn remove_template(
        &self,
        app: &AppId,
        id: &TemplateId,
        blocked_since: Option<Moment>,
    ) -> Result<bool, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.remove_template(app.clone(), id.clone(), blocked_since).await,
        }
    }

    /// What happened to an app's template, oldest first; nothing if there is no such template.
    pub async fn template_events(&self, app: &AppId, id: &TemplateId) -> Result<Vec<TemplateEvent>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.template_events(app.clone(), id.clone()).await,
        }
    }

    /// The languages of an app's template name that were deleted and are remembered.
    pub async fn deleted_names(&self, app: &AppId, name: &str) -> Result<Vec<DeletedName>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.deleted_names(app.clone(), name.to_owned()).await,
        }
    }

    /// An app's template by its upstream id.
    pub async fn template(&self, app: &AppId, id: &TemplateId) -> Result<Option<StoredTemplate>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.template(app.clone(), id.clone()).await,
        }
    }

    /// Up to `limit` of an app's templates, newest first.
    pub async fn template_page(&self, app: &AppId, walk: Walk, limit: u32) -> Result<TemplatePage, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.template_page(app.clone(), walk, limit).await,
        }
    }

    /// All templates of all apps, oldest first.
    pub async fn templates(&self) -> Result<Vec<StoredTemplate>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.templates().await,
        }
    }

    /// Accepts a message at the end of its lane. Once this has answered, the message is on disk.
    pub async fn accept(&self, message: NewMessage) -> Result<(), Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.accept(message).await,
        }
    }

    /// The same for a request that may be repeated: its message is accepted once, however often and however much at once it
    /// comes. The message and the name of its request are on disk together, or neither is.
    pub async fn accept_once(&self, message: NewMessage, once: Once) -> Result<Accepted, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.accept_once(message, once).await,
        }
    }

    /// What became of a request that may have come before; `None` if it did not, or was forgotten.
    pub async fn accepted_before(&self, app: &AppId, once: Once) -> Result<Option<Accepted>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.accepted_before(app.clone(), once).await,
        }
    }

    /// Forgets up to `limit` of the requests that came before `before`, the oldest first; answers how many. Their messages
    /// stay.
    pub async fn forget_requests(&self, before: Moment, limit: u32) -> Result<u32, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.forget_requests(before, limit).await,
        }
    }

    /// Begins attempts for up to `limit` messages of a lane: first those to be tried again whose time has come, the longest
    /// due first, then the next ones in order. They are under way until they are settled. Messages of which the upstream
    /// reported meanwhile are passed over. Only for the process that serves, and after [`Store::recover`].
    pub async fn begin_attempts(&self, lane: &Lane, limit: u32, now: Moment) -> Result<Vec<Begun>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.begin_attempts(lane.clone(), limit, now).await,
        }
    }

    /// Notes that the calls for these messages are about to be made; to be called before they are. After a crash of the
    /// process, what was begun and is not noted was surely not called, and need not be in doubt. Not synced to disk, so
    /// it takes microseconds; it never fails, for without the notes everything is merely in doubt.
    pub fn note_calls(&self, keys: &[MessageKey]) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.note_calls(keys),
        }
    }

    /// Keeps how attempts, or doubts, came out; each once. Evidence that came before is stronger: a message that the
    /// upstream has reported on is neither tried again nor doubted. What is noted of an outcome is kept with it.
    pub async fn settle<O: Into<Noted>>(&self, outcomes: Vec<O>) -> Result<(), Error> {
        let outcomes = outcomes.into_iter().map(Into::into).collect();
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.settle(outcomes).await,
        }
    }

    /// Everything for which messages are held now, each once.
    pub async fn holds(&self) -> Result<Vec<Hold>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.holds().await,
        }
    }

    /// Lets go all messages that are held for this: from `now` on they are to be tried again, in the order of their
    /// acceptance and before what is newer in their lanes. Answers the lanes in which there are such. However many they
    /// are, other commands are carried out meanwhile.
    pub async fn release_held(&self, hold: &Hold, now: Moment) -> Result<Vec<Lane>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.release_held(hold.clone(), now).await,
        }
    }

    /// Ends all messages whose time is up as `Expired`: those that wait for their turn, to be tried again, or for what they
    /// are held for. Such as are being sent, or in doubt, are left to who settles them. Answers how many they were. However
    /// many they are, other commands are carried out meanwhile. Only for the process that serves.
    pub async fn expire(&self, now: Moment) -> Result<u64, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.expire(now).await,
        }
    }

    /// Takes an app's message back, if it surely has not left. From then on no attempt is begun for it. `None` for a message
    /// of another app, as for one that does not exist. Only for the process that serves.
    pub async fn take_back(&self, app: &AppId, msgid: Msgid, now: Moment) -> Result<Option<TakenBack>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.take_back(app.clone(), msgid, now).await,
        }
    }

    /// Accepts another message in the place of one that failed: for the same recipient, with the same template and values.
    /// It happens once for each message, however often it is wished. `None` for a message of another app, as for one that
    /// does not exist.
    pub async fn retry(&self, retry: Retry) -> Result<Option<Retried>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.retry(retry).await,
        }
    }

    /// Keeps what the upstream reports, all in one commit, and answers for each in the order given. A message that waited
    /// for evidence, or to be tried again, waits no longer.
    pub async fn record(&self, reports: Vec<Report>) -> Result<Vec<Recorded>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.record(reports).await,
        }
    }

    /// Up to `limit` doubts for which no evidence came in time, the oldest first. They stay due until they are settled.
    pub async fn doubts_due(&self, now: Moment, limit: u32) -> Result<Vec<Doubt>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.doubts_due(now, limit).await,
        }
    }

    /// The lanes in which something waits to be sent. Where a message waits that was never tried, the lane is due since
    /// the beginning of time.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.backlog().await,
        }
    }

    /// Puts in order what an earlier process left under way; to be called once, before attempts are begun. What was surely
    /// not called is due again at `now`; all else is in doubt until its patience ends.
    pub async fn recover(&self, now: Moment, patience: Patience) -> Result<Recovered, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.recover(now, patience).await,
        }
    }

    /// All that is known of an app's message; `None` for a message of another app, as for one that does not exist.
    pub async fn message(&self, app: &AppId, msgid: Msgid) -> Result<Option<MessageView>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.message(app.clone(), msgid).await,
        }
    }

    /// The next `limit` messages of all apps after that one, lane by lane, for checking what became of each.
    pub async fn audit(&self, after: Option<MessageKey>, limit: u32) -> Result<Vec<Audited>, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.audit(after, limit).await,
        }
    }

    /// How many bytes the disk under the store still has for this process; `None` where that can't be asked.
    pub async fn free_bytes(&self) -> Option<u64> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.free_bytes().await,
        }
    }

    /// How much there is of what.
    pub async fn counts(&self) -> Result<Counts, Error> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.counts().await,
        }
    }
}
