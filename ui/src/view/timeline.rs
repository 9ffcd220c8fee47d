//! A graph of the last 15 minutes with its titles above and its time axis below.

use std::borrow::Cow;

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use super::{Graph, Screen};
use crate::{
    clock::Millis,
    theme::{Charset, Ink},
};

/// What the axis spans.
const SPAN_MS: i64 = 900_000;
/// Marks of the axis, minutes before now.
const MARKS: [i64; 4] = [15, 10, 5, 0];

/// Values over time, and how they look.
pub(super) struct Timeline<'a> {
    pub(super) titles: Vec<Line<'static>>,
    /// 0..=1, oldest first.
    pub(super) values: Cow<'a, [f32]>,
    pub(super) interval_ms: i64,
    pub(super) end: Millis,
    pub(super) ink: Ink,
}

/// Means of `values` in `slots` equal parts of the span, the newest last. The parts lie at multiples of their length,
/// not at the newest value, so that a new value changes the last one only until the next part begins.
pub(super) fn slots(values: &[f32], interval_ms: i64, end: Millis, slots: usize) -> Vec<f32> {
    let slot_ms = (SPAN_MS / slots.max(1) as i64).max(1);
    let newest = end.div_euclid(slot_ms);
    let mut sums = vec![(0.0_f32, 0_u32); slots];
    for (back, value) in values.iter().rev().enumerate() {
        let at = end - back as i64 * interval_ms.max(1);
        let place = usize::try_from(newest - at.div_euclid(slot_ms)).ok();
        match place.and_then(|place| slots.checked_sub(place + 1)).and_then(|index| sums.get_mut(index)) {
            Some((sum, n)) => (*sum, *n) = (*sum + value, *n + 1),
            None => break,
        }
    }
    let first = sums.iter().position(|(_, n)| *n > 0).unwrap_or(slots);
    let mut last = 0.0;
    let filled = sums.into_iter().skip(first).map(|(sum, n)| {
        // A part between two values repeats the one before.
        last = if n == 0 { last } else { sum / n as f32 };
        last
    });
    filled.collect()
}

impl Screen<'_> {
    /// Draws titles, graph and axis; where there is no room for a graph, the titles.
    pub(super) fn timeline(&self, area: Rect, buffer: &mut Buffer, timeline: &Timeline<'_>) {
        let titles = (timeline.titles.len() as u16).min(area.height);
        for (line, y) in timeline.titles.iter().zip(area.y..area.y + titles) {
            buffer.set_line(area.x, y, line, area.width);
        }
        if area.height < titles + 2 {
            return;
        }
        let place = Rect { y: area.y + titles, height: area.height - titles - 1, ..area };
        let charset = self.state.look.charset;
        let per_cell = if charset == Charset::Unicode { 2 } else { 1 };
        let count = usize::from(place.width) * per_cell;
        let values = slots(&timeline.values, timeline.interval_ms, timeline.end, count);
        Graph { values: &values, charset, style: self.style(timeline.ink) }.render(place, buffer);
        self.minutes(Rect { y: place.bottom(), height: 1, ..area }, buffer);
    }

    /// `15 min ago ──── 10 ──── 5 ──── now`
    fn minutes(&self, area: Rect, buffer: &mut Buffer) {
        self.rule(area, buffer);
        for minutes in MARKS {
            let text = match minutes {
                0 => " now".to_owned(),
                15 => "-15 min ".to_owned(),
                _ => format!(" -{minutes} "),
            };
            let width = text.len() as u16;
            let at = (15 - minutes) as u16 * area.width / 15;
            let x = if minutes == 0 {
                area.width.saturating_sub(width)
            } else {
                at.saturating_sub(if minutes == 15 { 0 } else { width / 2 })
            };
            if x + width <= area.width {
                buffer.set_line(area.x + x, area.y, &Line::from(self.span(Ink::Dim, text)), width);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_the_parts_of_the_span_they_were_taken_in() {
        // 9 parts of 100 s each; a value every 50 s, the newest at second 1,000: it begins a part.
        assert_eq!(slots(&[1.0, 0.0, 0.5], 50_000, 1_000_000, 9), [0.5, 0.5]);
        assert_eq!(slots(&[1.0, 0.0, 0.5], 50_000, 1_050_000, 9), [1.0, 0.25]);
        // Fewer values than parts: the gaps repeat.
        assert_eq!(slots(&[1.0, 0.0], 300_000, 900_000, 9), [1.0, 1.0, 1.0, 0.0]);
        // Older than the span.
        assert_eq!(slots(&[1.0; 1_000], 2_000, 900_000, 9).len(), 9);
        assert!(slots(&[], 2_000, 900_000, 9).is_empty() && slots(&[1.0], 0, 0, 0).is_empty());
    }
}
