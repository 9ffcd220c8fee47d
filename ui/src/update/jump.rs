//! Opening what is highlighted, and jumping between screens: from a worker to its task, from a task to its log lines.

use crate::{
    clock::{date_time, duration},
    command::{Command, LogFrom},
    snapshot::{Level, Node, ScreenKind, Snapshot, Summary, TaskId, Worker},
    state::{FleetRow, Note, Popup, State, Tone},
    text::{number, seconds},
};

impl State {
    pub(super) fn open(&mut self, snapshot: &Snapshot, commands: &mut Vec<Command>) {
        match self.screen {
            ScreenKind::Tasks => {
                if let Some(id) = self.tasks.focused(snapshot).map(|row| row.id.clone()) {
                    self.details_of(id, commands);
                }
            }
            ScreenKind::Workers => self.open_worker(snapshot, commands),
            ScreenKind::Benchmarks => {
                let highlighted = self.history.table.highlighted();
                let row = self.history.rows(snapshot).into_iter().find(|row| Some(&row.timed) == highlighted);
                self.read(row.map(figures));
            }
            ScreenKind::Logs => {
                let line = snapshot.logs.iter().flat_map(|logs| &logs.lines);
                let line = line.into_iter().find(|line| Some(&line.seq) == self.logs.table.highlighted());
                let fields = line.map(|line| {
                    let at = date_time(line.at, snapshot.utc_offset_s);
                    note(
                        "Log line",
                        [
                            ("time", at),
                            ("level", line.level.word().to_owned()),
                            ("target", line.target.clone()),
                            ("text", line.text.clone()),
                        ],
                    )
                });
                self.read(fields);
            }
            ScreenKind::Audit => {
                let row =
                    self.audit.rows(snapshot).into_iter().find(|row| Some(&row.seq) == self.audit.table.highlighted());
                let fields = row.map(|row| {
                    let at = date_time(row.at, snapshot.utc_offset_s);
                    let [who, door, action, object, result] =
                        [&row.actor, &row.door, &row.action, &row.object, &row.result].map(Clone::clone);
                    note(
                        "Audit",
                        [
                            ("time", at),
                            ("who", who),
                            ("door", door),
                            ("action", action),
                            ("object", object),
                            ("result", result),
                        ],
                    )
                });
                self.read(fields);
            }
        }
    }

    fn read(&mut self, note: Option<Note>) {
        if let Some(note) = note {
            self.popup = Some(Popup::Note(note));
        }
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
            Some(FleetRow::Worker(worker)) => self.popup = Some(Popup::Note(about_worker(worker))),
            Some(FleetRow::Node(node)) => {
                self.popup = Some(Popup::Note(about_node(node, fleet.workers.len(), snapshot.utc_offset_s)));
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
                let highlighted = self.history.table.highlighted();
                let row = self.history.rows(snapshot).into_iter().find(|row| Some(&row.timed) == highlighted)?;
                let fields = figures(row).fields.into_iter().map(|(name, value)| format!("{name}: {value}"));
                Some(fields.collect::<Vec<_>>().join("; "))
            }
            ScreenKind::Logs => {
                let mut lines = snapshot.logs.iter().flat_map(|logs| &logs.lines);
                let line = lines.find(|line| Some(&line.seq) == self.logs.table.highlighted())?;
                let at = date_time(line.at, snapshot.utc_offset_s);
                Some(format!("{at} {} {}: {}", line.level.word(), line.target, line.text))
            }
            ScreenKind::Audit => {
                let mut rows = self.audit.rows(snapshot).into_iter();
                rows.find(|row| Some(&row.seq) == self.audit.table.highlighted()).map(|row| row.object.clone())
            }
        }
    }
}

fn note<const N: usize>(title: &str, fields: [(&str, String); N]) -> Note {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Note { title: title.to_owned(), fields, from: 0 }
}

fn figures(row: &Summary) -> Note {
    let stats = &row.stats;
    let newest = row.comparison.map_or_else(
        || "too few runs to compare".to_owned(),
        |compared| {
            let (newest, before) = (number(compared.newest), number(compared.before));
            format!("{newest} newest runs take {:.2} times as long as the {before} before", compared.ratio)
        },
    );
    note(
        "Figures",
        [
            ("use case", row.timed.use_case.clone()),
            ("device", row.timed.device.clone()),
            ("time", row.timed.measure.word().to_owned()),
            ("runs", format!("{}, {:.1} an hour", number(stats.n), row.per_hour)),
            ("mean ± std", format!("{} ± {}", seconds(stats.mean), seconds(stats.std))),
            ("min – max", format!("{} – {}", seconds(stats.min), seconds(stats.max))),
            ("p50", seconds(stats.p50)),
            ("p95", seconds(stats.p95)),
            ("p99", seconds(stats.p99)),
            ("newest", newest),
        ],
    )
}

fn about_worker(worker: &Worker) -> Note {
    let mean = worker.mean_s.map_or_else(|| "no task yet".to_owned(), seconds);
    note(
        "Worker",
        [
            ("name", worker.name.clone()),
            ("node", worker.node.clone()),
            ("device", worker.device.clone()),
            ("state", if worker.draining { "draining, idle" } else { "idle" }.to_owned()),
            ("done", number(worker.done)),
            ("failed", number(worker.failed)),
            ("mean time", mean),
        ],
    )
}

fn about_node(node: &Node, workers: usize, offset_s: i32) -> Note {
    let up = duration(node.heartbeat - node.started);
    note(
        "Node",
        [
            ("name", node.name.clone()),
            ("version", node.version.clone()),
            ("started", format!("{}, {up} before its last heartbeat", date_time(node.started, offset_s))),
            ("heartbeat", date_time(node.heartbeat, offset_s)),
            ("threads", number(node.threads as u64)),
            ("workers", format!("{} in all", number(workers as u64))),
        ],
    )
}
