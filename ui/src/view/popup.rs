//! What lies over the main screen: questions, texts, help.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::{Block, Clear, Paragraph, Widget},
};

use super::{Screen, tabs::total};
use crate::{
    Target, help,
    keymap::{Context, bindings},
    snapshot::Role,
    state::{NOTE_LABEL, Note, Popup},
    text::{fit, number, width, wrap},
    theme::Ink,
};

/// Cells of a popup's text.
pub(super) const WIDTH: u16 = 54;

impl Screen<'_> {
    pub(super) fn popup(&self, area: Rect, buffer: &mut Buffer) {
        match &self.state.popup {
            None => {}
            Some(Popup::Confirm(confirm)) => {
                self.window(area, buffer, Ink::Warn, &Self::question_title(confirm), self.question(confirm));
            }
            Some(Popup::Quit) => self.window(area, buffer, Ink::Accent, " Leave the dashboard? ", self.ways_out()),
            Some(Popup::Queues(index)) => self.window(area, buffer, Ink::Accent, " Queues ", self.queues(*index)),
            Some(Popup::Note(note)) => {
                let title = format!(" {} ", fit(&note.title, 40));
                self.scrolled(area, buffer, &title, self.note(note), note.from);
            }
            Some(Popup::Help(from)) => self.scrolled(area, buffer, " Keys ", self.help(), *from),
        }
    }

    /// A box whose text may be longer than the screen.
    fn scrolled(&self, area: Rect, buffer: &mut Buffer, title: &str, lines: Vec<Line<'static>>, from: usize) {
        let room = usize::from(area.height.saturating_sub(4));
        let from = from.min(lines.len().saturating_sub(room));
        let end = (from + room).min(lines.len());
        let place = if lines.len() > room {
            format!("{title}{}-{end} of {} (↑ ↓) ", from + 1, lines.len())
        } else {
            title.to_owned()
        };
        self.window(area, buffer, Ink::Accent, &place, lines.into_iter().skip(from).take(room).collect());
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

    /// Names and values, long values over several lines.
    fn note(&self, note: &Note) -> Vec<Line<'static>> {
        let room = Note::room(self.state.area.width).saturating_sub(NOTE_LABEL);
        let mut lines = Vec::new();
        for (name, value) in &note.fields {
            let mut texts = wrap(value, room);
            if texts.is_empty() {
                texts.push("-".to_owned());
            }
            for (index, text) in texts.into_iter().enumerate() {
                let label = if index == 0 { fit(name, NOTE_LABEL - 1) } else { String::new() };
                let pad = " ".repeat(NOTE_LABEL.saturating_sub(width(&label)));
                lines.push(Line::from(vec![self.span(Ink::Dim, label + &pad), self.span(Ink::Text, text)]));
            }
        }
        lines
    }

    /// Each use case: how many wait, whether it is paused.
    fn queues(&self, highlighted: usize) -> Vec<Line<'static>> {
        let mut lines =
            vec![Line::from(self.span(Ink::Dim, format!("   {:<22}{:>10}  {}", "USE CASE", "WAITING", "STATE")))];
        let room = usize::from(self.state.area.height).saturating_sub(8).max(1);
        let names = &self.snapshot.server.use_cases;
        let from = highlighted.saturating_sub(room / 2).min(names.len().saturating_sub(room));
        for (index, name) in names.iter().enumerate().skip(from).take(room) {
            let queue = self.snapshot.queues.iter().find(|queue| queue.use_case == *name);
            let pending = self.state.pending.get(&Target::Queue(name.clone()));
            let (ink, word) = match (pending, queue) {
                (Some(action), _) => (Ink::Warn, action.pending()),
                (None, None) => (Ink::Dim, "loading"),
                (None, Some(queue)) if queue.paused => (Ink::Warn, "paused"),
                (None, Some(_)) => (Ink::Good, "open"),
            };
            let waiting = queue.and_then(|queue| queue.queued).map(total).unwrap_or_default();
            let shown = fit(name, 21);
            let pad = " ".repeat(22 - width(&shown));
            let mark = if index == highlighted { self.state.look.pick("▌", ">") } else { " " };
            let mut line = Line::from(vec![
                self.span(Ink::Accent, mark),
                self.span(Ink::Text, format!("  {shown}{pad}{waiting:>10}  ")),
                self.span(ink, format!("{word:<12}")),
            ]);
            if index == highlighted {
                line = line.patch_style(self.style(Ink::Highlight));
            }
            lines.push(line);
        }
        lines.push(Line::default());
        lines.push(self.keys(Context::Queues));
        lines
    }

    fn ways_out(&self) -> Vec<Line<'static>> {
        let counts = &self.snapshot.counts;
        let text = |text: &str| Line::from(self.span(Ink::Text, text));
        let way = |key: &str, words: &str| {
            Line::from(vec![self.span(Ink::Accent, key), self.span(Ink::Text, format!("  {words}"))])
        };
        let (running, waiting) = (number(counts.started), number(counts.queued));
        let mut lines = vec![Line::default(), text(&format!("{running} running, {waiting} waiting.")), Line::default()];
        lines.push(way("l", "leave it running without this dashboard"));
        if self.snapshot.role == Role::Operator {
            lines.push(way("D", "drain and stop: what runs finishes or goes back"));
            lines.push(text("   to the queue, what waits is kept for the next start"));
        }
        lines.push(way("s", "stay"));
        lines.push(Line::default());
        lines.push(Line::from(self.span(Ink::Dim, "Ctrl-C again: leave it running")));
        lines
    }

    /// Labelled keys of a context in one line.
    pub(super) fn keys(&self, context: Context) -> Line<'static> {
        let mut spans = Vec::new();
        for binding in bindings(context, self.snapshot.role).filter(|binding| !binding.label.is_empty()) {
            spans.push(self.span(Ink::Accent, binding.shown));
            spans.push(self.span(Ink::Text, format!(" {}    ", binding.label)));
        }
        Line::from(spans)
    }

    /// All keys, those of the present screen first.
    fn help(&self) -> Vec<Line<'static>> {
        let lines = help::lines(self.state.screen, self.snapshot, help::room(self.state.area.width));
        let shown = lines.into_iter().map(|line| match line {
            help::Line::Blank => Line::default(),
            help::Line::Text(text) => Line::from(self.span(Ink::Dim, text)),
            help::Line::Title(title) => Line::from(self.span(Ink::Strong, title)),
            help::Line::Key(keys, text) => {
                let pad = " ".repeat(help::KEYS.saturating_sub(1 + width(keys)));
                let keys = self.span(Ink::Accent, format!("{keys}{pad}"));
                Line::from(vec![Span::raw(" "), keys, self.span(Ink::Text, text)])
            }
        });
        shown.collect()
    }
}
