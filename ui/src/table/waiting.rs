//! Keys that are typed before the page they are meant for has come: they wait for it.

use std::collections::VecDeque;

use super::Step;
use crate::command::Go;

/// Movements that wait; more are forgotten.
const MAX_WISHES: usize = 32;

/// A page that was asked for and has not come yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Awaited {
    go: Go,
    /// Rows before the page that was left.
    before: u64,
    /// Another page came instead, once: then this one does not come any more.
    missed: bool,
}

/// What is awaited, and what is to be done then.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting {
    awaited: Option<Awaited>,
    wishes: VecDeque<Step>,
}

impl Waiting {
    pub(super) const fn begin(&mut self, go: Go, before: u64) {
        self.awaited = Some(Awaited { go, before, missed: false });
    }

    pub(super) fn wish(&mut self, step: Step) -> bool {
        let waits = self.awaited.is_some();
        if waits && self.wishes.len() < MAX_WISHES {
            self.wishes.push_back(step);
        }
        waits
    }

    pub(super) fn arrived(&mut self, before: u64) -> bool {
        let Some(awaited) = &mut self.awaited else { return true };
        let here = match awaited.go {
            Go::First => before == 0,
            Go::Next => before > awaited.before,
            Go::Previous => before < awaited.before,
            Go::Same => true,
        };
        if here || std::mem::replace(&mut awaited.missed, true) {
            self.awaited = None;
        }
        self.awaited.is_none()
    }

    pub(super) fn granted(&mut self) -> Option<Step> {
        if self.awaited.is_some() { None } else { self.wishes.pop_front() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movements_wait_for_the_page_they_were_meant_for() {
        let mut waiting = Waiting::default();
        assert!(!waiting.wish(Step::Down), "nothing is awaited");
        waiting.begin(Go::Next, 10);
        assert!(waiting.wish(Step::Down) && waiting.wish(Step::PageDown));
        assert!(!waiting.arrived(10), "that is the page that was left");
        assert_eq!(waiting.granted(), None);
        assert!(waiting.arrived(20));
        assert_eq!([(); 3].map(|()| waiting.granted()), [Some(Step::Down), Some(Step::PageDown), None]);
    }

    #[test]
    fn a_page_that_never_comes_blocks_nothing() {
        let mut waiting = Waiting::default();
        waiting.begin(Go::Next, 20);
        assert!(!waiting.arrived(20) && waiting.arrived(20));
        assert!((0..100).all(|_| !waiting.wish(Step::Down)));
    }
}
