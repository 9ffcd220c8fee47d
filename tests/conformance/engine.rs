//! How the suite gets hold of an engine.

use std::{sync::Arc, time::Duration};

use cipherdeck::store::{
    Result, Store, StoreOptions,
    redis::{RedisStore, Tuning},
    sqlite::SqliteStore,
};
use tempfile::TempDir;

use crate::support::redis::RedisServer;

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

/// The engine of a cluster on a server of its own.
pub(crate) struct Redis {
    pub(crate) server: RedisServer,
}

impl Engine for Redis {
    fn new() -> Self {
        Self { server: RedisServer::start(&["--appendonly", "yes", "--appendfsync", "everysec"]) }
    }

    async fn open(&self, options: StoreOptions) -> Result<Arc<dyn Store>> {
        // Nothing depends on how busy the machine is: no claim is lost unless a test says so, no event is given up.
        let patient = Duration::from_mins(10);
        let tuning = Tuning { lease: patient, echo: patient, patience: patient, ..Tuning::default() };
        let store: Arc<dyn Store> = RedisStore::open(&self.server.url(), options, tuning).await?;
        Ok(store)
    }

    /// The claims of a dead process are over when their leases have passed: here, at once.
    async fn crash(&self, store: Arc<dyn Store>, options: StoreOptions) -> Result<Arc<dyn Store>> {
        assert_eq!(Arc::strong_count(&store), 1, "somebody else still holds the store");
        drop(store);
        self.server.end_leases();
        self.open(options).await
    }
}
