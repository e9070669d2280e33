//! `kabar sandbox`

use anyhow::Context as _;
use kabar_sandbox::faults::Plan;
use kabar_sandbox::{Options, Sandbox};
use serde_json::json;
use tokio::net::TcpListener;

use crate::cli::{BehaviourArgs, SandboxArgs};
use crate::commands::ready_file;
use crate::{logging, output, stop};

pub(crate) async fn run(args: SandboxArgs) -> anyhow::Result<()> {
    logging::start(&std::env::var("KABAR_LOG").unwrap_or_else(|_| "info".to_owned()), logging::Format::Text)?;
    let stop = stop::on_signal()?;
    if let Some(path) = &args.ready_file {
        ready_file::remove(path)?;
    }
    let faults = faults(&args.behaviour)?;
    let sandbox = Sandbox::open(Options {
        verify_token: args.verify_token,
        webhook_url: args.webhook_url,
        review: args.review,
        token: args.token,
        state_file: args.data,
        limits: args.behaviour.limits,
        faults,
        ..Options::new(args.app_secret)
    })
    .await
    .context("could not open the sandbox")?;
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("--listen: could not listen on {}", args.listen))?;
    let sandbox_url = format!("http://{}", listener.local_addr()?);
    if let Some(path) = &args.ready_file {
        ready_file::write(path, &json!({ "sandbox_url": sandbox_url }))?;
    }
    tell_faults(&sandbox);
    output::words(&format!(
        "the sandbox answers at {sandbox_url}; what it offers beside Meta's API: {sandbox_url}/_sandbox"
    ));
    let listen = kabar_listen::serve(listener, sandbox.router(), kabar_listen::Options::default(), stop.clone());
    tokio::join!(listen, sandbox.run(stop));
    Ok(())
}

/// The fault rules to begin with, or everything that is wrong with their file.
pub(crate) fn faults(args: &BehaviourArgs) -> anyhow::Result<Plan> {
    let mut plan = Plan::default();
    if let Some(path) = &args.faults {
        let text = std::fs::read(path).with_context(|| format!("--faults: could not read {}", path.display()))?;
        plan = Plan::parse(&text).map_err(|problems| {
            let lines = problems.iter().map(|problem| match problem.path.as_str() {
                "" => format!("\n  {}", problem.problem),
                place => format!("\n  {place}: {}", problem.problem),
            });
            anyhow::anyhow!("--faults: {} has faults of its own:{}", path.display(), lines.collect::<String>())
        })?;
    }
    plan.seed = args.seed.or(plan.seed);
    Ok(plan)
}

/// Says from which seed chances are drawn, so that a run can be repeated.
pub(crate) fn tell_faults(sandbox: &Sandbox) {
    let (seed, n_rules) = sandbox.faults();
    if n_rules > 0 {
        output::words(&format!("the sandbox has {n_rules} fault rules; repeat their chances with --seed {seed}"));
    }
}
