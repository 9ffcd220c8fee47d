//! What the runs say, for people: a table in a README, and a chart.

mod axis;
mod chart;
mod font;
mod picture;
mod readme;
mod table;

use std::path::Path;

pub use chart::{Caption, png, svg};
pub use readme::{END, START, replace};
pub use table::{Line, lines, markdown};

use super::BenchError;

/// Writes a file whole: beside its place first, then renamed. One that is there keeps its permissions.
///
/// # Errors
/// [`BenchError::File`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), BenchError> {
    let wrong = |error: &dyn std::fmt::Display| BenchError::file(path, error);
    // The file that a link names is replaced, not the link.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(dir).map_err(|error| wrong(&error))?;
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(|error| wrong(&error))?;
    std::io::Write::write_all(&mut file, bytes).map_err(|error| wrong(&error))?;
    let permissions = std::fs::metadata(&path).map(|it| it.permissions());
    file.as_file().set_permissions(permissions.unwrap_or_else(|_| for_all())).map_err(|error| wrong(&error))?;
    file.as_file().sync_all().map_err(|error| wrong(&error))?;
    file.persist(&path).map_err(|error| wrong(&error))?;
    Ok(())
}

/// Everybody may read a picture.
fn for_all() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o644)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

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
