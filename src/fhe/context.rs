//! What a kernel gets besides key and input: cancellation, progress, its threads, a bootstrap counter.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

/// The kernel was told to stop: cancel, time limit, lost lease or drain. It returns at once and publishes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Shared by a kernel, which reports, and its worker, which watches. Clones are the same context.
#[derive(Clone)]
pub struct Context {
    shared: Arc<Shared>,
    pool: Arc<rayon::ThreadPool>,
}

struct Shared {
    stop: AtomicBool,
    /// Millionths of the work.
    progress: AtomicU32,
    bootstraps: AtomicU64,
    /// Hears of them too.
    listener: Option<Box<dyn Fn(u64) + Send + Sync>>,
}

impl Context {
    /// A fresh context whose parallel work runs on `pool`.
    pub fn new(pool: Arc<rayon::ThreadPool>) -> Self {
        Self::of(pool, None)
    }

    /// The same; `listener` hears of bootstraps as they are counted.
    pub fn told(pool: Arc<rayon::ThreadPool>, listener: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self::of(pool, Some(Box::new(listener)))
    }

    fn of(pool: Arc<rayon::ThreadPool>, listener: Option<Box<dyn Fn(u64) + Send + Sync>>) -> Self {
        let (stop, progress, bootstraps) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU64::new(0));
        Self { shared: Arc::new(Shared { stop, progress, bootstraps, listener }), pool }
    }

    /// Tells the kernel to stop at its next step.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
    }

    /// Has it been told to stop?
    pub fn stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Acquire)
    }

    /// Called by kernels before each step.
    ///
    /// # Errors
    /// [`Interrupted`] once [`stop`](Self::stop) has been called.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.stopped() { Err(Interrupted) } else { Ok(()) }
    }

    /// Called by kernels after each step: `done` of `planned` units of work. Never moves backwards, and never reaches
    /// 1: a task is whole only when its finish has been committed.
    pub fn report(&self, done: u64, planned: u64) {
        let share = u128::from(done) * 1_000_000 / u128::from(planned.max(1));
        let share = u32::try_from(share.min(999_000)).unwrap_or(999_000);
        self.shared.progress.fetch_max(share, Ordering::AcqRel);
    }

    /// Share of the work done, 0..1.
    pub fn progress(&self) -> f32 {
        self.shared.progress.load(Ordering::Acquire) as f32 / 1e6
    }

    /// Called by kernels: bootstraps executed since the last call.
    pub fn count_bootstraps(&self, bootstraps: u64) {
        self.shared.bootstraps.fetch_add(bootstraps, Ordering::AcqRel);
        if let Some(listener) = &self.shared.listener {
            listener(bootstraps);
        }
    }

    /// Bootstraps executed so far.
    pub fn bootstraps(&self) -> u64 {
        self.shared.bootstraps.load(Ordering::Acquire)
    }

    /// Runs `work` here; what it spawns runs on the worker's threads, and this waits for it. Unlike with
    /// [`install`](Self::install), whatever another kernel does on these threads, what is spawned here gets its turn at the
    /// next step of that one, if it yields.
    pub fn scope<'s, R>(&self, work: impl FnOnce(&rayon::Scope<'s>) -> R) -> R {
        self.pool.in_place_scope(work)
    }

    /// Threads that the kernels of this worker share.
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Runs `work` on the worker's threads; rayon's parallel iterators inside use them too.
    pub fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context::new(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap()))
    }

    #[test]
    fn progress_is_monotone_and_stays_below_one_until_the_finish_is_committed() {
        let context = context();
        context.report(3, 4);
        context.report(1, 4);
        assert!((context.progress() - 0.75).abs() < 1e-6);
        context.report(4, 4);
        assert!(context.progress() < 1.0);
    }

    #[test]
    fn a_stop_is_seen_by_every_clone() {
        let context = context();
        let other = context.clone();
        assert_eq!(other.check(), Ok(()));
        context.stop();
        assert_eq!(other.check(), Err(Interrupted));
    }
}
