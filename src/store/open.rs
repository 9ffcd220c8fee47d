//! Opens the engine that the settings name.

use std::sync::Arc;

use super::{
    Result, Store, StoreError, StoreOptions,
    redis::{Address, RedisStore, Tuning},
    sqlite::SqliteStore,
};
use crate::config::{SQLITE, Settings};

/// The store of these settings.
///
/// # Errors
/// [`StoreError::CannotOpen`] and whatever the engine says at its start.
pub async fn open(settings: &Settings) -> Result<Arc<dyn Store>> {
    let options = StoreOptions::from_settings(settings);
    if settings.store.url != SQLITE {
        let tuning = Tuning { lease: settings.worker.lease(), ..Tuning::default() };
        let (mut address, ca) = (Address::from(&settings.store.url), &settings.store.ca);
        if !ca.as_os_str().is_empty() {
            address = address.with_ca(ca);
        }
        let store: Arc<dyn Store> = RedisStore::open(address, options, tuning).await?;
        return Ok(store);
    }
    let dir = settings.server.data_dir.clone();
    let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&dir, options)).await;
    let store = opened.map_err(|error| StoreError::CannotOpen(error.to_string()))??;
    Ok(store)
}
