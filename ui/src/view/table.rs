//! Draws any list: columns with priorities, of which as many are shown as fit.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget,
};

use super::Screen;
use crate::text::width;

/// Columns between two columns.
const GAP: u16 = 2;

/// Which side of its column a cell keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// One column of a list of `R`.
pub(super) struct Column<R> {
    /// Shown above it.
    pub(super) title: &'static str,
    /// Cells it needs at least and takes at most.
    pub(super) width: (u16, u16),
    /// Side.
    pub(super) align: Align,
    /// The highest number is left out first; 0 is always shown.
    pub(super) rank: u8,
    /// Its text in at most so many cells.
    pub(super) cell: fn(&R, &Screen<'_>, usize) -> Line<'static>,
}

/// What stands before row `n`, and its ground.
pub(super) type Mark<'a, R> = dyn Fn(usize, &R) -> (Line<'static>, Option<Style>) + 'a;

/// A list on the screen.
pub(super) struct TableView<'a, R> {
    pub(super) columns: &'a [Column<R>],
    pub(super) rows: &'a [R],
    pub(super) screen: &'a Screen<'a>,
    /// What stands before a row (highlight, selection), two cells wide, and the ground of the row.
    pub(super) mark: &'a Mark<'a, R>,
    pub(super) title_style: Style,
}

impl<R> TableView<'_, R> {
    /// The columns that fit, with their widths: the least important ones go first, then what is left is shared.
    fn fitting(&self, room: u16) -> Vec<(&Column<R>, u16)> {
        let mut shown: Vec<_> = self.columns.iter().map(|column| (column, column.width.0)).collect();
        let needed = |shown: &[(&Column<R>, u16)]| shown.iter().map(|(_, width)| width + GAP).sum::<u16>();
        while needed(&shown) > room + GAP {
            let rank = shown.iter().map(|(column, _)| column.rank).max().unwrap_or(0);
            let Some(last) = shown.iter().rposition(|(column, _)| column.rank == rank) else { break };
            if rank == 0 {
                break;
            }
            shown.remove(last);
        }
        let mut spare = (room + GAP).saturating_sub(needed(&shown));
        for (column, width) in &mut shown {
            let more = spare.min(column.width.1.saturating_sub(*width));
            *width += more;
            spare -= more;
        }
        shown
    }
}

impl<R> Widget for TableView<'_, R> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        const MARK: u16 = 3;
        let columns = self.fitting(area.width.saturating_sub(MARK + 1));
        let put = |buffer: &mut Buffer, x: u16, y: u16, room: u16, align: Align, line: &Line<'_>| {
            let indent = match align {
                Align::Left => 0,
                Align::Right => room.saturating_sub(line.width() as u16),
            };
            let end = area.right();
            if x + indent < end {
                buffer.set_line(x + indent, y, line, (room - indent).min(end - x - indent));
            }
        };
        let mut x = area.x + MARK;
        for (column, room) in &columns {
            let fitting = if width(column.title) <= usize::from(*room) { column.title } else { "" };
            put(buffer, x, area.y, *room, column.align, &Line::from(Span::styled(fitting, self.title_style)));
            x += room + GAP;
        }
        for (index, (row, y)) in self.rows.iter().zip(area.y + 1..area.bottom()).enumerate() {
            let (mark, ground) = (self.mark)(index, row);
            buffer.set_line(area.x, y, &mark, MARK);
            let mut x = area.x + MARK;
            for (column, room) in &columns {
                let line = (column.cell)(row, self.screen, usize::from(*room));
                put(buffer, x, y, *room, column.align, &line);
                x += room + GAP;
            }
            if let Some(ground) = ground {
                buffer.set_style(Rect { y, height: 1, ..area }, ground);
            }
        }
    }
}
