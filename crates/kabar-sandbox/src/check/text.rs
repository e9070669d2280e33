//! Rules on the wording of a template's texts: line breaks, emoji, formatting, and how variables stand among the words.
//!
//! Where reports about the platform contradict each other, the reading is taken that refuses less: formatting is only
//! what WhatsApp would show as such, and a mark of punctuation behind the last variable keeps it from the edge.

use crate::check::placeholders;

/// Whether more than two line breaks follow each other.
pub(crate) fn has_blank_lines(text: &str) -> bool {
    text.replace("\r\n", "\n").contains("\n\n\n")
}

/// Whether there is a line break.
pub(crate) fn has_newline(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

/// Whether WhatsApp would format a part of the text: an asterisk anywhere, a pair of `_` or `~` around words, or three
/// back-ticks. Variables are left out, as their names may have underscores.
pub(crate) fn has_formatting(text: &str) -> bool {
    let fixed = placeholders::without(text, "x");
    fixed.contains('*') || fixed.contains("```") || is_marked(&fixed, '_') || is_marked(&fixed, '~')
}

/// Whether `mark` stands before a word and, later, behind one.
fn is_marked(text: &str, mark: char) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let part_of_word = |index: Option<usize>| {
        let char = index.and_then(|index| chars.get(index));
        char.is_some_and(|char| char.is_alphanumeric())
    };
    let opens = |index: usize| !part_of_word(index.checked_sub(1)) && part_of_word(Some(index + 1));
    let closes = |index: usize| part_of_word(index.checked_sub(1)) && !part_of_word(Some(index + 1));
    let marks = || chars.iter().enumerate().filter(|(_, char)| **char == mark).map(|(index, _)| index);
    marks().any(|open| opens(open) && marks().any(|close| close > open && closes(close)))
}

/// Whether a text consists of variables and white space alone.
pub(crate) fn is_only_variables(text: &str) -> bool {
    !placeholders::names(text).is_empty() && placeholders::without(text, "").trim().is_empty()
}

/// Whether the text has too many variables for its words: with n distinct variables it needs 2n + 1 words. A word is what
/// stands between spaces and is not a bare variable, so `{{1}},` counts as one; in scripts without spaces each letter is.
///
/// The platform does not publish its formula; this one fits every refusal that was reported.
pub(crate) fn is_too_variable(text: &str) -> bool {
    let n_variables = placeholders::distinct(text).len();
    let spaced = placeholders::joined(text);
    let words = spaced.split_whitespace().filter(|word| !is_only_variables(word));
    let n_words: usize = words.map(|word| word.chars().filter(|char| is_unspaced(*char)).count().max(1)).sum();
    n_variables > 0 && n_words < 2 * n_variables + 1
}

/// Whether a letter is of a script that is written without spaces: Thai, Lao, Burmese, Khmer, kana, Han.
fn is_unspaced(char: char) -> bool {
    matches!(char,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether the text begins or ends with a bare variable.
pub(crate) fn has_variable_at_edge(text: &str) -> bool {
    placeholders::stand_at_edge(text)
}

/// Whether two variables stand side by side with nothing but white space between them.
pub(crate) fn has_adjacent_variables(text: &str) -> bool {
    let joined = placeholders::joined(text);
    let mut rest = joined.as_str();
    while let Some(end) = rest.find("}}") {
        rest = &rest[end + 2..];
        if rest.trim_start().starts_with("{{") && !placeholders::names(rest.trim_start()).is_empty() {
            return true;
        }
    }
    false
}

/// The number of emoji as people see them: a sequence that is drawn as one picture counts once.
pub(crate) fn n_emoji(text: &str) -> usize {
    const JOINER: char = '\u{200d}';
    const AS_PICTURE: char = '\u{fe0f}';
    let chars: Vec<char> = text.chars().collect();
    let mut n_emoji = 0;
    let mut index = 0;
    while let Some(&char) = chars.get(index) {
        let next = chars.get(index + 1).copied();
        let keycap = matches!(char, '0'..='9' | '#' | '*')
            && (next == Some('\u{20e3}') || (next == Some(AS_PICTURE) && chars.get(index + 2) == Some(&'\u{20e3}')));
        let is_emoji = keycap || is_picture(char) || (next == Some(AS_PICTURE) && !char.is_ascii());
        index += 1;
        if !is_emoji {
            continue;
        }
        n_emoji += 1;
        if is_flag_letter(char) && next.is_some_and(is_flag_letter) {
            index += 1;
        }
        // What belongs to the same picture: its form, a colour of skin, and all that is joined to it.
        while let Some(&part) = chars.get(index) {
            match part {
                AS_PICTURE | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' => index += 1,
                JOINER => index += 2,
                _ => break,
            }
        }
    }
    n_emoji
}

fn is_flag_letter(char: char) -> bool {
    matches!(char, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Whether a character is drawn as a picture without being asked to.
fn is_picture(char: char) -> bool {
    matches!(char,
        '\u{231a}'..='\u{231b}' | '\u{23e9}'..='\u{23ec}' | '\u{23f0}' | '\u{23f3}' | '\u{25fd}'..='\u{25fe}'
        | '\u{2614}'..='\u{2615}' | '\u{2648}'..='\u{2653}' | '\u{267f}' | '\u{2693}' | '\u{26a1}'
        | '\u{26aa}'..='\u{26ab}' | '\u{26bd}'..='\u{26be}' | '\u{26c4}'..='\u{26c5}' | '\u{26ce}' | '\u{26d4}'
        | '\u{26ea}' | '\u{26f2}'..='\u{26f3}' | '\u{26f5}' | '\u{26fa}' | '\u{26fd}' | '\u{2705}'
        | '\u{270a}'..='\u{270b}' | '\u{2728}' | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}'
        | '\u{2795}'..='\u{2797}' | '\u{27b0}' | '\u{27bf}' | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}'
        | '\u{1f004}' | '\u{1f0cf}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f1e6}'..='\u{1f1ff}'
        | '\u{1f201}' | '\u{1f21a}' | '\u{1f22f}' | '\u{1f232}'..='\u{1f236}' | '\u{1f238}'..='\u{1f23a}'
        | '\u{1f250}'..='\u{1f251}' | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f7e0}'..='\u{1f7eb}' | '\u{1f7f0}' | '\u{1f90c}'..='\u{1f9ff}' | '\u{1fa70}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_counted_as_they_are_seen() {
        for (text, n) in [
            ("", 0),
            ("Halo © 2026 – harga ™", 0),
            ("✅🎉", 2),
            ("👨‍👩‍👧", 1),
            ("👍🏽👍", 2),
            ("🇮🇩🇮🇩", 2),
            ("1️⃣ 2", 1),
            ("❤️", 1),
            ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 1),
        ] {
            assert_eq!(n_emoji(text), n, "{text}");
        }
    }

    #[test]
    fn formatting_is_what_whatsapp_would_show_as_such() {
        for text in ["*a*", "a * b", "_halo dunia_", "say ~no~ now", "```x```"] {
            assert!(has_formatting(text), "{text}");
        }
        for text in ["order_id", "a_b_c", "{{first_name}} and {{last_name}}", "2 ~ 3", "`", "_", "a _ b"] {
            assert!(!has_formatting(text), "{text}");
        }
    }

    #[test]
    fn the_ratio_fits_what_was_refused_and_what_was_not() {
        for text in ["Update about your {{1}} shift: {{2}}", "Halo {{1}}", "{{1}} {{2}} {{3}} ok", "Halo {{ 1 }} kak"] {
            assert!(is_too_variable(text), "{text}");
        }
        for text in [
            "Kode Anda {{1}} aman",
            "Hi {{1}}! Your order number is {{2}}. Thank you.",
            "Halo {{1}}, selamat datang di {{2}}.",
            "no variable",
            "こんにちは{{1}}様のご注文です",
            "{{1}} and {{1}} are one",
        ] {
            assert!(!is_too_variable(text), "{text}");
        }
    }

    #[test]
    fn edges_are_bare_variables() {
        for text in ["{{1}} a", "a {{1}}", " {{1}} a", "a {{name}}\n", "{{1}}"] {
            assert!(has_variable_at_edge(text), "{text}");
        }
        for text in ["a {{1}} b", "a {{1}}.", "*{{1}}* a", "a }}", "{{ a", "a {{1}} b }}"] {
            assert!(!has_variable_at_edge(text), "{text}");
        }
        assert!(is_only_variables("{{1}} {{2}}\n") && !is_only_variables("{{1}}!") && !is_only_variables(""));
        assert!(has_adjacent_variables("a {{1}}{{2}} b") && has_adjacent_variables("a {{1}} \n{{2}} b"));
        assert!(!has_adjacent_variables("a {{1}}, {{2}} b {{3}}"));
        assert!(has_blank_lines("a\n\n\nb") && !has_blank_lines("a\n\nb"));
    }
}
