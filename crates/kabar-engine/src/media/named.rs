//! Samples that a template names by URL: fetched and uploaded before the upstream sees the template.

use std::sync::Arc;

use kabar_domain::fault::{Fault, Faults};
use kabar_domain::ids::AppId;
use kabar_domain::rule::Rule;
use kabar_domain::sample::{NamedUrl, named_urls, put_handle};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::media::{SampleError, fetch, time_for_urls};
use crate::shared::Shared;

/// Puts a handle wherever the components name a sample by its URL, all of them or none.
///
/// # Errors
///
/// Every fault of every URL, each at its path; another [`SampleError`] where the URLs are not to blame.
pub(crate) async fn put_handles(
    shared: &Arc<Shared>,
    app: &AppId,
    components: &mut [Value],
) -> Result<(), SampleError> {
    let named = named_urls(components);
    if named.is_empty() {
        return Ok(());
    }
    if !shared.media.is_configured() {
        let mut faults = Faults::none();
        for one in &named {
            let fault = Fault::new(one.path.clone(), Rule::SampleNotConfigured);
            faults.push(fault.with("setting", "upstream.meta_app_id"));
        }
        return Err(SampleError::Faults(faults));
    }
    let outcomes = fetch_all(shared, app, &named).await;
    let mut faults = Faults::none();
    for (one, outcome) in named.iter().zip(places_of(&named)).map(|(one, place)| (one, &outcomes[place])) {
        match outcome {
            Some(Ok(handle)) => put_handle(components, &one.path, handle),
            Some(Err(SampleError::Faults(found))) => {
                for fault in found {
                    faults.push(Fault { path: one.path.clone(), ..fault.clone() });
                }
            }
            None => faults.push(Fault::new(one.path.clone(), Rule::SampleTime)),
            Some(Err(_)) => {}
        }
    }
    // What is wrong with the request is told first: trying again would not help.
    if !faults.is_empty() {
        return Err(SampleError::Faults(faults));
    }
    outcomes.into_iter().flatten().find_map(Result::err).map_or(Ok(()), Err)
}

/// For each name the place of the first that is the same.
fn places_of(named: &[NamedUrl]) -> Vec<usize> {
    let same = |one: &NamedUrl, other: &NamedUrl| one.url == other.url && one.purpose == other.purpose;
    named.iter().map(|one| named.iter().position(|other| same(one, other)).unwrap_or_default()).collect()
}

/// Fetches each URL once, at the same time; what is not done in time has no outcome.
async fn fetch_all(shared: &Arc<Shared>, app: &AppId, named: &[NamedUrl]) -> Vec<Option<Result<String, SampleError>>> {
    let mut fetching = JoinSet::new();
    for (place, one) in named.iter().enumerate() {
        if places_of(named)[place] != place {
            continue;
        }
        let (shared, app, one) = (Arc::clone(shared), app.clone(), one.clone());
        fetching.spawn(async move {
            let fetched = fetch::fetch(&shared, &app, &one.url, one.purpose, &one.path).await;
            (place, fetched.map(|sample| sample.handle))
        });
    }
    let mut outcomes: Vec<Option<Result<String, SampleError>>> = named.iter().map(|_| None).collect();
    let all = async {
        while let Some(joined) = fetching.join_next().await {
            if let Ok((place, outcome)) = joined {
                outcomes[place] = Some(outcome);
            }
        }
    };
    let in_time = tokio::time::timeout(time_for_urls(), all).await;
    drop(in_time);
    outcomes
}
