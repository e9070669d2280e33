//! What a message can carry, by its content: of which type it is to the upstream, and how large it may be.

use crate::sample::{Content, Kind, LOOKED_AT_BYTES, content};
use crate::template::contract::MediaKind;

const MIB: u64 = 1024 * 1024;
/// Characters of a declared type that are repeated.
const MOST_DECLARED_CHARS: usize = 60;

/// A file as far as it must be known to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Looks<'a> {
    /// Its first [`LOOKED_AT_BYTES`](crate::sample::LOOKED_AT_BYTES), or all of it if it is shorter.
    pub first: &'a [u8],
    /// How many bytes it has; if it was read only to where it became too large, as many as were read.
    pub len: u64,
    /// The type that its server declares. It counts only between types that look alike.
    pub declared: Option<&'a str>,
    /// Where it was, whose ending counts likewise.
    pub url: &'a str,
}

/// Why a message can't carry a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is something else.
    #[error("the file is {found}; what is taken here: {words}")]
    Content {
        /// What it is.
        found: String,
        /// What it could be.
        words: &'static str,
    },
    /// It is too large.
    #[error("the file is too large: here it has at most {} MiB", mebibytes(*.most))]
    Size {
        /// How many bytes it may have.
        most: u64,
    },
}

/// How many bytes a file that is shown as this may have, by the upstream's published limits.
pub const fn most_bytes(kind: MediaKind) -> u64 {
    match kind {
        MediaKind::Image => 5 * MIB,
        MediaKind::Video => 16 * MIB,
        MediaKind::Gif => 7 * MIB / 2,
        MediaKind::Document => 100 * MIB,
    }
}

const fn words(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Image => "JPEG, PNG",
        MediaKind::Video => "MP4, 3GPP",
        MediaKind::Gif => "MP4",
        MediaKind::Document => "PDF, text, Word, Excel, PowerPoint",
    }
}

/// Office documents look alike by their first bytes: with the container, the ending, and the upstream's type.
const OFFICE: [(&str, &str, &str); 6] = [
    ("DOC", "doc", "application/msword"),
    ("DOC", "xls", "application/vnd.ms-excel"),
    ("DOC", "ppt", "application/vnd.ms-powerpoint"),
    ("ZIP", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("ZIP", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ZIP", "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

/// How many bytes of a file need to be read at most, one more than it may have; what can't be carried needs no more than
/// what was looked at.
pub fn bytes_worth_reading(kind: MediaKind, looks: Looks<'_>) -> u64 {
    match type_of(kind, looks) {
        Ok(_) => most_bytes(kind) + 1,
        Err(_) => LOOKED_AT_BYTES as u64,
    }
}

/// Says as which type a file goes to the upstream.
///
/// # Errors
///
/// Why a message can't carry it.
pub fn check(kind: MediaKind, looks: Looks<'_>) -> Result<&'static str, Unfit> {
    if looks.len == 0 {
        return Err(Unfit::Empty);
    }
    let mime = type_of(kind, looks)?;
    let most = most_bytes(kind);
    if looks.len > most { Err(Unfit::Size { most }) } else { Ok(mime) }
}

fn type_of(kind: MediaKind, looks: Looks<'_>) -> Result<&'static str, Unfit> {
    let found = content(looks.first);
    let mime = match (kind, found) {
        (MediaKind::Image, Content::Sample(kind @ (Kind::Jpeg | Kind::Png)))
        | (MediaKind::Video | MediaKind::Gif, Content::Sample(kind @ Kind::Mp4))
        | (MediaKind::Document, Content::Sample(kind @ Kind::Pdf)) => Some(kind.mime()),
        (MediaKind::Video, Content::Other("3GPP")) => Some("video/3gpp"),
        (MediaKind::Document, Content::Other("TXT")) => Some("text/plain"),
        (MediaKind::Document, Content::Other(container)) => office(container, looks),
        _ => None,
    };
    mime.ok_or_else(|| {
        let found = match found {
            Content::Sample(kind) => kind.name().to_owned(),
            Content::Other(name) => name.to_owned(),
            Content::Unknown => {
                let declared = looks.declared.map(essence).filter(|declared| !declared.is_empty());
                declared.map_or_else(
                    || "of a kind that is not recognised".to_owned(),
                    |declared| {
                        let declared: String = declared.chars().take(MOST_DECLARED_CHARS).collect();
                        format!("of a kind that is not recognised (declared as {declared})")
                    },
                )
            }
        };
        Unfit::Content { found, words: words(kind) }
    })
}

/// The type of an office document, by what is declared, or else by how its URL ends.
fn office(container: &str, looks: Looks<'_>) -> Option<&'static str> {
    let declared = looks.declared.map(essence).unwrap_or_default();
    let path = looks.url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let mut alike = OFFICE.iter().filter(|(of, _, _)| *of == container);
    let by_declaration = alike.clone().find(|(_, _, mime)| *mime == declared);
    let by_ending = || alike.find(|(_, ending, _)| path.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.')));
    by_declaration.or_else(by_ending).map(|(_, _, mime)| *mime)
}

fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// As people write it: `5`, `3.5`.
fn mebibytes(bytes: u64) -> String {
    let tenths = bytes * 10 / MIB;
    if tenths.is_multiple_of(10) { format!("{}", tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";
    const MP4: &[u8] = b"\0\0\0\x20ftypmp42....";
    const ZIP: &[u8] = b"PK\x03\x04....";

    fn looks<'a>(first: &'a [u8], declared: &'a str, url: &'a str) -> Looks<'a> {
        Looks { first, len: first.len() as u64, declared: Some(declared).filter(|text| !text.is_empty()), url }
    }

    #[test]
    fn a_type_is_told_by_the_content() {
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        for (kind, first, declared, url, expected) in [
            (MediaKind::Image, PNG, "image/jpeg", "https://a/b.jpg", Some("image/png")),
            (MediaKind::Image, b"\xff\xd8\xff\xe0", "", "https://a/b", Some("image/jpeg")),
            (MediaKind::Image, MP4, "image/png", "https://a/b.png", None),
            (MediaKind::Image, b"GIF89a..", "image/gif", "https://a/b.gif", None),
            (MediaKind::Video, MP4, "", "https://a/b", Some("video/mp4")),
            (MediaKind::Video, b"\0\0\0\x20ftyp3gp5", "", "https://a/b", Some("video/3gpp")),
            (MediaKind::Gif, b"\0\0\0\x20ftyp3gp5", "", "https://a/b", None),
            (MediaKind::Document, b"%PDF-1.7\n", "text/html", "https://a/b", Some("application/pdf")),
            (MediaKind::Document, b"Halo, Budi", "", "https://a/b.txt", Some("text/plain")),
            (MediaKind::Document, b"<!doctype html><html>", "application/pdf", "https://a/b.pdf", None),
            (MediaKind::Document, ZIP, "application/octet-stream", "https://a/b.DOCX?x=.pdf", Some(docx)),
            (MediaKind::Document, ZIP, docx, "https://a/b", Some(docx)),
            (MediaKind::Document, ZIP, "application/zip", "https://a/b.zip", None),
            (MediaKind::Document, ZIP, "application/msword", "https://a/bdocx", None),
        ] {
            assert_eq!(check(kind, looks(first, declared, url)).ok(), expected, "{kind:?} {url}");
        }
    }

    #[test]
    fn a_size_is_bounded_by_what_the_file_is_shown_as() {
        for (kind, first, most) in [
            (MediaKind::Image, PNG, 5 * MIB),
            (MediaKind::Video, MP4, 16 * MIB),
            (MediaKind::Gif, MP4, 3_670_016),
            (MediaKind::Document, &b"%PDF-1.7"[..], 100 * MIB),
        ] {
            let of = |len| Looks { first, len, declared: None, url: "https://a/b" };
            assert!(check(kind, of(most)).is_ok());
            assert_eq!(check(kind, of(most + 1)), Err(Unfit::Size { most }));
            assert_eq!(bytes_worth_reading(kind, of(1)), most + 1);
        }
        assert_eq!(check(MediaKind::Image, looks(b"", "", "https://a")), Err(Unfit::Empty));
        assert_eq!(Unfit::Size { most: 3_670_016 }.to_string(), "the file is too large: here it has at most 3.5 MiB");
    }

    #[test]
    fn it_is_told_what_was_found() {
        let told = check(MediaKind::Image, looks(b"<!DOCTYPE html><html>", "", "https://a")).unwrap_err().to_string();
        assert_eq!(told, "the file is HTML; what is taken here: JPEG, PNG");
        let told = check(MediaKind::Image, looks(b"\0\x01\x02\x03", "image/x-raw; q=1", "https://a")).unwrap_err();
        assert_eq!(
            told.to_string(),
            "the file is of a kind that is not recognised (declared as image/x-raw); what is taken here: JPEG, PNG"
        );
    }
}
