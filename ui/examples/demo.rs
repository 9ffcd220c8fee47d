//! Draws a canned server in this terminal, to look at the console without a server:
//! `cargo run --release -p cipherdeck-ui --example demo`. Keys work as far as they need no store; Ctrl-C twice ends it.
//! `demo ascii`, `demo light|basic|mono` try other terminals.
#![allow(missing_docs, clippy::print_stderr)]

#[allow(dead_code)]
#[path = "../tests/screens/fixtures.rs"]
mod fixtures;

use cipherdeck_ui::{
    Command, Event, Look, Screen, Snapshot, State, Tab,
    theme::{Charset, Palette},
};
use crossterm::event::{self, Event as Input};

fn main() -> std::io::Result<()> {
    let mut look = Look::default();
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "ascii" => look.charset = Charset::Ascii,
            "light" => look.palette = Palette::Light,
            "basic" => look.palette = Palette::Basic,
            "mono" => look.palette = Palette::Mono,
            other => eprintln!("{other}? There are ascii, light, basic, mono."),
        }
    }
    let mut terminal = ratatui::try_init()?;
    let size = terminal.size()?;
    let mut state = State::new(look, size.width, size.height);
    let mut snapshot = fixtures::busy(state.rows());
    let mut event = Some(Event::Refreshed);
    loop {
        for command in event.take().map(|event| state.update(&snapshot, event)).unwrap_or_default() {
            match command {
                Command::Load(query) => {
                    snapshot = page(query.tab, query.limit);
                    event = Some(Event::Refreshed);
                }
                Command::Leave | Command::Drain => return ratatui::try_restore(),
                _ => {}
            }
        }
        if event.is_some() {
            continue;
        }
        terminal.draw(|frame| frame.render_widget(Screen { state: &state, snapshot: &snapshot }, frame.area()))?;
        event = match event::read()? {
            Input::Key(key) => Some(Event::Key(key)),
            Input::Paste(text) => Some(Event::Paste(text)),
            Input::Resize(width, height) => Some(Event::Resize { width, height }),
            _ => None,
        };
    }
}

fn page(tab: Tab, limit: usize) -> Snapshot {
    if tab == Tab::All { fixtures::busy(limit) } else { fixtures::busy_tab(tab, limit) }
}
