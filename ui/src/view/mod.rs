//! State and snapshot become cells. Nothing here changes either.

mod bar;
mod chart;
mod details;
mod fleet;
mod footer;
mod graph;
mod header;
mod history;
mod logs;
mod machine;
mod panels;
mod popup;
mod question;
mod record;
mod status;
mod table;
mod tabs;
mod tasks;
mod timeline;

use ratatui::{
    buffer::Buffer,
    layout::{Alignment, Rect},
    text::{Line, Span},
    widgets::{Paragraph, Widget},
};

use crate::{
    layout::{Layout, MIN_SIZE},
    snapshot::{ScreenKind, Snapshot},
    state::State,
    text::{clean, number},
    theme::{Charset, Ink},
};

pub use bar::bar;
pub use graph::Graph;

/// The whole screen.
#[derive(Debug, Clone, Copy)]
pub struct Screen<'a> {
    /// What the view remembers.
    pub state: &'a State,
    /// What there is to show.
    pub snapshot: &'a Snapshot,
}

impl Widget for Screen<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        buffer.set_style(area, self.style(Ink::Text));
        match Layout::of(area, self.state.screen, self.state.shows_details(), self.state.panels) {
            Some(layout) => {
                self.identity(layout.identity, buffer);
                self.figures(layout.figures, buffer);
                // On a low screen an alert takes the place of the names.
                if layout.screens != layout.alerts || self.snapshot.alerts.is_empty() {
                    self.screens(layout.screens, buffer);
                }
                self.alerts(layout.alerts, buffer);
                self.tabs(layout.tabs, buffer);
                self.body(layout.table, buffer);
                layout.details.into_iter().for_each(|part| self.details(part, buffer));
                layout.machine.into_iter().for_each(|part| self.machine(part, buffer));
                self.status(layout.status, buffer);
                self.footer(layout.footer, buffer);
                self.popup(area, buffer);
            }
            None => self.too_small(area, buffer),
        }
        if self.state.look.charset == Charset::Ascii {
            to_ascii(area, buffer);
        }
    }
}

impl Screen<'_> {
    fn body(&self, area: Rect, buffer: &mut Buffer) {
        match self.state.screen {
            ScreenKind::Tasks => self.tasks(area, buffer),
            ScreenKind::Workers => self.workers(area, buffer),
            ScreenKind::Benchmarks => self.history(area, buffer),
            ScreenKind::Logs => self.logs(area, buffer),
            ScreenKind::Audit => self.audit(area, buffer),
        }
    }

    fn style(&self, ink: Ink) -> ratatui::style::Style {
        self.state.look.style(ink)
    }

    /// A piece of text from outside or from here.
    fn span(&self, ink: Ink, text: impl AsRef<str>) -> Span<'static> {
        Span::styled(clean(text.as_ref()).into_owned(), self.style(ink))
    }

    /// A thin line over the whole width.
    fn rule(&self, area: Rect, buffer: &mut Buffer) {
        let line = self.state.look.pick("─", "-").repeat(usize::from(area.width));
        buffer.set_stringn(area.x, area.y, line, usize::from(area.width), self.style(Ink::Dim));
    }

    fn too_small(&self, area: Rect, buffer: &mut Buffer) {
        let counts = &self.snapshot.counts;
        let lines = vec![
            Line::from(format!("{}x{} is too small", area.width, area.height)),
            Line::from(format!("needs {}x{}", MIN_SIZE.0, MIN_SIZE.1)),
            Line::default(),
            Line::from(format!("{} queued, {} started", number(counts.queued), number(counts.started))),
            Line::from("Ctrl-C twice: leave"),
        ];
        let height = (lines.len() as u16).min(area.height);
        let middle = Rect { y: area.y + (area.height - height) / 2, height, ..area };
        Paragraph::new(lines).alignment(Alignment::Center).render(middle, buffer);
    }
}

/// What is left of other signs on a terminal that only knows ASCII. Names of clients may contain anything.
fn to_ascii(area: Rect, buffer: &mut Buffer) {
    for position in area.positions() {
        if let Some(cell) = buffer.cell_mut(position)
            && !cell.symbol().is_ascii()
        {
            let symbol = match cell.symbol() {
                "…" | "±" => "~",
                "·" | "–" | "─" => "-",
                "│" => "|",
                "↑" => "^",
                "↓" => "v",
                "←" => "<",
                "→" | "≥" => ">",
                "°" => " ",
                _ => "?",
            };
            cell.set_symbol(symbol);
        }
    }
}

/// Writes `left` at the left and `right` at the right end; when both do not fit, `right` gives way.
fn both_ends(area: Rect, buffer: &mut Buffer, left: &Line<'_>, right: &Line<'_>) {
    let (left_width, right_width) = (left.width() as u16, right.width() as u16);
    buffer.set_line(area.x, area.y, left, area.width);
    if left_width + 2 + right_width <= area.width {
        buffer.set_line(area.right() - right_width, area.y, right, right_width);
    }
}
