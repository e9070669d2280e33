//! What a text is made of, as far as the upstream's rules ask: emoji, formatting, line breaks, words.

use crate::fault::Faults;
use crate::reading::Node;
use crate::rule::Rule;
use crate::template::placeholder::Placeholders;

/// Notes a text that is longer, or shorter, than the rule allows, in characters.
pub(crate) fn check_length(node: &Node<'_>, text: &str, rule: Rule, faults: &mut Faults) {
    let got = text.chars().count();
    if !rule.allows(got) {
        faults.push(node.fault(rule).with("max", rule.max()).with("got", got));
    }
}

/// What stands in a text that a header, a footer or a label must not have, by names that both languages understand.
pub(crate) fn line_breaks_and_emoji(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if text.contains(['\n', '\r']) {
        found.push("\\n");
    }
    if n_emoji(text) > 0 {
        found.push("emoji");
    }
    found
}

/// Formatting in a text: an asterisk anywhere, and what WhatsApp would render, placeholders left out.
pub(crate) fn formatting(placeholders: &Placeholders<'_>) -> Vec<&'static str> {
    let mut found = Vec::new();
    if placeholders.beside().iter().any(|text| text.contains('*')) {
        found.push("*");
    }
    let is_block = placeholders.beside().iter().any(|text| text.contains("```"));
    for (mark, name) in PAIRED {
        if is_paired(placeholders, mark) || (mark == '`' && is_block) {
            found.push(name);
        }
    }
    found
}

/// Characters that could be taken for formatting, where they format nothing.
pub(crate) fn lone_marks(placeholders: &Placeholders<'_>) -> Vec<&'static str> {
    let stands = |mark: char| placeholders.beside().iter().any(|text| text.contains(mark));
    PAIRED.iter().filter(|(mark, _)| stands(*mark) && !is_paired(placeholders, *mark)).map(|(_, name)| *name).collect()
}

const PAIRED: [(char, &str); 3] = [('_', "_"), ('~', "~"), ('`', "`")];

/// Whether a mark opens at the start of a word, and closes at the end of one: `_so_`, and not `file_name_here`.
fn is_paired(placeholders: &Placeholders<'_>, mark: char) -> bool {
    // A placeholder stands for some word.
    let text = placeholders.beside().join("x");
    let chars: Vec<char> = text.chars().collect();
    let solid = |place: Option<usize>| {
        place.and_then(|place| chars.get(place)).is_some_and(|c| !c.is_whitespace() && *c != mark)
    };
    let in_word = |place: Option<usize>| place.and_then(|place| chars.get(place)).is_some_and(|c| c.is_alphanumeric());
    let mut open = false;
    for (place, _) in chars.iter().enumerate().filter(|(_, c)| **c == mark) {
        let (before, after) = (place.checked_sub(1), Some(place + 1));
        if open && solid(before) && !in_word(after) {
            return true;
        }
        open |= solid(after) && !in_word(before);
    }
    false
}

/// The most line breaks that follow each other.
pub(crate) fn longest_break(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars().filter(|c| *c != '\r') {
        run = if c == '\n' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// The words of a text beside its placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    /// What is parted by space and has a letter or a digit.
    pub(crate) strict: usize,
    /// What is parted by space, be it punctuation; and each letter of a script that is written without spaces.
    pub(crate) lenient: usize,
}

/// Counts the words beside the placeholders. What a placeholder is part of is one word with it, as in `#{{1}}`.
pub(crate) fn words(placeholders: &Placeholders<'_>) -> Words {
    let mut words = Words { strict: 0, lenient: 0 };
    let text = placeholders.beside().join(PLACE);
    for word in text.split_whitespace().map(|word| word.replace(PLACE, "")).filter(|word| !word.is_empty()) {
        words.strict += usize::from(word.contains(char::is_alphanumeric));
        words.lenient += word.chars().filter(|c| is_unspaced(*c)).count().max(1);
    }
    words
}

/// Stands for a placeholder: a character that texts of messages do not have.
const PLACE: &str = "\0";

/// Letters of scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana and Han.
const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3134F}')
}

/// What stands between a text's first or last placeholder and its edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Words, or there is no placeholder.
    Safe,
    /// Punctuation alone.
    Punctuation,
    /// Nothing.
    Bare,
}

/// The worse of a text's two edges.
pub(crate) fn edge(placeholders: &Placeholders<'_>) -> Edge {
    if placeholders.is_empty() {
        return Edge::Safe;
    }
    let beside = placeholders.beside();
    let edges = [beside.first(), beside.last()].map(|text| text.copied().unwrap_or_default().trim());
    if edges.iter().any(|text| text.is_empty()) {
        Edge::Bare
    } else if edges.iter().any(|text| !text.contains(char::is_alphanumeric)) {
        Edge::Punctuation
    } else {
        Edge::Safe
    }
}

/// Whether two placeholders have nothing but space between them.
pub(crate) fn has_adjacent(placeholders: &Placeholders<'_>) -> bool {
    let beside = placeholders.beside();
    beside.len() > 2 && beside[1..beside.len() - 1].iter().any(|text| text.trim().is_empty())
}

/// How many emoji there are: what is joined to one picture counts once.
pub(crate) fn n_emoji(text: &str) -> usize {
    let mut count = 0;
    // Whether what comes next may belong to a picture, or does.
    let (mut in_picture, mut joined, mut half_flag) = (false, false, false);
    let mut last = '\0';
    for c in text.chars() {
        let is_flag_letter = matches!(c, '\u{1F1E6}'..='\u{1F1FF}');
        let ends_flag = is_flag_letter && half_flag;
        let belongs = joined || ends_flag || (in_picture && is_addition(c));
        let starts = match c {
            // Asks for a picture where the character before is usually text.
            '\u{FE0F}' => !last.is_ascii(),
            // Frames a digit as a key.
            '\u{20E3}' => true,
            _ => is_emoji(c),
        };
        joined = !joined && in_picture && c == '\u{200D}';
        half_flag = is_flag_letter && !belongs;
        count += usize::from(starts && !belongs);
        in_picture = belongs || starts;
        last = c;
    }
    count
}

/// What belongs to the picture before it: its form, a key's frame, a colour of skin, the parts of a flag, a joiner.
const fn is_addition(c: char) -> bool {
    matches!(c, '\u{FE0F}' | '\u{20E3}' | '\u{200D}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

/// Characters that are shown as pictures by themselves (Unicode's `Emoji_Presentation`).
const fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{231A}'..='\u{231B}' | '\u{23E9}'..='\u{23EC}' | '\u{23F0}' | '\u{23F3}' | '\u{25FD}'..='\u{25FE}'
        | '\u{2614}'..='\u{2615}' | '\u{2648}'..='\u{2653}' | '\u{267F}' | '\u{2693}' | '\u{26A1}'
        | '\u{26AA}'..='\u{26AB}' | '\u{26BD}'..='\u{26BE}' | '\u{26C4}'..='\u{26C5}' | '\u{26CE}' | '\u{26D4}'
        | '\u{26EA}' | '\u{26F2}'..='\u{26F3}' | '\u{26F5}' | '\u{26FA}' | '\u{26FD}' | '\u{2705}'
        | '\u{270A}'..='\u{270B}' | '\u{2728}' | '\u{274C}' | '\u{274E}' | '\u{2753}'..='\u{2755}' | '\u{2757}'
        | '\u{2795}'..='\u{2797}' | '\u{27B0}' | '\u{27BF}' | '\u{2B1B}'..='\u{2B1C}' | '\u{2B50}' | '\u{2B55}'
        | '\u{1F004}' | '\u{1F0CF}' | '\u{1F18E}' | '\u{1F191}'..='\u{1F19A}' | '\u{1F1E6}'..='\u{1F202}'
        | '\u{1F21A}' | '\u{1F22F}' | '\u{1F232}'..='\u{1F23A}' | '\u{1F250}'..='\u{1F251}'
        | '\u{1F300}'..='\u{1F64F}' | '\u{1F680}'..='\u{1F6FF}' | '\u{1F7E0}'..='\u{1F7F0}'
        | '\u{1F90C}'..='\u{1F9FF}' | '\u{1FA70}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_counts_once_however_it_is_made() {
        let cases = [
            ("no picture, 1 © 2 ™ #3 ☀", 0),
            ("🎉", 1),
            ("🎉🎉 and ✨", 3),
            ("☀\u{FE0F} ❤\u{FE0F}", 2),
            ("👍🏽", 1),
            ("👨\u{200D}👩\u{200D}👧", 1),
            ("🏳\u{FE0F}\u{200D}🌈 🌈", 2),
            ("🇮🇩🇸🇬", 2),
            ("1\u{FE0F}\u{20E3}", 1),
            ("\u{200D}🎉", 1),
            ("👩\u{200D}❤\u{FE0F}\u{200D}👨👩", 2),
        ];
        for (text, expected) in cases {
            assert_eq!(n_emoji(text), expected, "{text}");
        }
    }

    #[test]
    fn formatting_is_what_would_be_rendered() {
        let found = |text: &str| formatting(&Placeholders::of(text));
        assert_eq!(found("a * b"), ["*"]);
        assert_eq!(found("so _nice_ it is"), ["_"]);
        assert_eq!(found("_{{1}}_"), ["_"]);
        assert_eq!(found("~old~ `code`"), ["~", "`"]);
        assert_eq!(found("a ``` b"), ["`"]);
        for fine in ["file_name_here", "{{order_number}} and {{item_name}}", "_ _", "a_b", "~ 3 kg"] {
            assert!(found(fine).is_empty(), "{fine}");
        }
        assert_eq!(lone_marks(&Placeholders::of("file_name {{x_y}} ~3")), ["_", "~"]);
        assert!(lone_marks(&Placeholders::of("{{x_y}}")).is_empty());
    }

    #[test]
    fn words_are_counted_in_two_ways() {
        let count = |text: &str| words(&Placeholders::of(text));
        assert_eq!(count("Halo {{1}}, pesanan {{2}} tiba."), Words { strict: 3, lenient: 4 });
        assert_eq!(count("Kode: {{1}} - {{2}}"), Words { strict: 1, lenient: 2 });
        assert_eq!(count("{{1}}様のご注文"), Words { strict: 1, lenient: 5 });
        assert_eq!(count("No.{{1}}-{{2}}x {{3}}{{4}}"), Words { strict: 1, lenient: 1 });
        assert_eq!(count(""), Words { strict: 0, lenient: 0 });
    }

    #[test]
    fn edges_and_gaps_are_told_apart() {
        let edge_of = |text: &str| edge(&Placeholders::of(text));
        assert_eq!(edge_of("Halo {{1}} semua"), Edge::Safe);
        assert_eq!(edge_of("{{1}} semua"), Edge::Bare);
        assert_eq!(edge_of("Halo {{1}}\n "), Edge::Bare);
        assert_eq!(edge_of("Halo {{1}}."), Edge::Punctuation);
        assert_eq!(edge_of("*{{1}}* semua"), Edge::Punctuation);
        assert_eq!(edge_of(""), Edge::Safe);
        assert!(has_adjacent(&Placeholders::of("a {{1}} {{2}} b")));
        assert!(has_adjacent(&Placeholders::of("a {{1}}{{2}} b")));
        assert!(!has_adjacent(&Placeholders::of("a {{1}}, {{2}} b")));
        assert!(!has_adjacent(&Placeholders::of("{{1}}")));
    }

    #[test]
    fn line_breaks_in_a_row_are_counted_in_both_spellings() {
        assert_eq!(longest_break("a\n\nb\n\n\nc"), 3);
        assert_eq!(longest_break("a\r\n\r\nb"), 2);
        assert_eq!(longest_break("a"), 0);
    }
}
