//! What the benchmarks have in common: how they are told to run, and how they tell what they saw.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::output::Case;
use crate::{kabar, output};

/// What nearly every benchmark takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// How often each case is run, Kabar and what it is compared with in turn.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) runs: u32,
    /// Print one JSON object a line instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
    /// In which folder the data is put while it runs; beside this program when it is not said. Not in memory, or nothing
    /// is measured of the disk.
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

impl Common {
    /// The program that is measured, and where its data goes.
    pub(crate) fn place(&self) -> anyhow::Result<(PathBuf, PathBuf)> {
        if cfg!(debug_assertions) {
            output::words("this is a debug build: its figures say nothing about a release");
        }
        let binary = kabar::beside_this()?;
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => binary.parent().context("the program is in no folder")?.to_owned(),
        };
        Ok((binary, folder))
    }

    /// Prints a case.
    pub(crate) fn tell(&self, case: &Case) {
        if self.json {
            output::line(&case.json().to_string());
        } else {
            output::line(&output::header(case.unit));
            output::line(&case.line());
        }
    }
}
