//! Medians and their spread.

use serde_json::{Value, json};

/// The middle of several figures, and how far they lie apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Figures {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Figures {
    /// `None` of no figures at all.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let upper = sorted.len() / 2;
        let median =
            if sorted.len() % 2 == 1 { sorted[upper] } else { f64::midpoint(sorted[upper - 1], sorted[upper]) };
        Some(Self { median, min, max })
    }

    /// The smallest and the largest, as JSON.
    pub(crate) fn spread(&self, decimals: i32) -> Value {
        json!([rounded(self.min, decimals), rounded(self.max, decimals)])
    }
}

/// To so many decimals, for programs that read it.
pub(crate) fn rounded(figure: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (figure * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(Figures::of([]), None);
        assert_eq!(Figures::of([3.0]), Some(Figures { median: 3.0, min: 3.0, max: 3.0 }));
        assert_eq!(Figures::of([9.0, 1.0, 2.0]), Some(Figures { median: 2.0, min: 1.0, max: 9.0 }));
        assert_eq!(Figures::of([4.0, 1.0, 2.0, 9.0]), Some(Figures { median: 3.0, min: 1.0, max: 9.0 }));
    }

    #[test]
    fn programs_read_few_decimals() {
        assert_eq!(Figures::of([0.123_456, 0.5]).unwrap().spread(2), json!([0.12, 0.5]));
    }
}
