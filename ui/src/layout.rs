//! Which part of the screen shows what. The number of rows of a list follows from it, and with it how much the host
//! loads.

use ratatui::layout::Rect;

use crate::snapshot::ScreenKind;

/// Smaller screens show a message only.
pub const MIN_SIZE: (u16, u16) = (60, 15);
/// From this width on the details stand beside the list instead of over it.
pub const SPLIT_WIDTH: u16 = 120;
/// From this height on the names of the screens have a line of their own.
pub const ROOMY_HEIGHT: u16 = 20;
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
    /// The names of the screens: one line; on a low screen the line of the alerts, when there are none.
    pub screens: Rect,
    /// Parts of this screen (states, spans, levels): one line, and a rule below it on tall screens.
    pub tabs: Rect,
    /// The list with its titles, or all of a screen that divides it itself.
    pub table: Rect,
    /// Details of a task.
    pub details: Option<Rect>,
    /// Load of the machine, below the list of tasks.
    pub machine: Option<Rect>,
    /// Filter, messages, place in the list: one line.
    pub status: Rect,
    /// Keys: one line.
    pub footer: Rect,
}

impl Layout {
    /// Divides a screen; `None` when it is too small.
    pub fn of(area: Rect, screen: ScreenKind, details: bool, panels: bool) -> Option<Self> {
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
        let screens = if area.height >= ROOMY_HEIGHT { top(1) } else { alerts };
        let tabs = top(if area.height >= 30 { 2 } else { 1 });
        let mut bottom = |height: u16| {
            rest.height -= height;
            Rect { y: rest.bottom(), height, ..rest }
        };
        let (footer, status) = (bottom(1), bottom(1));
        let machine = match area.height {
            _ if screen != ScreenKind::Tasks => None,
            // Details over the list need the room themselves.
            _ if !panels || (details && area.width < SPLIT_WIDTH) => None,
            ..ROOMY_HEIGHT => None,
            ROOMY_HEIGHT..36 => Some(bottom(3)),
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
        Some(Self { identity, figures, alerts, screens, tabs, table, details, machine, status, footer })
    }

    /// Rows of the list: one line is its titles.
    pub const fn rows(&self) -> usize {
        self.table.height.saturating_sub(1) as usize
    }
}

/// Cells of the chart and bars of the histogram of the run history.
pub const fn chart_widths(width: u16) -> (u16, u16) {
    let histogram = if width >= 120 { 36 } else { 22 };
    // Scales stand left of both, blanks between them.
    (width.saturating_sub(histogram + 24), histogram)
}

/// Divides what a list does not need between it and what stands below: the list gets what it needs, at most `share`
/// percent when what is below needs the room.
pub fn split(area: Rect, list: usize, below: u16, share: u16) -> (Rect, Rect) {
    let most = area.height.saturating_sub(below).max(area.height * share / 100);
    let height = u16::try_from(list).unwrap_or(u16::MAX).min(most).min(area.height);
    (Rect { height, ..area }, Rect { y: area.y + height, height: area.height - height, ..area })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_screen_without_overlap() {
        for (width, height) in [(60, 15), (80, 24), (120, 40), (160, 45), (300, 100)] {
            for screen in ScreenKind::ALL {
                for (details, panels) in [(false, false), (false, true), (true, true)] {
                    let area = Rect::new(0, 0, width, height);
                    let parts = Layout::of(area, screen, details, panels).expect("large enough");
                    let beside = parts.details.filter(|_| width >= SPLIT_WIDTH);
                    let all = [
                        parts.identity,
                        parts.figures,
                        parts.alerts,
                        parts.tabs,
                        parts.table,
                        parts.status,
                        parts.footer,
                    ];
                    let screens = (parts.screens != parts.alerts).then_some(parts.screens);
                    let parts_beside = beside.into_iter().chain(parts.machine).chain(screens);
                    let covered: u32 = all.into_iter().chain(parts_beside).map(Rect::area).sum();
                    assert_eq!(covered, area.area(), "{width}x{height}");
                    assert!(parts.rows() >= 8, "{width}x{height}: {}", parts.rows());
                }
            }
        }
        assert_eq!(Layout::of(Rect::new(0, 0, 59, 15), ScreenKind::Tasks, false, true), None);
        assert_eq!(Layout::of(Rect::new(0, 0, 60, 14), ScreenKind::Tasks, false, true), None);
    }

    #[test]
    fn a_list_gets_what_it_needs_and_leaves_room_below() {
        let area = Rect::new(0, 5, 80, 20);
        assert_eq!(split(area, 4, 10, 50).0.height, 4);
        assert_eq!(split(area, 40, 5, 50).0.height, 15);
        assert_eq!(split(area, 40, 15, 50).0.height, 10);
        let (list, below) = split(area, 12, 10, 50);
        assert_eq!((list.bottom(), below.bottom()), (below.y, area.bottom()));
    }
}
