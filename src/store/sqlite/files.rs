//! The store's files: one directory, one process, nobody else's eyes.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::store::{Result, StoreError};

/// A lock is waited for so long: a program that has just ended may still be letting go, and one that this process has begun
/// to start holds a copy of it for a moment.
const PATIENCE: Duration = Duration::from_secs(1);

/// The right to use a data directory, held until dropped. The kernel gives it back when the process dies.
#[derive(Debug)]
pub(super) struct DirLock {
    _file: File,
}

/// The database file of a data directory.
pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join("store.sqlite")
}

/// Makes the directory (0700) and takes its lock.
pub(super) fn lock(dir: &Path) -> Result<DirLock> {
    let fail = |error: std::io::Error| cannot(dir, &error);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(fail)?;
    let mut file = private(&dir.join("store.lock")).map_err(fail)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(PATIENCE / 50),
            Err(TryLockError::WouldBlock) => return Err(held(dir, &mut file)),
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(fail)?;
    writeln!(file, "{}", std::process::id()).map_err(fail)?;
    Ok(DirLock { _file: file })
}

/// Opens or makes a file that only its owner may read (0600). SQLite gives its `-wal` and `-shm` files the same mode.
pub(super) fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// The directory cannot be used, with the reason.
pub(super) fn cannot(dir: &Path, reason: &dyn std::fmt::Display) -> StoreError {
    StoreError::CannotOpen(format!("cannot open the store in {}: {reason}", dir.display()))
}

fn held(dir: &Path, file: &mut File) -> StoreError {
    let mut holder = String::new();
    // The number is a help for people only; a lock file that cannot be read is just as locked.
    let _ = file.take(20).read_to_string(&mut holder);
    let who = match holder.trim().parse::<u32>() {
        Ok(pid) => format!("another process ({pid})"),
        Err(_) => "another process".to_owned(),
    };
    StoreError::CannotOpen(format!(
        "{who} is using the data directory {}; stop it, or choose another directory",
        dir.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_locked_once_and_freed_by_dropping() {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("new");
        let first = lock(&place).unwrap();
        let refused = lock(&place).unwrap_err().to_string();
        assert!(refused.contains(&place.display().to_string()), "{refused}");
        assert!(refused.contains(&std::process::id().to_string()), "{refused}");
        drop(first);
        lock(&place).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_look() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().join("new");
        let _held = lock(&place).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place), mode(&place.join("store.lock"))), (0o700, 0o600));
    }
}
