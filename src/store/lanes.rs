//! Lists are walked along indexes. A lane is one index with its direction; an order is one lane or several in a row.
//! Which lanes there are is the same for every engine; what the index is called and how a place in it is written is each
//! engine's own.

use super::{ListOrder, StateFilter, StoreError};
use crate::task::Status;

/// One index to walk along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Queued tasks by position.
    Queue,
    /// Started tasks, newest start first.
    Running,
    /// Terminal tasks (of one status), newest end first.
    Ended(Option<Status>),
    /// Every task, newest first.
    Created,
    /// Every task that has been started, newest start first.
    Begun,
}

/// The lanes of an order, without those that the state filter leaves empty.
pub(super) fn lanes(order: ListOrder, state: StateFilter) -> Vec<Lane> {
    let terminal = |status: &Status| status.is_terminal() && state.admits(*status);
    let ended = Status::ALL.iter().any(terminal).then_some(match state {
        StateFilter::One(status) => Lane::Ended(Some(status)),
        _ => Lane::Ended(None),
    });
    let queue = state.admits(Status::Queued).then_some(Lane::Queue);
    let running = state.admits(Status::Started).then_some(Lane::Running);
    let lanes = match order {
        ListOrder::Life => [queue, running, ended],
        ListOrder::Created => [Some(Lane::Created), None, None],
        ListOrder::Position => [queue, None, None],
        ListOrder::Started if state == StateFilter::One(Status::Started) => [running, None, None],
        ListOrder::Started => [Some(Lane::Begun), None, None],
        ListOrder::Finished => [ended, None, None],
    };
    lanes.into_iter().flatten().collect()
}

impl Lane {
    /// Does every task of the lane pass the state filter?
    pub(super) const fn settles(self, state: StateFilter) -> bool {
        match self {
            Self::Queue | Self::Running | Self::Ended(Some(_)) => true,
            Self::Ended(None) => matches!(state, StateFilter::All | StateFilter::Terminal),
            Self::Created | Self::Begun => matches!(state, StateFilter::All),
        }
    }

    /// Is it walked from its least place on? The others are walked from their greatest.
    pub(super) const fn ascends(self) -> bool {
        matches!(self, Self::Queue)
    }

    const fn letter(self) -> &'static str {
        match self {
            Self::Queue => "q",
            Self::Running => "r",
            Self::Ended(_) => "e",
            Self::Created => "c",
            Self::Begun => "s",
        }
    }
}

const fn order_letter(order: ListOrder) -> &'static str {
    match order {
        ListOrder::Life => "l",
        ListOrder::Created => "c",
        ListOrder::Position => "p",
        ListOrder::Started => "s",
        ListOrder::Finished => "f",
    }
}

/// The text of a cursor: `<order><lane>.<place>`.
pub(super) fn encode(order: ListOrder, lane: Lane, place: &str) -> String {
    format!("{}{}.{place}", order_letter(order), lane.letter())
}

/// Reads a cursor of this order; answers the number of its lane, and the place as `read` takes it from its text.
///
/// # Errors
/// [`StoreError::BadCursor`], also when `read` gives nothing.
pub(super) fn decode<'a, T>(
    text: &'a str,
    order: ListOrder,
    lanes: &[Lane],
    read: impl FnOnce(&'a str) -> Option<T>,
) -> Result<(usize, T), StoreError> {
    let parse = || {
        let (letter, place) = text.strip_prefix(order_letter(order))?.split_once('.')?;
        let lane = lanes.iter().position(|lane| lane.letter() == letter)?;
        Some((lane, read(place)?))
    };
    parse().ok_or(StoreError::BadCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_in_its_own_order_only() {
        let lanes = lanes(ListOrder::Life, StateFilter::All);
        assert_eq!(lanes, [Lane::Queue, Lane::Running, Lane::Ended(None)]);
        for (number, lane) in lanes.iter().enumerate() {
            let text = encode(ListOrder::Life, *lane, "a.b");
            assert_eq!(decode(&text, ListOrder::Life, &lanes, Some).unwrap(), (number, "a.b"));
            assert!(matches!(decode(&text, ListOrder::Created, &lanes, Some), Err(StoreError::BadCursor)));
            let none = decode(&text, ListOrder::Life, &lanes, |_| None::<()>);
            assert!(matches!(none, Err(StoreError::BadCursor)));
        }
        for bad in ["", "l", "lq", "q.a", "lc.a", "lqq.a", "é.a"] {
            assert!(matches!(decode(bad, ListOrder::Life, &lanes, Some), Err(StoreError::BadCursor)), "{bad}");
        }
    }

    #[test]
    fn a_filter_leaves_only_lanes_with_tasks_of_its_states() {
        let of = |order, state| lanes(order, state);
        let (queued, failed) = (StateFilter::One(Status::Queued), StateFilter::One(Status::Failure));
        assert_eq!(of(ListOrder::Life, queued), [Lane::Queue]);
        assert_eq!(of(ListOrder::Life, failed), [Lane::Ended(Some(Status::Failure))]);
        assert_eq!(of(ListOrder::Finished, queued), []);
        assert_eq!(of(ListOrder::Position, failed), []);
        assert_eq!(of(ListOrder::Started, StateFilter::One(Status::Started)), [Lane::Running]);
        assert_eq!(of(ListOrder::Started, failed), [Lane::Begun]);
        assert!(!Lane::Begun.settles(failed) && Lane::Running.settles(StateFilter::One(Status::Started)));
        assert!(!Lane::Ended(None).settles(StateFilter::Finished) && Lane::Ended(None).settles(StateFilter::Terminal));
    }
}
