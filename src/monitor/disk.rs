//! Free bytes of the file systems that this process writes to, against a floor. Looked at about once a second at most.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, sync::Mutex};

/// A look is good for so long.
const FRESH: Duration = Duration::from_secs(1);

/// Less is free than must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Low {
    /// Bytes free.
    pub free: u64,
    /// Bytes that must be free.
    pub floor: u64,
}

/// The file systems of some directories. Clones share what was seen.
#[derive(Debug, Clone)]
pub struct Disks {
    places: Arc<[PathBuf]>,
    floor: u64,
    seen: Arc<Mutex<Option<Look>>>,
    /// Of whoever keeps watch; none outside of one. Others wait while one looks, so a look must not depend on how many
    /// threads the runtime of the caller has.
    runtime: Option<Handle>,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    at: Instant,
    /// Bytes; `None`: no system says so.
    free: Option<u64>,
}

impl Disks {
    /// The file systems of these directories, on each of which `floor` bytes must stay free; 0: any number will do.
    pub fn new(places: Vec<PathBuf>, floor: u64) -> Self {
        Self { places: places.into(), floor, seen: Arc::default(), runtime: Handle::try_current().ok() }
    }

    /// Bytes that must stay free.
    pub const fn floor(&self) -> u64 {
        self.floor
    }

    /// Bytes that this process may still write to the fullest of them; `None` if no system says so.
    pub async fn free(&self) -> Option<u64> {
        let mut seen = self.seen.lock().await;
        match *seen {
            Some(look) if look.at.elapsed() < FRESH => look.free,
            _ => {
                let places = Arc::clone(&self.places);
                // A file system of the network may take its time.
                let runtime = self.runtime.clone().unwrap_or_else(Handle::current);
                let free = runtime.spawn_blocking(move || places.iter().filter_map(|place| free_at(place)).min());
                let free = free.await.ok().flatten();
                self.tell(seen.and_then(|look| look.free), free);
                *seen = Some(Look { at: Instant::now(), free });
                free
            }
        }
    }

    /// Logs when the floor is crossed.
    fn tell(&self, before: Option<u64>, now: Option<u64>) {
        let low = |free: Option<u64>| free.is_some_and(|free| free < self.floor);
        let (free_mib, floor_mib) = (now.unwrap_or_default() >> 20, self.floor >> 20);
        match (low(before), low(now)) {
            (false, true) => {
                tracing::error!(free_mib, floor_mib, "the disk is nearly full: nothing is taken in any more");
            }
            (true, false) => tracing::info!(free_mib, floor_mib, "there is room on the disk again"),
            _ => {}
        }
    }

    /// Is enough free? A system that does not say is taken at the word of its next write.
    ///
    /// # Errors
    /// [`Low`].
    pub async fn check(&self) -> Result<(), Low> {
        match self.free().await {
            Some(free) if free < self.floor => Err(Low { free, floor: self.floor }),
            _ => Ok(()),
        }
    }
}

/// What users without privileges may still write there.
fn free_at(place: &Path) -> Option<u64> {
    match rustix::fs::statvfs(place) {
        Ok(system) => Some(system.f_bavail.saturating_mul(system.f_frsize)),
        Err(error) => {
            tracing::warn!(place = %place.display(), %error, "the free space of a directory cannot be seen");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Vec<PathBuf> {
        vec![std::env::temp_dir()]
    }

    #[tokio::test]
    async fn what_is_free_is_below_a_floor_beyond_it_and_above_a_floor_of_nothing() {
        let free = Disks::new(here(), 0).free().await.unwrap();
        assert!(free > 0);
        Disks::new(here(), 0).check().await.unwrap();
        let low = Disks::new(here(), u64::MAX).check().await.unwrap_err();
        assert!(low.floor == u64::MAX && low.free > 0);
    }

    #[tokio::test]
    async fn a_directory_that_is_not_there_hides_none_of_the_others_and_refuses_nothing_alone() {
        let nowhere = PathBuf::from("/nowhere/at/all");
        assert_eq!(Disks::new(vec![nowhere.clone()], u64::MAX).free().await, None);
        Disks::new(vec![nowhere.clone()], u64::MAX).check().await.unwrap();
        let both = Disks::new(here().into_iter().chain([nowhere]).collect(), u64::MAX);
        assert!(both.check().await.is_err());
    }
}
