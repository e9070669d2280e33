//! What every engine of the store must do, and what the SQLite engine must do besides.
//!
//! A case is an `async fn case(place: Place)`. It is named in its file's `on_every_engine!` list, which runs it once for
//! each engine.

#![expect(clippy::unwrap_used, reason = "all of this is tests, though clippy knows only functions marked so")]

/// Runs the cases on every engine: a further engine is a further module here.
macro_rules! on_every_engine {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $case() {
                    super::$case(crate::place::Place::sqlite()).await;
                }
            )+
        }
    };
}

mod audit;
mod batches;
mod callbacks;
mod directory;
mod doubts;
mod ends;
mod evidence;
mod held;
mod journal;
mod ledger;
mod limits;
mod make;
mod media;
mod notes;
mod once;
mod place;
mod privacy;
mod random;
mod recovery;
mod retention;
mod retry;
mod search;
mod secrets;
mod sqlite_only;
mod stats;
mod suppressions;
mod telling;
mod template_life;
mod templates;
