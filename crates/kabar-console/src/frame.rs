//! What all pages have alike: the head, the policy, the assets, and the two languages.

use axum::Router;
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, REFERRER_POLICY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName};
use axum::response::IntoResponse;
use axum::routing::get;
use kabar_domain::catalogue::Locale;
use maud::{DOCTYPE, Markup, html};

/// What a page may load and do: its own style and script, calls and forms to where it came from, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const STYLE: &str = include_str!("../assets/console.css");
const SCRIPT: &str = include_str!("../assets/live.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// Where the style is.
const STYLE_PATH: &str = "/console/style.css";
/// Where the script is.
const SCRIPT_PATH: &str = "/console/live.js";

/// Where the icon is.
const ICON_PATH: &str = "/console/icon.svg";

/// The cookie that remembers which language was chosen.
pub(crate) const LANGUAGE_COOKIE: &str = "kabar_language";

/// The style, the script and the icon.
pub(crate) fn assets() -> Router {
    let asset = |kind: &'static str, text: &'static str| {
        let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
        get(move || async move { (headers, text) })
    };
    Router::new()
        .route(STYLE_PATH, asset("text/css; charset=utf-8", STYLE))
        .route(SCRIPT_PATH, asset("text/javascript; charset=utf-8", SCRIPT))
        .route(ICON_PATH, asset("image/svg+xml", ICON))
}

/// The page with the headers that every page has.
pub(crate) fn answer(page: Markup) -> impl IntoResponse {
    let headers: [(HeaderName, &'static str); 5] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        // Not `no-referrer`: with that a browser would not tell from where a form comes.
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (VARY, "accept-language, cookie"),
    ];
    (headers, page)
}

/// The language that was chosen, or else the one that the browser asks for.
pub(crate) fn locale(headers: &HeaderMap) -> Locale {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let cookies = text(COOKIE).unwrap_or_default().split(';').filter_map(|cookie| cookie.trim().split_once('='));
    let chosen = cookies.filter(|(name, _)| *name == LANGUAGE_COOKIE).find_map(|(_, code)| locale_of(code));
    chosen.or_else(|| text(ACCEPT_LANGUAGE).and_then(Locale::from_accept_language)).unwrap_or(Locale::English)
}

/// The language of a code.
pub(crate) fn locale_of(code: &str) -> Option<Locale> {
    match code {
        "id" => Some(Locale::Indonesian),
        "en" => Some(Locale::English),
        _ => None,
    }
}

/// The code of a language.
pub(crate) fn code_of(locale: Locale) -> &'static str {
    if locale == Locale::Indonesian { "id" } else { "en" }
}

/// A whole page: `live` is where news are waited for, if it changes by itself.
pub(crate) fn page(locale: Locale, title: &str, live: Option<&str>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(code_of(locale)) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href=(STYLE_PATH);
                link rel="icon" href=(ICON_PATH) type="image/svg+xml";
                @if live.is_some() { script type="module" src=(SCRIPT_PATH) {} }
            }
            body data-live=[live] { (body) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_counts_before_what_the_browser_asks_for() {
        let headers = |cookie: &str, accepts: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            headers.insert(ACCEPT_LANGUAGE, accepts.parse().unwrap());
            locale(&headers)
        };
        assert_eq!(headers("a=b; kabar_language=id", "en"), Locale::Indonesian);
        assert_eq!(headers("kabar_language=xx", "id"), Locale::Indonesian);
        assert_eq!(headers("a=id", "fr"), Locale::English);
    }
}
