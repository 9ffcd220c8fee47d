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

/// A column with the cells that it needs at least and takes at most.
type Room<'a, R> = (&'a Column<R>, u16, u16);

/// A list on the screen.
pub(super) struct List<'a, R, K, M> {
    pub(super) columns: &'a [Column<R>],
    /// In the order in which they are shown.
    pub(super) rows: &'a [&'a R],
    pub(super) key: fn(&R) -> K,
    pub(super) table: &'a Table<K, M>,
    /// Title of the column that it is sorted by.
    pub(super) sorted: Option<&'static str>,
    /// Columns are as wide as what stands in them needs. Otherwise they keep their places whatever comes: a list that
    /// changes all the time does not move sideways.
    pub(super) snug: bool,
    /// What is said when there are no rows.
    pub(super) nothing: &'a str,
}

/// The columns that fit, from those with what they need at least and take at most, with their widths: the least
/// important ones go first, then the widest give way. What is left is shared, by the first ones or, when `evenly`, by
/// all alike.
fn fitting<R>(mut shown: Vec<Room<'_, R>>, room: u16, evenly: bool) -> Vec<(&Column<R>, u16)> {
    let needed = |shown: &[Room<'_, R>]| shown.iter().map(|(_, width, _)| width + GAP).sum::<u16>();
    while needed(&shown) > room + GAP {
        let rank = shown.iter().map(|(column, ..)| column.rank).max().unwrap_or(0);
        let Some(last) = shown.iter().rposition(|(column, ..)| column.rank == rank) else { break };
        if rank == 0 {
            break;
        }
        shown.remove(last);
    }
    while needed(&shown) > room + GAP {
        let elastic = shown.iter_mut().filter(|(column, width, _)| column.width.0 < column.width.1 && *width > 1);
        let Some((_, width, _)) = elastic.max_by_key(|(_, width, _)| *width) else { break };
        *width -= 1;
    }
    let spare = (room + GAP).saturating_sub(needed(&shown));
    share(&mut shown, spare, if evenly { 1 } else { u16::MAX });
    shown.into_iter().map(|(column, width, _)| (column, width)).collect()
}

/// Gives the columns in turn so many more cells `at_once`, until all have what they take or nothing is left.
fn share<R>(shown: &mut [Room<'_, R>], mut spare: u16, at_once: u16) {
    loop {
        let before = spare;
        for (_, width, most) in &mut *shown {
            let more = spare.min(most.saturating_sub(*width)).min(at_once);
            *width += more;
            spare -= more;
        }
        if spare == before {
            return;
        }
    }
}

/// Writes a cell into `room` columns at `(x, y)`, not beyond `area`. A cut is marked: half a number is another number.
fn put(buffer: &mut Buffer, area: Rect, (x, y): (u16, u16), room: u16, align: Align, line: &Line<'_>) {
    let indent = match align {
        Align::Left => 0,
        Align::Right => room.saturating_sub(line.width() as u16),
    };
    let end = area.right();
    if x + indent >= end {
        return;
    }
    let shown = (room - indent).min(end - x - indent);
    buffer.set_line(x + indent, y, line, shown);
    if line.width() > usize::from(shown)
        && let Some(last) = buffer.cell_mut((x + indent + shown.saturating_sub(1), y))
    {
        last.set_symbol("…");
    }
}

impl Screen<'_> {
    /// Draws a list: titles, then as many rows as fit, the highlighted one among them.
    pub(super) fn list<R, K: Clone + Ord, M>(&self, area: Rect, buffer: &mut Buffer, list: &List<'_, R, K, M>) {
        let columns = list.columns.iter().map(|column| self.room(column, list)).collect();
        let columns = fitting(columns, area.width.saturating_sub(MARK + 1), list.snug);
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

    /// What a column of the list needs and takes.
    fn room<'a, R, K, M>(&self, column: &'a Column<R>, list: &List<'_, R, K, M>) -> Room<'a, R> {
        let (least, most) = column.width;
        if !list.snug {
            return (column, least, most);
        }
        let title = self.column_title(column, most, list).width();
        let cells = list.rows.iter().map(|row| (column.cell)(row, self, usize::from(most)).width());
        let widest = cells.fold(title, usize::max) as u16;
        (column, least.min(widest), most.min(widest))
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
