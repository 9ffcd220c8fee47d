//! The screens as text, cell by cell, and what keys do.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

mod actions;
mod benchmarks;
mod cells;
mod controls;
mod fields;
mod fixtures;
mod gallery;
mod hostile;
mod keys;
mod logs;
mod moves;
mod screens;
mod sorting;

use cipherdeck_ui::{Command, Event, Look, Screen, ScreenKind, Snapshot, State};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

/// A fresh view of this size.
fn state(width: u16, height: u16) -> State {
    State::new(Look::default(), width, height)
}

/// The view on a screen.
fn draw(state: &State, snapshot: &Snapshot) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(state.area.width, state.area.height)).unwrap();
    terminal.draw(|frame| frame.render_widget(Screen { state, snapshot }, frame.area())).unwrap();
    terminal.backend().buffer().clone()
}

/// Its lines, without blanks at their ends.
fn lines(buffer: &Buffer) -> Vec<String> {
    let rows = buffer.area.rows();
    rows.map(|row| {
        let mut line = String::new();
        let mut covered = 0;
        for at in row.positions() {
            if covered == 0 {
                let symbol = buffer[at].symbol();
                line.push_str(symbol);
                covered = cipherdeck_ui::text::width(symbol).max(1);
            }
            covered -= 1;
        }
        line.trim_end().to_owned()
    })
    .collect()
}

fn text(state: &State, snapshot: &Snapshot) -> String {
    lines(&draw(state, snapshot)).join("\n")
}

/// Presses a key: `C`, ` `, or by name.
fn press(state: &mut State, snapshot: &Snapshot, key: &str) -> Vec<Command> {
    let mut modifiers = KeyModifiers::NONE;
    let code = match key {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "back-tab" => KeyCode::BackTab,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "page-up" => KeyCode::PageUp,
        "page-down" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        "space" => KeyCode::Char(' '),
        _ => {
            if key.starts_with("ctrl-") {
                modifiers = KeyModifiers::CONTROL;
            }
            KeyCode::Char(key.chars().last().unwrap())
        }
    };
    state.update(snapshot, Event::Key(KeyEvent::new(code, modifiers)))
}

/// Presses several.
fn type_keys(state: &mut State, snapshot: &Snapshot, keys: &[&str]) -> Vec<Command> {
    keys.iter().flat_map(|key| press(state, snapshot, key)).collect()
}

/// A view of a screen that has taken in what it shows.
fn on(screen: ScreenKind, width: u16, height: u16, snapshot: impl Fn(usize) -> Snapshot) -> (State, Snapshot) {
    let mut state = state(width, height);
    let number = ScreenKind::ALL.iter().position(|other| *other == screen).unwrap() + 1;
    press(&mut state, &Snapshot::default(), &number.to_string());
    let snapshot = snapshot(state.rows());
    state.update(&snapshot, Event::Refreshed);
    (state, snapshot)
}

/// A view that has taken in its first page.
fn at_work(width: u16, height: u16) -> (State, Snapshot) {
    let mut state = state(width, height);
    let snapshot = fixtures::busy(state.rows());
    state.update(&snapshot, Event::Refreshed);
    (state, snapshot)
}
