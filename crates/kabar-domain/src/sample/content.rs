//! What a file is, by its first bytes.

use crate::sample::Kind;

/// How many of a file's first bytes are looked at.
pub const LOOKED_AT_BYTES: usize = 1024;

/// What a file's first bytes say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A kind that can be a sample.
    Sample(Kind),
    /// Something else, by the name that people know it by.
    Other(&'static str),
    /// Nothing that is known here.
    Unknown,
}

/// Files that begin with certain bytes.
const STARTS: &[(&[u8], Content)] = &[
    (b"\xff\xd8\xff", Content::Sample(Kind::Jpeg)),
    (b"\x89PNG\r\n\x1a\n", Content::Sample(Kind::Png)),
    (b"GIF87a", Content::Other("GIF")),
    (b"GIF89a", Content::Other("GIF")),
    (b"BM", Content::Other("BMP")),
    (b"II*\0", Content::Other("TIFF")),
    (b"MM\0*", Content::Other("TIFF")),
    (b"PK\x03\x04", Content::Other("ZIP")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content::Other("DOC")),
    (b"\x1f\x8b", Content::Other("gzip")),
    (b"\x1aE\xdf\xa3", Content::Other("WebM")),
    (b"OggS", Content::Other("Ogg")),
    (b"ID3", Content::Other("MP3")),
    (b"{\\rtf", Content::Other("RTF")),
];

/// Brands of the ISO base media format that are another format of their own. What is not here is an MP4.
const BRANDS: &[(&[u8], &str)] = &[
    (b"3gp", "3GPP"),
    (b"3g2", "3GPP"),
    (b"3ge", "3GPP"),
    (b"3gg", "3GPP"),
    (b"qt  ", "QuickTime"),
    (b"M4A", "M4A"),
    (b"M4B", "M4A"),
    (b"heic", "HEIC"),
    (b"heix", "HEIC"),
    (b"hevc", "HEIC"),
    (b"mif1", "HEIC"),
    (b"msf1", "HEIC"),
    (b"avif", "AVIF"),
    (b"avis", "AVIF"),
];

/// Says what a file is, by its first [`LOOKED_AT_BYTES`] or fewer.
pub fn content(first: &[u8]) -> Content {
    let first = first.get(..LOOKED_AT_BYTES).unwrap_or(first);
    if let Some((_, content)) = STARTS.iter().find(|(start, _)| first.starts_with(start)) {
        return *content;
    }
    if first.get(4..8) == Some(b"ftyp") {
        let brand = first.get(8..12).unwrap_or_default();
        let other = BRANDS.iter().find(|(start, _)| brand.starts_with(start));
        return other.map_or(Content::Sample(Kind::Mp4), |(_, name)| Content::Other(name));
    }
    if first.starts_with(b"RIFF") {
        return match first.get(8..12) {
            Some(b"WEBP") => Content::Other("WebP"),
            Some(b"AVI ") => Content::Other("AVI"),
            Some(b"WAVE") => Content::Other("WAV"),
            _ => Content::Unknown,
        };
    }
    // Readers of PDF look for its mark among the first 1,024 bytes, since some programs write something before it.
    if first.windows(5).any(|bytes| bytes == b"%PDF-") {
        return Content::Sample(Kind::Pdf);
    }
    as_text(first)
}

/// HTML, XML, JSON or other text, where it can be one.
fn as_text(first: &[u8]) -> Content {
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    // The last character may have been cut in its middle.
    let text = match std::str::from_utf8(first) {
        Ok(text) => text,
        Err(err) if err.error_len().is_none() => std::str::from_utf8(&first[..err.valid_up_to()]).unwrap_or_default(),
        Err(_) => return Content::Unknown,
    };
    if text.chars().any(|char| char.is_control() && !char.is_whitespace()) || text.is_empty() {
        return Content::Unknown;
    }
    let lower = text.trim_start().to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.contains("<html") || lower.contains("<head") {
        Content::Other("HTML")
    } else if lower.contains("<svg") {
        Content::Other("SVG")
    } else if lower.starts_with("<?xml") {
        Content::Other("XML")
    } else if lower.starts_with('{') || lower.starts_with('[') {
        Content::Other("JSON")
    } else {
        Content::Other("TXT")
    }
}
