use serde_json::json;

use super::{Content, Kind, Looks, Purpose, bytes_worth_reading, check, content, named_urls, put_handle};
use crate::catalogue::{Locale, sentence};
use crate::fault::Path;

fn path() -> Path {
    Path::root().key("file")
}

fn sentences(first: &[u8], len: u64, declared: Option<&str>, purpose: Purpose) -> Vec<String> {
    let faults = check(Looks { first, len, declared }, purpose, &path()).unwrap_err();
    faults.iter().map(|fault| sentence(fault, Locale::English)).collect()
}

#[test]
fn files_are_known_by_their_first_bytes() {
    let padded = [b" ".repeat(1019).as_slice(), b"%PDF-1.4"].concat();
    let cases: [(&[u8], Content); 24] = [
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Content::Sample(Kind::Jpeg)),
        (b"\x89PNG\r\n\x1a\n", Content::Sample(Kind::Png)),
        (b"\0\0\0\x20ftypisom", Content::Sample(Kind::Mp4)),
        (b"\0\0\0\x20ftypmp42", Content::Sample(Kind::Mp4)),
        (b"\0\0\0\x20ftypM4V ", Content::Sample(Kind::Mp4)),
        (b"%PDF-1.7", Content::Sample(Kind::Pdf)),
        (b"\xef\xbb\xbf%PDF-1.7", Content::Sample(Kind::Pdf)),
        (&padded, Content::Sample(Kind::Pdf)),
        (b"\0\0\0\x18ftyp3gp5", Content::Other("3GPP")),
        (b"\0\0\0\x14ftypqt  ", Content::Other("QuickTime")),
        (b"\0\0\0\x18ftypheic", Content::Other("HEIC")),
        (b"GIF89a", Content::Other("GIF")),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Content::Other("WebP")),
        (b"RIFF\x10\0\0\0????", Content::Unknown),
        (b"PK\x03\x04", Content::Other("ZIP")),
        (b"\n<!DOCTYPE html><html>", Content::Other("HTML")),
        (b"<html lang=id>", Content::Other("HTML")),
        (b"<?xml version=\"1.0\"?><svg>", Content::Other("SVG")),
        (b"{\"url\": \"https://toko.example/a.png\"}", Content::Other("JSON")),
        ("Halo, ini teks biasa \u{e9}".as_bytes(), Content::Other("TXT")),
        (b"Halo\xc3", Content::Other("TXT")),
        (b"\xc3\x28", Content::Unknown),
        (b"ab\0cd", Content::Unknown),
        (b"", Content::Unknown),
    ];
    for (first, expected) in cases {
        assert_eq!(content(first), expected, "{}", String::from_utf8_lossy(first));
    }
}

#[test]
fn everything_that_is_wrong_with_a_file_is_told() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    assert_eq!(
        check(Looks { first: PNG, len: 9, declared: Some("image/png") }, Purpose::Image, &path()),
        Ok(Kind::Png)
    );
    assert_eq!(
        sentences(PNG, 5_242_881, Some("image/jpeg"), Purpose::Any),
        [
            "The file is declared as image/jpeg, but its content is PNG",
            "The file is too large: PNG files have at most 5 MiB",
        ]
    );
    assert_eq!(
        sentences(PNG, 10, Some("text/plain"), Purpose::Document),
        ["The file is PNG; what is taken here: PDF", "The file is declared as text/plain, but its content is PNG"]
    );
    assert_eq!(sentences(b"Halo", 4, None, Purpose::Image), ["The file is TXT; what is taken here: JPEG, PNG"]);
    assert_eq!(sentences(b"", 0, None, Purpose::Image), ["The file is empty"]);
    let film = b"\0\0\0\x20ftypmp42";
    assert_eq!(
        sentences(film, 4_000_000, None, Purpose::Gif),
        ["The file is too large: MP4 files have at most 3.5 MiB"]
    );
}

#[test]
fn no_more_is_read_than_is_needed_to_judge() {
    assert_eq!(bytes_worth_reading(b"%PDF-1.7", Purpose::Any), 104_857_601);
    assert_eq!(bytes_worth_reading(b"%PDF-1.7", Purpose::Image), 1024);
    assert_eq!(bytes_worth_reading(b"<html>", Purpose::Any), 1024);
}

#[test]
fn urls_are_found_wherever_a_sample_may_stand_and_handles_take_their_places() {
    let header = |format: &str, handle: &str| json!({ "type": "header", "format": format, "example": { "header_handle": [handle] } });
    let mut components = vec![
        header("image", "https://toko.example/a.png"),
        json!({ "type": "BODY", "text": "https://toko.example/" }),
        json!({ "type": "CAROUSEL", "cards": [
            { "components": [header("VIDEO", "4::dmlkZW8vbXA0:ARb")] },
            { "components": [{ "type": "BODY", "text": "x" }, header("VIDEO", "Http://toko.example/b")] },
        ] }),
        header("LOCATION", "https://toko.example/none"),
        json!({ "type": "HEADER", "format": "IMAGE", "example": { "header_handle": [] } }),
        json!(7),
    ];
    let found = named_urls(&components);
    let shown: Vec<_> = found.iter().map(|named| (named.path.dotted(), named.url.as_str(), named.purpose)).collect();
    assert_eq!(
        shown,
        [
            ("components.0.example.header_handle.0".to_owned(), "https://toko.example/a.png", Purpose::Image),
            (
                "components.2.cards.1.components.1.example.header_handle.0".to_owned(),
                "Http://toko.example/b",
                Purpose::Video
            ),
        ]
    );
    for named in &found {
        put_handle(&mut components, &named.path, "4::x");
    }
    assert_eq!(components[0]["example"]["header_handle"], json!(["4::x"]));
    assert_eq!(components[2]["cards"][1]["components"][1]["example"]["header_handle"], json!(["4::x"]));
    assert!(named_urls(&components).is_empty());
    put_handle(&mut components, &Path::root().key("components").index(99).key("text"), "4::x");
}
