//! The line above the keys: the filter while it is typed, a message, or the place in the list.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Modifier,
    text::{Line, Span},
};

use super::{Screen, both_ends, tabs::total};
use crate::{
    filter::{Filter, Vocabulary, completions},
    order,
    snapshot::{ScreenKind, Total},
    state::Tone,
    text::{count, fit, number},
    theme::Ink,
};

impl Screen<'_> {
    pub(super) fn status(&self, area: Rect, buffer: &mut Buffer) {
        let room = usize::from(area.width);
        let left = match (&self.state.typing, &self.state.toast) {
            (Some(typed), _) => self.typed(typed, room),
            (None, Some(toast)) => {
                let (ink, sign) = match toast.tone {
                    Tone::Good => (Ink::Good, self.state.look.pick("✓", "+")),
                    Tone::Note => (Ink::Text, self.state.look.pick("·", "-")),
                    Tone::Bad => (Ink::Bad, self.state.look.pick("✗", "x")),
                };
                Line::from(self.span(ink, fit(&format!(" {sign} {}", toast.text), room)))
            }
            (None, None) => self.standing_orders(),
        };
        both_ends(area, buffer, &left, &Line::from(self.span(Ink::Dim, self.place() + " ")));
    }

    /// `/use:weight█   use case weight_stats`
    fn typed(&self, typed: &str, room: usize) -> Line<'static> {
        let cursor = Span::styled(" ", self.style(Ink::Text).add_modifier(Modifier::REVERSED));
        let shown: String = typed.chars().rev().take(room / 2).collect::<Vec<_>>().into_iter().rev().collect();
        let (ink, hint) = match self.state.screen {
            ScreenKind::Tasks => self.hint(typed),
            _ => (Ink::Dim, "lines that contain this".to_owned()),
        };
        let used = crate::text::width(&shown) + 6;
        Line::from(vec![
            self.span(Ink::Accent, " /"),
            self.span(Ink::Strong, shown),
            cursor,
            self.span(ink, format!("   {}", fit(&hint, room.saturating_sub(used)))),
        ])
    }

    /// What the filter typed so far means, or may become.
    fn hint(&self, typed: &str) -> (Ink, String) {
        let more = || {
            let all = completions(typed, &Vocabulary::of(self.snapshot));
            let words: Vec<_> = all.iter().filter_map(|whole| whole.split_whitespace().last()).collect();
            words.join("  ")
        };
        match (Filter::parse(typed, &self.snapshot.server.use_cases), &self.state.complaint) {
            (Ok(filter), _) if !filter.is_empty() => (Ink::Dim, filter.describe()),
            (Ok(_), _) => (Ink::Dim, "an id, or use: state: uid: worker: age> age<".to_owned()),
            (Err(_), Some(complaint)) => (Ink::Bad, complaint.clone()),
            (Err(_), None) => {
                let more = more();
                (Ink::Dim, if more.is_empty() { String::new() } else { format!("tab: {more}") })
            }
        }
    }

    /// What is in force: selection, filter, order, actions under way.
    fn standing_orders(&self) -> Line<'static> {
        let state = self.state;
        let mut spans = vec![Span::raw(" ")];
        let selected = match state.screen {
            ScreenKind::Tasks => state.tasks.table.selected().len(),
            ScreenKind::Workers => state.fleet.selected().len(),
            _ => 0,
        };
        if selected > 0 {
            let sign = state.look.pick("◆", "*");
            spans.push(self.span(Ink::Warn, format!("{sign} {}   ", count(selected, "selected", "selected"))));
        }
        let filter = match state.screen {
            ScreenKind::Tasks => state.tasks.filter.describe(),
            _ => state.text_in_force().to_owned(),
        };
        if !filter.is_empty() {
            spans.push(self.span(Ink::Accent, format!("/ {filter}   ")));
        }
        spans.extend(self.order().map(|order| self.span(Ink::Text, order + "   ")));
        if !state.pending.is_empty() {
            spans.push(self.span(Ink::Warn, format!("{} under way", number(state.pending.len() as u64))));
        }
        Line::from(spans)
    }

    /// By what the list is sorted. What the store pages is sorted page by page only.
    fn order(&self) -> Option<String> {
        let state = self.state;
        let (sort, title, whole) = match state.screen {
            ScreenKind::Tasks => {
                let sort = state.tasks.table.sort?;
                let alone = state.tasks.page(self.snapshot).is_some_and(|page| page.before == 0 && !page.more);
                (sort, order::tasks(state.tasks.tab).get(sort.order)?.title, alone)
            }
            ScreenKind::Workers => {
                let sort = state.fleet.sort?;
                (sort, order::WORKERS.get(sort.order)?.title, true)
            }
            ScreenKind::Benchmarks => {
                let sort = state.history.table.sort?;
                (sort, order::HISTORY.get(sort.order)?.title, true)
            }
            ScreenKind::Logs => return None,
            ScreenKind::Audit => {
                let sort = state.audit.table.sort?;
                let alone = self.snapshot.audit.as_ref().is_some_and(|page| page.before == 0 && !page.more);
                (sort, order::AUDIT.get(sort.order)?.title, alone)
            }
        };
        let what = if whole { "sorted by" } else { "this page sorted by" };
        Some(format!("{what} {title}{}", if sort.descending { ", greatest first" } else { "" }))
    }

    /// `1–14 of 1,234`
    fn place(&self) -> String {
        let (before, rows, all) = match self.state.screen {
            ScreenKind::Tasks => match self.state.tasks.page(self.snapshot) {
                Some(page) => (page.before, page.rows.len(), page.total),
                None => return String::new(),
            },
            ScreenKind::Logs => match &self.snapshot.logs {
                Some(logs) => (logs.older, logs.lines.len(), Total::Exactly(logs.matching())),
                None => return String::new(),
            },
            ScreenKind::Audit => match &self.snapshot.audit {
                Some(page) => (page.before, page.rows.len(), page.total),
                None => return String::new(),
            },
            ScreenKind::Workers | ScreenKind::Benchmarks => return String::new(),
        };
        if rows == 0 {
            return String::new();
        }
        format!("{}–{} of {}", number(before + 1), number(before + rows as u64), total(all))
    }
}
