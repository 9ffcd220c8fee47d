//! Who is at the other end of a connection, as far as limits go.

use std::net::{IpAddr, Ipv4Addr};

/// The address of a connection's other end; an extension of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer(pub(super) IpAddr);

/// What counts as one address. Whoever has one IPv6 address usually has the 2^64 beside it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Network {
    /// One address.
    V4(Ipv4Addr),
    /// The first 64 bits.
    V6(u64),
}

impl Peer {
    /// The network whose limits it counts against.
    pub(super) fn network(self) -> Network {
        match self.0.to_canonical() {
            IpAddr::V4(address) => Network::V4(address),
            IpAddr::V6(address) => Network::V6((address.to_bits() >> 64) as u64),
        }
    }

    /// Is it this machine?
    pub(super) fn is_loopback(self) -> bool {
        self.0.to_canonical().is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Peer(text.parse().unwrap()).network()
    }

    #[test]
    fn an_ipv6_address_counts_with_its_64_bits_and_an_ipv4_address_alone() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"), "the same through a socket of both kinds");
        assert!(Peer("::ffff:127.0.0.1".parse().unwrap()).is_loopback());
    }
}
