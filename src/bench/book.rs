//! Where measured runs are kept: in a CSV file with the columns of the earlier server's benchmarks, and in a server's run
//! history.

use std::{
    fs::OpenOptions,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use super::{BenchError, run::Sample};
use crate::{
    client::api::Api,
    config::Settings,
    monitor::history::COLUMNS,
    store::{self, AuditEntry, Signature},
    task::{Run, RunOrigin, Timestamp},
    text::sanitise,
};

/// One line of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// When the run ended, RFC 3339.
    pub date: Timestamp,
    /// `dev`, `staging`, `prod`.
    pub env: String,
    /// The server's machine.
    pub machine: String,
    /// Name of the use case.
    pub use_case: String,
    /// Seconds on the server.
    pub server_s: f64,
    /// Seconds from encryption to decryption.
    pub end_to_end_s: Option<f64>,
    /// `cpu`, `cuda`.
    pub device: String,
}

impl Row {
    /// Of a run.
    pub fn of(sample: &Sample, env: &str, machine: &str) -> Self {
        Self {
            date: sample.finished,
            env: env.to_owned(),
            machine: machine.to_owned(),
            use_case: sample.kind.name().to_owned(),
            server_s: sample.server_s,
            end_to_end_s: Some(sample.end_to_end_s),
            device: sample.device.clone(),
        }
    }

    fn fields(&self) -> [String; 7] {
        let seconds = |seconds: f64| format!("{seconds:.6}");
        [
            self.date.to_string(),
            self.env.clone(),
            self.machine.clone(),
            self.use_case.clone(),
            seconds(self.server_s),
            self.end_to_end_s.map(seconds).unwrap_or_default(),
            self.device.clone(),
        ]
    }
}

/// Appends rows; a new file gets a line with the columns' names. All of it is one write.
///
/// # Errors
/// [`BenchError::File`], also for a file of another kind, which is left as it is.
pub fn append(path: &Path, rows: &[Row]) -> Result<(), BenchError> {
    let wrong = |problem: &dyn std::fmt::Display| BenchError::file(path, problem);
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|error| wrong(&error))?;
    }
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path).map_err(|error| wrong(&error))?;
    let mut before = Vec::new();
    file.read_to_end(&mut before).map_err(|error| wrong(&error))?;
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    if before.is_empty() {
        writer.write_record(COLUMNS).map_err(|error| wrong(&error))?;
    } else {
        parse(path, &before)?;
    }
    for row in rows {
        writer.write_record(row.fields()).map_err(|error| wrong(&error))?;
    }
    let mut text = writer.into_inner().map_err(|error| wrong(&error))?;
    if before.last().is_some_and(|last| *last != b'\n') {
        text.insert(0, b'\n');
    }
    file.seek(SeekFrom::End(0))
        .and_then(|_| file.write_all(&text))
        .and_then(|()| file.sync_all())
        .map_err(|it| wrong(&it))
}

/// The rows of a file.
///
/// # Errors
/// [`BenchError::File`] with the line that is wrong.
pub fn read(path: &Path) -> Result<Vec<Row>, BenchError> {
    let text = std::fs::read(path).map_err(|error| BenchError::file(path, error))?;
    parse(path, &text)
}

fn parse(path: &Path, text: &[u8]) -> Result<Vec<Row>, BenchError> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text);
    let header = reader.headers().map_err(|error| BenchError::file(path, error))?;
    if !header.iter().eq(COLUMNS) {
        return Err(BenchError::file(path, format!("its first line must be {}", COLUMNS.join(";"))));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| BenchError::file(path, error))?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(row(&record).map_err(|problem| BenchError::file(path, format!("line {line}: {problem}")))?);
    }
    Ok(rows)
}

fn row(record: &csv::StringRecord) -> Result<Row, String> {
    let text = |index: usize| sanitise(record.get(index).unwrap_or_default(), 64);
    let seconds = |index: usize| {
        let name = COLUMNS.get(index).copied().unwrap_or_default();
        let parsed = text(index).parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
        parsed.ok_or_else(|| format!("`{}` is no {name}", text(index)))
    };
    let date: jiff::Timestamp = text(0).parse().map_err(|_| format!("`{}` is no date", text(0)))?;
    if text(3).is_empty() || text(6).is_empty() {
        return Err("a run has a task_name and a device".to_owned());
    }
    Ok(Row {
        date: Timestamp::from_millis(date.as_millisecond()),
        env: text(1),
        machine: text(2),
        use_case: text(3),
        server_s: seconds(4)?,
        end_to_end_s: if text(5).is_empty() { None } else { Some(seconds(5)?) },
        device: text(6),
    })
}

/// Enters the runs into the history of the server at `api`, where they supersede its own rows of these tasks. How many
/// it has taken.
///
/// # Errors
/// [`BenchError::Client`]; 403 `forbidden` for callers who are no operators.
pub async fn tell_server(api: &Api, samples: &[Sample]) -> Result<u64, BenchError> {
    let timed: Vec<_> = samples.iter().map(|sample| (sample.task, sample.end_to_end_s)).collect();
    let mut recorded = 0;
    for some in timed.chunks(crate::operator::Desk::BENCHED_AT_ONCE) {
        recorded += api.operators().record_bench(some).await?.value.recorded;
    }
    Ok(recorded)
}

/// Enters the runs, which a server of its own has computed, into the run history of the data directory of these settings,
/// for its console to show.
///
/// # Errors
/// [`BenchError::Store`], among others while a server uses the directory.
pub async fn enter(settings: &Settings, samples: &[Sample]) -> Result<(), BenchError> {
    let store = store::open(settings).await?;
    let entered = async {
        for sample in samples {
            store.record_run(bench_row(sample)).await?;
        }
        let by = Signature {
            door: "terminal".to_owned(),
            name: sanitise(&std::env::var("USER").unwrap_or_else(|_| "operator".to_owned()), 64),
            role: "operator".to_owned(),
        };
        let object = format!("{} runs", samples.len());
        store.audit(vec![AuditEntry { by, action: "bench".to_owned(), object, result: "done".to_owned() }]).await
    };
    let entered = entered.await;
    store.close().await;
    Ok(entered?)
}

fn bench_row(sample: &Sample) -> Run {
    Run {
        task: sample.task,
        origin: RunOrigin::Bench,
        use_case: sample.kind.name().to_owned(),
        device: sample.device.clone(),
        finished: sample.finished,
        upload_s: sample.timing.upload_s,
        queue_s: sample.timing.queue_s,
        server_s: sample.server_s,
        end_to_end_s: Some(sample.end_to_end_s),
        bootstraps: sample.bootstraps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let row = |use_case: &str, server_s, end_to_end_s| Row {
            date: Timestamp::from_millis(1_795_358_684_007),
            env: "dev".to_owned(),
            machine: "kepler".to_owned(),
            use_case: use_case.to_owned(),
            server_s,
            end_to_end_s,
            device: "cpu".to_owned(),
        };
        vec![row("weight_stats", 0.811_5, Some(1.25)), row("odd;name", 0.004_7, None)]
    }

    #[test]
    fn what_is_appended_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/bench.csv");
        append(&path, &rows()).unwrap();
        append(&path, &rows()[..1]).unwrap();
        assert_eq!(read(&path).unwrap(), [rows(), rows()[..1].to_vec()].concat());
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().filter(|line| line.starts_with("date;env;machine;task_name;")).count(), 1);
        assert!(text.contains(";weight_stats;0.811500;1.250000;cpu\n"), "{text}");
    }

    #[test]
    fn a_last_line_that_was_cut_does_not_spoil_the_next_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bench.csv");
        append(&path, &rows()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.trim_end()).unwrap();
        append(&path, &rows()).unwrap();
        assert_eq!(read(&path).unwrap().len(), 4);
    }

    #[test]
    fn another_file_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.txt");
        let header = COLUMNS.join(";");
        for (text, problem) in [
            ("hello\n".to_owned(), "first line"),
            (format!("{header}\nyesterday;dev;m;t;1;2;cpu\n"), "line 2: `yesterday` is no date"),
            (
                format!("{header}\n2026-11-23T01:00:00Z;dev;m;t;fast;2;cpu\n"),
                "line 2: `fast` is no server_execution_time",
            ),
            (format!("{header}\n2026-11-23T01:00:00Z;dev;m;t;-1;2;cpu\n"), "line 2: `-1` is no server_execution_time"),
            (format!("{header}\n2026-11-23T01:00:00Z;dev;m;;1;2;cpu\n"), "task_name"),
            (format!("{header}\n2026-11-23T01:00:00Z;dev\n"), "line: 2"),
        ] {
            std::fs::write(&path, &text).unwrap();
            let error = append(&path, &rows()).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}
