//! The page that says what is kept, beside the tables that keep it.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;

use crate::place::Place;

/// The texts in back-ticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[tokio::test]
async fn the_page_names_every_column_and_no_other() {
    let place = Place::sqlite();
    place.open().await.close().await;
    let connection = Connection::open(place.file("kabar.db")).unwrap();
    let mut columns = connection
        .prepare(
            "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~'",
        )
        .unwrap();
    let kept: BTreeSet<(String, String)> =
        columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/privacy.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut told = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{row}");
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{row}");
        for table in quoted(cells[0]) {
            for column in quoted(cells[1]) {
                assert!(told.insert((table.to_owned(), column.to_owned())), "{table}.{column} stands there twice");
            }
        }
    }
    let untold: Vec<_> = kept.difference(&told).collect();
    let unknown: Vec<_> = told.difference(&kept).collect();
    assert_eq!((untold, unknown), (vec![], vec![]), "kept and not on the page; on the page and not kept");
}
