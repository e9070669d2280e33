//! Samples: the files that the headers of templates show to the upstream's reviewers. What a file is, is told by its first
//! bytes; what it may be, by the header that it is for.

use crate::fault::{Fault, Faults, Path};
use crate::rule::Rule;

mod content;
mod handles;

pub use content::{Content, LOOKED_AT_BYTES, content};
pub(crate) use handles::check_handle;
pub use handles::{NamedUrl, named_urls, put_handle};

/// A kind of file that the upstream takes as a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A picture.
    Jpeg,
    /// A picture.
    Png,
    /// A film.
    Mp4,
    /// A document.
    Pdf,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Mp4, Self::Pdf];

    /// The type by which the upstream is told.
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Mp4 => "video/mp4",
            Self::Pdf => "application/pdf",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Mp4 => "MP4",
            Self::Pdf => "PDF",
        }
    }

    /// How a file of this kind may end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Mp4 => "mp4",
            Self::Pdf => "pdf",
        }
    }

    /// The kind of a declared type; its parameters and letter case do not count.
    pub fn of_mime(mime: &str) -> Option<Self> {
        match essence(mime).as_str() {
            "image/jpeg" | "image/jpg" | "image/pjpeg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            "video/mp4" => Some(Self::Mp4),
            "application/pdf" => Some(Self::Pdf),
            _ => None,
        }
    }
}

/// What a sample is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Any header: it is not known yet.
    Any,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A short film that plays by itself.
    Gif,
    /// A document.
    Document,
}

impl Purpose {
    /// What the sample of a header of this format is for; `None` if such a header has no sample.
    pub fn of_format(format: &str) -> Option<Self> {
        match format.to_ascii_uppercase().as_str() {
            "IMAGE" => Some(Self::Image),
            "VIDEO" => Some(Self::Video),
            "GIF" => Some(Self::Gif),
            "DOCUMENT" => Some(Self::Document),
            _ => None,
        }
    }

    /// Whether a file of this kind serves it.
    pub const fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Any => true,
            Self::Image => matches!(kind, Kind::Jpeg | Kind::Png),
            Self::Video | Self::Gif => matches!(kind, Kind::Mp4),
            Self::Document => matches!(kind, Kind::Pdf),
        }
    }

    /// The rule that says how large a file of this kind may be.
    pub const fn size(self, kind: Kind) -> Rule {
        match (self, kind) {
            (_, Kind::Jpeg | Kind::Png) => Rule::SampleImageSize,
            (Self::Gif, Kind::Mp4) => Rule::SampleGifSize,
            (_, Kind::Mp4) => Rule::SampleVideoSize,
            (_, Kind::Pdf) => Rule::SampleDocumentSize,
        }
    }

    fn words(self) -> String {
        let names: Vec<&str> = Kind::ALL.into_iter().filter(|kind| self.takes(*kind)).map(Kind::name).collect();
        names.join(", ")
    }
}

/// A file as far as it must be known to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Looks<'a> {
    /// Its first [`LOOKED_AT_BYTES`], or all of it if it is shorter.
    pub first: &'a [u8],
    /// How many bytes it has; if it was read only to where it became too large, as many as were read.
    pub len: u64,
    /// The type that its sender declares, if any.
    pub declared: Option<&'a str>,
}

/// How many bytes of a file need to be read at most, one more than it may have; what can't be a sample needs no more than
/// what was looked at.
pub fn bytes_worth_reading(first: &[u8], purpose: Purpose) -> u64 {
    match content(first) {
        Content::Sample(kind) if purpose.takes(kind) => purpose.size(kind).max() as u64 + 1,
        Content::Sample(_) | Content::Other(_) | Content::Unknown => LOOKED_AT_BYTES as u64,
    }
}

/// Says what kind of file it is, or all that is wrong with it, at `path`.
///
/// # Errors
///
/// Every fault: an empty file, content that is no sample or not for that header, another declared type, too many bytes.
pub fn check(looks: Looks<'_>, purpose: Purpose, path: &Path) -> Result<Kind, Faults> {
    let mut faults = Faults::none();
    let fault = |rule: Rule| Fault::new(path.clone(), rule);
    if looks.len == 0 {
        return Err(fault(Rule::SampleEmpty).into());
    }
    let kind = match content(looks.first) {
        Content::Sample(kind) => kind,
        Content::Other(found) => {
            return Err(fault(Rule::SampleContent).with("found", found).with("words", purpose.words()).into());
        }
        Content::Unknown => return Err(fault(Rule::SampleUnknown).with("words", purpose.words()).into()),
    };
    if !purpose.takes(kind) {
        faults.push(fault(Rule::SampleContent).with("found", kind.name()).with("words", purpose.words()));
    }
    if let Some(declared) = looks.declared.filter(|declared| says_something(declared))
        && Kind::of_mime(declared) != Some(kind)
    {
        let declared: String = essence(declared).chars().take(MOST_DECLARED_CHARS).collect();
        faults.push(fault(Rule::SampleDeclared).with("declared", declared).with("found", kind.name()));
    }
    let size = purpose.size(kind);
    if purpose.takes(kind) && looks.len > size.max() as u64 {
        faults.push(fault(size).with("kind", kind.name()).with("most", mebibytes(size.max())));
    }
    faults.or(kind)
}

/// Characters of a declared type that are repeated to its sender.
const MOST_DECLARED_CHARS: usize = 60;

/// Whether a declared type is more than what programs say that do not know: no type, bytes, or a form.
fn says_something(declared: &str) -> bool {
    const NOTHING: [&str; 5] =
        ["", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded", "*/*"];
    !NOTHING.contains(&essence(declared).as_str())
}

fn essence(mime: &str) -> String {
    mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// As people write it: `5 MiB`, `3.5 MiB`.
fn mebibytes(bytes: usize) -> String {
    const KIB: usize = 1024;
    let tenths = bytes * 10 / (KIB * KIB);
    if tenths.is_multiple_of(10) {
        format!("{} MiB", tenths / 10)
    } else {
        format!("{}.{} MiB", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests;
