//! What everybody may know of a catalogue: the body of `GET /get_ads`, and all that a client needs to encrypt a profile
//! and to read the scores.

use super::{
    bits::Bits,
    features::{FEATURES, feature_names},
    layout::{MAX_ROWS, ROWS_PER_GROUP, STRIDE},
};
use crate::use_cases::wire::PayloadError;

/// What the client knows of the catalogue, read from `GET /get_ads`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PublicCatalogue {
    /// SHA-256 of the canonical catalogue, hex.
    pub version: String,
    /// The 62 feature names, in order.
    pub features: Vec<String>,
    /// p: a score is a number of this many bits.
    pub plaintext_bits: u8,
    /// q: bits of one coefficient of a result.
    pub result_bits: u8,
    /// Number of ads.
    pub rows: u32,
    /// 62: distance of two rows in a polynomial.
    pub stride: u32,
    /// 33: rows that share a polynomial.
    pub rows_per_group: u32,
    /// The ads, in row order.
    pub ads: Vec<PublicAd>,
}

/// One ad as clients see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PublicAd {
    /// Its id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
}

/// The facts that fix the shapes of payloads, checked: nothing in a payload is believed beyond them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// SHA-256 of the canonical catalogue.
    pub(crate) version: [u8; 32],
    /// p and q.
    pub(crate) bits: Bits,
    /// Number of ads, 1..=[`MAX_ROWS`].
    pub(crate) rows: usize,
}

impl PublicCatalogue {
    /// Checks that this program can work with the catalogue of a server.
    pub(crate) fn facts(&self) -> Result<Facts, PayloadError> {
        let wrong =
            |what: &str| Err(PayloadError(format!("the server's ad catalogue does not fit this client: {what}")));
        if !self.features.iter().map(String::as_str).eq(feature_names()) {
            return wrong(&format!("its features are not the {FEATURES} known ones in their order"));
        }
        if self.stride as usize != STRIDE || self.rows_per_group as usize != ROWS_PER_GROUP {
            return wrong(&format!("its rows are not {ROWS_PER_GROUP} to a polynomial at a distance of {STRIDE}"));
        }
        let Some(bits) = Bits::known(self.plaintext_bits, self.result_bits) else {
            return wrong("its plaintext and result bits are not 8 and 16, or 10 and 18");
        };
        let rows = self.rows as usize;
        if rows != self.ads.len() || !(1..=MAX_ROWS).contains(&rows) {
            return wrong(&format!("it says {rows} rows and lists {} ads (at most {MAX_ROWS})", self.ads.len()));
        }
        let Some(version) = version_bytes(&self.version) else {
            return wrong("its version is not 64 lower-case hex digits");
        };
        Ok(Facts { version, bits, rows })
    }
}

/// The 32 bytes of a version, from its 64 lower-case hex digits.
fn version_bytes(hex: &str) -> Option<[u8; 32]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect::<Option<Vec<u8>>>()?;
    if rest.is_empty() { bytes.try_into().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_exactly_64_lower_case_hex_digits() {
        let hex = "0123456789abcdef".repeat(4);
        let bytes = version_bytes(&hex).unwrap();
        assert_eq!(bytes[..8], [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef]);
        for bad in [hex.to_uppercase(), hex[1..].to_owned(), hex.clone() + "0", hex.clone() + "00", "é".repeat(32)] {
            assert_eq!(version_bytes(&bad), None, "{bad}");
        }
    }
}
