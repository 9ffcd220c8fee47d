//! Opening what is highlighted, and jumping between screens: from a worker to its task, from a task to its log lines.

use super::notes;
use crate::{
    clock::date_time,
    command::{Command, LogFrom},
    snapshot::{AuditRow, Level, LogLine, ScreenKind, Snapshot, Summary, TaskId, Worker},
    state::{FleetRow, Popup, State, Tone},
};

impl State {
    pub(super) fn open(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        let offset_s = snapshot.utc_offset_s;
        let note = match self.screen {
            ScreenKind::Tasks => {
                if let Some(id) = self.tasks.focused(snapshot).map(|row| row.id.clone()) {
                    self.details_of(id, commands);
                }
                return;
            }
            ScreenKind::Workers => return self.open_worker(snapshot, commands),
            ScreenKind::Benchmarks => {
                let rule = snapshot.history.as_ref().map_or("", |history| &history.rule);
                self.focused_summary(snapshot).map(|row| notes::figures(row, rule))
            }
            ScreenKind::Logs => self.focused_line(snapshot).map(|line| notes::line(line, offset_s)),
            ScreenKind::Audit => self.focused_act(snapshot).map(|row| notes::act(row, offset_s)),
        };
        if let Some(note) = note {
            self.popup = Some(Popup::Note(note));
        }
    }

    fn focused_summary<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Summary> {
        let highlighted = self.history.table.highlighted()?;
        snapshot.history.as_ref()?.rows.iter().find(|row| row.timed == *highlighted)
    }

    fn focused_line<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a LogLine> {
        let highlighted = self.logs.table.highlighted()?;
        snapshot.logs.as_ref()?.lines.iter().find(|line| line.seq == *highlighted)
    }

    fn focused_act<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a AuditRow> {
        let highlighted = self.audit.table.highlighted()?;
        snapshot.audit.as_ref()?.rows.iter().find(|row| row.seq == *highlighted)
    }

    /// Opens the details of a task; the host keeps them up to date.
    pub(super) fn details_of(&mut self, id: TaskId, commands: &mut Vec<Command>) {
        self.tasks.details = Some(id.clone());
        self.tasks.details_from = 0;
        self.tasks.details_awaited = true;
        commands.push(Command::Watch(Some(id)));
    }

    fn open_worker(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        let Some(fleet) = &snapshot.fleet else { return };
        let rows = self.fleet_rows(fleet);
        let row = rows.iter().find(|row| Some(&row.key()) == self.fleet.highlighted());
        match row {
            Some(FleetRow::Worker(Worker { doing: Some(doing), .. })) => {
                self.show_screen(ScreenKind::Tasks, commands);
                self.came_from = Some(ScreenKind::Workers);
                self.details_of(doing.id.clone(), commands);
            }
            Some(FleetRow::Worker(worker)) => self.popup = Some(Popup::Note(notes::worker(worker))),
            Some(FleetRow::Node(node)) => {
                let workers = fleet.workers.iter().filter(|worker| worker.node == node.name).count();
                self.popup = Some(Popup::Note(notes::node(node, workers, snapshot.utc_offset_s)));
            }
            None => {}
        }
    }

    /// The log lines that name the task.
    pub(super) fn log_lines(&mut self, commands: &mut Vec<Command>) {
        let Some(id) = self.tasks.details.clone().or_else(|| self.tasks.table.highlighted().cloned()) else { return };
        self.show_screen(ScreenKind::Logs, commands);
        self.came_from = Some(ScreenKind::Tasks);
        id.as_str().clone_into(&mut self.logs.text);
        self.logs.level_before.get_or_insert(self.logs.level);
        self.logs.level = Level::Trace;
        self.logs.from = LogFrom::Newest;
    }

    pub(super) fn copy(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        if let Some(text) = self.copyable(snapshot) {
            self.say(Tone::Note, format!("copied {text}"));
            commands.push(Command::Copy(text));
        }
    }

    /// What the key copies: id, name, line.
    fn copyable(&self, snapshot: &Snapshot) -> Option<String> {
        match self.screen {
            ScreenKind::Tasks => self.tasks.focused(snapshot).map(|row| row.id.as_str().to_owned()),
            ScreenKind::Workers => self.fleet.highlighted().map(|key| key.name().to_owned()),
            ScreenKind::Benchmarks => {
                let fields = notes::figures(self.focused_summary(snapshot)?, "").fields;
                let fields = fields.into_iter().map(|(name, value)| format!("{name}: {value}"));
                Some(fields.collect::<Vec<_>>().join("; "))
            }
            ScreenKind::Logs => {
                let line = self.focused_line(snapshot)?;
                let at = date_time(line.at, snapshot.utc_offset_s);
                Some(format!("{at} {} {}: {}", line.level.word(), line.target, line.text))
            }
            ScreenKind::Audit => self.focused_act(snapshot).map(|row| row.object.clone()),
        }
    }
}
