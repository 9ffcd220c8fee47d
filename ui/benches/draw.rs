//! How long a frame takes: `cargo bench -p cipherdeck-ui`. The fullest screen (300x100, details open, graphs) has to
//! be drawn in less than 3 ms.
#![allow(missing_docs, clippy::print_stdout)]

#[allow(dead_code)]
#[path = "../tests/screens/fixtures/mod.rs"]
mod fixtures;

use std::{cell::Cell, hint::black_box, io, rc::Rc, time::Instant};

use cipherdeck_ui::{Event, Look, Screen, State};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{Terminal, backend::CrosstermBackend, layout::Rect};

const FRAMES: u32 = 500;

/// A terminal that only counts.
struct Counter(Rc<Cell<usize>>);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() {
    for (width, height, details) in [(80, 24, false), (160, 45, false), (300, 100, false), (300, 100, true)] {
        let mut state = State::new(Look::default(), width, height);
        let mut snapshot = fixtures::busy(state.rows());
        state.update(&snapshot, Event::Refreshed);
        if details {
            state.update(&snapshot, Event::Key(KeyEvent::from(KeyCode::Enter)));
        }
        let viewport = ratatui::Viewport::Fixed(Rect::new(0, 0, width, height));
        let written = Rc::new(Cell::new(0));
        let backend = CrosstermBackend::new(Counter(Rc::clone(&written)));
        let Ok(mut terminal) = Terminal::with_options(backend, ratatui::TerminalOptions { viewport }) else { return };
        let mut times = Vec::new();
        for frame in 0..FRAMES {
            // A second goes by and the running task moves on, as on a busy server.
            snapshot.now += 1_000;
            if let Some(row) = snapshot.page.as_mut().and_then(|page| page.rows.first_mut()) {
                row.progress = Some((frame % 100) as f32 / 100.0);
            }
            let began = Instant::now();
            state.update(&snapshot, Event::Tick(snapshot.now));
            let screen = Screen { state: &state, snapshot: &snapshot };
            let drawn = terminal.draw(|frame| frame.render_widget(screen, frame.area()));
            black_box(drawn.is_ok());
            times.push(began.elapsed());
        }
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        let open = if details { ", details open" } else { "" };
        println!(
            "{width}x{height}{open}: median {:?}, p5 {:?}, {} bytes a frame",
            at(50),
            at(5),
            written.get() / FRAMES as usize
        );
    }
}
