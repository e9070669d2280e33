//! Addresses of callbacks.

use std::fmt;
use std::net::IpAddr;

/// The most characters that an address has.
const MAX_LENGTH: usize = 2048;

/// A complete http or https address: with a host, without a user, a fragment, blanks or other than ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackUrl(String);

/// The text is no address that could be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a complete http or https address")]
pub struct BadUrl;

impl CallbackUrl {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
        if text.len() > MAX_LENGTH
            || !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#<>\"\\^`{|}".contains(&byte))
        {
            return Err(BadUrl);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BadUrl)?;
        if !["http", "https"].contains(&scheme) {
            return Err(BadUrl);
        }
        let authority = authority(rest);
        let (host, port) = split_port(authority).ok_or(BadUrl)?;
        let is_host = match host.strip_prefix('[') {
            Some(literal) => literal.strip_suffix(']').is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok()),
            None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
        };
        let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        if is_host && is_port { Ok(Self(text.to_owned())) } else { Err(BadUrl) }
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what is sent there can't be read on its way.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The host, if it is an address and no name.
    pub fn literal(&self) -> Option<IpAddr> {
        let (host, _) = split_port(self.0.split_once("://").map(|(_, rest)| authority(rest))?)?;
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
    }
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// Host and port; `None` with a user before them.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.contains('@') {
        return None;
    }
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => Some((host, Some(port))),
        Some(_) | None => Some((authority, None)),
    }
}

impl fmt::Display for CallbackUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_called_is_an_address() {
        for good in [
            "https://toko.example/kabar",
            "http://127.0.0.1:3000",
            "https://[2606:4700::1111]:8443/a?b=c%20d",
            "https://toko.example?x=1",
            "http://localhost/",
        ] {
            assert_eq!(CallbackUrl::parse(good).unwrap().as_str(), good);
        }
        let long = format!("https://toko.example/{}", "a".repeat(2048));
        for bad in [
            "",
            "toko.example/kabar",
            "ftp://toko.example/",
            "HTTPS://toko.example/",
            "https:///kabar",
            "https://",
            "https://user:secret@toko.example/",
            "https://toko.example:0/",
            "https://toko.example:99999/",
            "https://toko.example:/",
            "https://toko.example/#part",
            "https://toko example/",
            "https://tökö.example/",
            "https://[::1/",
            "https://[toko]/",
            "https://toko.example/\n",
            &long,
        ] {
            assert_eq!(CallbackUrl::parse(bad), Err(BadUrl), "{bad}");
        }
    }

    #[test]
    fn an_address_in_figures_is_told_from_a_name() {
        let literal = |text: &str| CallbackUrl::parse(text).unwrap().literal();
        assert_eq!(literal("http://169.254.169.254/latest"), Some("169.254.169.254".parse().unwrap()));
        assert_eq!(literal("http://[::ffff:10.0.0.1]:80/"), Some("::ffff:10.0.0.1".parse().unwrap()));
        assert_eq!(literal("https://toko.example/"), None);
    }
}
