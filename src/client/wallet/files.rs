//! Files that are either whole or not there, and that nobody else reads.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read as _},
    path::Path,
};

use super::{Result, WalletError};
use crate::files;

/// Creates a directory and its parents; the directory itself with mode 0700. One that exists is left as it is.
pub(super) fn create_private_dir(dir: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| WalletError::io(dir, &error))
}

pub(super) fn open_lock(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| WalletError::io(path, &error))
}

/// Replaces a file whole, for its owner only.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    files::replace(path, bytes, 0o600).map_err(|error| WalletError::io(path, &error))
}

pub(super) fn sync_dir(dir: &Path) -> Result<()> {
    files::sync_directory(dir).map_err(|error| WalletError::io(dir, &error))
}

/// The file's bytes, `None` if it is not there.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WalletError::io(path, &error)),
    }
}

/// Like [`read`], but refuses a file that group or others may read: a secret that may have been copied.
pub(super) fn read_private(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(WalletError::io(path, &error)),
    };
    let io = |error: std::io::Error| WalletError::io(path, &error);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(WalletError::Exposed { path: path.display().to_string(), mode });
        }
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    Ok(Some(bytes))
}

/// Removes files that an interrupted command did not finish. Call with the wallet's lock held.
pub(super) fn remove_leftovers(dir: &Path) -> Result<()> {
    let entries = fs::read_dir(dir).map_err(|error| WalletError::io(dir, &error))?;
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(files::UNFINISHED) {
            fs::remove_file(entry.path()).map_err(|error| WalletError::io(&entry.path(), &error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_is_private_and_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        write_atomically(&path, b"first").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(read_private(&path).unwrap().as_deref(), Some(b"second".as_slice()));
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused_with_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("client.key");
        write_atomically(&path, b"key").unwrap();
        for exposed in [0o640, 0o604, 0o644, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(exposed)).unwrap();
            let sentence = read_private(&path).unwrap_err().to_string();
            assert!(sentence.contains(&format!("chmod 600 {}", path.display())), "{sentence}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(read_private(&path).unwrap().is_some());
    }

    #[test]
    fn what_an_interrupted_command_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".writing-abc"), b"half a key").unwrap();
        fs::write(dir.path().join("client.key"), b"key").unwrap();
        remove_leftovers(dir.path()).unwrap();
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(names, ["client.key"]);
    }
}
