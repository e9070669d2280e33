//! Figures as a table, for spreadsheets and for people.

use kabar_domain::pricing::Charged;

use super::{By, Figures, Query, Row, Stats};

/// The columns of the figures.
const FIGURES: [&str; 12] = [
    "accepted",
    "sent",
    "delivered",
    "read",
    "failed",
    "failed_codes",
    "cancelled",
    "waiting",
    "replies",
    "cost",
    "currency",
    "unpriced",
];

impl Stats {
    /// The names of the columns: those that were asked for, then the figures.
    pub fn columns(query: &Query) -> Vec<&'static str> {
        let mut columns = Vec::new();
        for by in &query.by {
            match by {
                By::Day => columns.push("day"),
                By::Template => columns.extend(["template_code", "template", "language", "template_number"]),
                By::Sender => columns.push("sender"),
                By::Category => columns.push("category"),
            }
        }
        columns.extend(FIGURES);
        columns
    }

    /// A cell for each column, for each row. Codes of failures stand as `131026:3 131049:1`.
    pub fn cells(&self, query: &Query) -> Vec<Vec<String>> {
        self.rows.iter().map(|row| self.row_cells(query, row)).collect()
    }

    /// The table as CSV (RFC 4180). No cell has a comma, a quote or a line break in it.
    pub fn csv(&self, query: &Query) -> String {
        let mut text = Self::columns(query).join(",") + "\r\n";
        for cells in self.cells(query) {
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        text
    }

    fn row_cells(&self, query: &Query, row: &Row) -> Vec<String> {
        let mut cells = Vec::new();
        for by in &query.by {
            match by {
                By::Day => cells.push(row.day.clone().unwrap_or_default()),
                By::Template => {
                    let template = row.template.clone();
                    let number = template.as_ref().map(|template| template.number.to_string()).unwrap_or_default();
                    let known = template.and_then(|template| template.known).unwrap_or_default();
                    cells.extend([known.0, known.1, known.2, number]);
                }
                By::Sender => cells.push(row.sender.as_ref().map(ToString::to_string).unwrap_or_default()),
                By::Category => cells.push(row.category.map(Charged::as_str).unwrap_or_default().to_owned()),
            }
        }
        cells.extend(self.figure_cells(&row.figures));
        cells
    }

    fn figure_cells(&self, figures: &Figures) -> [String; FIGURES.len()] {
        let codes: Vec<String> = figures.failed.iter().map(|(code, n)| format!("{code}:{n}")).collect();
        let cost = self.currency.as_ref().map(|_| figures.cost.to_string());
        [
            figures.accepted.to_string(),
            figures.sent.to_string(),
            figures.delivered.to_string(),
            figures.read.to_string(),
            figures.n_failed().to_string(),
            codes.join(" "),
            figures.cancelled.to_string(),
            figures.waiting.to_string(),
            figures.replies.to_string(),
            cost.unwrap_or_default(),
            self.currency.clone().unwrap_or_default(),
            figures.unpriced.to_string(),
        ]
    }
}
