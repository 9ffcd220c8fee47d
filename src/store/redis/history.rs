//! The run history: a stream, whose rows are cut by the sweep.

use std::{collections::HashMap, time::Duration};

use super::{
    fault::damaged,
    link::{Link, args},
    record::Fields,
    scripts,
};
use crate::{
    store::{Result, RunFilter},
    task::{Run, RunOrigin},
};

/// Numbers and fields of rows, the end-to-end times in ms that fetches filled in, whether there is more,
/// the first row to look at.
type Rows = (Vec<(String, HashMap<String, String>)>, Vec<Option<u64>>, bool, String);

/// Rows read at once.
const BATCH: usize = 1_000;

pub(super) async fn record(link: &Link, run: Run) -> Result<()> {
    let origin = match run.origin {
        RunOrigin::Task => "task",
        RunOrigin::Bench => "bench",
    };
    let mut args = args![
        run.finished.millis(),
        "task",
        run.task,
        "origin",
        origin,
        "use_case",
        run.use_case,
        "device",
        run.device
    ];
    args.extend(args!["finished", run.finished.millis(), "upload_s", run.upload_s, "queue_s", run.queue_s]);
    args.extend(args!["server_s", run.server_s, "bootstraps", run.bootstraps]);
    if let Some(seconds) = run.end_to_end_s {
        args.extend(args!["end_to_end_s", seconds]);
    }
    link.run(&scripts::RECORD_RUN, args).await
}

/// Rows, newest first.
pub(super) async fn runs(link: &Link, filter: &RunFilter) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    let mut behind = String::new();
    let fits = |run: &Run| {
        filter.use_case.as_ref().is_none_or(|name| *name == run.use_case)
            && filter.origin.is_none_or(|origin| origin == run.origin)
            && filter.since.is_none_or(|since| run.finished >= since)
    };
    let since = filter.since.map_or_else(String::new, |since| since.millis().to_string());
    let (mut first, mut more) = (String::new(), true);
    let batch = filter.limit.clamp(50, BATCH);
    while more && runs.len() < filter.limit {
        let args = args![behind, batch, since, first];
        let (rows, times, goes_on, from): Rows = link.repeat(&scripts::RUNS, args).await?;
        (more, first) = (goes_on, from);
        if let Some((last, _)) = rows.last() {
            behind.clone_from(last);
        }
        for ((_, fields), end_to_end) in rows.into_iter().zip(times) {
            let run = read(&Fields(fields), end_to_end)?;
            if runs.len() < filter.limit && fits(&run) {
                runs.push(run);
            }
        }
    }
    Ok(runs)
}

pub(super) fn read(fields: &Fields, end_to_end: Option<u64>) -> Result<Run> {
    // Durations of tasks are kept as the difference of two times, so that they come out as everywhere else.
    let seconds = |name: &str| match fields.parse::<u64>(&format!("{name}_ms"))? {
        Some(millis) => Ok(Duration::from_millis(millis).as_secs_f64()),
        None => fields.must(&format!("{name}_s")),
    };
    let end_to_end_s = match end_to_end {
        None => fields.parse("end_to_end_s")?,
        Some(millis) => Some(Duration::from_millis(millis).as_secs_f64()),
    };
    Ok(Run {
        task: fields.must("task")?,
        origin: match fields.text("origin").as_deref() {
            Some("task") => RunOrigin::Task,
            Some("bench") => RunOrigin::Bench,
            _ => return Err(damaged("a run's origin")),
        },
        use_case: fields.must("use_case")?,
        device: fields.must("device")?,
        finished: fields.must_time("finished")?,
        upload_s: seconds("upload")?,
        queue_s: seconds("queue")?,
        server_s: fields.must("server_s")?,
        end_to_end_s,
        bootstraps: fields.must("bootstraps")?,
    })
}
