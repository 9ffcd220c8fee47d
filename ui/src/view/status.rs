//! The line above the keys: the filter while it is typed, a message, or the place in the list.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::{Screen, both_ends};
use crate::{
    filter::{Filter, Vocabulary, completions},
    snapshot::Total,
    state::Tone,
    text::{count, fit, number},
    theme::Ink,
};

impl Screen<'_> {
    pub(super) fn status(&self, area: Rect, buffer: &mut Buffer) {
        let room = usize::from(area.width);
        let left = match (&self.state.typing, &self.state.toast) {
            // A message about the filter being typed belongs beside it.
            (Some(typed), toast) => self.typed(typed, toast.as_ref().map(|toast| toast.text.as_str()), room),
            (None, Some(toast)) => {
                let (role, sign) = match toast.tone {
                    Tone::Good => (Ink::Good, self.state.look.pick("✓", "+")),
                    Tone::Note => (Ink::Text, self.state.look.pick("·", "-")),
                    Tone::Bad => (Ink::Bad, self.state.look.pick("✗", "x")),
                };
                Line::from(self.span(role, fit(&format!(" {sign} {}", toast.text), room)))
            }
            (None, None) => self.standing_orders(),
        };
        both_ends(area, buffer, &left, &Line::from(self.span(Ink::Dim, self.place() + " ")));
    }

    /// `/use:weight█   use case weight_stats`
    fn typed(&self, typed: &str, complaint: Option<&str>, room: usize) -> Line<'static> {
        let use_cases = &self.snapshot.server.use_cases;
        let cursor = Span::styled(" ", self.style(Ink::Text).add_modifier(Modifier::REVERSED));
        let shown: String = typed.chars().rev().take(room / 2).collect::<Vec<_>>().into_iter().rev().collect();
        let (role, hint) = match (Filter::parse(typed, use_cases), complaint) {
            (Ok(filter), _) if !filter.is_empty() => (Ink::Dim, filter.describe()),
            (Ok(_), _) => (Ink::Dim, "an id, or use: uid: worker:".to_owned()),
            (Err(_), Some(complaint)) => (Ink::Bad, complaint.to_owned()),
            (Err(_), None) => {
                let more: Vec<_> = completions(typed, &Vocabulary::of(self.snapshot))
                    .iter()
                    .map(|whole| whole.trim().to_owned())
                    .collect();
                (Ink::Dim, if more.is_empty() { String::new() } else { format!("tab: {}", more.join("  ")) })
            }
        };
        let used = crate::text::width(&shown) + 6;
        Line::from(vec![
            self.span(Ink::Accent, " /"),
            self.span(Ink::Strong, shown),
            cursor,
            self.span(role, format!("   {}", fit(&hint, room.saturating_sub(used)))),
        ])
    }

    /// What is in force: filter and selection.
    fn standing_orders(&self) -> Line<'static> {
        let mut spans = vec![Span::raw(" ")];
        let selected = self.state.table.selected().len();
        if selected > 0 {
            let sign = self.state.look.pick("◆", "*");
            spans.push(self.span(Ink::Warn, format!("{sign} {}   ", count(selected, "selected", "selected"))));
        }
        if !self.state.filter.is_empty() {
            spans.push(self.span(Ink::Accent, format!("/ {}", self.state.filter.describe())));
        }
        let pending = self.state.pending.len();
        if pending > 0 {
            spans.push(self.span(Ink::Warn, format!("   {} under way", count(pending, "task", "tasks"))));
        }
        Line::from(spans)
    }

    /// `1–14 of 1,234`
    fn place(&self) -> String {
        let Some(page) = self.state.page(self.snapshot).filter(|page| !page.rows.is_empty()) else {
            return String::new();
        };
        let total = match page.total {
            Total::Exactly(n) => number(n),
            Total::AtLeast(n) => format!("≥ {}", number(n)),
        };
        format!("{}–{} of {total}", number(page.before + 1), number(page.before + page.rows.len() as u64))
    }
}
