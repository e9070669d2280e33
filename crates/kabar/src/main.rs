//! Kabar.
fn main() {}
