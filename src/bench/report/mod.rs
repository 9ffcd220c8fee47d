//! What the runs say, for people: a table in a README, and a chart.

mod axis;
mod chart;
mod font;
mod picture;
mod readme;
mod table;

use std::{os::unix::fs::PermissionsExt as _, path::Path};

pub use chart::{Caption, png, svg};
pub use readme::{END, START, replace};
pub use table::{Line, lines, markdown, runs};

use super::BenchError;
use crate::files;

/// Everybody may read a picture.
const FOR_ALL: u32 = 0o644;

/// Replaces a file whole. One that is there keeps its permissions.
///
/// # Errors
/// [`BenchError::File`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), BenchError> {
    // The file that a link names is replaced, not the link.
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mode = std::fs::metadata(&real).map_or(FOR_ALL, |it| it.permissions().mode() & 0o777);
    let written = std::fs::create_dir_all(files::directory(&real)).and_then(|()| files::replace(&real, bytes, mode));
    written.map_err(|error| BenchError::file(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_permissions() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("docs/README.md"), dir.path().join("link.md"));
        write(&path, b"one").unwrap();
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o644);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, b"two").unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), mode()), (b"two".to_vec(), 0o600));
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
