//! Times of past runs: the table, and below it the highlighted row over time and its distribution.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Screen,
    table::{Column, List, column},
};
use crate::{
    layout::{chart_widths, split},
    order,
    snapshot::{Chosen, Stats, Summary, Verdict},
    text::{fit, fitting, number, seconds, width},
    theme::Ink,
};

/// Lines that the charts take when the table needs the room as well.
const CHARTS: u16 = 9;
/// With fewer they show nothing.
const LEAST: u16 = 5;

const COLUMNS: &[Column<Summary>] = &[
    column!("USE CASE", 13..18, Left, 0, |row, screen, room| screen.cell(Ink::Strong, fit(&row.timed.use_case, room))),
    column!("DEV", 4..7, Left, 0, |row, screen, room| screen.cell(Ink::Text, fit(&row.timed.device, room))),
    column!("TIME", 10..10, Left, 0, |row, screen, _| screen.cell(Ink::Text, row.timed.measure.word())),
    column!("N", 7..9, Right, 3, |row, screen, _| screen.cell(Ink::Text, number(row.stats.n))),
    column!("MEAN", 8..9, Right, 0, |row, screen, _| screen.cell(Ink::Strong, seconds(row.stats.mean))),
    column!("STD", 8..9, Right, 2, |row, screen, _| screen.cell(Ink::Text, deviation(row))),
    column!("MIN", 8..9, Right, 8, |row, screen, _| screen.cell(Ink::Dim, seconds(row.stats.min))),
    column!("MAX", 8..9, Right, 8, |row, screen, _| screen.cell(Ink::Dim, seconds(row.stats.max))),
    column!("P50", 8..9, Right, 6, |row, screen, _| screen.cell(Ink::Text, seconds(row.stats.p50))),
    column!("P95", 8..9, Right, 4, |row, screen, _| screen.cell(Ink::Text, seconds(row.stats.p95))),
    column!("P99", 8..9, Right, 5, |row, screen, _| screen.cell(Ink::Text, seconds(row.stats.p99))),
    column!("RUNS/H", 7..8, Right, 7, |row, screen, _| screen.cell(Ink::Dim, rate(row))),
    column!("NEWEST", 7..13, Left, 0, |row, screen, room| screen.verdict(row, room)),
];

/// One run deviates from nothing.
fn deviation(row: &Summary) -> String {
    if row.stats.n > 1 { seconds(row.stats.std) } else { String::new() }
}

/// A rate over a moment would be any number.
fn rate(row: &Summary) -> String {
    row.per_hour.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.1}"))
}

impl Screen<'_> {
    /// The screen of the run history.
    pub(super) fn history(&self, area: Rect, buffer: &mut Buffer) {
        let Some(history) = &self.snapshot.history else { return self.say_in(area, buffer, "loading") };
        let view = &self.state.history;
        // Half a low screen is too little for a chart: then the table has all of it.
        let charts = if self.state.panels && area.height >= 2 * LEAST { CHARTS.min(area.height / 2) } else { 0 };
        let (top, below) = split(area, history.rows.len().max(1) + 2, charts, 30);
        let sort = view.table.sort.and_then(|sort| order::HISTORY.get(sort.order));
        let nothing = format!("no run in {}", view.span.phrase());
        let list = List {
            columns: COLUMNS,
            rows: &view.rows(self.snapshot),
            key: |row: &Summary| row.timed.clone(),
            table: &view.table,
            sorted: sort.map(|order| order.title),
            snug: false,
            nothing: &nothing,
        };
        self.list(top, buffer, &list);
        if charts > 0 && below.height >= LEAST && !history.rows.is_empty() {
            self.charts(below, buffer);
        }
    }

    fn charts(&self, area: Rect, buffer: &mut Buffer) {
        self.rule(Rect { height: 1, ..area }, buffer);
        let area = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let highlighted = self.state.history.table.highlighted();
        let history = self.snapshot.history.as_ref();
        let chosen = history.and_then(|history| history.chosen.as_ref());
        // What belongs to the row that was highlighted before is not shown under this one's name.
        let Some(chosen) = chosen.filter(|chosen| Some(&chosen.timed) == highlighted) else {
            return self.say_in(area, buffer, "loading");
        };
        let stats = history.and_then(|history| history.rows.iter().find(|row| row.timed == chosen.timed));
        let stats = stats.map(|row| row.stats).unwrap_or_default();
        let (chart_width, histogram_width) = chart_widths(self.state.area.width);
        let right = Rect { x: area.right().saturating_sub(histogram_width + 2), width: histogram_width + 1, ..area };
        let left = Rect { width: chart_width + 12, ..area };
        self.chart(left, buffer, &self.chart_title(chosen, &stats, usize::from(left.width) - 2), &chosen.chart);
        self.histogram(right, buffer, &chosen.histogram, stats.n);
    }

    /// `weight_stats cpu server   8.42 s – 9.10 s   p50 8.61 s`
    fn chart_title(&self, chosen: &Chosen, stats: &Stats, room: usize) -> Line<'static> {
        let timed = &chosen.timed;
        let name = format!("{} {} {}", fit(&timed.use_case, 24), fit(&timed.device, 8), timed.measure.word());
        let parts = [
            format!("   {} – {}", seconds(stats.min), seconds(stats.max)),
            format!("   p50 {}", seconds(stats.p50)),
            format!("  p95 {}", seconds(stats.p95)),
            format!("  p99 {}", seconds(stats.p99)),
        ];
        let figures = fitting(&parts, room.saturating_sub(width(&name)));
        Line::from(vec![self.span(Ink::Strong, name), self.span(Ink::Dim, figures)])
    }

    /// The newest runs against those before: `1.23x slower`.
    fn verdict(&self, row: &Summary, room: usize) -> Line<'static> {
        let Some(compared) = row.comparison else { return self.cell(Ink::Dim, "too few") };
        let (ink, sign, word) = match compared.verdict {
            Verdict::Slower => (Ink::Bad, "!", "slower"),
            Verdict::Faster => (Ink::Good, " ", "faster"),
            Verdict::Same => (Ink::Dim, " ", "same"),
        };
        let ratio = format!("{sign}{:.2}x", compared.ratio.clamp(0.0, 99.0));
        // The sign says it where there is no room for the word.
        self.cell(ink, if room < 13 { ratio } else { format!("{ratio} {word}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_history_is_sorted_by_is_one_of_its_columns() {
        let has = |title| COLUMNS.iter().any(|column| column.title == title);
        assert!(order::HISTORY.iter().all(|order| has(order.title)));
    }
}
