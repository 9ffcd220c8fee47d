//! The wallet: what a client must keep between two commands.
//!
//! | file | mode | what |
//! |---|---|---|
//! | `client.key` | 0600 | the secret key; without it no answer can be read |
//! | `server.key` | 0600 | the compressed evaluation key that belongs to it, ready for upload; made when first needed |
//! | `keys.json` | 0600 | which `client.key` the `server.key` belongs to, and its digest |
//! | `servers.json` | 0600 | one uid per server (a bearer secret), and which key that server has |
//! | `catalogues/` | | each server's public ad catalogue |
//! | `lock` | | held by a command while it changes the wallet |
//!
//! Every file is written beside its place, synced and renamed, so a crash leaves the old one or the new one. What a
//! crash may separate (`server.key` without its `keys.json`) is recognised and made again.

mod catalogues;
mod files;
mod keys;
mod servers;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

pub use keys::SecretKey;
pub use servers::Server;

/// What is wrong with the wallet, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// A file or the directory cannot be read or written.
    #[error("{path}: {problem}")]
    Io {
        /// Which.
        path: String,
        /// What the system says.
        problem: String,
    },
    /// Others on this machine can read a secret.
    #[error("{path} can be read by other users of this machine (mode {mode:03o}); run `chmod 600 {path}`")]
    Exposed {
        /// Which file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The secret key's file does not hold a secret key.
    #[error("{path}: {problem} (delete the file first; answers encrypted for it are then lost)")]
    Damaged {
        /// Which file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no secret key yet.
    #[error(
        "there is no secret key in {0}; make one with `cipherdeck client keygen`, or name another wallet with --wallet"
    )]
    NoKey(String),
    /// The system does not tell where data of this user lies.
    #[error("the user's data directory is not known (is HOME set?); name a wallet with --wallet")]
    NoHome,
}

impl WalletError {
    fn io(path: &Path, error: &std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), problem: error.to_string() }
    }
}

/// Result of a wallet operation.
pub type Result<T> = std::result::Result<T, WalletError>;

/// A wallet's directory. All operations block on the disk for milliseconds, `lock` on other commands.
#[derive(Debug, Clone)]
pub struct Wallet {
    dir: PathBuf,
}

/// The right to change a wallet; only one command at a time has it. Released when dropped, or when the process ends.
#[derive(Debug)]
pub struct WalletLock {
    _file: File,
}

impl Wallet {
    /// The wallet in `dir`. Nothing is created before something is stored.
    pub const fn at(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Where the wallet is without `--wallet`: `cipherdeck/wallet` under the user's data directory.
    ///
    /// # Errors
    /// [`WalletError::NoHome`].
    pub fn default_dir() -> Result<PathBuf> {
        use etcetera::BaseStrategy as _;
        let base = etcetera::choose_base_strategy().map_err(|_| WalletError::NoHome)?;
        Ok(base.data_dir().join("cipherdeck").join("wallet"))
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Waits for the right to change the wallet; `busy` is called first if another command has it now. Creates the
    /// directory (0700), and removes what an interrupted command left half-written.
    ///
    /// # Errors
    /// [`WalletError::Io`].
    pub fn lock(&self, busy: impl FnOnce()) -> Result<WalletLock> {
        files::create_private_dir(&self.dir)?;
        let path = self.path("lock");
        let file = files::open_lock(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                busy();
                file.lock().map_err(|error| WalletError::io(&path, &error))?;
            }
            Err(TryLockError::Error(error)) => return Err(WalletError::io(&path, &error)),
        }
        files::remove_leftovers(&self.dir)?;
        Ok(WalletLock { _file: file })
    }

    /// Deletes both keys and everything that was derived from them.
    ///
    /// # Errors
    /// [`WalletError::Io`].
    pub fn delete_keys(&self, _lock: &WalletLock) -> Result<Vec<PathBuf>> {
        let mut deleted = Vec::new();
        for name in [keys::CLIENT_KEY, keys::SERVER_KEY, keys::KEYS] {
            let path = self.path(name);
            match fs::remove_file(&path) {
                Ok(()) => deleted.push(path),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(WalletError::io(&path, &error)),
            }
        }
        files::sync_dir(&self.dir)?;
        Ok(deleted)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_second_command_waits_for_the_lock_and_is_told_so() {
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::at(dir.path().join("w"));
        let first = wallet.lock(|| panic!("nobody else has it")).unwrap();
        let (told, hears) = mpsc::channel();
        let other = wallet.clone();
        let second = std::thread::spawn(move || other.lock(|| told.send(()).unwrap()).map(drop));
        hears.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
        assert!(!second.is_finished());
        drop(first);
        second.join().unwrap().unwrap();
    }

    #[test]
    fn looking_at_a_wallet_creates_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::at(dir.path().join("w"));
        assert!(wallet.secret_key().unwrap().is_none());
        assert!(wallet.server("http://a").unwrap().is_none());
        assert!(wallet.catalogue("http://a").is_none());
        assert!(!wallet.dir().exists());
    }

    #[cfg(unix)]
    #[test]
    fn the_directory_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let wallet = Wallet::at(dir.path().join("a/w"));
        drop(wallet.lock(|| ()).unwrap());
        assert_eq!(fs::metadata(wallet.dir()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
