//! One page of a list: walk the order's lanes from the cursor, keep what passes the filter.
//!
//! A walk is cut into scripts that look at few records each, so that nobody else waits long for Redis.

use std::collections::HashMap;

use super::{
    lanes::decode,
    link::{Link, args},
    record, scripts,
};
use crate::{
    store::{
        ListFilter, ListOrder, Page, Result, StoreError,
        lanes::{self, Lane},
    },
    task::{Status, Task, TaskId, Timestamp},
};

/// Records looked at in one call, and the most that are sorted where a filter has an index but the order has not.
const SCAN: u64 = 10_000;
/// Records that one script looks at.
const STEP: u64 = 1_000;
/// Tasks on one page.
const PAGE: usize = 200;
/// Characters of a whole id.
const ID: usize = 36;

/// What a script answers: records with their ids, how many it looked at, the last of them, whether there is more.
type Step = (Vec<(String, HashMap<String, String>)>, u64, String, bool);

pub(super) async fn page(
    link: &Link,
    order: ListOrder,
    mut filter: ListFilter,
    cursor: Option<String>,
    limit: usize,
) -> Result<Page> {
    let limit = limit.clamp(1, PAGE);
    let lanes = lanes::lanes(order, filter.state);
    let (first, mut behind) = match &cursor {
        Some(text) => decode(text, order, &lanes).map(|(lane, member)| (lane, member.to_owned()))?,
        None => (0, String::new()),
    };
    let mut walk = Walk { order, limit, tasks: Vec::new(), looked_at: 0, place: None };
    let Some(narrow) = resolve(link, &mut filter).await? else { return Ok(walk.page(false, false)) };
    let mut filtered = false;
    for &lane in lanes.iter().skip(first) {
        let test_state = !lane.settles(filter.state);
        filtered |= test_state || narrow.leaves_tests(&filter);
        let conditions = conditions(&filter, test_state, narrow != Narrow::No);
        if walk.lane(link, lane, std::mem::take(&mut behind), &conditions).await? {
            return Ok(walk.page(true, filtered));
        }
    }
    Ok(walk.page(false, filtered))
}

/// Which condition settles the records to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Narrow {
    No,
    Uid,
    Id,
}

impl Narrow {
    /// Is there a condition that every record has to be tested for?
    fn leaves_tests(self, filter: &ListFilter) -> bool {
        let ListFilter { state: _, uid, uid_tag, use_case, id_prefix, worker, created_since, created_before } = filter;
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        created_since.is_some()
            || created_before.is_some()
            || uid_tag.is_some()
            || use_case.is_some()
            || worker.is_some()
            || (uid.is_some() && self != Self::Uid)
            || (given(id_prefix) && self != Self::Id)
    }
}

/// A tag that belongs to one uid is that uid's filter, which has an index. `None`: nothing can be listed.
async fn resolve(link: &Link, filter: &mut ListFilter) -> Result<Option<Narrow>> {
    filter.uid_tag = filter.uid_tag.take().filter(|tag| !tag.is_empty());
    let whole = filter.id_prefix.as_ref().is_some_and(|prefix| prefix.len() == ID);
    if filter.uid.is_none() && filter.uid_tag.is_none() {
        return Ok(Some(if whole { Narrow::Id } else { Narrow::No }));
    }
    let tag = filter.uid_tag.clone().unwrap_or_default();
    let uid = filter.uid.map(|uid| uid.expose()).unwrap_or_default();
    let (uids, tasks): (Vec<String>, u64) = link.repeat(&scripts::RESOLVE, args![tag, uid]).await?;
    match uids.as_slice() {
        [only] => {
            let only = only.parse().map_err(|_| super::fault::damaged("a uid"))?;
            if filter.uid.is_some_and(|wanted| wanted != only) {
                return Ok(None);
            }
            (filter.uid, filter.uid_tag) = (Some(only), None);
            Ok(Some(if tasks <= SCAN { Narrow::Uid } else { Narrow::No }))
        }
        [] => Ok(None),
        _ => Ok(Some(Narrow::No)),
    }
}

/// The conditions as `lua/walk.lua` reads them.
fn conditions(filter: &ListFilter, test_state: bool, narrow: bool) -> Vec<String> {
    let mut states = String::new();
    if test_state {
        let admitted = Status::ALL.into_iter().filter(|status| filter.state.admits(*status));
        states = admitted.fold(",".to_owned(), |list, status| list + status.word() + ",");
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.millis().to_string());
    let ListFilter { uid, uid_tag, use_case, id_prefix, worker, created_since, created_before, .. } = filter;
    vec![
        states,
        uid.map(|uid| uid.expose()).unwrap_or_default(),
        text(uid_tag),
        text(use_case),
        text(id_prefix),
        text(worker),
        time(*created_since),
        time(*created_before),
        u8::from(narrow).to_string(),
    ]
}

/// A page in the making.
struct Walk {
    order: ListOrder,
    limit: usize,
    tasks: Vec<Task>,
    looked_at: u64,
    place: Option<(Lane, String)>,
}

impl Walk {
    /// Walks one lane. `true`: the page is complete and there is more.
    async fn lane(&mut self, link: &Link, lane: Lane, mut behind: String, conditions: &[String]) -> Result<bool> {
        loop {
            let (want, budget) = (self.limit - self.tasks.len(), STEP.min(SCAN - self.looked_at));
            let mut args = args![lane.set(), lane.direction(), behind, want, budget];
            args.extend_from_slice(conditions);
            let (found, looked_at, last, more): Step = link.repeat(&scripts::WALK, args).await?;
            for (id, hash) in found {
                let id: TaskId = id.parse().map_err(|_| super::fault::damaged("a task's id"))?;
                match record::task(id, hash) {
                    Ok(task) => self.tasks.extend(task),
                    // It is told in the log, and the list goes on without it.
                    Err(StoreError::Damaged(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            self.looked_at += looked_at;
            if looked_at > 0 {
                self.place = Some((lane, last.clone()));
                behind = last;
            }
            if !more {
                return Ok(false);
            }
            if self.tasks.len() >= self.limit || self.looked_at >= SCAN {
                return Ok(true);
            }
        }
    }

    fn page(self, more: bool, filtered: bool) -> Page {
        let place = self.place.filter(|_| more);
        Page {
            tasks: self.tasks,
            cursor: place.map(|(lane, member)| lanes::encode(self.order, lane, &member)),
            scanned: if filtered { self.looked_at } else { 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StateFilter;

    #[test]
    fn only_what_no_index_settles_is_a_test() {
        let id =
            ListFilter { id_prefix: Some("936da01f-9abd-4d9d-80c7-02af85c822a8".to_owned()), ..Default::default() };
        assert!(Narrow::No.leaves_tests(&id) && !Narrow::Id.leaves_tests(&id));
        assert!(!Narrow::No.leaves_tests(&ListFilter { state: StateFilter::Terminal, ..Default::default() }));
        assert_eq!(
            conditions(&ListFilter { state: StateFilter::Finished, ..Default::default() }, true, false)[0],
            ",success,completed,"
        );
    }
}
