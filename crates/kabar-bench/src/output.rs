//! What the program prints: figures to stdout, words to stderr.

/// Prints a line of figures.
#[expect(clippy::print_stdout, reason = "this is where the command line speaks")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Prints a remark.
#[expect(clippy::print_stderr, reason = "this is where the command line speaks")]
pub(crate) fn words(text: &str) {
    eprintln!("{text}");
}
