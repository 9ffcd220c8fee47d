//! Files that are replaced whole or not at all: whoever reads sees the old file or the new one, also after a crash.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

/// What an unfinished file's name begins with, for those who tidy up after a crash.
pub const UNFINISHED: &str = ".writing-";

/// The directory of this file.
pub fn directory(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Puts a file with these bytes in the place of `path`, written beside it and synced before. It never has
/// a permission that is not in `mode` (Unix), not even for a moment. Root leaves a file to whom it belonged, and a new one
/// to whom its directory belongs: what root changes for a server that runs as somebody else stays that server's.
///
/// # Errors
/// What the file system says; the old file is then still there, and nothing else.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let dir = directory(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    let permissions = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(mode);
    #[cfg(unix)]
    builder.permissions(permissions);
    let mut new = builder.tempfile_in(dir)?;
    new.write_all(bytes)?;
    give_to_owner_of(if path.exists() { path } else { dir }, new.as_file())?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    sync_directory(dir)
}

/// Gives a file that root has just made to the owner of what is at `like`.
///
/// # Errors
/// What the file system says. Whoever is not root keeps what they have made.
#[cfg(unix)]
pub fn give_to_owner_of(like: &Path, made: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (owner, maker) = (fs::metadata(like)?, made.metadata()?);
    if maker.uid() != 0 || (owner.uid(), owner.gid()) == (maker.uid(), maker.gid()) {
        return Ok(());
    }
    fchown(made, Some(owner.uid()), Some(owner.gid()))
}

/// There are no owners.
#[cfg(not(unix))]
pub fn give_to_owner_of(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

/// Makes names in a directory durable.
///
/// # Errors
/// What the file system says.
pub fn sync_directory(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_with_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it");
        for (bytes, mode) in [(b"first", 0o600), (b"later", 0o644)] {
            replace(&path, bytes, mode).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    /// Where the tests run as root; elsewhere nobody else's files can be made.
    #[test]
    fn what_root_writes_stays_with_its_owner() {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("it");
        if chown(dir.path(), Some(12_345), Some(12_346)).is_err() {
            return;
        }
        let owner = || fs::metadata(&path).map(|found| (found.uid(), found.gid())).unwrap();
        replace(&path, b"first", 0o600).unwrap();
        assert_eq!(owner(), (12_345, 12_346), "the directory's");
        chown(&path, Some(12_347), Some(12_348)).unwrap();
        replace(&path, b"later", 0o600).unwrap();
        assert_eq!(owner(), (12_347, 12_348), "the old file's");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_write_that_cannot_finish_leaves_the_old_file_and_no_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("taken");
        fs::create_dir_all(path.join("by a directory")).unwrap();
        replace(&path, b"new", 0o600).unwrap_err();
        assert!(path.join("by a directory").exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
