//! What only a store in a file can get wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kabar_store::location::Location;
use kabar_store::{Error, Options, Store};

use crate::make::{START, accept, app, begin, message, utility};
use crate::place::Place;

#[tokio::test]
async fn only_one_process_serves() {
    let place = Place::sqlite();
    let store = place.open().await;
    let second = Store::open(place.options()).await;
    assert!(matches!(second, Err(Error::InUse { path }) if path == place.folder().display().to_string()));
    // A second handle of the same process is shut out as another process is; to look on is allowed.
    let other = Store::open(Options { exclusive: false, ..place.options() }).await.unwrap();
    other.create_app(app("one")).await.unwrap();
    other.close().await;
    store.close().await;
    assert_eq!(place.open().await.directory().await.unwrap().apps, [app("one")]);
}

#[tokio::test]
async fn folders_are_made_and_files_are_private() {
    let place = Place::sqlite();
    let location = Location::in_folder(&place.file("deep/er"));
    let store = Store::open(Options::new(location.clone())).await.unwrap();
    accept(&store, &utility(), 1).await;
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(place.file("deep/er")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
        names.push(name);
    }
    assert!(names.contains(&"kabar.db.key".to_owned()), "{names:?}");
    store.close().await;
    assert!(!place.file("deep/er/kabar.db-wal").exists(), "the log was merged");
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let place = Place::sqlite();
    place.open().await.close().await;
    let file = place.file("kabar.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection
        .execute(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
             SELECT 99, 'later', applied_on, checksum FROM refinery_schema_history LIMIT 1",
            [],
        )
        .unwrap();
    drop(connection);
    let refused = Store::open(place.options()).await;
    assert!(matches!(refused, Err(Error::NewerDatabase { found: 99, known: 1..99 })), "{refused:?}");
}

#[tokio::test]
async fn something_else_than_a_database_is_an_error() {
    let place = Place::sqlite();
    std::fs::write(place.file("kabar.db"), "not a database at all, but long enough to look like one".repeat(50))
        .unwrap();
    assert!(matches!(Store::open(place.options()).await, Err(Error::Engine(_))));
}

#[tokio::test]
async fn many_may_open_at_once() {
    let place = Place::sqlite();
    let mut opening = tokio::task::JoinSet::new();
    for n in 0..8 {
        let options = Options { exclusive: n == 0, ..place.options() };
        opening.spawn(async move {
            let store = Store::open(options).await.unwrap();
            store.secret("a", vec![n]).await.unwrap()
        });
    }
    let secrets = opening.join_all().await;
    assert!(secrets.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn every_settled_claim_is_gone() {
    let place = Place::sqlite();
    let store = place.open().await;
    accept(&store, &utility(), 10).await;
    let one = begin(&store, &utility(), 6, START).await;
    let two = begin(&store, &utility(), 6, START).await;
    let connection = rusqlite::Connection::open(place.file("kabar.db")).unwrap();
    let n_claims = || connection.query_row("SELECT count(*) FROM claims", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(n_claims(), 2);
    for message in &one {
        crate::make::settle(&store, message.key, START, crate::make::submitted("wamid")).await;
    }
    assert_eq!(n_claims(), 1);
    for message in &two {
        crate::make::settle(&store, message.key, START, crate::make::submitted("wamid")).await;
    }
    assert_eq!(n_claims(), 0);
}

#[tokio::test]
async fn what_waits_for_the_disk_shares_a_commit() {
    let place = Place::sqlite();
    let store = place.open().await;
    let before = store.counts().await.unwrap().commits;
    // Another process that writes stands for a slow disk: the first batch waits for it, and the rest collects itself.
    let other = rusqlite::Connection::open(place.file("kabar.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let n_asked = Arc::new(AtomicUsize::new(0));
    let mut accepting = tokio::task::JoinSet::new();
    for _ in 0..2000 {
        let (store, n_asked) = (store.clone(), Arc::clone(&n_asked));
        accepting.spawn(async move {
            n_asked.fetch_add(1, Ordering::SeqCst);
            store.accept(message(&utility())).await.unwrap();
        });
    }
    while n_asked.load(Ordering::SeqCst) < 2000 {
        tokio::task::yield_now().await;
    }
    assert!(accepting.try_join_next().is_none(), "nothing is answered before it is on disk");
    other.execute_batch("ROLLBACK").unwrap();
    accepting.join_all().await;
    let n_commits = store.counts().await.unwrap().commits - before;
    assert!(n_commits <= 3, "{n_commits} commits");
}

#[tokio::test]
async fn notes_of_calls_do_not_grow_for_ever() {
    let place = Place::sqlite();
    let store = place.open().await;
    accept(&store, &utility(), 3).await;
    let begun = begin(&store, &utility(), 2, START).await;
    store.note_calls(&vec![begun[0].key; 200_000]);
    let size = || place.file("kabar.db.calls").metadata().unwrap().len();
    assert!(size() > 1_600_000);
    // The file is shortened after a commit; the answer to a second one comes after that.
    accept(&store, &utility(), 1).await;
    accept(&store, &utility(), 1).await;
    assert!(size() < 1000);

    let place = place.after_a_crash();
    let recovered = place.open().await.recover(START, crate::make::PATIENCE).await.unwrap();
    assert_eq!((recovered.again, recovered.in_doubt), (1, 1));
}

#[tokio::test]
async fn how_much_room_the_disk_has_is_known() {
    let place = Place::sqlite();
    let store = place.open().await;
    if cfg!(unix) {
        assert!(store.free_bytes().await.unwrap() > 0);
    }
}
