//! The keys that work right here, from the key map; as many as fit.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::Screen;
use crate::{
    action::Action,
    keymap::{Act, Binding, bindings},
    snapshot::ScreenKind,
    theme::Ink,
};

impl Screen<'_> {
    pub(super) fn footer(&self, area: Rect, buffer: &mut Buffer) {
        let mut spans = vec![Span::raw(" ")];
        let mut room = usize::from(area.width).saturating_sub(1);
        for binding in self.footer_keys() {
            let width = crate::text::width(binding.shown) + 1 + binding.label.len() + 2;
            if width > room + 2 {
                continue;
            }
            room = room.saturating_sub(width);
            spans.push(self.span(Ink::Accent, binding.shown));
            spans.push(self.span(Ink::Dim, format!(" {}  ", binding.label)));
        }
        buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    }

    /// Bindings with a label that would do something now.
    fn footer_keys(&self) -> impl Iterator<Item = &'static Binding> {
        let shown = bindings(self.state.context(), self.snapshot.role);
        shown.filter(|binding| !binding.label.is_empty() && self.works(binding.act))
    }

    /// Would it do something now?
    fn works(&self, act: Act) -> bool {
        let (state, snapshot) = (self.state, self.snapshot);
        let possible = |action| state.is_possible(action, snapshot);
        match act {
            Act::Cancel => possible(Action::Cancel),
            Act::Requeue => possible(Action::Requeue),
            Act::Delete => possible(Action::Delete),
            Act::Raise | Act::Lower => possible(Action::Priority(1)),
            Act::DrainWorker => possible(Action::Drain) || possible(Action::Undrain),
            Act::LogLines => state.tasks.focused(snapshot).is_some(),
            Act::Complete => state.screen == ScreenKind::Tasks,
            Act::Open | Act::Select | Act::Copy => state.has_highlight(snapshot),
            _ => true,
        }
    }
}
