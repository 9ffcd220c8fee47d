//! What SQLite says, as what the store says.

use rusqlite::ErrorCode;

use crate::store::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        match &error {
            E::SqliteFailure(code, _) => match (code.code, code.extended_code) {
                (ErrorCode::DiskFull, _) | (_, rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => Self::StorageFull,
                (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Self::Damaged(error.to_string()),
                _ => Self::Unavailable(error.to_string()),
            },
            E::FromSqlConversionFailure(..) | E::InvalidColumnType(..) | E::IntegralValueOutOfRange(..) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// The failure of a whole commit, told to everyone whose command was in it.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    Full,
    Damaged(String),
    Unavailable(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match StoreError::from(error) {
            StoreError::StorageFull => Self::Full,
            StoreError::Damaged(text) => Self::Damaged(text),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<&Fault> for StoreError {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::Full => Self::StorageFull,
            Fault::Damaged(text) => Self::Damaged(text.clone()),
            Fault::Unavailable(text) => Self::Unavailable(text.clone()),
        }
    }
}
