//! The server's own key: made at the first start, kept from then on, so that operators' `known_hosts` stay true.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use russh::keys::{Algorithm, PrivateKey, key::safe_rng, ssh_key::LineEnding};

use super::SshError;

/// No key file is longer.
const LONGEST: u64 = 64 << 10;

/// Reads the key, or makes one (Ed25519, mode 0600) when there is no file.
///
/// # Errors
/// [`SshError::HostKey`]: others can read it, it is no unencrypted Ed25519 key, or it cannot be read.
/// [`SshError::NewHostKey`]: it cannot be written.
pub(super) fn load_or_make(path: &Path) -> Result<PrivateKey, SshError> {
    match load(path)? {
        Some(key) => Ok(key),
        None => make(path).map_err(|reason| SshError::NewHostKey { path: path.to_owned(), reason }),
    }
}

/// Reads the key; `None` when there is no file.
///
/// # Errors
/// [`SshError::HostKey`], as above.
pub(super) fn load(path: &Path) -> Result<Option<PrivateKey>, SshError> {
    let wrong = |reason: String| SshError::HostKey { path: path.to_owned(), reason };
    match File::open(path) {
        Ok(file) => read(file).map(Some).map_err(wrong),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error.to_string())),
    }
}

fn read(file: File) -> Result<PrivateKey, String> {
    let mode = file.metadata().map_err(|error| error.to_string())?.mode();
    if mode & 0o077 != 0 {
        return Err(format!("its mode is {:03o}: others can read it; make it 600, or better a new key", mode & 0o777));
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let key = PrivateKey::from_openssh(&text).map_err(|error| format!("not a private key of OpenSSH: {error}"))?;
    if key.is_encrypted() {
        return Err("it has a passphrase, which nobody could type at a start".to_owned());
    }
    match key.algorithm() {
        Algorithm::Ed25519 => Ok(key),
        other => Err(format!("it is a key of {other}; only ssh-ed25519 is used")),
    }
}

/// Written beside and moved into place, so that there is never half a key.
fn make(path: &Path) -> Result<PrivateKey, String> {
    let mut key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).map_err(|error| error.to_string())?;
    key.set_comment("cipherdeck");
    let text = key.to_openssh(LineEnding::LF).map_err(|error| error.to_string())?;
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> io::Result<()> {
        // Mode 0600 from its first moment.
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map_err(|error| error.error)?;
        File::open(dir)?.sync_all()
    };
    written().map_err(|error| error.to_string())?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn it_is_made_once_for_this_user_only_and_stays_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let made = load_or_make(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(load_or_make(&path).unwrap().public_key().key_data(), made.public_key().key_data());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left there");
    }

    #[test]
    fn one_that_others_can_read_or_that_is_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        load_or_make(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let message = load_or_make(&path).unwrap_err().to_string();
        assert!(message.contains("640") && message.contains(&*path.to_string_lossy()), "{message}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "ssh-ed25519 AAAA").unwrap();
        assert!(load_or_make(&path).unwrap_err().to_string().contains("not a private key"));
        let p256 = Algorithm::new("ecdsa-sha2-nistp256").unwrap();
        let other = PrivateKey::random(&mut safe_rng(), p256).unwrap();
        fs::write(&path, other.to_openssh(LineEnding::LF).unwrap()).unwrap();
        assert!(load_or_make(&path).unwrap_err().to_string().contains("only ssh-ed25519"));
        assert!(load_or_make(&dir.path().join("missing/key")).unwrap_err().to_string().contains("cannot be written"));
    }
}
