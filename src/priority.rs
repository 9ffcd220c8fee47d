//! Which threads go first where cores are scarce.
//!
//! Whether the server lives, heartbeats and the console need little of a core and need it at once; handlers need some, and
//! soon; kernels can use every core for minutes. Where nobody else wants a core each of them has all of it, as before.
//! Linux gives every thread a niceness of its own; elsewhere it is the process's, and nothing is done.

/// Of what kind a thread is; the others have the process's own niceness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Answers requests.
    Handlers,
    /// Computes on ciphertexts.
    Kernels,
}

impl Priority {
    /// How much nicer it is than the process. Of a core for which two compete, five steps more leave a quarter.
    #[cfg(target_os = "linux")]
    const fn steps(self) -> i32 {
        match self {
            Self::Handlers => 5,
            Self::Kernels => 10,
        }
    }

    /// Gives the calling thread this priority, and by that every thread that it starts from now on. There is no way back: to
    /// climb, a process needs rights that a server should not have.
    pub fn take(self) {
        #[cfg(target_os = "linux")]
        if let Err(error) = self.take_on_linux() {
            // Threads come and go.
            static ONCE: std::sync::Once = std::sync::Once::new();
            ONCE.call_once(|| tracing::warn!(%error, "all threads run at the same priority"));
        }
    }

    #[cfg(target_os = "linux")]
    fn take_on_linux(self) -> rustix::io::Result<()> {
        use rustix::process::{getpid, getpriority_process, setpriority_process};
        const NICEST: i32 = 19;
        // Of the main thread, so that it does not add up where one thread starts the other.
        let process = getpriority_process(Some(getpid()))?;
        let wanted = (process + self.steps()).min(NICEST);
        if getpriority_process(None)? < wanted { setpriority_process(None, wanted) } else { Ok(()) }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use rustix::process::getpriority_process;

    use super::*;

    /// In a thread of its own, which ends with its priority.
    fn within<T: Send>(work: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| scope.spawn(work).join().unwrap())
    }

    #[test]
    fn a_thread_gives_way_and_what_it_starts_gives_way_no_more_than_that() {
        let nice = || getpriority_process(None).unwrap();
        let usual = nice();
        let taken = |kind: Priority| {
            kind.take();
            nice()
        };
        let handler = within(|| taken(Priority::Handlers));
        let (kernel, below) = within(|| (taken(Priority::Kernels), within(|| taken(Priority::Kernels))));
        assert_eq!((handler, kernel, below), ((usual + 5).min(19), (usual + 10).min(19), kernel));
        assert_eq!(nice(), usual, "the others keep theirs");
    }
}
