//! The store that a command works on.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use kabar_store::location::Location;
use kabar_store::{Options, Store};

use crate::cli::StoreArgs;
use crate::config::Config;

/// The configuration file that is used when none is named.
const DEFAULT_CONFIG: &str = "kabar.toml";
/// The data folder that is used when there is no configuration.
const DEFAULT_DATA: &str = "kabar-data";

/// Opens the store that the arguments name, beside a gateway that may be running on it. A store that is not there is
/// made only if `make` says so.
pub(crate) async fn open(args: &StoreArgs, make: Make) -> anyhow::Result<Store> {
    let (location, key_file) = find(args)?;
    let Location::Sqlite(path) = &location;
    if make == Make::No && !path.exists() {
        anyhow::bail!("there is no store at {location}; name one with --config or --data");
    }
    let options = Options { exclusive: false, key_file, ..Options::new(location.clone()) };
    Store::open(options).await.with_context(|| format!("could not open the store at {location}"))
}

/// Whether a store that is not there is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    Yes,
    No,
}

fn find(args: &StoreArgs) -> anyhow::Result<(Location, Option<PathBuf>)> {
    if let Some(folder) = &args.data {
        return Ok((Location::in_folder(folder), None));
    }
    match config_of(args)? {
        Some(config) => Ok((config.store.location()?, config.store.key_file.clone())),
        None => Ok((Location::in_folder(Path::new(DEFAULT_DATA)), None)),
    }
}

/// The configuration that the arguments name, or that is used when they name none.
pub(crate) fn config_of(args: &StoreArgs) -> anyhow::Result<Option<Config>> {
    Ok(match &args.config {
        _ if args.data.is_some() => None,
        Some(path) => Some(Config::load(Some(path))?),
        None if Path::new(DEFAULT_CONFIG).exists() => Some(Config::load(Some(Path::new(DEFAULT_CONFIG)))?),
        None if std::env::var_os("KABAR_STORE").is_some() => Some(Config::load(None)?),
        None => None,
    })
}
