//! Keys go to the state, its commands are executed here.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use cipherdeck_ui::{Command, Event, Go, Query, TaskId as ShownId, snapshot::Detail, state::Tone};
use crossterm::event::Event as TerminalEvent;
use ratatui::{backend::Backend, layout::Size};

use super::Session;
use crate::{
    console::{
        Exit,
        pager::{Place, Start},
        work,
    },
    operator::{Denied, Role},
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
            // The terminal showed something else meanwhile. One that fails is noticed at the next frame.
            TerminalEvent::FocusGained => {
                let _ = self.terminal.clear();
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
        self.watch();
    }

    fn execute(&mut self, command: Command) {
        let (host, actor, news) = (self.host.clone(), self.actor.clone(), self.news.0.clone());
        match command {
            Command::Look(screen) => self.look(screen),
            Command::Load(query) => self.go(query),
            Command::History(query) => self.show_history(query),
            Command::Logs(query) => self.show_logs(query),
            Command::Audit(query) => self.show_audit(query),
            Command::Watch(id) => self.open(id),
            Command::Gather { tab, filter } => drop(tokio::spawn(work::gather(host, tab, filter, news))),
            Command::Act { action, targets } => drop(tokio::spawn(work::act(host, actor, action, targets, news))),
            Command::Export(span) => drop(tokio::spawn(work::export(host, actor, span, news))),
            Command::Copy(text) => self.copy(&text),
            Command::Freeze(true) => {}
            Command::Freeze(false) => {
                self.main.want();
                self.aside.want();
            }
            Command::Leave => self.exit = Some(Exit::Leave),
            Command::Drain if self.actor.role < Role::Operator => self.refuse_drain(),
            Command::Drain => self.exit = Some(Exit::Drain),
        }
    }

    /// Whatever the screen offered: who may only look does not stop the server.
    fn refuse_drain(&mut self) {
        let denied = Denied { role: self.actor.role };
        let (desk, actor, address) = (self.host.desk.clone(), self.actor.clone(), self.host.address.to_string());
        tokio::spawn(async move { desk.record(&actor, "drain", address, "denied").await });
        self.update(Event::Said { tone: Tone::Bad, text: denied.to_string() });
    }

    /// The operator leaves; who stops the server is in the audit log.
    pub(super) async fn leave(self, exit: Exit) -> io::Result<Exit> {
        if exit == Exit::Drain {
            self.host.desk.record(&self.actor, "drain", self.host.address.to_string(), "done").await;
        }
        Ok(exit)
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
        self.main.ask();
    }

    /// Details of a task, or of none.
    fn open(&mut self, id: Option<ShownId>) {
        // The row is on the page: it is shown until the store has answered.
        self.snapshot.watched = id.as_ref().and_then(|id| self.snapshot.row(id)).cloned();
        self.snapshot.detail = Detail::default();
        self.watched = id;
        if self.watched.is_some() {
            self.main.ask();
        }
    }

    /// What became of something the operator asked for.
    pub(super) fn told(&mut self, news: Event) {
        let changed = matches!(news, Event::Answered { .. });
        self.update(news);
        if changed {
            self.main.want();
            self.event_aside();
        }
        self.drawn.dirty = true;
    }
}
