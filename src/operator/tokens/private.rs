//! Files for their owner's eyes only: read as untrusted ones, replaced whole or not at all, locked by a file beside them.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::error::{Result, TokenError, failed};
use crate::files;

/// No longer file is read.
const LONGEST: u64 = 1 << 20;

/// The file whose name is that of `path` and this.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(what);
    name.into()
}

/// The text of a file that nobody else may read or change; `None`: there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path)(error)),
    };
    closed(path, &file)?;
    let mut text = String::new();
    (&mut file).take(LONGEST + 1).read_to_string(&mut text).map_err(failed(path))?;
    if text.len() as u64 > LONGEST {
        return Err(TokenError::Broken { path: path.display().to_string(), why: "it is too long".to_owned() });
    }
    Ok(Some(text))
}

/// Looks at the open file, not at its name, so that nobody can exchange it in between.
#[cfg(unix)]
fn closed(path: &Path, file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map_err(failed(path))?.permissions().mode() & 0o777;
    let exposed = mode & 0o077 != 0;
    if exposed { Err(TokenError::Exposed { path: path.display().to_string(), mode }) } else { Ok(()) }
}

#[cfg(not(unix))]
fn closed(_: &Path, _: &File) -> Result<()> {
    Ok(())
}

/// Makes the directory of this file (0700), if there is none.
pub(super) fn make_directory(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(files::directory(path)).map_err(failed(path))
}

/// The open lock file `path`; makes it if there is none.
fn lock_file(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed(path))?;
    files::give_to_owner_of(files::directory(path), &file).map_err(failed(path))?;
    Ok(file)
}

/// Waits for the lock; it is held until the file is dropped.
pub(super) fn lock(path: &Path) -> Result<File> {
    make_directory(path)?;
    let file = lock_file(path)?;
    file.lock().map_err(failed(path))?;
    Ok(file)
}

/// The lock, unless somebody else has it.
pub(super) fn try_lock(path: &Path) -> Result<Option<File>> {
    let file = lock_file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(path)(error)),
    }
}

/// Puts a new text in the place of the old one, for its owner only.
pub(super) fn replace(path: &Path, text: &str) -> Result<()> {
    files::replace(path, text.as_bytes(), 0o600).map_err(failed(path))
}
