//! Lanes as sorted sets: their keys, and places in them.

use crate::store::{
    ListOrder, StoreError,
    lanes::{self, Lane},
};

impl Lane {
    /// The key of its sorted set, behind the prefix.
    pub(super) fn set(self) -> String {
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
        if self.ascends() { 1 } else { -1 }
    }
}

/// Reads a cursor of this order; answers the number of its lane, and the member of the set.
pub(super) fn decode<'a>(text: &'a str, order: ListOrder, lanes: &[Lane]) -> Result<(usize, &'a str), StoreError> {
    lanes::decode(text, order, lanes, |member| {
        // Numbers of a fixed width, then an id, as `lua/record.lua` writes them.
        let fits = (50..=90).contains(&member.len())
            && member.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f' | b'-' | b':'));
        fits.then_some(member)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{StateFilter, lanes::encode};

    #[test]
    fn cursors_round_trip_and_anything_else_is_refused() {
        let lanes = lanes::lanes(ListOrder::Life, StateFilter::All);
        let member = format!("10:{:013}:{:013}:936da01f-9abd-4d9d-80c7-02af85c822a8", 7, 9);
        for (number, lane) in lanes.iter().enumerate() {
            let text = encode(ListOrder::Life, *lane, &member);
            assert_eq!(decode(&text, ListOrder::Life, &lanes).unwrap(), (number, member.as_str()));
        }
        let strange = format!("lq.{}*", &member[1..]);
        for bad in ["lq.", "lq.1", "lq.1.2.3", &format!("lq.{member}{member}"), &strange] {
            assert!(matches!(decode(bad, ListOrder::Life, &lanes), Err(StoreError::BadCursor)), "{bad}");
        }
    }
}
