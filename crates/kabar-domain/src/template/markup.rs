//! WhatsApp's text formatting, parsed: `*bold*`, `_italic_`, `~struck~`, `` `code` ``, ```` ```monospace``` ````, lists and
//! quotes.
//!
//! WhatsApp tells its users which marks there are, and not when exactly a mark counts. What is decided here keeps to what
//! its apps are seen to do, and leaves a text alone where it is doubtful:
//!
//! - `*`, `_`, `~` and `` ` `` count in pairs at the edges of words: no letter or digit stands before the first or after
//!   the second, no space stands right inside, and something stands between. So `snake_case_name` and `2*3*4` stay.
//! - A pair does not reach over the end of a line, nor out of the pair around it. Pairs of different marks nest.
//! - ```` ``` ```` needs no edge of a word and reaches over lines. Within code of either kind, no other mark counts.
//! - At the start of a line, `- ` or `* ` makes an item of a list, digits with `. ` one of a numbered list, and `> ` a
//!   quote, when text follows. Lines of one kind that follow each other are one block. Blocks do not nest.

mod line;

/// A text, as its recipient sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Markup {
    /// Its blocks from top to bottom; each begins on a line of its own.
    pub blocks: Vec<Block>,
}

/// A piece of a text that has lines of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Lines of text; their ends are `\n` in the spans.
    Text(Vec<Span>),
    /// A list with signs.
    Bullets(Vec<Item>),
    /// A list with numbers.
    Numbers(Vec<Item>),
    /// Quoted lines, one after the other.
    Quote(Vec<Vec<Span>>),
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What stands before it as it was written: `-`, `*`, or a number with its dot.
    pub sign: String,
    /// What it says.
    pub spans: Vec<Span>,
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// As it is.
    Text(String),
    /// In heavier letters.
    Bold(Vec<Self>),
    /// In slanted letters.
    Italic(Vec<Self>),
    /// Struck through.
    Struck(Vec<Self>),
    /// In letters of one width, within a line.
    Code(String),
    /// In letters of one width, over as many lines as there are.
    Monospace(String),
}

impl Markup {
    /// Parses any text: marks that do not count are text.
    pub fn parse(text: &str) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        for line in line::lines(text) {
            let (start, rest) = Start::of(line);
            let spans = line::spans(rest);
            match (start, blocks.last_mut()) {
                (Start::Text, Some(Block::Text(before))) => {
                    line::append(before, Span::Text("\n".to_owned()));
                    spans.into_iter().for_each(|span| line::append(before, span));
                }
                (Start::Quote, Some(Block::Quote(before))) => before.push(spans),
                (Start::Bullet(sign), Some(Block::Bullets(before)))
                | (Start::Number(sign), Some(Block::Numbers(before))) => before.push(Item::new(sign, spans)),
                (Start::Text, _) => blocks.push(Block::Text(spans)),
                (Start::Quote, _) => blocks.push(Block::Quote(vec![spans])),
                (Start::Bullet(sign), _) => blocks.push(Block::Bullets(vec![Item::new(sign, spans)])),
                (Start::Number(sign), _) => blocks.push(Block::Numbers(vec![Item::new(sign, spans)])),
            }
        }
        Self { blocks }
    }

    /// The text without its marks: what is read out. The signs and numbers of lists stay, since they are seen.
    pub fn plain(&self) -> String {
        let blocks = self.blocks.iter().map(|block| match block {
            Block::Text(spans) => plain(spans),
            Block::Bullets(items) | Block::Numbers(items) => {
                let lines = items.iter().map(|item| format!("{} {}", item.sign, plain(&item.spans)));
                lines.collect::<Vec<_>>().join("\n")
            }
            Block::Quote(lines) => lines.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n"),
        });
        blocks.collect::<Vec<_>>().join("\n")
    }
}

impl Item {
    fn new(sign: &str, spans: Vec<Span>) -> Self {
        Self { sign: sign.to_owned(), spans }
    }
}

fn plain(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Text(text) | Span::Code(text) | Span::Monospace(text) => text.clone(),
            Span::Bold(inner) | Span::Italic(inner) | Span::Struck(inner) => plain(inner),
        })
        .collect()
}

/// What a line begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start<'t> {
    Text,
    Bullet(&'t str),
    Number(&'t str),
    Quote,
}

/// How many digits the number of a list's item may have, so that a year or a price at the start of a line is the most
/// that is taken for one.
const MOST_DIGITS: usize = 9;

impl<'t> Start<'t> {
    /// How the line begins, and what follows.
    fn of(line: &'t str) -> (Self, &'t str) {
        let said = |rest: &&str| !rest.trim().is_empty();
        if let Some(rest) = line.strip_prefix("> ").filter(said) {
            return (Self::Quote, rest);
        }
        for sign in ["- ", "* "] {
            if let Some(rest) = line.strip_prefix(sign).filter(said) {
                return (Self::Bullet(&line[..1]), rest);
            }
        }
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=MOST_DIGITS).contains(&digits)
            && let Some(rest) = line[digits..].strip_prefix(". ").filter(said)
        {
            return (Self::Number(&line[..=digits]), rest);
        }
        (Self::Text, line)
    }
}

#[cfg(test)]
mod tests;
