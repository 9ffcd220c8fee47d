//! The run history as a CSV file with the columns of the earlier server's benchmarks.

use std::io;

use crate::task::Run;

/// The columns.
pub const COLUMNS: [&str; 7] =
    ["date", "env", "machine", "task_name", "server_execution_time(s)", "end_to_end_execution_time(s)", "device"];

/// The file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the runs cannot be written: {0}")]
pub struct CsvError(#[from] csv::Error);

/// Writes the runs, in their order, under one line of column names; `;` between the columns. A run whose result was not
/// fetched has no end-to-end time.
///
/// # Errors
/// When `out` cannot be written to.
pub fn csv(out: impl io::Write, runs: &[Run], env: &str, machine: &str) -> Result<(), CsvError> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(out);
    writer.write_record(COLUMNS)?;
    for run in runs {
        let (date, server) = (run.finished.to_string(), format!("{:.6}", run.server_s));
        let end_to_end = run.end_to_end_s.map(|seconds| format!("{seconds:.6}")).unwrap_or_default();
        writer.write_record([&date, env, machine, &run.use_case, &server, &end_to_end, &run.device])?;
    }
    writer.flush().map_err(csv::Error::from)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::tests::run, *};

    #[test]
    fn the_file_has_the_columns_of_the_earlier_server() {
        let mut out = Vec::new();
        let runs = [run("weight_stats", 0, 1.25, Some(2.5)), run("odd;name", 1, 0.5, None)];
        csv(&mut out, &runs, "dev", "kepler").unwrap();
        let expected = "date;env;machine;task_name;server_execution_time(s);end_to_end_execution_time(s);device\n\
            1970-01-01T00:00:00.000Z;dev;kepler;weight_stats;1.250000;2.500000;cpu\n\
            1970-01-01T00:00:01.000Z;dev;kepler;\"odd;name\";0.500000;;cpu\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
