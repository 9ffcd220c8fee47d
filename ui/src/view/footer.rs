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
    pub(super) fn footer_keys(&self) -> impl Iterator<Item = &'static Binding> {
        let possible = |act: Act| match act {
            Act::Cancel => self.state.is_possible(Action::Cancel, self.snapshot),
            Act::Requeue => self.state.is_possible(Action::Requeue, self.snapshot),
            Act::Open | Act::Select | Act::Copy => self.state.focused(self.snapshot).is_some(),
            _ => true,
        };
        let shown = bindings(self.state.context()).iter();
        shown
            .filter(|binding| !binding.label.is_empty())
            .filter(move |binding| possible(binding.act))
            .collect::<Vec<_>>()
            .into_iter()
    }
}
