//! Uids and their evaluation keys.

use std::collections::HashMap;

use async_trait::async_trait;

use super::{
    RedisStore,
    fault::damaged,
    link::args,
    record::{Fields, blobs},
    scripts,
};
use crate::{
    store::{AttachKey, DeleteUid, KeyRecord, KeyStore, Result, StoreError},
    task::{BlobRef, ClientId, Uid},
};

#[async_trait]
impl KeyStore for RedisStore {
    async fn add_uid(&self, uid: Uid, client: ClientId, key: Option<BlobRef>) -> Result<Option<BlobRef>> {
        let options = &self.link.options;
        let (of_client, keyless) = (options.uids_per_client, options.keyless_uids);
        let mut args = args![uid.expose(), uid.tag(), client.0, of_client, keyless];
        args.extend(match &key {
            Some(key) => args![key.name, key.len, key.digest],
            None => args!["", "", ""],
        });
        let (word, name): (String, String) = self.link.repeat(&scripts::ADD_UID, args).await?;
        match word.as_str() {
            "done" => Ok(key.map(|key| BlobRef { name, ..key })),
            "unknown_uid" => Err(StoreError::UnknownUid),
            "too_many_of_client" => Err(StoreError::TooManyUidsOfClient { limit: of_client }),
            "too_many" => Err(StoreError::TooManyUids { limit: keyless }),
            _ => Err(damaged("an answer to a new uid")),
        }
    }

    async fn attach_key(&self, uid: Uid, key: BlobRef) -> Result<AttachKey> {
        let args = args![uid.expose(), key.name, key.len, key.digest];
        let (word, name): (String, String) = self.link.run(&scripts::ATTACH_KEY, args).await?;
        match word.as_str() {
            "attached" => Ok(AttachKey::Attached(BlobRef { name, ..key })),
            "has_key" => Ok(AttachKey::HasKey),
            "unknown" => Ok(AttachKey::Unknown),
            _ => Err(damaged("an answer to a key")),
        }
    }

    async fn key(&self, uid: Uid) -> Result<Option<KeyRecord>> {
        let (hash,): (HashMap<String, String>,) = self.link.repeat(&scripts::KEY, args![uid.expose()]).await?;
        if hash.is_empty() {
            return Ok(None);
        }
        let fields = Fields(hash);
        let (key, client) = (fields.blob("key")?, ClientId(fields.must("client")?));
        let (created, last_used) = (fields.must_time("created")?, fields.must_time("last_used")?);
        let options = &self.link.options;
        let ttl = if key.is_some() { options.key_ttl } else { options.keyless_ttl };
        Ok(Some(KeyRecord { uid, client, key, created, last_used, expires: last_used.plus(ttl) }))
    }

    async fn tasks_of(&self, uid: Uid) -> Result<u64> {
        let (tasks,): (u64,) = self.link.repeat(&scripts::TASKS_OF, args![uid.expose()]).await?;
        Ok(tasks)
    }

    async fn delete_uid(&self, uid: Uid) -> Result<DeleteUid> {
        let (mut garbage, mut goes_on) = (Vec::new(), 0);
        loop {
            let (word, running, more, flat): (String, u64, bool, Vec<String>) =
                self.link.run(&scripts::DELETE_UID, args![uid.expose(), goes_on]).await?;
            if word == "unknown" {
                return Ok(DeleteUid::Unknown);
            }
            garbage.extend(blobs(&flat)?);
            if !more {
                return Ok(DeleteUid::Deleted { garbage, running });
            }
            goes_on = 1;
        }
    }
}
