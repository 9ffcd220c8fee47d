//! When to draw, and when to wake up.

use std::{
    io,
    time::{Duration, Instant as Monotonic},
};

use cipherdeck_ui::{Event, Screen};
use ratatui::backend::Backend;
use tokio::time::Instant;

use super::Session;

/// At most 30 frames a second.
const FRAME: Duration = Duration::from_millis(33);
/// The clock moves the screen at most so often.
const CLOCK: Duration = Duration::from_secs(1);
/// A frame that would show what is long ago is held back for so long, while what is present is being read.
const HELD: Duration = Duration::from_millis(50);
/// Nothing to wake up for; the loop looks around all the same.
const LONG: Duration = Duration::from_hours(1);
/// So long the operator is told that events were dropped.
const DROPPED: Duration = Duration::from_mins(1);

/// What was drawn, and whether it still is the truth.
#[derive(Debug)]
pub(super) struct Drawn {
    /// The screen does not show the present state yet.
    pub(super) dirty: bool,
    at: Option<Instant>,
    /// No frame before then.
    held: Option<Instant>,
    /// When the clock changes something.
    clock: Option<Instant>,
    /// Time spent on frames so far, and their number: for the log.
    spent: (Duration, u32),
}

impl Default for Drawn {
    fn default() -> Self {
        Self { dirty: true, at: None, held: None, clock: None, spent: (Duration::ZERO, 0) }
    }
}

impl Drawn {
    /// What is on the screen next is being read: until then, but not for long, there is no frame.
    pub(super) fn hold(&mut self) {
        self.held = Some(Instant::now() + HELD);
    }

    /// It has been read.
    pub(super) fn release(&mut self) {
        self.held = None;
    }

    /// The earliest moment of the next frame.
    fn next(&self) -> Option<Instant> {
        self.at.map(|at| at + FRAME).max(self.held)
    }
}

impl<B> Session<B>
where
    B: Backend + io::Write,
    B::Error: Send + Sync + 'static,
{
    /// Draws, if there is something new and the last frame is old enough.
    pub(super) fn draw(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if !self.drawn.dirty || self.drawn.next().is_some_and(|at| now < at) {
            return Ok(());
        }
        let present = self.host.clock.now();
        if self.state.frozen.is_none() {
            self.snapshot.now = present.millis();
            self.snapshot.flow = self.flow.shown(present);
        }
        self.update(Event::Tick(present.millis()));
        let began = Monotonic::now();
        let screen = Screen { state: &self.state, snapshot: &self.snapshot };
        self.terminal.draw(|frame| frame.render_widget(screen, frame.area())).map_err(io::Error::other)?;
        self.drawn.spent.0 += began.elapsed();
        self.drawn.spent.1 += 1;
        self.drawn.dirty = false;
        self.drawn.at = Some(now);
        self.drawn.clock = self.next_tick().map(|ticks| now + ticks.max(CLOCK));
        Ok(())
    }

    /// Until time alone changes the screen.
    fn next_tick(&self) -> Option<Duration> {
        let screen = self.state.next_change(&self.snapshot);
        let flow = match self.state.frozen {
            Some(_) => None,
            None => self.flow.changes_in(self.host.clock.now()),
        };
        let dropped = self.dropped.map(|(_, at)| DROPPED.saturating_sub(at.elapsed()));
        let millis = screen.into_iter().chain(flow).min();
        let ticks = millis.map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0)));
        ticks.into_iter().chain(dropped).min()
    }

    /// The next moment at which something has to be done.
    pub(super) fn wake(&self) -> Instant {
        let frame = self.drawn.dirty.then(|| self.drawn.next().unwrap_or_else(Instant::now));
        let frozen = self.state.frozen.is_some();
        let reads = [self.main.wake(frozen), self.aside.wake(frozen)];
        let far = Instant::now() + LONG;
        reads.into_iter().chain([frame, self.drawn.clock]).flatten().min().unwrap_or(far)
    }

    /// Time has passed.
    pub(super) fn woken(&mut self) {
        if self.drawn.clock.is_some_and(|at| at <= Instant::now()) {
            self.drawn.clock = None;
            self.drawn.dirty = true;
        }
        if self.dropped.is_some_and(|(_, at)| at.elapsed() >= DROPPED) {
            self.dropped = None;
            self.show_alerts();
        }
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        let (spent, frames) = self.spent;
        if frames > 0 {
            let mean_us = (spent / frames).as_micros();
            tracing::debug!(frames, mean_us, "the console was closed");
        }
    }
}
