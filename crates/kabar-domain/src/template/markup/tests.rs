use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::{collection, prop_assert_eq};

use super::*;

fn text(text: &str) -> Span {
    Span::Text(text.to_owned())
}

fn bold(inner: &[Span]) -> Span {
    Span::Bold(inner.to_vec())
}

fn code(text: &str) -> Span {
    Span::Code(text.to_owned())
}

/// The runs of a text that is one block of text.
fn spans(text: &str) -> Vec<Span> {
    match Markup::parse(text).blocks.as_slice() {
        [Block::Text(spans)] => spans.clone(),
        other => panic!("{text}: {other:?}"),
    }
}

/// What was parsed, with its marks again.
fn marked(markup: &Markup) -> String {
    fn inner(spans: &[Span]) -> String {
        let pieces = spans.iter().map(|span| match span {
            Span::Text(text) => text.clone(),
            Span::Bold(spans) => format!("*{}*", inner(spans)),
            Span::Italic(spans) => format!("_{}_", inner(spans)),
            Span::Struck(spans) => format!("~{}~", inner(spans)),
            Span::Code(text) => format!("`{text}`"),
            Span::Monospace(text) => format!("```{text}```"),
        });
        pieces.collect()
    }
    let lines = markup.blocks.iter().flat_map(|block| match block {
        Block::Text(spans) => vec![inner(spans)],
        Block::Bullets(items) | Block::Numbers(items) => {
            items.iter().map(|item| format!("{} {}", item.sign, inner(&item.spans))).collect()
        }
        Block::Quote(lines) => lines.iter().map(|line| format!("> {}", inner(line))).collect(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_mark_has_its_run() {
    assert_eq!(
        spans("a *b* _c_ ~d~ `e` ```f```."),
        [
            text("a "),
            bold(&[text("b")]),
            text(" "),
            Span::Italic(vec![text("c")]),
            text(" "),
            Span::Struck(vec![text("d")]),
            text(" "),
            code("e"),
            text(" "),
            Span::Monospace("f".to_owned()),
            text("."),
        ]
    );
}

#[test]
fn different_marks_nest() {
    assert_eq!(
        spans("*Halo _Budi_, `x*y`*!"),
        [bold(&[text("Halo "), Span::Italic(vec![text("Budi")]), text(", "), code("x*y")]), text("!")]
    );
    assert_eq!(spans("*_~a~_*"), [bold(&[Span::Italic(vec![Span::Struck(vec![text("a")])])])]);
    // The first pair that closes stands, and what crosses it is text.
    assert_eq!(spans("*a _b* c_"), [bold(&[text("a _b")]), text(" c_")]);
}

#[test]
fn a_mark_counts_at_the_edge_of_a_word_only() {
    for plain in [
        "2*3*4",
        "a_nice_name",
        ". * a*",
        "*a *",
        "**",
        "*",
        "****",
        "_ _",
        "~~",
        "``",
        "`a",
        "`a\nb`",
        "*a\nb*",
        "``` ```",
        "```",
        "a*b*",
        "*a*b",
        "-a",
        "1.a",
        "1 . a",
        ">a",
        "> ",
        "- ",
        "- \t",
        "1234567890. a",
        " - a",
    ] {
        let blocks = Markup::parse(plain).blocks;
        assert_eq!(blocks, [Block::Text(vec![text(plain)])], "{plain}");
    }
    assert_eq!(spans("(*a*)"), [text("("), bold(&[text("a")]), text(")")]);
    assert_eq!(spans("*a*, *b*"), [bold(&[text("a")]), text(", "), bold(&[text("b")])]);
    assert_eq!(spans("*é*"), [bold(&[text("é")])]);
    assert_eq!(spans("**a**"), [text("*"), bold(&[text("a")]), text("*")]);
    assert_eq!(spans("*a *b*"), [bold(&[text("a *b")])]);
    // A variable that was filled may stand next to a mark, and its value may have marks of its own.
    assert_eq!(spans("*INV-1* 👍*a*"), [bold(&[text("INV-1")]), text(" 👍"), bold(&[text("a")])]);
}

#[test]
fn monospace_reaches_over_lines_and_code_does_not() {
    assert_eq!(spans("a```x *y*\n- z```b"), [text("a"), Span::Monospace("x *y*\n- z".to_owned()), text("b")]);
    assert_eq!(spans("*a `b* c`*"), [bold(&[text("a "), code("b* c")])]);
    // The line goes on behind the fence, and the pair that began before it ends behind it.
    assert_eq!(spans("*a ```b\nc```*"), [bold(&[text("a "), Span::Monospace("b\nc".to_owned())])]);
}

#[test]
fn lines_make_lists_and_quotes() {
    let markup = Markup::parse("Pilihan:\n- *satu*\n* dua\n1. tiga\n12. empat\n> lima\n> _enam_\n\nSelesai.\n>");
    let item = |sign: &str, spans: Vec<Span>| Item { sign: sign.to_owned(), spans };
    assert_eq!(
        markup.blocks,
        [
            Block::Text(vec![text("Pilihan:")]),
            Block::Bullets(vec![item("-", vec![bold(&[text("satu")])]), item("*", vec![text("dua")])]),
            Block::Numbers(vec![item("1.", vec![text("tiga")]), item("12.", vec![text("empat")])]),
            Block::Quote(vec![vec![text("lima")], vec![Span::Italic(vec![text("enam")])]]),
            Block::Text(vec![text("\nSelesai.\n>")]),
        ]
    );
    assert_eq!(markup.plain(), "Pilihan:\n- satu\n* dua\n1. tiga\n12. empat\nlima\nenam\n\nSelesai.\n>");
}

#[test]
fn a_long_text_of_marks_takes_no_longer_than_another() {
    // Each would be searched to the end of the text for each of its marks, if nothing were remembered: at this length it
    // would never end.
    for piece in ["*a ", "*_~a ", "`a ", "``` ", "*a* ", "(*a", "_*a_ "] {
        let long = piece.repeat(200_000 / piece.len());
        assert_eq!(marked(&Markup::parse(&long)), long, "{piece}");
    }
}

/// Texts in which marks are common.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => "[*_~`]{1,4}",
        2 => "[ \n]",
        1 => prop_oneof![Just("- "), Just("1. "), Just("> "), Just("\n- "), Just("\n> "), Just("\n22. ")].prop_map(str::to_owned),
        3 => "[a-c1é👍,.(]{1,3}",
    ];
    collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_and_nothing_of_it_is_lost(text in "\\PC*") {
        prop_assert_eq!(marked(&Markup::parse(&text)), text);
    }

    #[test]
    fn texts_full_of_marks_lose_nothing(text in texts()) {
        prop_assert_eq!(marked(&Markup::parse(&text)), text);
    }

    #[test]
    fn a_text_without_marks_is_as_it_was(words in "[a-z ,.!?0-9\n]*") {
        let words = words.replace(". ", ".");
        prop_assert_eq!(Markup::parse(&words).plain(), words);
    }

    #[test]
    fn what_is_read_out_is_the_text_without_some_marks(text in texts()) {
        let plain = Markup::parse(&text).plain();
        let mut rest = text.chars();
        for letter in plain.chars() {
            let skipped: String = rest.by_ref().take_while(|other| *other != letter).collect();
            assert!(skipped.chars().all(|mark| "*_~`> ".contains(mark)), "{skipped:?} is missing in {plain:?}");
        }
        assert!(rest.all(|mark| "*_~`> ".contains(mark)), "the end is missing in {plain:?}");
    }
}
