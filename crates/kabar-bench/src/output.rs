//! What the program prints: figures to stdout, words to stderr. Every benchmark tells its cases in the same way.

use serde_json::{Value, json};

use crate::figures::{Figures, rounded};

/// What a case of a benchmark came to: Kabar beside its ceiling, where there is one, in the same unit.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The subcommand that measured it.
    pub(crate) bench: &'static str,
    /// Which of its cases, in words.
    pub(crate) case: String,
    pub(crate) kabar: Figures,
    pub(crate) beside: Option<Beside>,
    /// Of `kabar` and `ceiling`, such as `messages/s`.
    pub(crate) unit: &'static str,
    /// How many runs the figures are of.
    pub(crate) runs: usize,
}

/// What Kabar stands beside.
#[derive(Debug, Clone)]
pub(crate) struct Beside {
    pub(crate) ceiling: Figures,
    /// Of each run of Kabar and the run of the ceiling beside it.
    pub(crate) ratio: Figures,
}

impl Case {
    /// Of the pairs of a figure of Kabar and the figure of its ceiling; `None` when there is no pair.
    pub(crate) fn of(
        bench: &'static str,
        case: impl Into<String>,
        unit: &'static str,
        pairs: &[(f64, f64)],
    ) -> Option<Self> {
        Some(Self {
            bench,
            case: case.into(),
            kabar: Figures::of(pairs.iter().map(|pair| pair.0))?,
            beside: Some(Beside {
                ceiling: Figures::of(pairs.iter().map(|pair| pair.1))?,
                ratio: Figures::of(pairs.iter().map(|pair| pair.0 / pair.1))?,
            }),
            unit,
            runs: pairs.len(),
        })
    }

    /// Of figures that stand beside nothing; `None` when there are none.
    pub(crate) fn alone(
        bench: &'static str,
        case: impl Into<String>,
        unit: &'static str,
        figures: &[f64],
    ) -> Option<Self> {
        let kabar = Figures::of(figures.iter().copied())?;
        Some(Self { bench, case: case.into(), kabar, beside: None, unit, runs: figures.len() })
    }

    /// For programs: one object, to be printed on a line of its own. A benchmark may add keys to it.
    pub(crate) fn json(&self) -> Value {
        let decimals = |figures: &Figures| if figures.max < 100.0 { 3 } else { 0 };
        let kabar = decimals(&self.kabar);
        let mut told = json!({
            "bench": self.bench,
            "case": self.case,
            "kabar": rounded(self.kabar.median, kabar),
            "ceiling": null,
            "ratio": null,
            "unit": self.unit,
            "runs": self.runs,
            "spread": { "kabar": self.kabar.spread(kabar) },
        });
        if let Some(Beside { ceiling, ratio }) = &self.beside {
            let places = decimals(ceiling);
            told["ceiling"] = json!(rounded(ceiling.median, places));
            told["ratio"] = json!(rounded(ratio.median, 3));
            told["spread"]["ceiling"] = ceiling.spread(places);
            told["spread"]["ratio"] = ratio.spread(3);
        }
        told
    }

    /// For people: a line of a table under [`header`]. A benchmark may add cells to it.
    pub(crate) fn line(&self) -> String {
        let decimals = |figures: &Figures| if figures.max < 100.0 { 2 } else { 0 };
        let cells = |figures: &Figures, decimals: usize| {
            let spread = format!("({:.decimals$}-{:.decimals$})", figures.min, figures.max);
            [format!("{:.decimals$}", figures.median), spread]
        };
        let none = || ["-".to_owned(), String::new()];
        let [kabar, kabar_spread] = cells(&self.kabar, decimals(&self.kabar));
        let beside = self.beside.as_ref();
        let [ceiling, ceiling_spread] =
            beside.map_or_else(none, |beside| cells(&beside.ceiling, decimals(&beside.ceiling)));
        let [ratio, ratio_spread] = beside.map_or_else(none, |beside| cells(&beside.ratio, 2));
        row([&self.case, &kabar, &kabar_spread, &ceiling, &ceiling_spread, &ratio, &ratio_spread])
    }
}

/// The head of the table, for cases of this unit.
pub(crate) fn header(unit: &str) -> String {
    row([unit, "kabar", "(min-max)", "ceiling", "(min-max)", "ratio", "(min-max)"])
}

/// Cells in columns: the case to the left, figures to the right.
fn row([case, figures @ ..]: [&str; 7]) -> String {
    const WIDTHS: [usize; 6] = [9, 19, 9, 19, 5, 13];
    let padded = figures.iter().zip(WIDTHS).map(|(cell, width)| format!("  {cell:>width$}"));
    format!("{case:<18}{}", padded.collect::<String>())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_told_to_people_and_to_programs() {
        let pairs = [(20_000.4, 40_000.0), (19_000.0, 39_000.0), (21_000.0, 41_000.0)];
        let case = Case::of("accept", "64 connections", "messages/s", &pairs).unwrap();
        let line = case.line();
        for part in ["64 connections", "20000", "(19000-21000)", "40000", "0.50", "(0.49-0.51)"] {
            assert!(line.split("  ").any(|cell| cell.trim() == part), "{part} in {line}");
        }
        assert_eq!(line.len(), header("messages/s").len());
        assert_eq!(
            case.json(),
            json!({
                "bench": "accept", "case": "64 connections", "kabar": 20_000.0, "ceiling": 40_000.0, "ratio": 0.5,
                "unit": "messages/s", "runs": 3,
                "spread": { "kabar": [19_000.0, 21_000.0], "ceiling": [39_000.0, 41_000.0], "ratio": [0.487, 0.512] }
            })
        );
        assert!(Case::of("accept", "none", "messages/s", &[]).is_none());
    }

    #[test]
    fn a_case_may_stand_alone() {
        let case = Case::alone("life", "a message", "us of CPU", &[80.0, 120.0, 90.0]).unwrap();
        let told = case.json();
        assert_eq!((&told["kabar"], &told["ceiling"], &told["ratio"]), (&json!(90.0), &Value::Null, &Value::Null));
        assert_eq!(told["spread"], json!({ "kabar": [80.0, 120.0] }));
        assert_eq!(case.line().len(), header("us of CPU").len());
    }

    #[test]
    fn small_figures_keep_their_decimals() {
        let case = Case::of("otp", "a full queue", "ms", &[(1.234_56, 0.98)]).unwrap();
        assert_eq!(case.json()["kabar"], json!(1.235));
        assert!(case.line().contains("1.23 "), "{}", case.line());
    }
}
