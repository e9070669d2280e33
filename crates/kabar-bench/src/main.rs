//! Kabar bench.
fn main() {}
