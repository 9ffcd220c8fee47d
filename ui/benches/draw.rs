//! How long a frame takes: `cargo bench -p cipherdeck-ui`. The fullest screen (300x100, details open, graphs) has to
//! be drawn in less than 3 ms.
#![allow(missing_docs, clippy::print_stdout)]

#[allow(dead_code, unreachable_pub)]
#[path = "../tests/screens/fixtures.rs"]
mod fixtures;

use std::{hint::black_box, time::Instant};

use cipherdeck_ui::{Event, Look, Screen, State};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::{Terminal, backend::CrosstermBackend, layout::Rect};

const FRAMES: u32 = 500;

fn main() {
    for (width, height, details) in [(80, 24, false), (160, 45, false), (300, 100, false), (300, 100, true)] {
        let mut state = State::new(Look::default(), width, height);
        let mut snapshot = fixtures::busy(state.rows());
        state.update(&snapshot, Event::Refreshed);
        if details {
            state.update(&snapshot, Event::Key(KeyEvent::from(KeyCode::Enter)));
        }
        let viewport = ratatui::Viewport::Fixed(Rect::new(0, 0, width, height));
        let backend = CrosstermBackend::new(Vec::with_capacity(1 << 20));
        let Ok(mut terminal) = Terminal::with_options(backend, ratatui::TerminalOptions { viewport }) else { return };
        let (mut bytes, began) = (0, Instant::now());
        for frame in 0..FRAMES {
            // A second goes by and the running task moves on, as on a busy server.
            snapshot.now += 1_000;
            if let Some(row) = snapshot.page.as_mut().and_then(|page| page.rows.first_mut()) {
                row.progress = Some((frame % 100) as f32 / 100.0);
            }
            state.update(&snapshot, Event::Refreshed);
            let screen = Screen { state: &state, snapshot: &snapshot };
            let drawn = terminal.draw(|frame| frame.render_widget(screen, frame.area()));
            black_box(drawn.is_ok());
            bytes += terminal.backend_mut().writer_mut().len();
            terminal.backend_mut().writer_mut().clear();
        }
        let each = began.elapsed() / FRAMES;
        let open = if details { ", details open" } else { "" };
        println!("{width}x{height}{open}: {each:?} a frame, {} bytes", bytes / FRAMES as usize);
    }
}
