//! Cases of files that are to be samples.

use super::Case;
use crate::fault::Path;
use crate::rule::Rule;
use crate::sample::{Looks, Purpose, check};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0";
const PDF: &[u8] = b"%PDF-1.7\n";
const MIB: u64 = 1024 * 1024;

fn noted(first: &[u8], len: u64, declared: Option<&str>, purpose: Purpose) -> Vec<Rule> {
    match check(Looks { first, len, declared }, purpose, &Path::root().key("file")) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(|fault| fault.rule).collect(),
    }
}

pub(super) fn cases() -> Vec<Case> {
    let any = |first: &[u8]| noted(first, first.len() as u64, None, Purpose::Any);
    let declared = |declared: &str| noted(PNG, 100, Some(declared), Purpose::Any);
    let sized = |rule: Rule, first: &[u8], purpose: Purpose, most: u64| Case {
        rule,
        keeps: noted(first, most, None, purpose),
        breaks: noted(first, most + 1, None, purpose),
    };
    vec![
        Case { rule: Rule::SampleEmpty, keeps: any(PNG), breaks: any(b"") },
        Case { rule: Rule::SampleContent, keeps: any(PDF), breaks: any(b"GIF89a....") },
        Case {
            rule: Rule::SampleContent,
            keeps: noted(MP4, 100, None, Purpose::Video),
            breaks: noted(MP4, 100, None, Purpose::Image),
        },
        Case { rule: Rule::SampleUnknown, keeps: any(PNG), breaks: any(b"\x00\x01\x02\x03") },
        Case { rule: Rule::SampleDeclared, keeps: declared("image/PNG; q=1"), breaks: declared("image/jpeg") },
        Case { rule: Rule::SampleDeclared, keeps: declared("application/octet-stream"), breaks: declared("text/html") },
        sized(Rule::SampleImageSize, PNG, Purpose::Image, 5 * MIB),
        sized(Rule::SampleVideoSize, MP4, Purpose::Any, 16 * MIB),
        sized(Rule::SampleGifSize, MP4, Purpose::Gif, 3_670_016),
        sized(Rule::SampleDocumentSize, PDF, Purpose::Document, 100 * MIB),
    ]
}
