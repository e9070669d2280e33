//! The page that answers at the gateway's own address: what this is, and where everything is.

use kabar_domain::catalogue::Locale;
use maud::{Markup, html};

use crate::frame;

/// A place to go from here: its path, and what is there in Indonesian and English.
const PLACES: &[(&str, &str, &str)] = &[
    ("/docs", "API: baca dan coba di halaman", "The API: read it, and try it on the page"),
    ("/openapi.json", "API sebagai dokumen OpenAPI", "The API as an OpenAPI document"),
    ("/healthz", "Apakah program berjalan", "Whether the program runs"),
    (
        "/readyz",
        "Apakah program siap melayani, dan bila tidak, mengapa",
        "Whether it is ready to serve, and if not, why",
    ),
    ("/metrics", "Angka untuk Prometheus", "Figures for Prometheus"),
];

/// The page.
pub(crate) fn page(locale: Locale) -> Markup {
    let indonesian = locale == Locale::Indonesian;
    let body = html! {
        main.start {
            h1 { "Kabar" }
            p {
                @if indonesian {
                    "Gerbang untuk pesan template WhatsApp Business, versi " (env!("CARGO_PKG_VERSION")) "."
                } @else {
                    "A gateway for WhatsApp Business template messages, version " (env!("CARGO_PKG_VERSION")) "."
                }
            }
            dl {
                @for (path, words_id, words_en) in PLACES {
                    dt { a href=(path) { (path) } }
                    dd { (if indonesian { words_id } else { words_en }) }
                }
            }
        }
    };
    frame::page(locale, "Kabar", None, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_speaks_both_languages_and_names_every_place() {
        let (indonesian, english) = (page(Locale::Indonesian).into_string(), page(Locale::English).into_string());
        assert!(indonesian.contains("<html lang=\"id\">") && english.contains("<html lang=\"en\">"));
        for (path, words_id, words_en) in PLACES {
            assert!(indonesian.contains(words_id) && !english.contains(words_id));
            assert!(english.contains(words_en) && english.contains(&format!("href=\"{path}\"")));
        }
    }
}
