//! What do tests need? The real program on free ports, and callers that speak its dialects.
//!
//! Everything here goes through the program's own front: its command line, its listeners, and the sandbox's ledger. It
//! shares no code with the gateway, so that a test sees what an outsider sees. What goes wrong ends in a panic that says
//! what was expected of whom; this crate is for tests alone.
//!
//! Where things are: `process` is what every running program can be told, `program` starts the program, as `dev`, `sandbox` or `serve`, `http` makes whole exchanges and
//! `snapshot` writes them down, `oca` and `unswer` speak the dialects, `ledger` reads what the sandbox saw, `browser` looks at pages, `wait` waits for
//! conditions, `stand` is a gateway as in production beside a sandbox, both of which may end and be started again, and
//! `torture` is what is done to them.

pub mod browser;
pub mod dev;
pub mod http;
mod indent;
pub mod ledger;
pub mod oca;
pub mod process;
pub mod program;
pub mod sandbox;
pub mod serve;
mod snapshot;
pub mod stand;
pub mod torture;
pub mod unswer;
pub mod wait;
