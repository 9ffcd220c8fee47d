//! `client.key`, `server.key`, and what binds them to each other.

use std::path::PathBuf;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Result, Wallet, WalletError, WalletLock, files};
use crate::fhe::ClientKeys;

pub(super) const CLIENT_KEY: &str = "client.key";
pub(super) const SERVER_KEY: &str = "server.key";
pub(super) const KEYS: &str = "keys.json";

/// A secret key with the name that the wallet's other files know it by.
#[derive(Clone)]
pub struct SecretKey {
    keys: ClientKeys,
    fingerprint: String,
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey")
    }
}

impl SecretKey {
    fn new(keys: ClientKeys, bytes: &[u8]) -> Self {
        let hash = blake3::Hasher::new_derive_key("cipherdeck 2026-11 wallet: fingerprint of client.key")
            .update(bytes)
            .finalize();
        let fingerprint = hash.to_hex().chars().take(32).collect();
        Self { keys, fingerprint }
    }

    /// For encryption and decryption.
    pub const fn keys(&self) -> &ClientKeys {
        &self.keys
    }

    /// Tells keys apart without giving them away.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

/// `keys.json`
#[derive(Serialize, Deserialize)]
struct Binding {
    /// Fingerprint of the `client.key`.
    client: String,
    /// BLAKE3 of the `server.key`.
    server: String,
}

impl Wallet {
    /// Where the secret key is.
    pub fn client_key_path(&self) -> PathBuf {
        self.path(CLIENT_KEY)
    }

    /// Where the evaluation key is.
    pub fn server_key_path(&self) -> PathBuf {
        self.path(SERVER_KEY)
    }

    /// The secret key, if there is one.
    ///
    /// # Errors
    /// [`WalletError::Exposed`] when others can read it, [`WalletError::Damaged`] when it is none. A damaged key is
    /// never replaced silently: it may be the only way to answers on the server.
    pub fn secret_key(&self) -> Result<Option<SecretKey>> {
        let path = self.client_key_path();
        let Some(bytes) = files::read_private(&path)?.map(Zeroizing::new) else { return Ok(None) };
        let damaged = |problem| WalletError::Damaged { path: path.display().to_string(), problem };
        let keys = ClientKeys::from_bytes(&bytes).map_err(damaged)?;
        Ok(Some(SecretKey::new(keys, &bytes)))
    }

    /// The secret key; draws one (milliseconds) if there is none.
    ///
    /// # Errors
    /// As [`secret_key`](Self::secret_key).
    pub fn ensure_secret_key(&self, _lock: &WalletLock) -> Result<SecretKey> {
        if let Some(key) = self.secret_key()? {
            return Ok(key);
        }
        let keys = ClientKeys::generate();
        let bytes = Zeroizing::new(keys.to_bytes());
        files::write_atomically(&self.client_key_path(), &bytes)?;
        Ok(SecretKey::new(keys, &bytes))
    }

    /// The evaluation key that belongs to `secret`, if it is there and whole.
    ///
    /// # Errors
    /// [`WalletError::Io`].
    pub fn server_key(&self, secret: &SecretKey) -> Result<Option<Bytes>> {
        let Some(binding) = files::read(&self.path(KEYS))? else { return Ok(None) };
        let Ok(binding) = serde_json::from_slice::<Binding>(&binding) else { return Ok(None) };
        if binding.client != secret.fingerprint {
            return Ok(None);
        }
        let Some(bytes) = files::read(&self.server_key_path())? else { return Ok(None) };
        Ok((digest(&bytes) == binding.server).then(|| bytes.into()))
    }

    /// The evaluation key that belongs to `secret`; computes it (seconds) if there is none.
    ///
    /// # Errors
    /// [`WalletError::Io`].
    pub fn ensure_server_key(&self, lock: &WalletLock, secret: &SecretKey) -> Result<Bytes> {
        if let Some(bytes) = self.server_key(secret)? {
            return Ok(bytes);
        }
        let bytes = secret.keys.compressed_server_key();
        self.store_server_key(lock, secret, &bytes)?;
        Ok(bytes.into())
    }

    pub(super) fn store_server_key(&self, _lock: &WalletLock, secret: &SecretKey, bytes: &[u8]) -> Result<()> {
        files::write_atomically(&self.server_key_path(), bytes)?;
        let binding = Binding { client: secret.fingerprint.clone(), server: digest(bytes) };
        files::write_atomically(&self.path(KEYS), &serde_json::to_vec(&binding).unwrap_or_default())
    }
}

fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn wallet() -> (tempfile::TempDir, Wallet, WalletLock) {
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::at(dir.path().join("w"));
        let lock = wallet.lock(|| ()).unwrap();
        (dir, wallet, lock)
    }

    #[test]
    fn the_secret_key_is_drawn_once_and_read_back() {
        let (_dir, wallet, lock) = wallet();
        let drawn = wallet.ensure_secret_key(&lock).unwrap();
        assert_eq!(wallet.ensure_secret_key(&lock).unwrap().fingerprint(), drawn.fingerprint());
        let read = wallet.secret_key().unwrap().unwrap();
        assert_eq!(read.keys().to_bytes(), drawn.keys().to_bytes());
    }

    #[test]
    fn two_keys_have_two_fingerprints_that_show_nothing_of_them() {
        let (_dir, wallet, lock) = wallet();
        let first = wallet.ensure_secret_key(&lock).unwrap();
        wallet.delete_keys(&lock).unwrap();
        let second = wallet.ensure_secret_key(&lock).unwrap();
        assert_ne!(first.fingerprint(), second.fingerprint());
        assert_eq!(format!("{first:?}"), "SecretKey");
    }

    #[test]
    fn a_damaged_secret_key_is_reported_and_not_replaced() {
        let (_dir, wallet, lock) = wallet();
        wallet.ensure_secret_key(&lock).unwrap();
        let path = wallet.client_key_path();
        let whole = fs::read(&path).unwrap();
        for damaged in [&[][..], &whole[..whole.len() / 2], b"nonsense"] {
            fs::write(&path, damaged).unwrap();
            let sentence = wallet.ensure_secret_key(&lock).unwrap_err().to_string();
            assert!(sentence.contains("backup") && sentence.contains("delete the file first"), "{sentence}");
            assert_eq!(fs::read(&path).unwrap(), damaged);
        }
    }

    #[test]
    fn an_evaluation_key_counts_only_whole_and_with_its_secret_key() {
        let (_dir, wallet, lock) = wallet();
        let secret = wallet.ensure_secret_key(&lock).unwrap();
        assert!(wallet.server_key(&secret).unwrap().is_none());
        wallet.store_server_key(&lock, &secret, b"thirty megabytes").unwrap();
        assert_eq!(wallet.server_key(&secret).unwrap().unwrap(), "thirty megabytes");

        // A crash between the two files, a truncated file, another secret key: each time it is made again.
        fs::write(wallet.server_key_path(), b"thirty mega").unwrap();
        assert!(wallet.server_key(&secret).unwrap().is_none());
        wallet.store_server_key(&lock, &secret, b"thirty megabytes").unwrap();
        fs::write(wallet.path(KEYS), b"{").unwrap();
        assert!(wallet.server_key(&secret).unwrap().is_none());
        wallet.store_server_key(&lock, &secret, b"thirty megabytes").unwrap();
        fs::remove_file(wallet.client_key_path()).unwrap();
        let other = wallet.ensure_secret_key(&lock).unwrap();
        assert!(wallet.server_key(&other).unwrap().is_none());
    }
}
