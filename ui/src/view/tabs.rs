//! The names of the screens, and below them the parts of the present one: states, spans, levels.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::{Screen, both_ends};
use crate::{
    snapshot::{Fleet, Level, ScreenKind, Span as Past, Tab, Total},
    text::{count, fit, number, short_number},
    theme::Ink,
};

/// From roomy to narrow: exact or short numbers, gap between tabs, letters of a title.
const FORMS: [Form; 4] = [(number, 3, 8), (number, 1, 8), (short_number, 1, 8), (short_number, 0, 4)];
type Form = (fn(u64) -> String, usize, usize);

impl Screen<'_> {
    /// `▏1 Tasks▕  2 Workers   3 Benchmarks   4 Logs   5 Audit`
    pub(super) fn screens(&self, area: Rect, buffer: &mut Buffer) {
        let gap = if area.width >= 80 { "  " } else { "" };
        let mut spans = Vec::new();
        for (index, screen) in ScreenKind::ALL.into_iter().enumerate() {
            let number = index + 1;
            if screen == self.state.screen {
                spans.extend(self.present(&format!("{number} {}", screen.title())));
            } else {
                spans.push(self.span(Ink::Accent, format!(" {number} ")));
                spans.push(self.span(Ink::Text, format!("{} ", screen.title())));
            }
            spans.push(Span::raw(gap));
        }
        buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    }

    /// Brackets as well as style: the present tab shows without any colour.
    fn present(&self, text: &str) -> [Span<'static>; 3] {
        let (open, close) = (self.state.look.pick("▏", "["), self.state.look.pick("▕", "]"));
        let style = self.style(Ink::Accent).add_modifier(Modifier::BOLD);
        let text = Span::styled(crate::text::clean(text).into_owned(), style);
        [self.span(Ink::Accent, open), text, self.span(Ink::Accent, close)]
    }

    pub(super) fn tabs(&self, area: Rect, buffer: &mut Buffer) {
        let line = Rect { height: 1, ..area };
        match self.state.screen {
            ScreenKind::Tasks => self.states(line, buffer),
            ScreenKind::Workers => {
                let words = self.snapshot.fleet.as_ref().map(|fleet| self.fleet_words(fleet)).unwrap_or_default();
                buffer.set_line(line.x, line.y, &words, line.width);
            }
            ScreenKind::Benchmarks => self.spans(line, buffer),
            ScreenKind::Logs => self.levels(line, buffer),
            ScreenKind::Audit => {
                let total = self.snapshot.audit.as_ref().map(|page| total(page.total));
                let text = total.map(|total| format!(" {total} acts of operators, newest first")).unwrap_or_default();
                buffer.set_line(line.x, line.y, &Line::from(self.span(Ink::Text, text)), line.width);
            }
        }
        if area.height > 1 {
            self.rule(Rect { y: area.y + 1, height: 1, ..area }, buffer);
        }
    }

    fn states(&self, area: Rect, buffer: &mut Buffer) {
        let lines = FORMS.map(|(show, gap, letters)| self.states_line(show, gap, letters));
        let [.., narrowest] = &lines;
        let line = lines.iter().find(|line| line.width() <= usize::from(area.width)).unwrap_or(narrowest);
        buffer.set_line(area.x, area.y, line, area.width);
    }

    fn states_line(&self, show: fn(u64) -> String, gap: usize, letters: usize) -> Line<'static> {
        let mut spans = Vec::new();
        for tab in Tab::ALL {
            let (title, count) = (tab.title().get(..letters).unwrap_or(tab.title()), tab.count(&self.snapshot.counts));
            if tab == self.state.tasks.tab {
                spans.extend(self.present(&format!("{title} {}", show(count))));
            } else {
                let bad = tab == Tab::Failed && count > 0;
                spans.push(self.span(Ink::Dim, format!(" {title} ")));
                spans.push(self.span(if bad { Ink::Bad } else { Ink::Text }, show(count)));
                spans.push(Span::raw(" "));
            }
            spans.push(Span::raw(" ".repeat(gap)));
        }
        Line::from(spans)
    }

    /// Tabs by their words.
    fn words<T: Copy + PartialEq>(&self, all: &[T], present: T, word: fn(T) -> &'static str) -> Vec<Span<'static>> {
        let mut spans = Vec::new();
        for value in all {
            if *value == present {
                spans.extend(self.present(word(*value)));
            } else {
                spans.push(self.span(Ink::Dim, format!(" {} ", word(*value))));
            }
            spans.push(Span::raw(" "));
        }
        spans
    }

    /// `1 h  ▏24 h▕  7 d  all      1,234 runs`
    fn spans(&self, area: Rect, buffer: &mut Buffer) {
        let left = Line::from(self.words(&Past::ALL, self.state.history.span, Past::word));
        let history = self.snapshot.history.as_ref();
        let room = usize::from(area.width).saturating_sub(left.width() + 4);
        let right = history.map(|history| {
            let runs = format!("{} runs", total(history.runs));
            let whole = format!("{}   {runs} ", history.rule);
            fit(if crate::text::width(&whole) <= room { &whole } else { &runs }, room)
        });
        both_ends(area, buffer, &left, &Line::from(self.span(Ink::Dim, right.unwrap_or_default())));
    }

    /// `trace  debug ▏info▕ warn  error       following`
    fn levels(&self, area: Rect, buffer: &mut Buffer) {
        let left = Line::from(self.words(&Level::ALL, self.state.logs.level, Level::word));
        let newer = self.snapshot.logs.as_ref().map_or(0, |logs| logs.newer);
        let look = self.state.look;
        let right = if self.state.logs.follows() {
            self.span(Ink::Good, format!("{} following ", look.pick("↓", "v")))
        } else {
            let newer = if newer > 0 { format!("{} newer, ", number(newer)) } else { String::new() };
            self.span(Ink::Warn, format!("{} held: {newer}End follows ", look.pick("‖", "=")))
        };
        both_ends(area, buffer, &left, &Line::from(right));
    }

    /// `2 nodes   4 workers: 2 busy, 1 idle, 1 lost, 1 draining`
    fn fleet_words(&self, fleet: &Fleet) -> Line<'static> {
        let workers = &fleet.workers;
        let (lost, heard): (Vec<_>, Vec<_>) = workers.iter().partition(|worker| self.is_lost(worker.heartbeat));
        let busy = heard.iter().filter(|worker| worker.doing.is_some()).count();
        let draining = heard.iter().filter(|worker| worker.draining).count();
        let mut spans = vec![self.span(Ink::Text, format!(" {}   ", count(fleet.nodes.len(), "node", "nodes")))];
        let words = count(workers.len(), "worker", "workers");
        spans.push(self.span(Ink::Text, format!("{words}: {busy} busy, {} idle", heard.len() - busy)));
        for (n, word, ink) in [(lost.len(), "lost", Ink::Bad), (draining, "draining", Ink::Warn)] {
            if n > 0 {
                spans.push(self.span(ink, format!(", {n} {word}")));
            }
        }
        Line::from(spans)
    }
}

/// `1,234` or `≥ 1,234`.
pub(super) fn total(total: Total) -> String {
    match total {
        Total::Exactly(n) => number(n),
        Total::AtLeast(n) => format!("≥ {}", number(n)),
    }
}
