//! Draws any list: columns with priorities, of which as many are shown as fit; highlight, selection, order.

use ratatui::{
    buffer::Buffer,
    layout::{Alignment, Rect},
    text::Line,
    widgets::{Paragraph, Widget},
};

use super::Screen;
use crate::{
    clock::{Millis, time_or_date},
    table::Table,
    text::width,
    theme::Ink,
};

/// Columns between two columns.
const GAP: u16 = 2;
/// Cells before the first column: highlight, selection, a blank.
const MARK: u16 = 3;

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

/// A column: title, cells at least and at most, side, rank (the highest is left out first), text.
macro_rules! column {
    ($title:literal, $min:literal..$max:literal, $align:ident, $rank:literal, $cell:expr) => {
        crate::view::table::Column {
            title: $title,
            width: ($min, $max),
            align: crate::view::table::Align::$align,
            rank: $rank,
            cell: $cell,
        }
    };
}
pub(super) use column;

/// A list on the screen.
pub(super) struct List<'a, R, K, M> {
    pub(super) columns: &'a [Column<R>],
    /// In the order in which they are shown.
    pub(super) rows: &'a [&'a R],
    pub(super) key: fn(&R) -> K,
    pub(super) table: &'a Table<K, M>,
    /// Title of the column that it is sorted by.
    pub(super) sorted: Option<&'static str>,
    /// What is said when there are no rows.
    pub(super) nothing: &'a str,
}

/// The columns that fit, with their widths: the least important ones go first, then what is left is shared.
fn fitting<R>(columns: &[Column<R>], room: u16) -> Vec<(&Column<R>, u16)> {
    let mut shown: Vec<_> = columns.iter().map(|column| (column, column.width.0)).collect();
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

/// Writes a cell into `room` columns at `(x, y)`, not beyond `area`.
fn put(buffer: &mut Buffer, area: Rect, (x, y): (u16, u16), room: u16, align: Align, line: &Line<'_>) {
    let indent = match align {
        Align::Left => 0,
        Align::Right => room.saturating_sub(line.width() as u16),
    };
    let end = area.right();
    if x + indent < end {
        buffer.set_line(x + indent, y, line, (room - indent).min(end - x - indent));
    }
}

impl Screen<'_> {
    /// Draws a list: titles, then as many rows as fit, the highlighted one among them.
    pub(super) fn list<R, K: Clone + Ord, M>(&self, area: Rect, buffer: &mut Buffer, list: &List<'_, R, K, M>) {
        let columns = fitting(list.columns, area.width.saturating_sub(MARK + 1));
        let mut x = area.x + MARK;
        for (column, room) in &columns {
            let title = self.column_title(column, *room, list);
            put(buffer, area, (x, area.y), *room, column.align, &title);
            x += room + GAP;
        }
        let room = usize::from(area.height.saturating_sub(1));
        let hidden = list.rows.len().saturating_sub(room);
        let from = list.table.index().saturating_sub(room / 2).min(hidden);
        let rows = list.rows.iter().enumerate().skip(from);
        for ((index, row), y) in rows.zip(area.y + 1..area.bottom()) {
            let key = (list.key)(row);
            let here = index == list.table.index() && list.table.highlighted() == Some(&key);
            buffer.set_line(area.x, y, &self.marks(here, list.table.is_selected(&key)), MARK);
            let mut x = area.x + MARK;
            for (column, room) in &columns {
                let line = (column.cell)(row, self, usize::from(*room));
                put(buffer, area, (x, y), *room, column.align, &line);
                x += room + GAP;
            }
            if here {
                buffer.set_style(Rect { y, height: 1, ..area }, self.style(Ink::Highlight));
            }
        }
        if list.rows.is_empty() {
            self.say_in(area, buffer, list.nothing);
        }
    }

    /// The title, with a sign when the list is sorted by it.
    fn column_title<R, K, M>(&self, column: &Column<R>, room: u16, list: &List<'_, R, K, M>) -> Line<'static> {
        let descending = list.table.sort.is_some_and(|sort| sort.descending);
        let look = self.state.look;
        let sign = if descending { look.pick("▼", "v") } else { look.pick("▲", "^") };
        let (ink, title) = match list.sorted {
            Some(title) if title == column.title => (Ink::Accent, format!("{title}{sign}")),
            _ => (Ink::Dim, column.title.to_owned()),
        };
        let fits = width(&title) <= usize::from(room);
        Line::from(self.span(ink, if fits { title } else { String::new() }))
    }

    fn marks(&self, here: bool, chosen: bool) -> Line<'static> {
        let look = self.state.look;
        let bar = self.span(Ink::Accent, if here { look.pick("▌", ">") } else { " " });
        let dot = self.span(Ink::Warn, if chosen { look.pick("◆", "*") } else { " " });
        Line::from(vec![bar, dot])
    }

    /// A sentence in the middle.
    pub(super) fn say_in(&self, area: Rect, buffer: &mut Buffer, text: &str) {
        let middle = Rect { y: area.y + area.height / 2, height: 1.min(area.height), ..area };
        Paragraph::new(Line::from(self.span(Ink::Dim, text))).alignment(Alignment::Center).render(middle, buffer);
    }

    pub(super) fn cell(&self, ink: Ink, text: impl AsRef<str>) -> Line<'static> {
        Line::from(self.span(ink, text))
    }

    /// A moment; of another day, with its date.
    pub(super) fn at(&self, at: Option<Millis>) -> Line<'static> {
        let (now, offset) = (self.snapshot.now, self.snapshot.utc_offset_s);
        self.cell(Ink::Dim, at.map(|at| time_or_date(at, now, offset)).unwrap_or_default())
    }
}
