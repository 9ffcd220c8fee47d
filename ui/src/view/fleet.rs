//! Nodes and workers: the list, and below it the machine.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Screen, bar,
    table::{Column, List, column},
};
use crate::{
    Target,
    clock::{Millis, age},
    layout::split,
    order,
    snapshot::{Node, Worker},
    state::{FRESH_MS, FleetRow},
    text::{count, fit, number, seconds},
    theme::Ink,
};

/// Lines of the panels below the list when they are to show graphs.
const PANELS: u16 = 8;

/// What the list shows, left to right.
fn columns<'a>() -> [Column<FleetRow<'a>>; 10] {
    [
        column!("NAME", 11..24, Left, 0, |row, screen, room| match row {
            FleetRow::Node(node) => screen.cell(Ink::Strong, fit(&node.name, room)),
            FleetRow::Worker(worker) => screen.cell(Ink::Text, fit(&format!("  {}", worker.short), room)),
        }),
        column!("STATE", 12..12, Left, 0, |row, screen, _| screen.fleet_state(row)),
        column!("TASK", 8..8, Left, 1, |row, screen, _| screen.doing(row, |screen, worker| {
            let id = worker.doing.as_ref().map(|doing| doing.id.short()).unwrap_or_default();
            screen.cell(Ink::Strong, id)
        })),
        column!("USE CASE", 14..18, Left, 3, |row, screen, room| match row {
            FleetRow::Node(node) => screen.cell(Ink::Dim, fit(&format!("version {}", node.version), room)),
            FleetRow::Worker(worker) => {
                let name = worker.doing.as_ref().map_or("", |doing| &doing.use_case);
                screen.cell(Ink::Text, fit(name, room))
            }
        }),
        column!("PROGRESS", 10..30, Left, 2, |row, screen, room| match row {
            FleetRow::Node(node) => screen.cell(Ink::Dim, fit(&count(node.threads, "thread", "threads"), room)),
            FleetRow::Worker(worker) => screen.worker_progress(worker, room),
        }),
        column!("RUNS", 10..10, Right, 4, |row, screen, _| match row {
            FleetRow::Node(node) => screen.cell(Ink::Dim, age(node.started, screen.snapshot.now)),
            FleetRow::Worker(worker) => {
                let since = worker.doing.as_ref().map(|doing| age(doing.started, screen.snapshot.now));
                screen.cell(Ink::Text, since.unwrap_or_default())
            }
        }),
        column!("DEVICE", 7..8, Left, 7, |row, screen, room| screen
            .doing(row, |screen, worker| { screen.cell(Ink::Dim, fit(&worker.device, room)) })),
        column!("DONE", 7..9, Right, 5, |row, screen, _| screen
            .doing(row, |screen, worker| { screen.cell(Ink::Text, number(worker.done)) })),
        column!("FAILED", 7..8, Right, 8, |row, screen, _| screen.doing(row, |screen, worker| {
            screen.cell(if worker.failed > 0 { Ink::Bad } else { Ink::Dim }, number(worker.failed))
        })),
        column!("MEAN", 7..8, Right, 6, |row, screen, _| screen
            .doing(row, |screen, worker| { screen.cell(Ink::Text, worker.mean_s.map(seconds).unwrap_or_default()) })),
    ]
}

/// The age of the last heartbeat stands last.
fn heard<'a>() -> Column<FleetRow<'a>> {
    column!("HEARD", 10..12, Right, 2, |row, screen, _| {
        let at = match row {
            FleetRow::Node(node) => node.heartbeat,
            FleetRow::Worker(worker) => worker.heartbeat,
        };
        screen.heartbeat(at)
    })
}

impl Screen<'_> {
    /// The screen of nodes and workers.
    pub(super) fn workers(&self, area: Rect, buffer: &mut Buffer) {
        let Some(fleet) = &self.snapshot.fleet else { return self.say_in(area, buffer, "loading") };
        let rows = self.state.fleet_rows(fleet);
        let panels = if self.state.panels { PANELS.min(area.height / 2) } else { 0 };
        let (top, below) = split(area, rows.len().max(1) + 2, panels, 30);
        let sort = self.state.fleet.sort.and_then(|sort| order::WORKERS.get(sort.order));
        let columns: Vec<_> = columns().into_iter().chain([heard()]).collect();
        let list = List {
            columns: &columns,
            rows: &rows.iter().collect::<Vec<_>>(),
            key: FleetRow::key,
            table: &self.state.fleet,
            sorted: sort.map(|order| order.title),
            snug: false,
            nothing: "no worker has been heard of",
        };
        self.list(top, buffer, &list);
        if self.state.panels {
            self.panels(below, buffer);
        }
    }

    /// A cell of workers only.
    fn doing(&self, row: &FleetRow<'_>, cell: impl FnOnce(&Self, &Worker) -> Line<'static>) -> Line<'static> {
        match row {
            FleetRow::Node(_) => Line::default(),
            FleetRow::Worker(worker) => cell(self, worker),
        }
    }

    /// Sign and word; an action under way comes first, then what is wrong.
    fn fleet_state(&self, row: &FleetRow<'_>) -> Line<'static> {
        let look = self.state.look;
        let (ink, sign, word) = match row {
            FleetRow::Node(Node { heartbeat, .. }) | FleetRow::Worker(Worker { heartbeat, .. })
                if self.is_lost(*heartbeat) =>
            {
                (Ink::Bad, look.pick("✗", "x"), "lost")
            }
            FleetRow::Node(Node { draining: true, .. }) => (Ink::Warn, look.pick("◌", "~"), "draining"),
            FleetRow::Node(_) => (Ink::Good, look.pick("●", "*"), "alive"),
            FleetRow::Worker(worker) => match self.state.pending.get(&Target::Worker(worker.name.clone())) {
                Some(action) => (Ink::Warn, look.pick("◌", "~"), action.pending()),
                None if worker.draining => (Ink::Warn, look.pick("◌", "~"), "draining"),
                None if worker.doing.is_some() => (Ink::Accent, look.pick("▸", ">"), "busy"),
                None => (Ink::Text, look.pick("○", "."), "idle"),
            },
        };
        self.cell(ink, format!("{sign} {word}"))
    }

    fn worker_progress(&self, worker: &Worker, room: usize) -> Line<'static> {
        let Some(doing) = &worker.doing else { return Line::default() };
        let share = doing.progress.unwrap_or(0.0).clamp(0.0, 1.0);
        let (filled, rest) = bar(share, room.saturating_sub(6), self.state.look.charset);
        Line::from(vec![
            self.span(Ink::Accent, filled),
            self.span(Ink::Dim, self.state.look.pick("░", ".").repeat(rest)),
            self.span(Ink::Text, format!(" {:>3.0} %", (share * 100.0).floor())),
        ])
    }

    pub(super) fn is_lost(&self, heartbeat: Millis) -> bool {
        let patience = self.snapshot.fleet.as_ref().map_or(i64::MAX, |fleet| fleet.lost_after_ms);
        self.snapshot.now.saturating_sub(heartbeat) > patience
    }

    /// The age of a heartbeat; one of the last seconds is "now".
    fn heartbeat(&self, at: Millis) -> Line<'static> {
        if self.snapshot.now.saturating_sub(at) < FRESH_MS {
            return self.cell(Ink::Dim, "now");
        }
        self.cell(if self.is_lost(at) { Ink::Bad } else { Ink::Warn }, age(at, self.snapshot.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_workers_are_sorted_by_is_one_of_the_columns() {
        let titles: Vec<_> = columns().iter().chain([&heard()]).map(|column| column.title).collect();
        assert!(order::WORKERS.iter().all(|order| titles.contains(&order.title)), "{titles:?}");
    }
}
