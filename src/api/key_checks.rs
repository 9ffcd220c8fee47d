//! Who may check a key now, and who has to come again later. A check takes about twice the key's size in memory, so few
//! run at once and few wait; how long they took says how long it is until one more may wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    error::{ApiError, ApiResult},
    label::Label,
};
use crate::config::Limits;

/// What a check takes as long as none was measured.
const GUESS: Duration = Duration::from_millis(200);

/// The places in which keys are checked, and the queue before them.
pub(super) struct KeyChecks {
    places: Arc<Semaphore>,
    at_once: usize,
    most_waiting: usize,
    waiting: AtomicUsize,
    /// Milliseconds of a check: a moving mean.
    mean_ms: Arc<AtomicU64>,
}

/// The right to check one key. It is measured how long it is kept.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    began: Instant,
    mean_ms: Arc<AtomicU64>,
}

impl KeyChecks {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.concurrent_key_checks)),
            at_once: limits.concurrent_key_checks,
            most_waiting: limits.waiting_key_checks,
            waiting: AtomicUsize::new(0),
            mean_ms: Arc::new(AtomicU64::new(GUESS.as_millis() as u64)),
        }
    }

    /// Before a key is read: may it wait for its check?
    ///
    /// # Errors
    /// 429 `rate_limited`.
    pub(super) fn admit(&self) -> ApiResult<()> {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if self.places.available_permits() > 0 || waiting < self.most_waiting {
            Ok(())
        } else {
            Err(self.full(waiting))
        }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// 429 `rate_limited`, when too many wait already.
    pub(super) async fn place(&self) -> ApiResult<Place> {
        let permit = if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            permit
        } else {
            let _waiting = self.wait()?;
            let permit = Arc::clone(&self.places).acquire_owned().await;
            permit.map_err(|_| ApiError::internal("the key checks are closed"))?
        };
        Ok(Place { _permit: permit, began: Instant::now(), mean_ms: Arc::clone(&self.mean_ms) })
    }

    fn wait(&self) -> ApiResult<Waiting<'_>> {
        let more = |waiting| (waiting < self.most_waiting).then_some(waiting + 1);
        match self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Waiting(&self.waiting)),
            Err(waiting) => Err(self.full(waiting)),
        }
    }

    /// Half of those who wait are done by then.
    fn full(&self, waiting: usize) -> ApiError {
        let rounds = (waiting / 2 + 1).div_ceil(self.at_once.max(1)) as u64;
        let after = Duration::from_millis(self.mean_ms.load(Ordering::Relaxed).saturating_mul(rounds));
        let detail = "Too many keys wait for their check; try again in a moment. Nothing was stored.";
        ApiError::new(Label::RateLimited, detail).retry_after(after.min(Duration::from_mins(10)))
    }
}

struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let took = self.began.elapsed().as_millis() as u64;
        // Lost updates among several at once do no harm to a mean.
        let mean = self.mean_ms.load(Ordering::Relaxed);
        self.mean_ms.store((mean * 7 + took).div_ceil(8), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use futures::FutureExt as _;

    use super::*;

    fn checks(at_once: usize, waiting: usize) -> KeyChecks {
        let limits = crate::config::load(crate::config::Overrides::default()).unwrap().limits;
        KeyChecks::new(&Limits { concurrent_key_checks: at_once, waiting_key_checks: waiting, ..limits })
    }

    #[tokio::test]
    async fn beyond_the_queue_nobody_waits_and_a_place_that_is_free_again_goes_to_the_first() {
        let checks = checks(1, 2);
        let running = checks.place().await.unwrap();
        let (mut first, mut second) = (Box::pin(checks.place()), Box::pin(checks.place()));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        assert!(checks.admit().is_err() && checks.place().await.is_err());
        drop(second);
        assert!(checks.admit().is_ok(), "whoever goes away waits no more");
        drop(running);
        let place = first.await.unwrap();
        drop(place);
        assert!(checks.admit().is_ok());
    }

    #[test]
    fn when_to_come_again_follows_the_queue_and_the_time_that_checks_take() {
        let after = |checks: &KeyChecks, waiting| {
            let response = checks.full(waiting).into_response();
            response.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap()
        };
        let checks = checks(2, 100);
        assert_eq!(after(&checks, 0), 1);
        checks.mean_ms.store(3_000, Ordering::Relaxed);
        assert_eq!((after(&checks, 0), after(&checks, 20)), (3, 18));
        checks.mean_ms.store(u64::MAX, Ordering::Relaxed);
        assert_eq!(after(&checks, 20), 600);
    }
}
