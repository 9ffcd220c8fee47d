//! How the suite gets hold of an engine.

use std::sync::Arc;

use cipherdeck::store::{Result, Store, StoreOptions, sqlite::SqliteStore};
use tempfile::TempDir;

/// A place where a store of one engine lives.
pub(crate) trait Engine: Send + Sync + 'static {
    /// A new, empty place.
    fn new() -> Self;

    /// Opens the store there.
    fn open(&self, options: StoreOptions) -> impl Future<Output = Result<Arc<dyn Store>>> + Send;

    /// Ends the store as a crash of its process would, and opens it again. No claim survives this.
    fn crash(
        &self,
        store: Arc<dyn Store>,
        options: StoreOptions,
    ) -> impl Future<Output = Result<Arc<dyn Store>>> + Send {
        async move {
            assert_eq!(Arc::strong_count(&store), 1, "somebody else still holds the store");
            drop(store);
            self.open(options).await
        }
    }
}

/// The embedded engine on a real file.
pub(crate) struct Sqlite {
    pub(crate) dir: TempDir,
}

impl Engine for Sqlite {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    async fn open(&self, options: StoreOptions) -> Result<Arc<dyn Store>> {
        let store: Arc<dyn Store> = SqliteStore::open(self.dir.path(), options)?;
        Ok(store)
    }
}
