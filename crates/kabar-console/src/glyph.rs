//! Small pictures, drawn as lines: they look alike everywhere, also where a machine has no letters for them.

use maud::{Markup, html};

/// A picture; it says nothing to those who listen, so its meaning stands beside it in words.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Glyph {
    Answer,
    Bag,
    Clock,
    Copy,
    Document,
    List,
    Out,
    Phone,
    Picture,
    Pin,
    Play,
    Send,
    Shop,
    Speech,
    Tick,
    Ticks,
    Warning,
}

impl Glyph {
    /// Its lines, on a field of 24 by 24.
    const fn lines(self) -> &'static str {
        match self {
            Self::Answer => "M10 6 4 12l6 6M4 12h9c4 0 7 2 7 6",
            Self::Bag => "M5 8h14l1 13H4zM9 11V7a3 3 0 0 1 6 0v4",
            Self::Clock => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
            Self::Copy => "M9 9h11v11H9zM15 9V4H4v11h5",
            Self::Document => "M6 2h8l5 5v15H6zM14 2v5h5M9 13h7M9 17h7",
            Self::List => "M4 6h16M4 12h16M4 18h10",
            Self::Out => "M13 4h7v7M20 4l-9 9M18 14v6H4V6h6",
            Self::Phone => {
                "M5 3h4l2 5-2.5 1.5a11 11 0 0 0 6 6L16 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 5a2 2 0 0 1 2-2z"
            }
            Self::Picture => "M3 4h18v16H3zM3 17l5-5 4 4 3-3 6 6M16 8.5h.01",
            Self::Pin => "M12 22s7-7 7-12a7 7 0 1 0-14 0c0 5 7 12 7 12zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
            Self::Play => "M8 4l12 8-12 8z",
            Self::Send => "M4 4l17 8-17 8 3-8zM7 12h8",
            Self::Shop => "M3 10l2-6h14l2 6M5 10v10h14V10M3 10h18M10 20v-6h4v6",
            Self::Speech => "M4 4h16v12H10l-5 4v-4H4zM8 9h8M8 12h5",
            Self::Tick => "M5 13l4 4L19 7",
            Self::Ticks => "M2 13l4 4L16 7M11 16l1 1L22 7",
            Self::Warning => "M12 3 2 20h20zM12 10v4M12 17h.01",
        }
    }

    pub(crate) fn draw(self) -> Markup {
        html! {
            svg.glyph viewBox="0 0 24 24" aria-hidden="true" focusable="false" { path d=(self.lines()) {} }
        }
    }
}
