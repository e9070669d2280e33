//! Cursors of the template list: the store's number of a template.

use crate::cursor;

/// The cursor at a template.
pub(super) fn write(seq: i64) -> String {
    cursor::write(&seq.to_be_bytes())
}

/// The template at which a cursor stands; `None` for every text that is no cursor of ours.
pub(super) fn read(text: &str) -> Option<i64> {
    cursor::read(text).map(i64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn only_cursors_are_cursors() {
        let good = write(42);
        assert_eq!(read(&good), Some(42));
        for bad in ["", "MAZDZD", "OQZDZD", "42", &good[1..], &format!("{good}A"), &good.to_lowercase(), "ééé", "===="]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
        let mut other_version = URL_SAFE_NO_PAD.decode(&good).unwrap();
        other_version[0] = 2;
        assert_eq!(read(&URL_SAFE_NO_PAD.encode(other_version)), None);
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_back(seq in any::<i64>()) {
            assert_eq!(read(&write(seq)), Some(seq));
        }

        #[test]
        fn any_other_text_is_none(text in ".{0,40}") {
            if let Some(seq) = read(&text) {
                assert_eq!(write(seq), text);
            }
        }
    }
}
