//! `servers.json`: one uid per server, and which key that server has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Result, Wallet, WalletLock, files};
use crate::task::Uid;

const SERVERS: &str = "servers.json";

/// What the wallet knows of one server. The uid is a bearer secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// This wallet's uid there.
    pub uid: Uid,
    /// Fingerprint of the secret key whose evaluation key the server has; `None` for a uid without a key.
    #[serde(default)]
    pub key: Option<String>,
}

/// By URL.
type Servers = BTreeMap<String, Server>;

impl Wallet {
    /// All servers that this wallet has a uid on. A file that is no such list counts as empty: the uids in it are
    /// lost, new ones cost one upload.
    ///
    /// # Errors
    /// [`super::WalletError`] when the file cannot be read, or others can read it.
    pub fn servers(&self) -> Result<Servers> {
        let bytes = files::read_private(&self.path(SERVERS))?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    /// What is known of the server at `url`.
    ///
    /// # Errors
    /// As [`servers`](Self::servers).
    pub fn server(&self, url: &str) -> Result<Option<Server>> {
        Ok(self.servers()?.remove(url))
    }

    /// Remembers `server` for `url`, or forgets it.
    ///
    /// # Errors
    /// As [`servers`](Self::servers).
    pub fn set_server(&self, _lock: &WalletLock, url: &str, server: Option<Server>) -> Result<()> {
        let mut servers = self.servers()?;
        match server {
            Some(server) => servers.insert(url.to_owned(), server),
            None => servers.remove(url),
        };
        files::write_atomically(&self.path(SERVERS), &serde_json::to_vec_pretty(&servers).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_its_own_uid() {
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::at(dir.path().to_owned());
        let lock = wallet.lock(|| ()).unwrap();
        let a = Server { uid: Uid::random(), key: None };
        let b = Server { uid: Uid::random(), key: Some("f00d".to_owned()) };
        wallet.set_server(&lock, "http://a", Some(a.clone())).unwrap();
        wallet.set_server(&lock, "http://b", Some(b.clone())).unwrap();
        assert_eq!(wallet.server("http://a").unwrap(), Some(a));
        wallet.set_server(&lock, "http://a", None).unwrap();
        assert_eq!(wallet.server("http://a").unwrap(), None);
        assert_eq!(wallet.server("http://b").unwrap(), Some(b));
    }

    #[test]
    fn a_damaged_list_is_as_good_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::at(dir.path().to_owned());
        let lock = wallet.lock(|| ()).unwrap();
        let server = Server { uid: Uid::random(), key: None };
        wallet.set_server(&lock, "http://a", Some(server.clone())).unwrap();
        std::fs::write(wallet.path(SERVERS), b"{\"http://a\": {\"uid\"").unwrap();
        assert_eq!(wallet.server("http://a").unwrap(), None);
        wallet.set_server(&lock, "http://a", Some(server.clone())).unwrap();
        assert_eq!(wallet.server("http://a").unwrap(), Some(server));
    }

    #[cfg(unix)]
    #[test]
    fn uids_that_others_can_read_are_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::at(dir.path().to_owned());
        let lock = wallet.lock(|| ()).unwrap();
        wallet.set_server(&lock, "http://a", Some(Server { uid: Uid::random(), key: None })).unwrap();
        std::fs::set_permissions(wallet.path(SERVERS), std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(wallet.server("http://a").unwrap_err().to_string().contains("chmod 600"));
    }
}
