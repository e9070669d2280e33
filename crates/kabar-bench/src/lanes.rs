//! `lanes`: the queue of `drain`, spread over 1,000 senders that all send at once, beside one sender that has it all.

use anyhow::Context as _;

use crate::common::Common;
use crate::drain::once;
use crate::output::{self, Case};

/// `lanes`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Over how many senders the queue is spread.
    #[arg(long, default_value_t = 1000)]
    senders: usize,
    /// How many messages are queued, over all senders.
    #[arg(long, default_value_t = 200_000)]
    messages: u32,
    #[command(flatten)]
    common: Common,
}

/// Measures, and prints it.
pub(crate) async fn run(args: &Args) -> anyhow::Result<()> {
    let (binary, folder) = args.common.place()?;
    let mut pairs = Vec::new();
    for number in 1..=args.common.runs {
        let many = once(&binary, &folder, args.senders, args.messages).await?;
        let one = once(&binary, &folder, 1, args.messages).await?;
        output::words(&format!(
            "run {number} of {}: {} senders {many:.0}/s, one {one:.0}/s",
            args.common.runs, args.senders
        ));
        pairs.push((many, one));
    }
    let case = Case::of("lanes", format!("{} senders", args.senders), "messages/s", &pairs).context("no run")?;
    args.common.tell(&case);
    Ok(())
}
