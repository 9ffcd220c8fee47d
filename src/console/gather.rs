//! Every task that matches, for acting on all of them.

use cipherdeck_ui::{Filter, Tab};

use super::pager::{Place, Start, Walk};
use crate::{
    store::{Result, Store},
    task::{Task, Timestamp},
};

/// Calls of the store: 10,000 tasks in pages of 200, and a million records looked at for a filter without an index.
const CALLS: usize = 160;

/// At most `most` tasks of the tab that pass the filter; `true`: there are more, or may be.
pub(super) async fn gather(
    store: &dyn Store,
    tab: Tab,
    filter: &Filter,
    now: Timestamp,
    most: usize,
) -> Result<(Vec<Task>, bool)> {
    let place = Place { tab, filter: filter.clone(), start: Start::default(), limit: most };
    let mut walk = Walk::new(store, &place, now, CALLS);
    let mut tasks = Vec::new();
    // One more than wanted says whether there are more.
    while tasks.len() <= most && walk.may_go_on() {
        tasks.extend(walk.step(most + 1 - tasks.len()).await?);
    }
    let truncated = tasks.len() > most || !walk.is_at_end();
    tasks.truncate(most);
    Ok((tasks, truncated))
}
