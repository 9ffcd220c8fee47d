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

    /// The key of its index, behind the prefix.
    pub(super) fn index(self) -> String {
        match self {
            Self::Queue => "queue".to_owned(),
            Self::Running => "state:started".to_owned(),
            Self::Ended(None) => "ended".to_owned(),
            Self::Ended(Some(status)) => format!("state:{status}"),
            Self::Created => "created".to_owned(),
            Self::Begun => "begun".to_owned(),
        }
    }

    /// 1: from its first member on; -1: from its last.
    pub(super) const fn direction(self) -> i8 {
        if matches!(self, Self::Queue) { 1 } else { -1 }
    }

    const fn letter(self) -> char {
        match self {
            Self::Queue => 'q',
            Self::Running => 'r',
            Self::Ended(_) => 'e',
            Self::Created => 'c',
            Self::Begun => 's',
        }
    }
}

const fn order_letter(order: ListOrder) -> char {
    match order {
        ListOrder::Life => 'l',
        ListOrder::Created => 'c',
        ListOrder::Position => 'p',
        ListOrder::Started => 's',
        ListOrder::Finished => 'f',
    }
}

/// The text of a place: the letters of order and lane, and the member of the index.
pub(super) fn encode(order: ListOrder, lane: Lane, member: &str) -> String {
    format!("{}{}.{member}", order_letter(order), lane.letter())
}

/// Reads a place of this order; answers the number of its lane, and the member.
pub(super) fn decode<'a>(text: &'a str, order: ListOrder, lanes: &[Lane]) -> Result<(usize, &'a str), StoreError> {
    let parse = || {
        let rest = text.strip_prefix(order_letter(order))?;
        let (letter, member) = rest.split_once('.')?;
        let lane = lanes.iter().position(|lane| letter == lane.letter().to_string())?;
        // Numbers of a fixed width, then an id, as `lua/record.lua` writes them.
        let fits = (50..=90).contains(&member.len())
            && member.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f' | b'-' | b':'));
        fits.then_some((lane, member))
    };
    parse().ok_or(StoreError::BadCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_round_trip_and_anything_else_is_refused() {
        let lanes = lanes(ListOrder::Life, StateFilter::All);
        let member = format!("10:{:013}:{:013}:936da01f-9abd-4d9d-80c7-02af85c822a8", 7, 9);
        for (number, lane) in lanes.iter().enumerate() {
            let text = encode(ListOrder::Life, *lane, &member);
            assert_eq!(decode(&text, ListOrder::Life, &lanes).unwrap(), (number, member.as_str()));
            assert!(matches!(decode(&text, ListOrder::Created, &lanes), Err(StoreError::BadCursor)));
        }
        let strange = format!("lq.{}*", &member[1..]);
        for bad in ["", "l", "lq", "lq.", "lq.1", "lc.1.2.3", "é.1", &format!("lq.{member}{member}"), &strange] {
            assert!(matches!(decode(bad, ListOrder::Life, &lanes), Err(StoreError::BadCursor)), "{bad}");
        }
    }
}
