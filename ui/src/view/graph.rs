//! Values over time as an area of braille dots (two values and four levels a cell), or of ASCII signs.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, widgets::Widget};

use crate::theme::Charset;

/// Dots of one braille cell, bottom to top: left column, right column.
const DOTS: [[u32; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
const ASCII: [&str; 5] = [" ", ".", ":", "|", "#"];

/// The newest values, the last at the right end.
#[derive(Debug, Clone, Copy)]
pub struct Graph<'a> {
    /// Values, 0..=1, oldest first.
    pub values: &'a [f32],
    /// Signs.
    pub charset: Charset,
    /// Colours.
    pub style: Style,
}

impl Graph<'_> {
    /// How many values a cell shows.
    const fn per_cell(&self) -> usize {
        match self.charset {
            Charset::Unicode => 2,
            Charset::Ascii => 1,
        }
    }

    /// Height, in quarters of a line, of the value that is `back` places before the end. A value is never invisible.
    fn level(&self, back: usize, lines: u16) -> Option<usize> {
        let value = self.values.len().checked_sub(back + 1).and_then(|index| self.values.get(index))?;
        let value = if value.is_finite() { value.clamp(0.0, 1.0) } else { 0.0 };
        Some(((value * f32::from(lines) * 4.0).round() as usize).max(1))
    }

    /// The sign of one cell: `x` cells from the right, `y` from the bottom.
    fn symbol(&self, x: usize, y: usize, lines: u16) -> String {
        let filled = |back: usize| self.level(back, lines).map_or(0, |level| level.saturating_sub(4 * y).min(4));
        match self.charset {
            Charset::Ascii => ASCII.get(filled(x)).copied().unwrap_or_default().to_owned(),
            Charset::Unicode => {
                let column = |dots: &[u32; 4], level: usize| dots.iter().take(level).sum::<u32>();
                let [left, right] = &DOTS;
                let dots = column(left, filled(2 * x + 1)) + column(right, filled(2 * x));
                if dots == 0 {
                    " ".to_owned()
                } else {
                    char::from_u32(0x2800 + dots).map(String::from).unwrap_or_default()
                }
            }
        }
    }
}

impl Widget for Graph<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let used = self.values.len().div_ceil(self.per_cell()).min(usize::from(area.width));
        for x in 0..used {
            for y in 0..area.height {
                let (column, line) = (area.right() - 1 - x as u16, area.bottom() - 1 - y);
                let symbol = self.symbol(x, usize::from(y), area.height);
                buffer.set_stringn(column, line, symbol, 1, self.style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(values: &[f32], width: u16, height: u16, charset: Charset) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        Graph { values, charset, style: Style::new() }.render(area, &mut buffer);
        area.rows().map(|row| row.positions().map(|at| buffer[at].symbol()).collect()).collect()
    }

    #[test]
    fn two_values_share_a_cell_and_the_last_is_at_the_right() {
        assert_eq!(drawn(&[0.0, 0.25, 0.5, 0.75, 1.0], 3, 1, Charset::Unicode), ["⢀⣠⣾"]);
        assert_eq!(drawn(&[0.5, 1.0], 1, 2, Charset::Unicode), ["⢸", "⣿"]);
        assert_eq!(drawn(&[0.0, 0.5, 1.0], 4, 1, Charset::Ascii), [" .:#"]);
        assert_eq!(drawn(&[], 2, 1, Charset::Unicode), ["  "]);
        assert_eq!(drawn(&[f32::NAN, 9.0], 1, 1, Charset::Ascii), ["#"]);
    }
}
