//! Every field of one task, its timeline and its error.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Borders, Clear, Paragraph, Widget},
};

use super::Screen;
use crate::{
    clock::{Millis, age, date_time, duration, is_same_day, time},
    snapshot::{Row, TaskState},
    text::{bytes, fit, number, width, wrap},
    theme::Ink,
};

/// Cells for the names of fields.
const LABEL: usize = 11;
/// Most cells of a bar with its percentage.
const BAR: usize = 22;
/// Cells of the longest guess, `~23 h 59 min`: kept free, so that the bar keeps its length while the guess changes.
const GUESS: usize = 12;
/// Cells between the parts of a line.
const GAP: usize = 2;

impl Screen<'_> {
    pub(super) fn details(&self, area: Rect, buffer: &mut Buffer) {
        let Some(id) = &self.state.tasks.details else { return };
        Clear.render(area, buffer);
        buffer.set_style(area, self.style(Ink::Text));
        let title = self.span(Ink::Accent, format!(" task {} ", id.short()));
        let borders = if area.width < self.state.area.width { Borders::LEFT | Borders::TOP } else { Borders::TOP };
        let block = Block::new()
            .borders(borders)
            .border_set(self.state.look.border())
            .border_style(self.style(Ink::Dim))
            .title(title);
        let inner = block.inner(area);
        block.render(area, buffer);
        let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        let lines = match self.snapshot.row(id) {
            Some(row) => self.fields(row, usize::from(inner.width), inner.height),
            None if self.state.tasks.details_awaited || self.snapshot.page.is_none() => {
                vec![Line::from(self.span(Ink::Dim, "loading"))]
            }
            None => vec![Line::from(self.span(Ink::Dim, "This task is gone: it was deleted, or has expired."))],
        };
        let from = self.state.tasks.details_from.min(lines.len().saturating_sub(usize::from(inner.height)));
        Paragraph::new(lines.into_iter().skip(from).collect::<Vec<_>>()).render(inner, buffer);
    }

    fn fields(&self, row: &Row, room: usize, height: u16) -> Vec<Line<'static>> {
        let value = room.saturating_sub(LABEL);
        let field = |label: &str, ink: Ink, text: String| {
            Line::from(vec![self.span(Ink::Dim, format!("{label:<LABEL$}")), self.span(ink, fit(&text, value))])
        };
        let text = |label: &str, text: String| field(label, Ink::Text, text);
        let mut lines = vec![field("id", Ink::Strong, row.id.as_str().to_owned()), self.state_line(row, room)];
        lines.extend(self.error(row, value));
        // A low screen has no room for air.
        let gap = height >= 20;
        lines.extend(gap.then(Line::default));
        lines.extend(self.life(row, room));
        lines.extend(gap.then(Line::default));
        lines.push(text("use case", row.use_case.clone()));
        lines.push(text("user", format!("{}  (tag of the uid)", row.uid_tag)));
        if row.client != row.uid_tag {
            lines.push(text("client", row.client.clone()));
        }
        lines.push(text("needs", row.capability.clone()));
        let priority = if row.priority == 0 { "normal".to_owned() } else { format!("{:+}", row.priority) };
        lines.push(text("attempts", format!("{}, priority {priority}", row.attempt)));
        if let Some(worker) = &row.worker {
            lines.push(text("worker", worker.clone()));
            lines.push(text("device", row.device.clone().unwrap_or_default()));
        }
        lines.push(text("input", bytes(row.input_bytes)));
        lines.extend(row.result_bytes.map(|n| text("result", bytes(n))));
        lines.extend(self.tries(room));
        lines.extend(self.task_log(room));
        lines
    }

    /// Where it stands, with what belongs to that.
    fn state_line(&self, row: &Row, room: usize) -> Line<'static> {
        let mut line = Line::from(self.span(Ink::Dim, format!("{:<LABEL$}", "state")));
        line.extend(self.state_cell(row).spans);
        match row.state {
            TaskState::Queued => {
                let place = row.position.map(|place| format!("  place {}", number(place))).unwrap_or_default();
                line.push_span(self.span(Ink::Text, place));
            }
            TaskState::Started if !row.cancelling && self.pending(row).is_none() => {
                let bar = room.saturating_sub(line.width() + GAP + GAP + GUESS).min(BAR);
                line.push_span(Span::raw(" ".repeat(GAP)));
                line.extend(self.progress(row, bar).spans);
                line.push_span(self.span(Ink::Dim, format!("{:GAP$}{}", "", self.left(row))));
            }
            _ => {}
        }
        line
    }

    fn error(&self, row: &Row, room: usize) -> Vec<Line<'static>> {
        let Some(label) = &row.failure else { return Vec::new() };
        let sentence = format!("{label}: {}", row.failure_detail.as_deref().unwrap_or_default());
        let lines = wrap(sentence.trim_end_matches([':', ' ']), room).into_iter().take(6).enumerate();
        lines
            .map(|(index, text)| {
                let label = if index == 0 { "error" } else { "" };
                Line::from(vec![self.span(Ink::Dim, format!("{label:<LABEL$}")), self.span(Ink::Bad, text)])
            })
            .collect()
    }

    /// Each step with the time since the one before.
    fn life(&self, row: &Row, room: usize) -> Vec<Line<'static>> {
        let ended = match row.state {
            TaskState::Failure => "failed",
            TaskState::Revoked => "revoked",
            _ => "finished",
        };
        let steps = [
            ("received", Some(row.received), ""),
            ("queued", Some(row.created), "uploaded in"),
            ("started", row.started, "waited"),
            (ended, row.finished, if row.started.is_some() { "ran" } else { "waited" }),
            ("fetched", row.fetched, "after"),
        ];
        let offset = self.snapshot.utc_offset_s;
        let mut lines = Vec::new();
        let mut before: Option<Millis> = None;
        for (name, at, what) in steps {
            let Some(at) = at else { continue };
            // The date once, then again when it is another day.
            let same_day = before.is_some_and(|before| is_same_day(before, at, offset));
            let shown = if same_day { time(at, offset) } else { date_time(at, offset) };
            let took = before.map(|before| format!("{what} {}", duration(at - before))).unwrap_or_default();
            lines.push(self.step(name, &shown, &took, room));
            before = Some(at);
        }
        if let Some(since) = row.counting_since() {
            let doing = if row.state == TaskState::Queued { "waits" } else { "runs" };
            let label = self.span(Ink::Dim, format!("{:<LABEL$}", "now"));
            lines.push(Line::from(vec![
                label,
                self.span(Ink::Text, format!("{doing} {}", age(since, self.snapshot.now))),
            ]));
        }
        lines.extend(row.expires.map(|at| self.step("expires", &date_time(at, offset), "", room)));
        lines
    }

    fn step(&self, name: &str, at: &str, took: &str, room: usize) -> Line<'static> {
        let rest = room.saturating_sub(LABEL + width(at));
        Line::from(vec![
            self.span(Ink::Dim, format!("{name:<LABEL$}")),
            self.span(Ink::Text, at),
            self.span(Ink::Dim, fit(&format!("   {took}"), rest)),
        ])
    }
}
