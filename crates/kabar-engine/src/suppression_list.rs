//! Lists of recipients who get no marketing, as CSV with a head: `phone_number`, and what else is known.

use kabar_domain::clock::Moment;
use kabar_domain::fault::{Fault, Faults, Path};
use kabar_domain::ids::AppId;
use kabar_domain::phone::PhoneNumber;
use kabar_domain::rule::Rule;
use kabar_domain::spreadsheet::harmless;
use kabar_store::suppression::{Source, Suppression, Wish};

/// The head of a list.
pub const HEADER: &str = "phone_number,source,since,note\r\n";

/// The column without which a list is none.
const PHONE_NUMBER: &str = "phone_number";
const NOTE: &str = "note";

/// Reads a list: every row, or everything that is wrong, each with its row (the first one is `rows[0]`).
///
/// # Errors
///
/// The faults, by row and column.
pub fn read(text: &[u8], app: &AppId, at: Moment) -> Result<Vec<Wish>, Faults> {
    // Spreadsheets put a mark before what they write.
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text);
    let mut faults = Faults::none();
    let columns: Vec<String> = match reader.headers() {
        Ok(head) => head.iter().map(str::to_lowercase).collect(),
        Err(_) => return Err(Fault::new(Path::root(), Rule::WrongType).into()),
    };
    let place = |name: &str| columns.iter().position(|column| column == name);
    let Some(number_at) = place(PHONE_NUMBER) else {
        return Err(Fault::new(Path::root().key(PHONE_NUMBER), Rule::Required).into());
    };
    let note_at = place(NOTE);
    let mut wishes = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let path = || Path::root().key("rows").index(row);
        let Ok(record) = record else {
            faults.push(Fault::new(path(), Rule::WrongType));
            continue;
        };
        match record.get(number_at).filter(|text| !text.is_empty()) {
            None => faults.push(Fault::new(path().key(PHONE_NUMBER), Rule::Required)),
            Some(text) => match PhoneNumber::parse(text) {
                Err(err) => faults.push(Fault::new(path().key(PHONE_NUMBER), Rule::of_phone_number(err))),
                Ok(recipient) => wishes.push(Wish {
                    app: app.clone(),
                    recipient,
                    stopped: true,
                    source: Source::Import,
                    note: note_at.and_then(|place| record.get(place)).unwrap_or_default().to_owned(),
                    at,
                }),
            },
        }
    }
    faults.or(wishes)
}

/// Writes rows of a list, without its head.
pub fn write(rows: &[Suppression]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for Suppression { wish, .. } in rows {
        let (number, since) = (wish.recipient.as_e164(), wish.at.to_string());
        let note = harmless(&wish.note);
        // Writing into memory does not fail.
        let _written = writer.write_record([number, wish.source.as_str(), &since, note.as_ref()]);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_seconds(1_700_000_000);

    fn app() -> AppId {
        AppId::parse("toko").unwrap()
    }

    #[test]
    fn a_list_comes_in_and_goes_out() {
        let text = "\u{feff}Note, phone_number\r\n\"asked, by mail\", +6281234567890\r\n=1+1,6281234567891\n";
        let wishes = read(text.as_bytes(), &app(), NOW).unwrap();
        let rows: Vec<_> = wishes.iter().map(|wish| (wish.recipient.as_e164(), wish.note.as_str())).collect();
        assert_eq!(rows, [("+6281234567890", "asked, by mail"), ("+6281234567891", "=1+1")]);
        let kept: Vec<Suppression> = wishes.into_iter().map(|wish| Suppression { wish, change: 1 }).collect();
        assert_eq!(
            write(&kept),
            "+6281234567890,import,2023-11-14T22:13:20.000Z,\"asked, by mail\"\r\n\
             +6281234567891,import,2023-11-14T22:13:20.000Z,'=1+1\r\n"
        );
        let again = format!("{HEADER}{}", write(&kept));
        assert_eq!(read(again.as_bytes(), &app(), NOW).unwrap().len(), 2);
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_row() {
        let text = "phone_number,note\n+6281234567890,\n0812,\n,x\n+62x,\n";
        let faults = read(text.as_bytes(), &app(), NOW).unwrap_err();
        let paths: Vec<String> = faults.iter().map(|fault| fault.path.to_string()).collect();
        assert_eq!(paths, ["rows[1].phone_number", "rows[2].phone_number", "rows[3].phone_number"]);
        assert!(read(b"number\n1\n", &app(), NOW).is_err());
    }
}
