//! What blob storage may answer instead of bytes.

use std::{error::Error, io};

/// Why a blob could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("blob {0} is missing")]
    Missing(String),
    /// The bytes are not those that were written.
    #[error("blob {0} is corrupt: its length or digest is wrong")]
    Corrupt(String),
    /// The disk is full.
    #[error("no space left for blobs")]
    StorageFull,
    /// Anything else that storage says.
    #[error("blob storage: {0}")]
    Io(String),
}

/// Result of a blob operation.
pub type Result<T> = std::result::Result<T, BlobError>;

impl BlobError {
    /// Classifies what the storage said about the blob `name`.
    pub(super) fn from_store(error: &object_store::Error, name: &str) -> Self {
        if let object_store::Error::NotFound { .. } = error {
            // Under our own name: the storage's text holds a path of this machine.
            return Self::Missing(name.to_owned());
        }
        let mut source: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(cause) = source {
            if cause.downcast_ref::<io::Error>().is_some_and(is_full) {
                return Self::StorageFull;
            }
            source = cause.source();
        }
        Self::Io(error.to_string())
    }

    /// The same for a plain file operation.
    pub(super) fn from_io(error: &io::Error, name: &str) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing(name.to_owned()),
            _ if is_full(error) => Self::StorageFull,
            _ => Self::Io(format!("{name}: {error}")),
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the storage wraps it: an error of its own around the system's.
    #[derive(Debug, thiserror::Error)]
    #[error("unable to copy data to file")]
    struct Wrapped {
        source: io::Error,
    }

    fn generic(kind: io::ErrorKind) -> object_store::Error {
        object_store::Error::Generic { store: "test", source: Box::new(Wrapped { source: kind.into() }) }
    }

    #[test]
    fn a_full_disk_is_recognised_however_deep_it_is_wrapped() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            assert!(matches!(BlobError::from_store(&generic(kind), "a"), BlobError::StorageFull));
            assert!(matches!(BlobError::from_io(&kind.into(), "a"), BlobError::StorageFull));
        }
        let denied = BlobError::from_store(&generic(io::ErrorKind::PermissionDenied), "a");
        assert!(matches!(denied, BlobError::Io(_)), "{denied}");
    }

    #[test]
    fn a_missing_blob_is_named_without_a_path_of_the_machine() {
        let source = Box::new(io::Error::from(io::ErrorKind::NotFound));
        let error = object_store::Error::NotFound { path: "/srv/data/blobs/a".to_owned(), source };
        assert_eq!(BlobError::from_store(&error, "inputs/a").to_string(), "blob inputs/a is missing");
    }
}
