//! What the server's own run history says of the tasks that the clients saw: each answer was computed once.

use std::collections::HashMap;

use super::tally::{End, Tally};
use crate::client::api::Api;

/// Rows that the endpoint gives at most.
const ROWS: u64 = 100_000;

/// The comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audit {
    /// Tasks that were looked for.
    pub looked_for: u64,
    /// Answered tasks without a row.
    pub missing: u64,
    /// Tasks with more than one row.
    pub duplicated: u64,
}

impl Audit {
    /// Did each have its one row?
    pub const fn is_sound(&self) -> bool {
        self.missing == 0 && self.duplicated == 0
    }
}

/// `None` if the caller may not look, or if there are more rows than can be looked at.
pub(super) async fn look(api: &Api, tally: &Tally, seconds: f64) -> Option<Audit> {
    let age = format!("{}s", seconds as u64 + 60);
    let parameters = [("age", age), ("limit", ROWS.to_string()), ("origin", "task".to_owned())];
    let runs = api.operators().history(&parameters).await.ok()?.value.runs;
    if runs.len() as u64 >= ROWS {
        return None;
    }
    let mut rows: HashMap<&str, u64> = HashMap::new();
    for run in &runs {
        *rows.entry(&run.task_id).or_default() += 1;
    }
    Some(compare(tally, |task| rows.get(task).copied().unwrap_or_default()))
}

fn compare(tally: &Tally, rows: impl Fn(&str) -> u64) -> Audit {
    let mut audit = Audit { looked_for: 0, missing: 0, duplicated: 0 };
    for (task, end) in tally.tasks() {
        let rows = rows(&task.to_string());
        audit.looked_for += 1;
        audit.duplicated += u64::from(rows > 1);
        audit.missing += u64::from(rows == 0 && end == Some(End::Answered));
    }
    audit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::TaskId;

    #[test]
    fn an_answer_without_a_row_and_a_row_too_many_are_found() {
        let mut tally = Tally::default();
        let [answered, cancelled] = std::array::from_fn(|_| TaskId::random());
        for (task, end) in [(answered, End::Answered), (cancelled, End::Cancelled)] {
            tally.accepted(task);
            tally.ended(task, end);
        }
        let with = |count: u64| compare(&tally, |task| if task == answered.to_string() { count } else { 0 });
        assert_eq!(with(1), Audit { looked_for: 2, missing: 0, duplicated: 0 });
        assert_eq!((with(0).missing, with(2).duplicated), (1, 1));
        assert!(with(1).is_sound() && !with(0).is_sound() && !with(2).is_sound());
    }
}
