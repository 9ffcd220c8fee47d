//! Has a file changed? Looks at what its directory says of it, not into it.

use std::{io, path::Path};

/// Tells one state of a file from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stamp {
    Missing,
    Unreadable(io::ErrorKind),
    #[cfg(unix)]
    File {
        inode: u64,
        len: u64,
        changed: (i64, i64),
    },
    #[cfg(not(unix))]
    File {
        len: u64,
        changed: Option<std::time::SystemTime>,
    },
}

impl Stamp {
    pub(super) fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            #[cfg(unix)]
            Ok(data) => {
                use std::os::unix::fs::MetadataExt as _;
                // The time of the last change of content or mode: nobody can set it back.
                Self::File { inode: data.ino(), len: data.len(), changed: (data.ctime(), data.ctime_nsec()) }
            }
            #[cfg(not(unix))]
            Ok(data) => Self::File { len: data.len(), changed: data.modified().ok() },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::Missing,
            Err(error) => Self::Unreadable(error.kind()),
        }
    }
}
