//! Times over time as dots with their spread, and how often which time occurs as bars.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::Screen;
use crate::{
    clock::{Millis, day, time},
    snapshot::{Chart, Histogram},
    text::{count, fit, seconds, width},
    theme::{Charset, Ink},
};

/// Cells of the scale at the left.
const SCALE: u16 = 10;
/// Beyond this span the axis shows days, milliseconds.
const DAYS_FROM: i64 = 2 * 86_400_000;

/// Dots of one braille cell by column and line, top to bottom.
const DOTS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// A field of dots, 2 x 4 to a cell; with ASCII one to a cell.
struct Field {
    place: Rect,
    charset: Charset,
    /// Per cell: dots of the spread, dots of the mean.
    cells: Vec<(u32, u32)>,
}

impl Field {
    fn new(place: Rect, charset: Charset) -> Self {
        Self { place, charset, cells: vec![(0, 0); usize::from(place.width) * usize::from(place.height)] }
    }

    const fn size(&self) -> (usize, usize) {
        let (width, height) = (self.place.width as usize, self.place.height as usize);
        match self.charset {
            Charset::Unicode => (width * 2, height * 4),
            Charset::Ascii => (width, height),
        }
    }

    /// Sets a dot; `(0, 0)` is at the top left.
    fn set(&mut self, x: usize, y: usize, mean: bool) {
        let (cell_x, cell_y, dot) = match self.charset {
            Charset::Unicode => {
                let dot = DOTS.get(x % 2).and_then(|column| column.get(y % 4)).copied().unwrap_or_default();
                (x / 2, y / 4, dot)
            }
            Charset::Ascii => (x, y, 1),
        };
        if let Some(cell) = self.cells.get_mut(cell_y * usize::from(self.place.width) + cell_x) {
            cell.0 |= dot;
            cell.1 |= if mean { dot } else { 0 };
        }
    }

    fn symbol(&self, (dots, mean): (u32, u32)) -> String {
        match self.charset {
            _ if dots == 0 => " ".to_owned(),
            Charset::Unicode => char::from_u32(0x2800 + dots).map(String::from).unwrap_or_default(),
            Charset::Ascii => if mean > 0 { "o" } else { "|" }.to_owned(),
        }
    }
}

impl Screen<'_> {
    /// A title, a scale of seconds, dots, and an axis of time.
    pub(super) fn chart(&self, area: Rect, buffer: &mut Buffer, title: &Line<'_>, chart: &Chart) {
        buffer.set_line(area.x + 1, area.y, title, area.width.saturating_sub(2));
        if area.height < 4 || area.width < SCALE + 10 {
            return;
        }
        let place =
            Rect { x: area.x + SCALE + 1, y: area.y + 1, width: area.width - SCALE - 2, height: area.height - 2 };
        let low = chart.buckets.iter().map(|bucket| bucket.min).fold(f64::INFINITY, f64::min);
        let high = chart.buckets.iter().map(|bucket| bucket.max).fold(f64::NEG_INFINITY, f64::max);
        if !low.is_finite() || !high.is_finite() {
            return self.say_in(place, buffer, "no run");
        }
        // Equal times lie in the middle.
        let (low, high) =
            if high > low { (low, high) } else { (low - 0.5 * low.abs().max(1e-9), high + 0.5 * high.abs().max(1e-9)) };
        let scale = |y: u16, value: f64| (y, format!("{:>width$}", seconds(value), width = usize::from(SCALE) - 1));
        for (y, text) in [scale(place.y, high), scale(place.bottom() - 1, low)] {
            buffer.set_line(area.x, y, &Line::from(self.span(Ink::Dim, text)), SCALE);
        }
        self.dots(place, buffer, chart, (low, high));
        self.time_axis(Rect { y: place.bottom(), height: 1, ..place }, buffer, chart.from, chart.to);
    }

    fn dots(&self, place: Rect, buffer: &mut Buffer, chart: &Chart, (low, high): (f64, f64)) {
        let mut field = Field::new(place, self.state.look.charset);
        let (columns, lines) = field.size();
        let span = (chart.to - chart.from).max(1) as f64;
        let level = |value: f64| {
            let share = ((high - value) / (high - low)).clamp(0.0, 1.0);
            (share * (lines.saturating_sub(1)) as f64).round() as usize
        };
        for bucket in &chart.buckets {
            // By its middle: a bucket that begins at the edge of a column belongs behind it.
            let share = (bucket.at + chart.bucket_ms / 2 - chart.from) as f64 / span;
            if !(0.0..=1.0).contains(&share) {
                continue;
            }
            let x = ((share * columns as f64) as usize).min(columns.saturating_sub(1));
            (level(bucket.max)..=level(bucket.min)).for_each(|y| field.set(x, y, false));
            field.set(x, level(bucket.mean), true);
        }
        for (index, cell) in field.cells.iter().enumerate() {
            let width = usize::from(place.width);
            let (x, y) = (place.x + (index % width) as u16, place.y + (index / width) as u16);
            let ink = if cell.1 > 0 { Ink::Accent } else { Ink::Dim };
            buffer.set_stringn(x, y, field.symbol(*cell), 1, self.style(ink));
        }
    }

    /// Both ends and the middle of a span of time.
    fn time_axis(&self, area: Rect, buffer: &mut Buffer, from: Millis, to: Millis) {
        self.rule(area, buffer);
        let offset = self.snapshot.utc_offset_s;
        let label = |at: Millis| {
            if to - from > DAYS_FROM {
                day(at, offset)
            } else {
                time(at, offset).get(..5).unwrap_or_default().to_owned()
            }
        };
        let (left, middle, right) =
            (label(from) + " ", format!(" {} ", label(from + (to - from) / 2)), format!(" {}", label(to)));
        let room = usize::from(area.width);
        for (text, x) in [
            (&left, 0),
            (&middle, (room / 2).saturating_sub(width(&middle) / 2)),
            (&right, room.saturating_sub(width(&right))),
        ] {
            let ink = self.span(Ink::Dim, fit(text, room));
            buffer.set_line(area.x + x as u16, area.y, &Line::from(ink), area.width);
        }
    }

    /// Bars, and below them which time the ends stand for.
    pub(super) fn histogram(&self, area: Rect, buffer: &mut Buffer, histogram: &Histogram, n: u64) {
        let runs = count(usize::try_from(n).unwrap_or(usize::MAX), "run", "runs");
        let title = if area.width >= 30 { format!("distribution of {runs}") } else { runs };
        let title = Line::from(self.span(Ink::Strong, title));
        // The title of the chart may be longer than the chart.
        let blank = " ".repeat(usize::from(area.width) + 1);
        buffer.set_stringn(area.x.saturating_sub(1), area.y, blank, usize::from(area.width) + 1, self.style(Ink::Text));
        buffer.set_line(area.x, area.y, &title, area.width);
        let most = histogram.counts.iter().copied().max().unwrap_or(0);
        if area.height < 4 || most == 0 {
            return;
        }
        let place = Rect { y: area.y + 1, height: area.height - 2, ..area };
        for x in 0..place.width {
            let class = usize::from(x) * histogram.counts.len() / usize::from(place.width);
            let share = histogram.counts.get(class).copied().unwrap_or(0) as f64 / most as f64;
            self.column(place, buffer, x, share);
        }
        let axis = Rect { y: place.bottom(), height: 1, ..place };
        self.rule(axis, buffer);
        let (from, to) = (format!("{} ", seconds(histogram.from_s)), format!(" {}", seconds(histogram.to_s)));
        buffer.set_line(axis.x, axis.y, &Line::from(self.span(Ink::Dim, &from)), axis.width);
        let right = axis.right().saturating_sub(width(&to) as u16);
        buffer.set_line(right, axis.y, &Line::from(self.span(Ink::Dim, &to)), axis.width);
    }

    /// One bar; what there is is never invisible.
    fn column(&self, place: Rect, buffer: &mut Buffer, x: u16, share: f64) {
        const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
        let unicode = self.state.look.charset == Charset::Unicode;
        let exact = share * f64::from(place.height) * 8.0;
        let eighths = if share > 0.0 { (exact.round() as usize).max(1) } else { 0 };
        for line in 0..place.height {
            let filled = eighths.saturating_sub(usize::from(line) * 8).min(8);
            let symbol = match filled {
                0 => " ",
                filled if unicode => EIGHTHS.get(filled).copied().unwrap_or(" "),
                1..=3 => ".",
                _ => "#",
            };
            let y = place.bottom() - 1 - line;
            buffer.set_stringn(place.x + x, y, symbol, 1, self.style(Ink::Accent));
        }
    }
}
