//! What deletions and crashes leave in a directory, and the storage itself does not list: staging files `name#digits`, and
//! the directories that results have, one for each task.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use super::{BlobError, Listed, Result};
use crate::task::Timestamp;

/// Is this the name of a staging file?
pub(super) fn is_staging(name: &str) -> bool {
    let suffix = name.rsplit_once('#').map(|(_, suffix)| suffix);
    suffix.is_some_and(|suffix| !suffix.is_empty() && suffix.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Every staging file below `dir`.
pub(super) async fn list(dir: PathBuf) -> Result<Vec<Listed>> {
    blocking(move || {
        let mut found = Vec::new();
        walk(&dir, &dir, &mut found).map_err(|error| BlobError::from_io(&error, "the list"))?;
        Ok(found)
    })
    .await
}

/// Removes one, by a name that [`list`] gave; one that is gone already is no error.
pub(super) async fn delete(dir: PathBuf, name: String) -> Result<()> {
    blocking(move || {
        let inside = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside || !is_staging(&name) {
            return Err(BlobError::Io("not the name of a blob".to_owned()));
        }
        match fs::remove_file(dir.join(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BlobError::from_io(&error, &name)),
            _ => Ok(()),
        }
    })
    .await
}

/// Removes the directory of this blob, if it is one of its task and empty now. Whoever is about to write there makes it
/// again.
pub(super) async fn delete_room(dir: PathBuf, name: String) -> Result<()> {
    let mut parts = name.split('/');
    let (Some("results"), Some(task), Some(_)) = (parts.next(), parts.next(), parts.next()) else { return Ok(()) };
    if ["", ".", ".."].contains(&task) {
        return Ok(());
    }
    let room = dir.join("results").join(task);
    blocking(move || remove_if_empty(&room).map_err(|error| BlobError::from_io(&error, &name))).await
}

/// The same for the directories of all tasks.
pub(super) async fn delete_empty_rooms(dir: PathBuf) -> Result<()> {
    blocking(move || {
        let rooms = match fs::read_dir(dir.join("results")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            rooms => rooms,
        };
        let remove = || rooms?.try_for_each(|room| remove_if_empty(&room?.path()));
        remove().map_err(|error| BlobError::from_io(&error, "results"))
    })
    .await
}

fn remove_if_empty(dir: &Path) -> io::Result<()> {
    use io::ErrorKind::{DirectoryNotEmpty, NotADirectory, NotFound};
    match fs::remove_dir(dir) {
        Err(error) if ![DirectoryNotEmpty, NotADirectory, NotFound].contains(&error.kind()) => Err(error),
        _ => Ok(()),
    }
}

/// Removes the staging file of an upload whose name is used once only.
pub(super) async fn delete_of(dir: PathBuf, name: String) {
    if let Err(error) = delete(dir, format!("{name}#1")).await {
        tracing::warn!(%error, "an unfinished upload could not be removed; the sweep will");
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| BlobError::Io(format!("the file system did not answer: {error}")))?
}

fn walk(root: &Path, dir: &Path, found: &mut Vec<Listed>) -> io::Result<()> {
    let entries = match fs::read_dir(dir) {
        // Its last file was deleted between the listing and here.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            walk(root, &path, found)?;
        } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str).filter(|name| is_staging(name)) {
            match entry.metadata().and_then(|data| data.modified()) {
                Ok(modified) => found.push(Listed { name: name.to_owned(), modified: millis(modified) }),
                // Finished or swept between the listing and here.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn millis(time: std::time::SystemTime) -> Timestamp {
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
