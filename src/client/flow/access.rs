//! Keys and uid: made, uploaded and remembered once.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;

use super::{Event, Job, Phase, Result, Session, blocking, retry::IfLost};
use crate::{
    client::{
        api::{Upload, labels},
        wallet::{SecretKey, Server, WalletLock},
    },
    task::Uid,
};

/// What a task needs besides its input.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) secret: Arc<SecretKey>,
    pub(super) uid: Uid,
}

fn serves(server: &Server, needs_key: bool, secret: &SecretKey) -> bool {
    !needs_key || server.key.as_deref() == Some(secret.fingerprint())
}

impl Session {
    /// Secret key and uid for a job. What is missing is made under the wallet's lock, so that two commands at once
    /// make and upload it once.
    pub(super) async fn access(&self, job: &Job) -> Result<Access> {
        if let Some(access) = self.known_access(job.needs_key()).await? {
            return Ok(access);
        }
        let lock = Arc::new(self.lock().await?);
        let secret = self.secret_key(&lock).await?;
        let server = self.remembered().await?;
        if let Some(server) = server.as_ref().filter(|server| serves(server, job.needs_key(), &secret)) {
            return Ok(Access { secret, uid: server.uid });
        }
        // A uid whose key belongs to another secret key is of no use: its answers could not be read.
        let keyless = server.filter(|server| server.key.is_none()).map(|server| server.uid);
        let server = if job.needs_key() {
            let key = self.evaluation_key(&lock, &secret).await?;
            let uid = self.upload_key(keyless, key).await?;
            Server { uid, key: Some(secret.fingerprint().to_owned()) }
        } else {
            Server { uid: self.register(job).await?, key: None }
        };
        let uid = server.uid;
        self.remember(&lock, Some(server)).await?;
        Ok(Access { secret, uid })
    }

    async fn known_access(&self, needs_key: bool) -> Result<Option<Access>> {
        let (wallet, url) = (self.wallet.clone(), self.api.server().to_owned());
        blocking(move || {
            let Some(secret) = wallet.secret_key()? else { return Ok(None) };
            let server = wallet.server(&url)?.filter(|server| serves(server, needs_key, &secret));
            Ok(server.map(|server| Access { secret: Arc::new(secret), uid: server.uid }))
        })
        .await
    }

    /// Waits for the wallet's lock.
    ///
    /// # Errors
    /// [`crate::client::ClientError::Wallet`].
    pub async fn lock(&self) -> Result<WalletLock> {
        let (wallet, observer) = (self.wallet.clone(), Arc::clone(&self.observer));
        blocking(move || {
            let busy = || observer.event(&Event::Notice("another command is changing the wallet; waiting".to_owned()));
            Ok(wallet.lock(busy)?)
        })
        .await
    }

    /// The secret key; drawn if there is none.
    ///
    /// # Errors
    /// [`crate::client::ClientError::Wallet`].
    pub async fn secret_key(&self, lock: &Arc<WalletLock>) -> Result<Arc<SecretKey>> {
        let (wallet, lock, began) = (self.wallet.clone(), Arc::clone(lock), Instant::now());
        let secret = blocking(move || Ok(wallet.ensure_secret_key(&lock)?)).await?;
        self.course.lock().timing.keygen_s += began.elapsed().as_secs_f64();
        Ok(Arc::new(secret))
    }

    /// The evaluation key; computed if there is none.
    ///
    /// # Errors
    /// [`crate::client::ClientError::Wallet`].
    pub async fn evaluation_key(&self, lock: &Arc<WalletLock>, secret: &Arc<SecretKey>) -> Result<Bytes> {
        let _phase = self.begin(Phase::KeyGeneration);
        let (wallet, lock, secret, began) = (self.wallet.clone(), Arc::clone(lock), Arc::clone(secret), Instant::now());
        let key = blocking(move || Ok(wallet.ensure_server_key(&lock, &secret)?)).await?;
        self.course.lock().timing.keygen_s += began.elapsed().as_secs_f64();
        Ok(key)
    }

    /// A uid without a key.
    async fn register(&self, job: &Job) -> Result<Uid> {
        let began = Instant::now();
        let uid = self.patiently(IfLost::GiveUp, || self.api.add_key(None, Some(job.name()), None)).await?;
        self.course.lock().timing.upload_s += began.elapsed().as_secs_f64();
        Ok(uid)
    }

    /// A uid with this key: `keyless` if the server takes the key for it, else a new one.
    async fn upload_key(&self, keyless: Option<Uid>, key: Bytes) -> Result<Uid> {
        let _phase = self.begin(Phase::KeyUpload);
        let (began, bytes) = (Instant::now(), key.len() as u64);
        let uid = match self.upload_key_for(keyless, &key).await {
            // Expired; or it got a key, but an interrupted command could not note which.
            Err(error)
                if keyless.is_some() && (error.refused(labels::UNKNOWN_UID) || error.refused(labels::KEY_EXISTS)) =>
            {
                self.upload_key_for(None, &key).await?
            }
            other => other?,
        };
        let mut course = self.course.lock();
        course.timing.upload_s += began.elapsed().as_secs_f64();
        course.sizes.key = bytes;
        Ok(uid)
    }

    async fn upload_key_for(&self, uid: Option<Uid>, key: &Bytes) -> Result<Uid> {
        let upload = self.upload(Phase::KeyUpload, key.clone());
        self.patiently(IfLost::GiveUp, || self.api.add_key(uid, None, Some(upload.clone()))).await
    }

    /// An upload that the observer can follow.
    pub(super) fn upload(&self, phase: Phase, bytes: impl Into<Bytes>) -> Upload {
        let observer = Arc::clone(&self.observer);
        Upload::new(bytes)
            .with_progress(Arc::new(move |sent, total| observer.event(&Event::Sent { phase, sent, total })))
    }

    async fn remembered(&self) -> Result<Option<Server>> {
        let (wallet, url) = (self.wallet.clone(), self.api.server().to_owned());
        blocking(move || Ok(wallet.server(&url)?)).await
    }

    /// Notes what is known of this server.
    ///
    /// # Errors
    /// [`crate::client::ClientError::Wallet`].
    pub async fn remember(&self, lock: &Arc<WalletLock>, server: Option<Server>) -> Result<()> {
        let (wallet, lock, url) = (self.wallet.clone(), Arc::clone(lock), self.api.server().to_owned());
        blocking(move || Ok(wallet.set_server(&lock, &url, server)?)).await
    }

    /// The server does not know this uid any more. Another command may have replaced it meanwhile: then that one stays.
    pub(super) async fn forget_uid(&self, uid: Uid) -> Result<()> {
        let lock = Arc::new(self.lock().await?);
        match self.remembered().await? {
            Some(server) if server.uid == uid => self.remember(&lock, None).await,
            _ => Ok(()),
        }
    }

    /// The server has this uid, but no key for it.
    pub(super) async fn remember_keyless(&self, uid: Uid) -> Result<()> {
        let lock = Arc::new(self.lock().await?);
        match self.remembered().await? {
            Some(server) if server.uid == uid => self.remember(&lock, Some(Server { uid, key: None })).await,
            _ => Ok(()),
        }
    }
}
