//! An event changes the state and yields commands. Nothing else changes it.

mod act;
mod answers;
mod change;
mod jump;
mod moves;
mod notes;
mod screens;
mod select;
mod typing;

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::Rect;

use crate::{
    action::{Action, Target},
    clock::Millis,
    command::{Command, Gathered},
    keymap::{self, Act, Context},
    snapshot::{Role, Snapshot, TaskState},
    state::{State, Tone},
};

/// A message stays this long.
const TOAST_MILLIS: i64 = 12_000;

/// What became of an action on one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Done,
    /// Accepted: the worker stops it at its next step.
    Stopping,
    /// Refused, because it stands here.
    Refused(TaskState),
    /// There is none any more.
    Gone,
    /// The store failed, and said this.
    Failed(String),
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A key.
    Key(KeyEvent),
    /// Pasted text.
    Paste(String),
    /// The terminal's size.
    Resize {
        /// Columns.
        width: u16,
        /// Lines.
        height: u16,
    },
    /// Some list of the snapshot has other rows.
    Refreshed,
    /// The screen is about to be drawn, at this time: the present, also while the snapshot is frozen.
    Tick(Millis),
    /// Answers to [`Command::Act`].
    Answered {
        /// What was asked for.
        action: Action,
        /// Per target.
        answers: Vec<(Target, Answer)>,
        /// There are no more to come.
        last: bool,
    },
    /// The answer to [`Command::Gather`]. When it fails: [`Event::Said`].
    Gathered(Gathered),
    /// Something to tell the operator: the file of an export, or why something failed.
    Said {
        /// How it is meant.
        tone: Tone,
        /// Words.
        text: String,
    },
}

impl State {
    /// Takes an event. `snapshot` is what the screen shows.
    pub fn update(&mut self, snapshot: &Snapshot, event: Event) -> Vec<Command> {
        let mut commands = Vec::new();
        match event {
            Event::Key(key) => self.key(snapshot, &key, &mut commands),
            Event::Paste(text) => self.paste(&text),
            Event::Resize { width, height } => self.area = Rect::new(0, 0, width, height),
            Event::Refreshed => self.refreshed(snapshot, &mut commands),
            Event::Tick(now) => self.tick(now),
            Event::Answered { action, answers, last } => self.answered(action, &answers, last),
            Event::Gathered(gathered) => self.gathered(gathered),
            Event::Said { tone, text } => self.report(tone, text),
        }
        self.settle(&mut commands);
        commands
    }

    fn key(&mut self, snapshot: &Snapshot, key: &KeyEvent, commands: &mut Vec<Command>) {
        if key.kind == KeyEventKind::Release {
            return;
        }
        let context = self.context();
        self.complaint = None;
        self.toast = self.toast.take().filter(|toast| toast.news || !toast.is_seen());
        match keymap::lookup(context, snapshot.role, key) {
            // On a screen that is too small to show what would happen, nothing happens.
            Some(act) if self.layout().is_none() && act != Act::Interrupt => {}
            Some(act) => self.act(act, key, snapshot, commands),
            None if context == Context::Filter => self.type_key(key),
            None if keymap::lookup(context, Role::Operator, key).is_some() => {
                self.say(Tone::Note, "a viewer looks and changes nothing");
            }
            None => {}
        }
    }

    /// A message's time begins when it is drawn first: one that comes while a filter is typed waits.
    fn tick(&mut self, now: Millis) {
        self.now = now;
        if let Some(toast) = self.toast.as_mut().filter(|_| self.typing.is_none()) {
            let until = *toast.until.get_or_insert(now.saturating_add(TOAST_MILLIS));
            if until <= now {
                self.toast = None;
            }
        }
    }
}
