//! Cached ad catalogues: public data, one file per server, exactly as `GET /get_ads` sent it.

use std::path::PathBuf;

use super::{Result, Wallet, files};
use crate::use_cases::ad_targeting::PublicCatalogue;

impl Wallet {
    fn catalogue_path(&self, url: &str) -> PathBuf {
        let name = blake3::hash(url.as_bytes()).to_hex();
        self.path("catalogues").join(format!("{}.json", &name.as_str()[..16]))
    }

    /// The catalogue that the server at `url` had when it was last asked. A damaged copy is no copy.
    pub fn catalogue(&self, url: &str) -> Option<PublicCatalogue> {
        let bytes = files::read(&self.catalogue_path(url)).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps a server's catalogue. Needs no lock: the last one wins, whole.
    ///
    /// # Errors
    /// [`super::WalletError::Io`].
    pub fn store_catalogue(&self, url: &str, json: &[u8]) -> Result<()> {
        files::create_private_dir(&self.path("catalogues"))?;
        files::write_atomically(&self.catalogue_path(url), json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_cases::ad_targeting::PublicAd;

    #[test]
    fn a_catalogue_is_kept_per_server_and_a_damaged_one_is_fetched_again() {
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::at(dir.path().to_owned());
        let catalogue = PublicCatalogue {
            version: "00".repeat(32),
            features: vec![],
            plaintext_bits: 8,
            result_bits: 16,
            rows: 1,
            stride: 62,
            rows_per_group: 33,
            ads: vec![PublicAd { id: "1".into(), title: "t".into(), description: String::new() }],
        };
        let json = serde_json::to_vec(&catalogue).unwrap();
        wallet.store_catalogue("http://a", &json).unwrap();
        assert_eq!(wallet.catalogue("http://a"), Some(catalogue));
        assert_eq!(wallet.catalogue("http://b"), None);
        wallet.store_catalogue("http://a", &json[..json.len() / 2]).unwrap();
        assert_eq!(wallet.catalogue("http://a"), None);
    }
}
