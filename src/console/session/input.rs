//! Keys go to the state, its commands are executed here.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use cipherdeck_ui::{Command, Event, Go, Query, TaskId as ShownId};
use crossterm::event::Event as TerminalEvent;
use ratatui::{backend::Backend, layout::Size};
use tokio::time::Instant;

use super::Session;
use crate::console::{
    Exit, actions,
    pager::{Place, Start},
};

/// A terminal may claim any size; nobody reads more than this.
const MAX_SIZE: (u16, u16) = (1_000, 500);

impl<B> Session<B>
where
    B: Backend + io::Write,
    B::Error: Send + Sync + 'static,
{
    pub(super) fn terminal_event(&mut self, event: TerminalEvent) {
        match event {
            TerminalEvent::Key(key) => self.update(Event::Key(key)),
            TerminalEvent::Paste(text) => self.update(Event::Paste(text)),
            TerminalEvent::Resize(width, height) => {
                let (width, height) = (width.clamp(1, MAX_SIZE.0), height.clamp(1, MAX_SIZE.1));
                // The next frame finds the new size and draws everything again.
                self.terminal.backend_mut().size = Size::new(width, height);
                self.update(Event::Resize { width, height });
            }
            _ => return,
        }
        self.drawn.dirty = true;
    }

    /// An event for the state; what it wants is done at once.
    pub(super) fn update(&mut self, event: Event) {
        for command in self.state.update(&self.snapshot, event) {
            self.execute(command);
        }
        self.watch_machine();
    }

    fn execute(&mut self, command: Command) {
        match command {
            Command::Load(query) => self.go(query),
            Command::Watch(id) => self.watch(id),
            Command::Act { action, ids } => {
                let (host, answers) = (self.host.clone(), self.answers.0.clone());
                let actor = self.actor.clone();
                tokio::spawn(async move { actions::execute(host, actor, action, ids, answers).await });
            }
            Command::Copy(text) => self.copy(&text),
            Command::Freeze(true) => {}
            Command::Freeze(false) => self.want_reload(),
            Command::Leave => self.exit = Some(Exit::Leave),
            Command::Drain => self.exit = Some(Exit::Drain),
        }
    }

    /// OSC 52: the terminal, also a distant one, puts the text into its clipboard.
    fn copy(&mut self, text: &str) {
        let terminal = &mut self.terminal.backend_mut().inner;
        let encoded = STANDARD.encode(text);
        // A terminal that cannot be written to is noticed at the next frame.
        let _ = write!(terminal, "\x1b]52;c;{encoded}\x07").and_then(|()| io::Write::flush(terminal));
    }

    /// Another page, or the same one with another number of rows.
    fn go(&mut self, query: Query) {
        let Query { tab, filter, go, limit } = query;
        let here = self.place.start.clone();
        let other = tab != self.place.tab || filter != self.place.filter;
        let start = match go {
            Go::Same if !other => here,
            Go::Next if !other => match self.next.take() {
                Some(next) => {
                    self.before.push(here);
                    next
                }
                None => here,
            },
            Go::Previous if !other => self.before.pop().unwrap_or_default(),
            _ => {
                self.before.clear();
                Start::default()
            }
        };
        self.place = Place { tab, filter, start, limit };
        self.load_now();
    }

    fn watch(&mut self, id: Option<ShownId>) {
        // The row is on the page: it is shown until the store has answered.
        self.snapshot.watched = id.as_ref().and_then(|id| self.snapshot.row(id)).cloned();
        self.watched = id;
        if self.watched.is_some() {
            self.load_now();
        }
    }

    /// Reads for the operator do not wait for those under way, whose answers nobody needs any more.
    fn load_now(&mut self) {
        if let Some(loading) = self.loading.take() {
            loading.abort();
        }
        self.reload.wanted = true;
        self.reload.not_before = Instant::now();
        self.asked = true;
    }

    pub(super) fn answered(&mut self, answers: actions::Answers) {
        let actions::Answers { action, each: answers, last } = answers;
        self.update(Event::Answered { action, answers, last });
        self.want_reload();
        self.drawn.dirty = true;
    }
}
