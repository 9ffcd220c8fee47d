//! Lists are walked along indexes. A lane is one index with its direction; an order is one lane or several in a row.

use crate::{
    store::{ListOrder, StateFilter, StoreError},
    task::Status,
};

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
    Started,
}

/// A place in a lane: the values of its key columns.
pub(super) type LaneKey = [i64; 3];

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
        ListOrder::Started => [Some(Lane::Started), None, None],
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
            Self::Created | Self::Started => matches!(state, StateFilter::All),
        }
    }

    /// How to walk: `INDEXED BY ..`, for the table's own order `NOT INDEXED`.
    pub(super) const fn index(self) -> &'static str {
        match self {
            Self::Queue => "INDEXED BY task_queue",
            Self::Running => "INDEXED BY task_running",
            Self::Ended(None) => "INDEXED BY task_finished",
            Self::Ended(Some(_)) => "INDEXED BY task_ended",
            Self::Created => "NOT INDEXED",
            Self::Started => "INDEXED BY task_started",
        }
    }

    /// Which tasks are in it.
    pub(super) fn condition(self) -> String {
        match self {
            Self::Queue => "status = 'queued'".to_owned(),
            Self::Running => "status = 'started'".to_owned(),
            Self::Ended(None) => "finished IS NOT NULL".to_owned(),
            Self::Ended(Some(status)) => format!("finished IS NOT NULL AND status = '{status}'"),
            Self::Created => "1".to_owned(),
            Self::Started => "started IS NOT NULL".to_owned(),
        }
    }

    /// Its key columns, with their places in [`super::row::COLUMNS`].
    pub(super) const fn keys(self) -> &'static [(&'static str, usize)] {
        match self {
            Self::Queue => &[("band", 8), ("vt", 9), ("seq", 10)],
            Self::Running | Self::Started => &[("started", 26), ("n", 0)],
            Self::Ended(_) => &[("finished", 27), ("n", 0)],
            Self::Created => &[("n", 0)],
        }
    }

    /// `ORDER BY` terms.
    pub(super) fn order(self) -> String {
        let direction = if self == Self::Queue { "" } else { " DESC" };
        let terms: Vec<_> = self.keys().iter().map(|(name, _)| format!("{name}{direction}")).collect();
        terms.join(", ")
    }

    /// The condition "behind this place", with one mark per key column.
    pub(super) fn behind(self) -> String {
        let (names, marks): (Vec<_>, Vec<_>) = self.keys().iter().map(|(name, _)| (*name, "?")).unzip();
        let relation = if self == Self::Queue { '>' } else { '<' };
        format!("({}) {relation} ({})", names.join(", "), marks.join(", "))
    }

    const fn letter(self) -> &'static str {
        match self {
            Self::Queue => "q",
            Self::Running => "r",
            Self::Ended(_) => "e",
            Self::Created => "c",
            Self::Started => "s",
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

/// The text of a place: `<order><lane>.<a>.<b>.<c>`.
pub(super) fn encode(order: ListOrder, lane: Lane, [a, b, c]: LaneKey) -> String {
    format!("{}{}.{a}.{b}.{c}", order_letter(order), lane.letter())
}

/// Reads a place of this order; answers the number of its lane.
pub(super) fn decode(text: &str, order: ListOrder, lanes: &[Lane]) -> Result<(usize, LaneKey), StoreError> {
    let parse = || {
        let rest = text.strip_prefix(order_letter(order))?;
        let (lane, keys) = rest.split_once('.')?;
        let lane = lanes.iter().position(|candidate| candidate.letter() == lane)?;
        let mut numbers = keys.split('.').map(|number| number.parse::<i64>().ok());
        let key = [numbers.next()??, numbers.next()??, numbers.next()??];
        numbers.next().is_none().then_some((lane, key))
    };
    parse().ok_or(StoreError::BadCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_anything_else_is_refused() {
        let lanes = lanes(ListOrder::Life, StateFilter::All);
        for (number, lane) in lanes.iter().enumerate() {
            let text = encode(ListOrder::Life, *lane, [-3, i64::MAX, 0]);
            assert_eq!(decode(&text, ListOrder::Life, &lanes).unwrap(), (number, [-3, i64::MAX, 0]));
            assert!(matches!(decode(&text, ListOrder::Created, &lanes), Err(StoreError::BadCursor)));
        }
        for bad in [
            "",
            "l",
            "lq",
            "lq.",
            "lq.1",
            "lq.1.2",
            "lq.1.2.3.4",
            "lc.1.2.3",
            "lq.1.2.x",
            "lq.1.2.99999999999999999999",
            "é.1.2.3",
        ] {
            assert!(matches!(decode(bad, ListOrder::Life, &lanes), Err(StoreError::BadCursor)), "{bad}");
        }
    }
}
