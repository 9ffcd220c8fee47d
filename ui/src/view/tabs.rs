//! State tabs with their counts.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::Screen;
use crate::{
    snapshot::Tab,
    text::{number, short_number},
    theme::Ink,
};

/// From roomy to narrow: exact or short numbers, gap between tabs, letters of a title.
const FORMS: [Form; 4] = [(number, 3, 8), (number, 1, 8), (short_number, 1, 8), (short_number, 0, 4)];
type Form = (fn(u64) -> String, usize, usize);

impl Screen<'_> {
    pub(super) fn tabs(&self, area: Rect, buffer: &mut Buffer) {
        let lines = FORMS.map(|(show, gap, letters)| self.tab_line(show, gap, letters));
        let [.., narrowest] = &lines;
        let line = lines.iter().find(|line| line.width() <= usize::from(area.width)).unwrap_or(narrowest);
        buffer.set_line(area.x, area.y, line, area.width);
        if area.height > 1 {
            self.rule(Rect { y: area.y + 1, height: 1, ..area }, buffer);
        }
    }

    fn tab_line(&self, show: fn(u64) -> String, gap: usize, letters: usize) -> Line<'static> {
        let mut spans = Vec::new();
        for tab in Tab::ALL {
            let (title, count) = (tab.title().get(..letters).unwrap_or(tab.title()), tab.count(&self.snapshot.counts));
            let bad = tab == Tab::Failed && count > 0;
            if tab == self.state.tab {
                // Brackets as well as style: the present tab shows without any colour.
                let (open, close) = (self.state.look.pick("▏", "["), self.state.look.pick("▕", "]"));
                spans.push(self.span(Ink::Accent, open));
                let style = self.style(Ink::Accent).add_modifier(Modifier::BOLD);
                spans.push(Span::styled(format!("{title} {}", show(count)), style));
                spans.push(self.span(Ink::Accent, close));
            } else {
                spans.push(self.span(Ink::Dim, format!(" {title} ")));
                spans.push(self.span(if bad { Ink::Bad } else { Ink::Text }, show(count)));
                spans.push(Span::raw(" "));
            }
            spans.push(Span::raw(" ".repeat(gap)));
        }
        Line::from(spans)
    }
}
