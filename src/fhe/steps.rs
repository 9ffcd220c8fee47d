//! A kernel's way through its steps: stop asked before each, progress told after each, bootstraps counted at the end.

use std::sync::atomic::{AtomicU64, Ordering};

use tfhe::get_pbs_count;

use super::{Context, Interrupted};

/// Planned work, of which steps take their shares; usable from all threads of the kernel at once.
pub(crate) struct Steps<'a> {
    context: &'a Context,
    planned: u64,
    done: AtomicU64,
    meter: Meter,
}

impl<'a> Steps<'a> {
    /// `planned` is the sum of all costs to come, in any unit; bootstraps are a good one.
    pub(crate) fn new(context: &'a Context, planned: u64) -> Self {
        Self { context, planned, done: AtomicU64::new(0), meter: Meter::start() }
    }

    /// Runs one step, unless the kernel has been told to stop.
    pub(crate) fn run<R>(&self, cost: u64, step: impl FnOnce() -> R) -> Result<R, Interrupted> {
        self.context.check()?;
        let result = step();
        let done = self.done.fetch_add(cost, Ordering::AcqRel) + cost;
        self.context.report(done, self.planned);
        Ok(result)
    }

    /// Cost of all steps so far.
    #[cfg(test)]
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Acquire)
    }
}

impl Drop for Steps<'_> {
    fn drop(&mut self) {
        if let Some(bootstraps) = self.meter.stop() {
            self.context.count_bootstraps(bootstraps);
        }
    }
}

/// tfhe counts bootstraps for the whole process. Its count is a kernel's own only while no other kernel runs, so a kernel
/// that has met another one reports none: no number is better than a wrong one.
struct Meter {
    begin: u64,
    /// Starts seen so far, this one included: another start meanwhile changes it.
    starts: u64,
    alone: bool,
}

static RUNNING: AtomicU64 = AtomicU64::new(0);
static STARTS: AtomicU64 = AtomicU64::new(0);

impl Meter {
    fn start() -> Self {
        let alone = RUNNING.fetch_add(1, Ordering::AcqRel) == 0;
        let starts = STARTS.fetch_add(1, Ordering::AcqRel) + 1;
        Self { begin: get_pbs_count(), starts, alone }
    }

    fn stop(&self) -> Option<u64> {
        let bootstraps = get_pbs_count().saturating_sub(self.begin);
        let alone = self.alone && STARTS.load(Ordering::Acquire) == self.starts;
        RUNNING.fetch_sub(1, Ordering::AcqRel);
        alone.then_some(bootstraps)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn context() -> Context {
        Context::new(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap()))
    }

    #[test]
    fn steps_add_up_to_the_plan_and_end_at_a_stop() {
        let context = context();
        let steps = Steps::new(&context, 4);
        assert_eq!(steps.run(1, || 7), Ok(7));
        assert!((context.progress() - 0.25).abs() < 1e-6);
        steps.run(2, || ()).unwrap();
        assert!((context.progress() - 0.75).abs() < 1e-6);
        assert_eq!(steps.done(), 3);
        context.stop();
        assert_eq!(steps.run(1, || panic!("a stopped kernel must not go on")), Err::<(), _>(Interrupted));
    }

    #[test]
    fn kernels_that_meet_claim_no_bootstraps() {
        let first = Meter::start();
        let second = Meter::start();
        assert_eq!(second.stop(), None);
        assert_eq!(first.stop(), None);
    }
}
