//! Removes what is due: expired tasks, uids, the oldest of the run history.

use super::{
    link::{Link, args},
    record::blobs,
    scripts,
};
use crate::store::{Result, Swept};

/// Tasks, and uids, that one script removes: everybody else waits meanwhile.
const STEP: usize = 250;
/// The same for one sweep.
const AT_ONCE: usize = 10_000;
/// Names asked for at once.
const NAMES: usize = 500;

pub(super) async fn sweep(link: &Link, limit: usize) -> Result<Swept> {
    let options = &link.options;
    let mut swept = Swept::default();
    let mut left = limit.clamp(1, AT_ONCE);
    while left > 0 {
        let step = left.min(STEP);
        left -= step;
        let args = args![step, options.key_ttl.as_millis(), options.keyless_ttl.as_millis(), options.runs];
        let (tasks, uids, more, flat): (u64, u64, bool, Vec<String>) = link.run(&scripts::SWEEP, args).await?;
        swept.tasks += tasks;
        swept.uids += uids;
        swept.garbage.extend(blobs(&flat)?);
        swept.more = more;
        if !more {
            break;
        }
    }
    swept.garbage.sort_by(|a, b| a.name.cmp(&b.name));
    swept.garbage.dedup();
    Ok(swept)
}

/// Which of these names the store refers to.
pub(super) async fn referenced(link: &Link, names: Vec<String>) -> Result<Vec<String>> {
    let mut kept = Vec::new();
    for part in names.chunks(NAMES) {
        let (found,): (Vec<String>,) = link.repeat(&scripts::REFERENCED, part.to_vec()).await?;
        kept.extend(found);
    }
    Ok(kept)
}
