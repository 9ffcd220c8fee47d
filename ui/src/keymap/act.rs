//! What keys do.

use crate::snapshot::Role;

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Highlight the row above.
    Up,
    /// Highlight the row below.
    Down,
    /// The page before.
    PageUp,
    /// The page behind.
    PageDown,
    /// The very first row.
    Top,
    /// The last row.
    Bottom,
    /// The screen to the right.
    NextScreen,
    /// The screen to the left.
    PreviousScreen,
    /// The screen of this number.
    NumberedScreen,
    /// The next part of this screen: state, span, level.
    NextTab,
    /// The part before.
    PreviousTab,
    /// Select or unselect the row.
    Select,
    /// Select every row of the page, or none.
    SelectPage,
    /// Select everything that matches.
    SelectAll,
    /// Open what is highlighted.
    Open,
    /// One step back: what is open, selection, filter, screen.
    Back,
    /// Type a filter.
    Filter,
    /// Sort by the next column.
    SortNext,
    /// Sort by the column before.
    SortPrevious,
    /// Sort the other way round.
    Reverse,
    /// Stop the screen from changing, or let it go on.
    Freeze,
    /// Show or hide load and graphs.
    Panels,
    /// Try the next colours.
    Theme,
    /// Copy what is highlighted.
    Copy,
    /// Show the log lines of the task.
    LogLines,
    /// Cancel tasks.
    Cancel,
    /// Requeue tasks.
    Requeue,
    /// Delete tasks.
    Delete,
    /// Raise the priority of tasks.
    Raise,
    /// Lower the priority of tasks.
    Lower,
    /// Show the queues, to pause and resume them.
    Queues,
    /// Pause or resume the highlighted queue.
    TogglePause,
    /// Let workers take no new tasks, or take them again.
    DrainWorker,
    /// Write the run history to a file.
    Export,
    /// Show all keys.
    Help,
    /// Ask how to leave.
    Quit,
    /// Ctrl-C: ask how to leave; again: leave.
    Interrupt,
    /// Yes, do it.
    Yes,
    /// No, do not.
    No,
    /// Leave, the server goes on.
    Leave,
    /// Drain and stop the server.
    Drain,
    /// Apply the filter.
    Apply,
    /// Complete the last word.
    Complete,
    /// Remove a character.
    Erase,
    /// Remove a word.
    EraseWord,
    /// Remove everything.
    EraseAll,
}

impl Act {
    /// Does it change something, or lead to a change? Then it is not for viewers.
    pub const fn changes(self) -> bool {
        matches!(
            self,
            Self::Cancel
                | Self::Requeue
                | Self::Delete
                | Self::Raise
                | Self::Lower
                | Self::Queues
                | Self::TogglePause
                | Self::DrainWorker
                | Self::Export
                | Self::Drain
        )
    }

    /// Is it of any use to somebody of this role? Selecting is for changing only.
    pub fn is_for(self, role: Role) -> bool {
        role == Role::Operator || !(self.changes() || matches!(self, Self::Select | Self::SelectPage | Self::SelectAll))
    }
}
