//! Questions and help, over the main screen.

use std::collections::BTreeMap;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear, Paragraph, Widget},
};

use super::Screen;
use crate::{
    action::Action,
    keymap::{Context, bindings},
    snapshot::TaskState,
    state::{Confirm, Popup},
    text::{clean, count, fit, number, width},
    theme::Ink,
};

/// Cells of a popup's text.
const WIDTH: u16 = 54;

impl Screen<'_> {
    pub(super) fn popup(&self, area: Rect, buffer: &mut Buffer) {
        match &self.state.popup {
            None => {}
            Some(Popup::Confirm(confirm)) => {
                let tasks = count(confirm.tasks.len(), "task", "tasks");
                let verb = confirm.action.verb();
                let title = format!(
                    " {}{} {tasks}? ",
                    verb.get(..1).unwrap_or_default().to_uppercase(),
                    verb.get(1..).unwrap_or_default()
                );
                self.window(area, buffer, Ink::Warn, &title, self.question(confirm));
            }
            Some(Popup::Quit) => self.window(area, buffer, Ink::Accent, " Leave the dashboard? ", self.ways_out()),
            Some(Popup::Help(from)) => {
                let lines = self.help();
                let room = usize::from(area.height.saturating_sub(4));
                let from = (*from).min(lines.len().saturating_sub(room));
                let title = if lines.len() > room { " Keys (↑ ↓) " } else { " Keys " };
                self.window(area, buffer, Ink::Accent, title, lines.into_iter().skip(from).take(room).collect());
            }
        }
    }

    /// A bordered box in the middle, as high as its text.
    fn window(&self, area: Rect, buffer: &mut Buffer, role: Ink, title: &str, lines: Vec<Line<'static>>) {
        let longest = lines.iter().map(Line::width).max().unwrap_or(0) as u16;
        let outer_width = (longest.max(WIDTH) + 4).min(area.width);
        let height = (lines.len() as u16 + 2).min(area.height);
        let outer = Rect {
            x: area.x + (area.width - outer_width) / 2,
            y: area.y + (area.height - height) / 2,
            width: outer_width,
            height,
        };
        Clear.render(outer, buffer);
        buffer.set_style(outer, self.style(Ink::Text));
        let block = Block::bordered()
            .border_set(self.state.look.border())
            .border_style(self.style(role))
            .title(self.span(role, title));
        let inner = block.inner(outer);
        block.render(outer, buffer);
        let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
        Paragraph::new(lines).render(text, buffer);
    }

    /// Exactly what would be done to what.
    fn question(&self, confirm: &Confirm) -> Vec<Line<'static>> {
        let plain = |text: String| Line::from(self.span(Ink::Text, fit(&text, usize::from(WIDTH))));
        let mut lines = vec![Line::default()];
        if let (1, Some((id, _))) = (confirm.tasks.len(), confirm.tasks.first_key_value()) {
            lines.push(Line::from(self.span(Ink::Strong, clean(id.as_str()))));
        }
        for state in TaskState::ALL {
            let n = confirm.tasks.values().filter(|task| task.state == state).count();
            if n > 0 {
                let state_text = format!("{:>6} {:<10}", number(n as u64), state.word());
                lines.push(Line::from(vec![
                    self.span(self.state.look.role(state), state_text),
                    self.span(Ink::Dim, effect(confirm.action, state)),
                ]));
            }
        }
        lines.push(Line::default());
        lines.push(plain(format!("use case  {}", tally(confirm.tasks.values().map(|task| &task.use_case)))));
        lines.push(plain(format!("user      {}", tally(confirm.tasks.values().map(|task| &task.uid_tag)))));
        if confirm.skipped > 0 {
            let text = format!(
                "{} of the selected are left out: they cannot be {}",
                number(confirm.skipped as u64),
                done(confirm.action)
            );
            lines.push(Line::from(self.span(Ink::Dim, text)));
        }
        lines.push(Line::default());
        lines.push(self.keys(Context::Confirm));
        lines
    }

    fn ways_out(&self) -> Vec<Line<'static>> {
        let counts = &self.snapshot.counts;
        let text = |text: String| Line::from(self.span(Ink::Text, text));
        let (running, waiting) = (number(counts.started), number(counts.queued));
        vec![
            Line::default(),
            text(format!("{running} running, {waiting} waiting.")),
            Line::default(),
            Line::from(vec![
                self.span(Ink::Accent, "l"),
                self.span(Ink::Text, "  leave it running without a dashboard"),
            ]),
            Line::from(vec![
                self.span(Ink::Accent, "D"),
                self.span(Ink::Text, "  drain and stop: what runs finishes or goes back"),
            ]),
            text("   to the queue, what waits is kept for the next start".to_owned()),
            Line::from(vec![self.span(Ink::Accent, "s"), self.span(Ink::Text, "  stay")]),
            Line::default(),
            Line::from(self.span(Ink::Dim, "Ctrl-C again: leave it running")),
        ]
    }

    /// Labelled keys of a context in one line.
    fn keys(&self, context: Context) -> Line<'static> {
        let mut spans = Vec::new();
        for binding in bindings(context).iter().filter(|binding| !binding.label.is_empty()) {
            spans.push(self.span(Ink::Accent, binding.shown));
            spans.push(self.span(Ink::Text, format!(" {}    ", binding.label)));
        }
        Line::from(spans)
    }

    /// All keys of all contexts, from the key map.
    fn help(&self) -> Vec<Line<'static>> {
        let mut lines = vec![Line::from(self.span(Ink::Dim, "lower case looks, UPPER CASE changes"))];
        for (context, title) in Context::ALL {
            lines.push(Line::default());
            lines.push(Line::from(self.span(Ink::Strong, title)));
            for binding in bindings(context) {
                let pad = " ".repeat(11usize.saturating_sub(width(binding.shown)));
                lines.push(Line::from(vec![
                    Span::raw(" "),
                    self.span(Ink::Accent, format!("{}{pad}", binding.shown)),
                    self.span(Ink::Text, binding.help),
                ]));
            }
        }
        lines
    }
}

const fn done(action: Action) -> &'static str {
    match action {
        Action::Cancel => "cancelled",
        _ => "requeued",
    }
}

/// What the action does to a task in this state.
const fn effect(action: Action, state: TaskState) -> &'static str {
    match (action, state) {
        (Action::Cancel, TaskState::Queued) => "ends at once, as revoked",
        (Action::Cancel, TaskState::Started) => "stops at its next step, as revoked",
        (Action::Requeue, TaskState::Success) => "the unfetched result is dropped",
        (Action::Requeue, TaskState::Completed) => "the fetched result is dropped",
        (Action::Requeue, TaskState::Failure | TaskState::Revoked) => "runs again with its input",
        _ => "is left as it is",
    }
}

/// `weight_stats 2, sleep_quality 1`, most frequent first.
fn tally<'a>(words: impl Iterator<Item = &'a String>) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    if let (1, Some((word, _))) = (counts.len(), counts.first_key_value()) {
        return (*word).to_owned();
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
    let more = counts.len().saturating_sub(3);
    let mut shown: Vec<_> =
        counts.iter().take(3).map(|(word, count)| format!("{word} {}", number(*count as u64))).collect();
    if more > 0 {
        shown.push(format!("{} more", number(more as u64)));
    }
    shown.join(", ")
}
