//! Runs of text: the marks within a line.

use std::ops::Range;

use crate::template::markup::Span;

const FENCE: &str = "```";

/// The lines of a text. The end of a line within monospace ends none.
pub(super) fn lines(text: &str) -> Vec<&str> {
    let mut code = code(text).into_iter().peekable();
    let mut lines = Vec::new();
    let mut start = 0;
    for (end, _) in text.match_indices('\n') {
        while code.next_if(|code| code.whole.end <= end).is_some() {}
        if code.peek().is_none_or(|code| end < code.whole.start) {
            lines.push(&text[start..end]);
            start = end + 1;
        }
    }
    lines.push(&text[start..]);
    lines
}

/// The runs of one line.
pub(super) fn spans(line: &str) -> Vec<Span> {
    Parser { line, code: code(line) }.spans(0..line.len(), &[])
}

/// Puts a run after the others; text that follows text is one run.
pub(super) fn append(spans: &mut Vec<Span>, span: Span) {
    match (spans.last_mut(), span) {
        (_, Span::Text(text)) if text.is_empty() => {}
        (Some(Span::Text(before)), Span::Text(text)) => before.push_str(&text),
        (_, span) => spans.push(span),
    }
}

/// A piece of code in a line.
#[derive(Debug, Clone)]
struct Code {
    /// With its marks.
    whole: Range<usize>,
    inner: Range<usize>,
}

/// What stands between the fence at `at` and the next one, when it is more than blanks.
fn fenced(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at + text[at..].starts_with(FENCE).then_some(FENCE.len())?;
    let end = start + text[start..].find(FENCE)?;
    (!text[start..end].trim().is_empty()).then_some(start..end)
}

/// All the code in a text, in order. Whether something is code does not depend on what stands on the lines before and
/// after, so the lines that [`lines`] gives have the code that the whole text has.
fn code(line: &str) -> Vec<Code> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(tick) = line[at..].find('`').map(|tick| at + tick) {
        let piece = match fenced(line, tick) {
            Some(inner) => Some(Code { whole: tick..inner.end + FENCE.len(), inner }),
            None => ticked(line, tick),
        };
        at = piece.as_ref().map_or(tick + 1, |code| code.whole.end);
        found.extend(piece);
    }
    found
}

/// Code between single ticks: the second is the next tick of the line, or the first one is text.
fn ticked(line: &str, at: usize) -> Option<Code> {
    let inner = at + 1..at + 1 + line[at + 1..].find(['`', '\n'])?;
    let whole = at..inner.end + 1;
    let counts = line.as_bytes()[inner.end] == b'`'
        && !inner.is_empty()
        && opens(line, at, 1, &(0..line.len()))
        && closes(line, inner.end, 1, &(0..line.len()));
    counts.then_some(Code { whole, inner })
}

/// Whether a mark of so many bytes may begin a pair: at the beginning of a word, seen within `range`.
fn opens(line: &str, at: usize, width: usize, range: &Range<usize>) -> bool {
    let before = line[range.start..at].chars().next_back();
    let after = line[at + width..range.end].chars().next();
    !before.is_some_and(char::is_alphanumeric) && after.is_some_and(|letter| !letter.is_whitespace())
}

/// Whether a mark of so many bytes may end a pair: at the end of a word, seen within `range`.
fn closes(line: &str, at: usize, width: usize, range: &Range<usize>) -> bool {
    let before = line[range.start..at].chars().next_back();
    let after = line[at + width..range.end].chars().next();
    before.is_some_and(|letter| !letter.is_whitespace()) && !after.is_some_and(char::is_alphanumeric)
}

struct Parser<'t> {
    line: &'t str,
    code: Vec<Code>,
}

/// The marks that nest.
const MARKS: [char; 3] = ['*', '_', '~'];

impl Parser<'_> {
    /// The runs of a part of the line that stands within `around` these marks. Each part is read once at each depth, and
    /// there are three depths, so the time grows with the length of the line and no faster.
    fn spans(&self, range: Range<usize>, around: &[char]) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut hopeless: Vec<char> = around.to_vec();
        // Of the text that is not in a run yet.
        let mut start = range.start;
        let mut at = range.start;
        while at < range.end {
            if let Some(code) = self.code_at(at) {
                append(&mut spans, Span::Text(self.line[start..at].to_owned()));
                spans.push(self.of_code(code));
                at = code.whole.end;
                start = at;
                continue;
            }
            let Some(letter) = self.line[at..].chars().next() else { break };
            let next = at + letter.len_utf8();
            if MARKS.contains(&letter)
                && !hopeless.contains(&letter)
                && !self.line[next..range.end].starts_with(letter)
                && opens(self.line, at, 1, &range)
            {
                match self.end_of_pair(letter, next..range.end, &range) {
                    Some(end) => {
                        append(&mut spans, Span::Text(self.line[start..at].to_owned()));
                        let mut around = around.to_vec();
                        around.push(letter);
                        spans.push(of_mark(letter, self.spans(next..end, &around)));
                        at = end + 1;
                        start = at;
                        continue;
                    }
                    // What ends no pair here ends none of those that begin later.
                    None => hopeless.push(letter),
                }
            }
            at = next;
        }
        append(&mut spans, Span::Text(self.line[start..range.end].to_owned()));
        spans
    }

    /// Where the pair ends whose inside begins with `search`.
    fn end_of_pair(&self, mark: char, search: Range<usize>, range: &Range<usize>) -> Option<usize> {
        let mut at = search.start;
        while at < search.end {
            if let Some(code) = self.code_at(at) {
                at = code.whole.end;
                continue;
            }
            let letter = self.line[at..].chars().next()?;
            if letter == mark && at > search.start && closes(self.line, at, 1, range) {
                return Some(at);
            }
            at += letter.len_utf8();
        }
        None
    }

    /// The code that begins at this place.
    fn code_at(&self, at: usize) -> Option<&Code> {
        let place = self.code.binary_search_by_key(&at, |code| code.whole.start).ok()?;
        self.code.get(place)
    }

    fn of_code(&self, code: &Code) -> Span {
        let text = self.line[code.inner.clone()].to_owned();
        if code.inner.start - code.whole.start == FENCE.len() { Span::Monospace(text) } else { Span::Code(text) }
    }
}

fn of_mark(mark: char, inner: Vec<Span>) -> Span {
    match mark {
        '*' => Span::Bold(inner),
        '_' => Span::Italic(inner),
        _ => Span::Struck(inner),
    }
}
