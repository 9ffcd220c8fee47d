//! Lanes as SQL: their indexes and conditions, and places in them.

use crate::store::{
    ListOrder, StoreError,
    lanes::{self, Lane},
};

/// A place in a lane: the values of its key columns.
pub(super) type LaneKey = [i64; 3];

impl Lane {
    /// How to walk: `INDEXED BY ..`, for the table's own order `NOT INDEXED`.
    pub(super) const fn index(self) -> &'static str {
        match self {
            Self::Queue => "INDEXED BY task_queue",
            Self::Running => "INDEXED BY task_running",
            Self::Ended(None) => "INDEXED BY task_finished",
            Self::Ended(Some(_)) => "INDEXED BY task_ended",
            Self::Created => "NOT INDEXED",
            Self::Begun => "INDEXED BY task_started",
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
            Self::Begun => "started IS NOT NULL".to_owned(),
        }
    }

    /// Its key columns, with their places in [`super::row::COLUMNS`].
    pub(super) const fn keys(self) -> &'static [(&'static str, usize)] {
        match self {
            Self::Queue => &[("band", 8), ("vt", 9), ("seq", 10)],
            Self::Running | Self::Begun => &[("started", 26), ("n", 0)],
            Self::Ended(_) => &[("finished", 27), ("n", 0)],
            Self::Created => &[("n", 0)],
        }
    }

    /// `ORDER BY` terms.
    pub(super) fn order(self) -> String {
        let direction = if self.ascends() { "" } else { " DESC" };
        let terms: Vec<_> = self.keys().iter().map(|(name, _)| format!("{name}{direction}")).collect();
        terms.join(", ")
    }

    /// The condition "behind this place", with one mark per key column.
    pub(super) fn behind(self) -> String {
        let (names, marks): (Vec<_>, Vec<_>) = self.keys().iter().map(|(name, _)| (*name, "?")).unzip();
        let relation = if self.ascends() { '>' } else { '<' };
        format!("({}) {relation} ({})", names.join(", "), marks.join(", "))
    }
}

/// The text of a cursor; its place is `<a>.<b>.<c>`.
pub(super) fn encode(order: ListOrder, lane: Lane, [a, b, c]: LaneKey) -> String {
    lanes::encode(order, lane, &format!("{a}.{b}.{c}"))
}

/// Reads a cursor of this order; answers the number of its lane, and the place.
pub(super) fn decode(text: &str, order: ListOrder, lanes: &[Lane]) -> Result<(usize, LaneKey), StoreError> {
    lanes::decode(text, order, lanes, |place| {
        let mut numbers = place.split('.').map(|number| number.parse::<i64>().ok());
        let key = [numbers.next()??, numbers.next()??, numbers.next()??];
        numbers.next().is_none().then_some(key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StateFilter;

    #[test]
    fn cursors_round_trip_and_anything_else_is_refused() {
        let lanes = lanes::lanes(ListOrder::Life, StateFilter::All);
        for (number, lane) in lanes.iter().enumerate() {
            let text = encode(ListOrder::Life, *lane, [-3, i64::MAX, 0]);
            assert_eq!(decode(&text, ListOrder::Life, &lanes).unwrap(), (number, [-3, i64::MAX, 0]));
        }
        for bad in ["lq.", "lq.1", "lq.1.2", "lq.1.2.3.4", "lq.1.2.x", "lq.1.2.99999999999999999999"] {
            assert!(matches!(decode(bad, ListOrder::Life, &lanes), Err(StoreError::BadCursor)), "{bad}");
        }
    }
}
