//! What the program prints: data to stdout, words to stderr.

use std::io::Write as _;

use serde_json::{Map, Value};

use crate::cli::Output;

/// Prints text for people or programs to stdout, with a line break at its end.
#[expect(clippy::print_stdout, reason = "this is where the command line speaks")]
pub(crate) fn data(text: &str) {
    println!("{text}");
    // A reader who went away does not matter; what matters is that a pipe sees the text now.
    drop(std::io::stdout().flush());
}

/// Prints a piece of a longer document to stdout.
pub(crate) fn bytes(bytes: &[u8]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Prints a remark to stderr.
#[expect(clippy::print_stderr, reason = "this is where the command line speaks")]
pub(crate) fn words(text: &str) {
    eprintln!("{text}");
}

/// Prints why a command failed, with every cause.
pub(crate) fn error(err: &anyhow::Error) {
    words(&format!("error: {err:#}"));
}

/// Prints a list: `columns` names the fields of each row.
pub(crate) fn list(columns: &[&str], rows: &[Vec<String>], output: Output) {
    match output {
        Output::Table => data(&table(columns, rows)),
        Output::Json => data(&json(columns, rows)),
    }
}

fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| {
            rows.iter().map(|row| row[place].chars().count()).chain([column.len()]).max().unwrap_or_default()
        })
        .collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}", width = *width)).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let header: Vec<String> = columns.iter().map(|column| column.to_uppercase()).collect();
    let mut lines = vec![line(header.iter().map(String::as_str).collect())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    lines.join("\n")
}

fn json(columns: &[&str], rows: &[Vec<String>]) -> String {
    let objects = rows.iter().map(|row| {
        let fields = columns.iter().zip(row).map(|(column, cell)| ((*column).to_owned(), Value::from(cell.as_str())));
        Value::Object(fields.collect::<Map<String, Value>>())
    });
    format!("{:#}", Value::Array(objects.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_and_an_empty_one_has_its_header() {
        let rows = vec![vec!["demo".to_owned(), "Toko".to_owned()], vec!["b".to_owned(), "Bank Kabar".to_owned()]];
        assert_eq!(table(&["id", "name"], &rows), "ID    NAME\ndemo  Toko\nb     Bank Kabar");
        assert_eq!(table(&["id", "name"], &[]), "ID  NAME");
    }
}
