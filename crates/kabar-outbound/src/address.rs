use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Which addresses may be dialled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AddressPolicy {
    /// Every address: for peers that the operator configured.
    #[default]
    Any,
    /// Only addresses of the public internet: for addresses that somebody else chose.
    PublicOnly {
        /// Nets that are allowed although they are not public.
        also: Vec<Net>,
    },
}

impl AddressPolicy {
    /// Whether a connection to `addr` is allowed.
    #[must_use]
    pub fn allows(&self, addr: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::PublicOnly { also } => {
                also.iter().any(|net| net.contains(addr)) || !NOT_PUBLIC.iter().any(|net| net.contains(addr))
            }
        }
    }
}

/// A range of addresses, written as `10.0.0.0/8` or `fc00::/7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Net {
    addr: IpAddr,
    prefix_bits: u8,
}

impl Net {
    /// Whether `addr` is in the range. An IPv4 address is never in an IPv6 range, nor the other way round.
    #[must_use]
    pub fn contains(self, addr: IpAddr) -> bool {
        match (self.addr, addr) {
            (IpAddr::V4(net), IpAddr::V4(addr)) => {
                let differing = net.to_bits() ^ addr.to_bits();
                differing.leading_zeros() >= u32::from(self.prefix_bits)
            }
            (IpAddr::V6(net), IpAddr::V6(addr)) => {
                let differing = net.to_bits() ^ addr.to_bits();
                differing.leading_zeros() >= u32::from(self.prefix_bits)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    const fn v4(a: u8, b: u8, c: u8, d: u8, prefix_bits: u8) -> Self {
        Self { addr: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), prefix_bits }
    }

    /// A net of which only the first 96 bits matter.
    const fn v6(first: [u16; 6], prefix_bits: u8) -> Self {
        let [a, b, c, d, e, f] = first;
        Self { addr: IpAddr::V6(Ipv6Addr::new(a, b, c, d, e, f, 0, 0)), prefix_bits }
    }
}

impl FromStr for Net {
    type Err = BadNet;

    /// Reads `address/bits`; an address alone is a net of one.
    fn from_str(text: &str) -> Result<Self, BadNet> {
        let (addr, bits) = text.split_once('/').map_or((text, None), |(addr, bits)| (addr, Some(bits)));
        let addr: IpAddr = addr.parse().map_err(|_| BadNet)?;
        let most_bits = if addr.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match bits {
            None => most_bits,
            Some(bits) => bits.parse().map_err(|_| BadNet)?,
        };
        if prefix_bits > most_bits {
            return Err(BadNet);
        }
        Ok(Self { addr, prefix_bits })
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.prefix_bits)
    }
}

/// The text is not a net.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a net such as 10.0.0.0/8")]
pub struct BadNet;

/// What is not the public internet (IANA's special-purpose registries), and IPv6 ranges that carry an IPv4 address inside:
/// through those a refused address could be reached under another name.
const NOT_PUBLIC: [Net; 27] = [
    Net::v4(0, 0, 0, 0, 8),                   // this host
    Net::v4(10, 0, 0, 0, 8),                  // private
    Net::v4(100, 64, 0, 0, 10),               // carrier-grade NAT
    Net::v4(127, 0, 0, 0, 8),                 // loopback
    Net::v4(169, 254, 0, 0, 16),              // link-local, clouds' metadata services among them
    Net::v4(172, 16, 0, 0, 12),               // private
    Net::v4(192, 0, 0, 0, 24),                // protocol assignments
    Net::v4(192, 0, 2, 0, 24),                // documentation
    Net::v4(192, 88, 99, 0, 24),              // 6to4 relays
    Net::v4(192, 168, 0, 0, 16),              // private
    Net::v4(198, 18, 0, 0, 15),               // benchmarks
    Net::v4(198, 51, 100, 0, 24),             // documentation
    Net::v4(203, 0, 113, 0, 24),              // documentation
    Net::v4(224, 0, 0, 0, 4),                 // multicast
    Net::v4(240, 0, 0, 0, 4),                 // reserved, broadcast
    Net::v6([0, 0, 0, 0, 0, 0], 96),          // unspecified, loopback, IPv4-compatible
    Net::v6([0, 0, 0, 0, 0, 0xffff], 96),     // IPv4-mapped
    Net::v6([0x64, 0xff9b, 0, 0, 0, 0], 96),  // NAT64
    Net::v6([0x64, 0xff9b, 1, 0, 0, 0], 48),  // NAT64, local
    Net::v6([0x100, 0, 0, 0, 0, 0], 64),      // discard
    Net::v6([0x2001, 0, 0, 0, 0, 0], 32),     // Teredo
    Net::v6([0x2001, 0xdb8, 0, 0, 0, 0], 32), // documentation
    Net::v6([0x2002, 0, 0, 0, 0, 0], 16),     // 6to4
    Net::v6([0xfc00, 0, 0, 0, 0, 0], 7),      // unique local
    Net::v6([0xfe80, 0, 0, 0, 0, 0], 10),     // link-local
    Net::v6([0xfec0, 0, 0, 0, 0, 0], 10),     // site-local
    Net::v6([0xff00, 0, 0, 0, 0, 0], 8),      // multicast
];

#[cfg(test)]
mod tests {
    use super::{AddressPolicy, BadNet, Net};

    fn net(text: &str) -> Net {
        text.parse().unwrap()
    }

    #[test]
    fn a_net_is_read_from_cidr() {
        assert!(net("10.0.0.0/8").contains("10.255.255.255".parse().unwrap()));
        assert!(!net("10.0.0.0/8").contains("11.0.0.0".parse().unwrap()));
        assert!(net("10.1.2.3").contains("10.1.2.3".parse().unwrap()));
        assert!(!net("10.1.2.3").contains("10.1.2.2".parse().unwrap()));
        assert!(net("0.0.0.0/0").contains("255.255.255.255".parse().unwrap()));
        assert!(!net("0.0.0.0/0").contains("::1".parse().unwrap()));
        assert!(net("fc00::/7").contains("fdff::1".parse().unwrap()));
        assert!(net("::/0").contains("ff02::1".parse().unwrap()));
        assert_eq!(net("fc00::/7").to_string(), "fc00::/7");
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "localhost", "10.0.0.0/256"] {
            assert_eq!(bad.parse::<Net>(), Err(BadNet), "{bad}");
        }
    }

    #[test]
    fn what_is_not_public_is_refused() {
        let policy = AddressPolicy::PublicOnly { also: Vec::new() };
        for refused in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.19.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "fc00::1",
            "fdff:ffff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!policy.allows(refused.parse().unwrap()), "{refused}");
            assert!(AddressPolicy::Any.allows(refused.parse().unwrap()), "{refused}");
        }
        for allowed in
            ["8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.1", "193.0.0.1", "223.255.255.255"]
        {
            assert!(policy.allows(allowed.parse().unwrap()), "{allowed}");
        }
        for allowed in ["2606:4700::1111", "2a03:2880::1", "2001:4860::8888", "2003::1", "fbff::1"] {
            assert!(policy.allows(allowed.parse().unwrap()), "{allowed}");
        }
    }

    #[test]
    fn nets_of_the_operator_are_allowed_besides() {
        let policy = AddressPolicy::PublicOnly { also: vec![net("10.20.0.0/16"), net("fd00:1::/32")] };
        assert!(policy.allows("10.20.30.40".parse().unwrap()));
        assert!(policy.allows("fd00:1::5".parse().unwrap()));
        assert!(policy.allows("8.8.8.8".parse().unwrap()));
        assert!(!policy.allows("10.21.0.1".parse().unwrap()));
        assert!(!policy.allows("::ffff:10.20.30.40".parse().unwrap()));
    }
}
