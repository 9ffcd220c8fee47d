//! Which part of the screen shows what. The number of rows of the list follows from it, and with it how many tasks the
//! host loads.

use ratatui::layout::Rect;

/// Smaller screens show a message only.
pub const MIN_SIZE: (u16, u16) = (60, 15);
/// From this width on the details stand beside the list instead of over it.
pub const SPLIT_WIDTH: u16 = 120;
const DETAILS_WIDTH: u16 = 52;

/// The parts of the main screen, top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Who and where: one line.
    pub identity: Rect,
    /// The figures: one line.
    pub figures: Rect,
    /// Alerts, or nothing: one line.
    pub alerts: Rect,
    /// State tabs: one line, and a rule below it on tall screens.
    pub tabs: Rect,
    /// The list with its titles.
    pub table: Rect,
    /// Details of a task.
    pub details: Option<Rect>,
    /// Load of the machine.
    pub machine: Option<Rect>,
    /// Filter, messages, place in the list: one line.
    pub status: Rect,
    /// Keys: one line.
    pub footer: Rect,
}

impl Layout {
    /// Divides a screen; `None` when it is too small.
    pub fn of(area: Rect, details: bool, machine: bool) -> Option<Self> {
        if area.width < MIN_SIZE.0 || area.height < MIN_SIZE.1 {
            return None;
        }
        let mut rest = area;
        let mut top = |height: u16| {
            let part = Rect { height, ..rest };
            rest.y += height;
            rest.height -= height;
            part
        };
        let (identity, figures, alerts) = (top(1), top(1), top(1));
        let tabs = top(if area.height >= 30 { 2 } else { 1 });
        let mut bottom = |height: u16| {
            rest.height -= height;
            Rect { y: rest.bottom(), height, ..rest }
        };
        let (footer, status) = (bottom(1), bottom(1));
        let machine = match area.height {
            // Details over the list need the room themselves.
            _ if !machine || (details && area.width < SPLIT_WIDTH) => None,
            ..20 => None,
            20..36 => Some(bottom(3)),
            _ => Some(bottom(6)),
        };
        let mut table = rest;
        let details = details.then(|| {
            if area.width < SPLIT_WIDTH {
                return table;
            }
            table.width -= DETAILS_WIDTH;
            Rect { x: table.right(), width: DETAILS_WIDTH, ..table }
        });
        Some(Self { identity, figures, alerts, tabs, table, details, machine, status, footer })
    }

    /// Rows of the list: one line is its titles.
    pub const fn rows(&self) -> usize {
        self.table.height.saturating_sub(1) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_screen_without_overlap() {
        for (width, height) in [(60, 15), (80, 24), (120, 40), (160, 45), (300, 100)] {
            for (details, machine) in [(false, false), (false, true), (true, true)] {
                let area = Rect::new(0, 0, width, height);
                let parts = Layout::of(area, details, machine).expect("large enough");
                let beside = parts.details.filter(|_| width >= SPLIT_WIDTH);
                let all =
                    [parts.identity, parts.figures, parts.alerts, parts.tabs, parts.table, parts.status, parts.footer];
                let covered: u32 = all.into_iter().chain(beside).chain(parts.machine).map(Rect::area).sum();
                assert_eq!(covered, area.area(), "{width}x{height}");
                assert!(parts.rows() >= 8, "{width}x{height}: {}", parts.rows());
            }
        }
        assert_eq!(Layout::of(Rect::new(0, 0, 59, 15), false, true), None);
        assert_eq!(Layout::of(Rect::new(0, 0, 60, 14), false, true), None);
    }
}
