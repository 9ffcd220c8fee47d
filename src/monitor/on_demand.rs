//! Samples that are taken only while somebody looks at them, once for all who look.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::sync::watch;

/// Something that can be looked at again and again. It is kept while nobody looks.
pub trait Probe: Send + 'static {
    /// What a look gives.
    type Sample: Send + Sync + 'static;

    /// From the beginning of looking to the first sample.
    const FIRST: Duration;
    /// Between two samples.
    const INTERVAL: Duration;

    /// Somebody begins to look, the first time or after a pause.
    fn resume(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Looks. Must not block.
    fn sample(&mut self) -> impl Future<Output = Self::Sample> + Send;
}

/// The newest sample; `None` until the first. Dropping it stops the sampling, if nobody else looks.
pub type Samples<T> = watch::Receiver<Option<Arc<T>>>;

/// Takes samples while anybody subscribes. Clones share them.
pub struct OnDemand<P: Probe> {
    shared: Arc<Shared<P>>,
}

struct Shared<P: Probe> {
    probe: tokio::sync::Mutex<P>,
    latest: watch::Sender<Option<Arc<P::Sample>>>,
    running: Mutex<bool>,
}

impl<P: Probe> Clone for OnDemand<P> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<P: Probe> OnDemand<P> {
    /// Takes no samples yet.
    pub fn new(probe: P) -> Self {
        let probe = tokio::sync::Mutex::new(probe);
        Self { shared: Arc::new(Shared { probe, latest: watch::Sender::new(None), running: Mutex::new(false) }) }
    }

    /// Samples from now on. Must be called on a tokio runtime.
    pub fn subscribe(&self) -> Samples<P::Sample> {
        let mut running = self.shared.running.lock();
        let mut samples = self.shared.latest.subscribe();
        samples.mark_changed();
        if !*running {
            *running = true;
            tokio::spawn(take(Arc::clone(&self.shared)));
        }
        samples
    }

    /// The newest sample, if somebody looks; asking for it starts nothing.
    pub fn present(&self) -> Option<Arc<P::Sample>> {
        self.shared.latest.borrow().clone()
    }

    /// Are samples being taken?
    pub fn is_running(&self) -> bool {
        *self.shared.running.lock()
    }
}

/// Samples until nobody looks any more.
async fn take<P: Probe>(shared: Arc<Shared<P>>) {
    // The one who looked before may still be on the way out.
    let mut probe = shared.probe.lock().await;
    probe.resume().await;
    let mut pause = P::FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => pause = P::INTERVAL,
            () = shared.latest.closed() => {
                // Under the lock, so that a new subscriber either is seen here or starts another run.
                let mut running = shared.running.lock();
                if shared.latest.receiver_count() == 0 {
                    *running = false;
                    shared.latest.send_replace(None);
                    return;
                }
                continue;
            }
        }
        let sample = probe.sample().await;
        shared.latest.send_replace(Some(Arc::new(sample)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts its samples and pauses.
    #[derive(Default)]
    struct Counter(u32, u32);

    impl Probe for Counter {
        type Sample = (u32, u32);
        const FIRST: Duration = Duration::ZERO;
        const INTERVAL: Duration = Duration::from_secs(2);

        async fn resume(&mut self) {
            self.1 += 1;
        }

        async fn sample(&mut self) -> (u32, u32) {
            self.0 += 1;
            (self.0, self.1)
        }
    }

    async fn until(samples: &mut Samples<(u32, u32)>, wanted: (u32, u32)) {
        let found = samples.wait_for(|sample| sample.as_deref() == Some(&wanted));
        tokio::time::timeout(Duration::from_secs(20), found).await.expect("in time").expect("it lives");
    }

    #[tokio::test(start_paused = true)]
    async fn it_samples_once_for_all_who_look_and_stops_with_the_last() {
        let counter = OnDemand::new(Counter::default());
        assert!(!counter.is_running());
        let (mut one, mut other) = (counter.subscribe(), counter.subscribe());
        until(&mut one, (3, 1)).await;
        until(&mut other, (3, 1)).await;
        drop(one);
        until(&mut other, (4, 1)).await;
        drop(other);
        let stopped = async {
            while counter.is_running() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), stopped).await.expect("it stops when nobody looks");
        let mut again = counter.subscribe();
        assert!(again.borrow().is_none(), "an old sample is no present one");
        until(&mut again, (5, 2)).await;
    }
}
