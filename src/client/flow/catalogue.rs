//! The ad catalogue: from the wallet when it is there, from the server otherwise.

use std::{sync::Arc, time::Instant};

use super::{Job, Phase, Result, Session, blocking, retry::IfLost};
use crate::{
    client::{ClientError, api::FetchedCatalogue},
    use_cases::ad_targeting::PublicCatalogue,
};

impl Session {
    /// The catalogue to encrypt for, if the job needs one. A cached copy is taken as it is, without asking whether it
    /// still holds: the server checks the version of every input, and says `catalogue_changed`.
    pub(super) async fn catalogue_for(&self, job: &Job) -> Result<Option<Arc<PublicCatalogue>>> {
        if !job.needs_catalogue() {
            return Ok(None);
        }
        if let Some(cached) = self.cached_catalogue().await? {
            return Ok(Some(cached));
        }
        self.fetch_catalogue().await.map(Some)
    }

    /// The copy in the wallet.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn cached_catalogue(&self) -> Result<Option<Arc<PublicCatalogue>>> {
        let (wallet, server) = (self.wallet.clone(), self.api.server().to_owned());
        Ok(blocking(move || Ok(wallet.catalogue(&server))).await?.map(Arc::new))
    }

    /// The server's catalogue; transferred only if the wallet does not have this version.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn fetch_catalogue(&self) -> Result<Arc<PublicCatalogue>> {
        let _phase = self.begin(Phase::Download);
        let cached = self.cached_catalogue().await?;
        let began = Instant::now();
        let known = cached.as_ref().map(|it| it.version.as_str());
        let fetched = self.patiently(IfLost::GiveUp, || self.api.ads(known)).await?;
        self.course.lock().timing.download_s += began.elapsed().as_secs_f64();
        match (fetched, cached) {
            (Some(FetchedCatalogue { json, catalogue }), _) => {
                let (wallet, server) = (self.wallet.clone(), self.api.server().to_owned());
                blocking(move || Ok(wallet.store_catalogue(&server, &json)?)).await?;
                Ok(Arc::new(catalogue))
            }
            (None, Some(cached)) => Ok(cached),
            (None, None) => Err(ClientError::Internal("the server sent no catalogue".to_owned())),
        }
    }
}
