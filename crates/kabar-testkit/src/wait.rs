//! Waiting for conditions.

use std::time::Duration;

/// How long anything is waited for. It says nothing about speed: it only ends a test that would never end by itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The first pause between two looks; later ones are longer, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Looks again and again until there is something to see, and gives it.
///
/// # Panics
///
/// After two minutes, naming `what` it waited for.
pub async fn wait_until<T, F: Future<Output = Option<T>>>(what: &str, look: impl FnMut() -> F) -> T {
    match try_wait_until(look).await {
        Some(seen) => seen,
        None => panic!("waited {} seconds in vain for {what}", PATIENCE.as_secs()),
    }
}

/// The same, but for a caller that has more to say than what it waited for: `None` after two minutes.
pub async fn try_wait_until<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> Option<T> {
    let looking = async {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.ok()
}
