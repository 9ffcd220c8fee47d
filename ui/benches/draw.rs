//! How long a frame of each screen takes: `cargo bench -p cipherdeck-ui`. The fullest one (300x100, graphs) has to be
//! drawn in less than 3 ms.
#![allow(missing_docs, clippy::print_stdout)]

#[allow(dead_code)]
#[path = "../tests/screens/fixtures/mod.rs"]
mod fixtures;

use std::{cell::Cell, hint::black_box, io, rc::Rc, time::Instant};

use cipherdeck_ui::{Event, Look, Screen, Snapshot, State};
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

/// What is looked at: a screen and keys pressed there.
const VIEWS: [(&str, &[KeyCode]); 7] = [
    ("tasks", &[]),
    ("tasks, details open", &[KeyCode::Enter]),
    ("workers", &[KeyCode::Char('2')]),
    ("benchmarks", &[KeyCode::Char('3')]),
    ("logs", &[KeyCode::Char('4')]),
    ("audit", &[KeyCode::Char('5')]),
    ("help", &[KeyCode::Char('?')]),
];

fn main() {
    for (width, height) in [(80, 24), (160, 45), (300, 100)] {
        for (name, keys) in VIEWS {
            measure(name, keys, width, height);
        }
    }
}

fn measure(name: &str, keys: &[KeyCode], width: u16, height: u16) {
    let mut state = State::new(Look::default(), width, height);
    let mut snapshot = fixtures::busy(usize::from(height));
    state.update(&snapshot, Event::Refreshed);
    for key in keys {
        state.update(&snapshot, Event::Key(KeyEvent::from(*key)));
    }
    snapshot.detail = fixtures::console::detail();
    let viewport = ratatui::Viewport::Fixed(Rect::new(0, 0, width, height));
    let written = Rc::new(Cell::new(0));
    let backend = CrosstermBackend::new(Counter(Rc::clone(&written)));
    let Ok(mut terminal) = Terminal::with_options(backend, ratatui::TerminalOptions { viewport }) else { return };
    let mut times = Vec::new();
    for frame in 0..FRAMES {
        advance(&mut snapshot, frame);
        let began = Instant::now();
        state.update(&snapshot, Event::Tick(snapshot.now));
        let screen = Screen { state: &state, snapshot: &snapshot };
        let drawn = terminal.draw(|frame| frame.render_widget(screen, frame.area()));
        black_box(drawn.is_ok());
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    let bytes = written.get() / FRAMES as usize;
    println!("{width}x{height} {name}: median {:?}, p95 {:?}, {bytes} bytes a frame", at(50), at(95));
}

/// A second goes by, tasks move on and a sample is taken, as on a busy server.
fn advance(snapshot: &mut Snapshot, frame: u32) {
    snapshot.now += 1_000;
    let progress = (frame % 100) as f32 / 100.0;
    if let Some(row) = snapshot.page.as_mut().and_then(|page| page.rows.first_mut()) {
        row.progress = Some(progress);
    }
    let workers = snapshot.fleet.iter_mut().flat_map(|fleet| &mut fleet.workers);
    for doing in workers.filter_map(|worker| worker.doing.as_mut()) {
        doing.progress = Some(progress);
    }
    if let Some(machine) = snapshot.machine.as_mut().filter(|_| frame.is_multiple_of(2)) {
        machine.cpu.push(progress);
        machine.sampled += 2_000;
    }
}
