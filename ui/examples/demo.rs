//! Draws a canned server in this terminal, to look at the console without a server:
//! `cargo run --release -p cipherdeck-ui --example demo`. Every key works, nothing lasts; Ctrl-C twice ends it.
//! `demo ascii`, `demo light|basic|mono` try other terminals, `demo viewer` another role, `demo empty|stale|nogpu`
//! other servers.
#![allow(missing_docs, clippy::print_stderr, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)]
#[path = "../tests/screens/fixtures/mod.rs"]
mod fixtures;

use std::{collections::VecDeque, time::Duration};

use cipherdeck_ui::{
    Answer, Command, Event, Gathered, Go, LogFrom, LogQuery, Look, Query, Role, Screen, Snapshot, State, Tab,
    TaskState,
    snapshot::{Gpus, LogLine, Logs, Page, Total},
    state::{Memory, Tone},
    theme::{Charset, Palette},
};
use crossterm::event::{self, Event as Input};

/// What a real host keeps elsewhere.
struct Host {
    snapshot: Snapshot,
    lines: Vec<LogLine>,
    events: VecDeque<Event>,
}

fn main() -> std::io::Result<()> {
    let mut look = Look::default();
    let mut host = Host {
        snapshot: fixtures::busy(0),
        lines: (0..fixtures::console::LINES).map(fixtures::console::log_line).collect(),
        events: VecDeque::new(),
    };
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "ascii" => look.charset = Charset::Ascii,
            "light" => look.palette = Palette::Light,
            "basic" => look.palette = Palette::Basic,
            "mono" => look.palette = Palette::Mono,
            "viewer" => host.snapshot.role = Role::Viewer,
            "empty" => host.snapshot = fixtures::empty(),
            "nogpu" => host.snapshot.gpus = Gpus::Absent("this machine has no NVIDIA driver".to_owned()),
            "stale" => host.snapshot.alerts = fixtures::disconnected(0).alerts,
            other => eprintln!("{other}? There are ascii, light, basic, mono, viewer, empty, nogpu, stale."),
        }
    }
    let mut terminal = ratatui::try_init()?;
    let size = terminal.size()?;
    let mut state = State::new(look, size.width, size.height);
    host.events.push_back(Event::Refreshed);
    loop {
        while let Some(event) = host.events.pop_front() {
            for command in state.update(&host.snapshot, event) {
                if matches!(command, Command::Leave | Command::Drain) {
                    return ratatui::try_restore();
                }
                host.execute(command);
            }
        }
        state.update(&host.snapshot, Event::Tick(host.snapshot.now));
        let screen = Screen { state: &state, snapshot: &host.snapshot };
        terminal.draw(|frame| frame.render_widget(screen, frame.area()))?;
        if !event::poll(Duration::from_secs(1))? {
            if state.frozen.is_none() {
                host.snapshot.now += 1_000;
            }
            continue;
        }
        host.events.extend(match event::read()? {
            Input::Key(key) => Some(Event::Key(key)),
            Input::Paste(text) => Some(Event::Paste(text)),
            Input::Resize(width, height) => Some(Event::Resize { width, height }),
            _ => None,
        });
    }
}

impl Host {
    fn execute(&mut self, command: Command) {
        match command {
            Command::Load(query) => self.load(&query),
            Command::Logs(query) => self.snapshot.logs = Some(self.window(&query)),
            Command::Audit(query) => {
                let before = self.snapshot.audit.as_ref().map_or(0, |page| page.before);
                let before = moved(before, query.go, query.limit as u64);
                self.snapshot.audit = Some(fixtures::console::audit(before, query.limit));
            }
            Command::History(query) => {
                let mut history = fixtures::console::history();
                history.span = query.span;
                let chosen = query.chosen.and_then(|timed| history.rows.iter().find(|row| row.timed == timed));
                let chosen = chosen.or(history.rows.first());
                history.chosen =
                    chosen.map(|row| fixtures::console::chosen(row, query.span, query.buckets, query.classes));
                self.snapshot.history = Some(history);
            }
            Command::Watch(id) => {
                self.snapshot.watched = id.and_then(|id| self.snapshot.row(&id).cloned());
                self.snapshot.detail = fixtures::console::detail();
            }
            Command::Gather { tab, filter } => {
                let memory =
                    Memory { state: TaskState::Queued, use_case: "weight_stats".into(), uid_tag: "3f2a91bc".into() };
                let tasks = (0..1_234).map(|n| (fixtures::id(n), memory.clone())).collect();
                self.events.push_back(Event::Gathered(Gathered { tab, filter, tasks, truncated: false }));
            }
            Command::Act { action, targets } => {
                let answers = targets.into_iter().map(|target| (target, Answer::Done)).collect();
                self.events.push_back(Event::Answered { action, answers, last: true });
            }
            Command::Export(_) => {
                let text = "12,034 runs are in /var/lib/cipherdeck/runs-2026-11-22.csv".to_owned();
                self.events.push_back(Event::Said { tone: Tone::Good, text });
            }
            _ => return,
        }
        self.events.push_back(Event::Refreshed);
    }

    fn load(&mut self, query: &Query) {
        if self.snapshot.counts.total() == 0 {
            self.snapshot.page = Some(Page { tab: query.tab, ..Page::default() });
            return;
        }
        let before = self.snapshot.page.as_ref().map_or(0, |page| page.before);
        let before = moved(before, query.go, query.limit as u64);
        let mut page =
            if query.tab == Tab::All { fixtures::busy(200) } else { fixtures::busy_tab(query.tab, 200) }.page;
        if let Some(page) = &mut page {
            page.rows = page.rows.iter().skip(before as usize % 150).take(query.limit).cloned().collect();
            page.before = before;
            if !query.filter.is_empty() {
                page.total = Total::AtLeast(page.rows.len() as u64);
            }
        }
        self.snapshot.page = page;
    }

    /// What a host does with the ring of log lines.
    fn window(&self, query: &LogQuery) -> Logs {
        let text = query.text.to_lowercase();
        let matches = |line: &&LogLine| line.level >= query.level && line.text.to_lowercase().contains(&text);
        let all: Vec<_> = self.lines.iter().filter(matches).collect();
        let limit = query.limit.min(all.len());
        let at = |seq: u64| all.partition_point(|line| line.seq < seq);
        let start = match query.from {
            LogFrom::Newest => all.len() - limit,
            LogFrom::Oldest => 0,
            LogFrom::Before(seq) => at(seq).saturating_sub(limit),
            LogFrom::After(seq) => at(seq + 1),
            LogFrom::Until(seq) => at(seq + 1).saturating_sub(limit),
        }
        .min(all.len() - limit);
        let lines = all.iter().skip(start).take(limit).map(|line| (*line).clone()).collect();
        Logs { lines, older: start as u64, newer: (all.len() - start - limit) as u64 }
    }
}

/// Where a page begins after a step.
fn moved(before: u64, go: Go, limit: u64) -> u64 {
    match go {
        Go::First => 0,
        Go::Next => before + limit,
        Go::Previous => before.saturating_sub(limit),
        Go::Same => before,
    }
}
