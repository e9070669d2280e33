//! `kabar config`

use crate::cli::ConfigCommand;
use crate::config::Config;
use crate::output;

pub(crate) fn run(command: &ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Sample => output::data(Config::sample().trim_end()),
        ConfigCommand::Check { config } => {
            Config::load(Some(config))?.settings()?;
            output::words(&format!("{} is fine", config.display()));
        }
    }
    Ok(())
}
