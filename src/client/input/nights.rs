//! Nights: JSON or CSV.
//!
//! JSON is `{"nights": [[[stage, start, end], ...], ...]}`, a bare list of nights, or a bare list of records for one
//! night. CSV is `night,stage,start,end` with or without that header line (with it, in any order), or
//! `stage,start,end` for one night. Times are whole minutes on any one scale; a stage is a number or a name.

use serde_json::Value;

use super::{InputError, Source, read_source, stage};
use crate::{text::sanitise, use_cases::sleep_quality::Record};

/// At most so many nights in one request.
pub const MAX_NIGHTS: usize = 31;
/// At most so many records a night.
const MAX_RECORDS: usize = 128;
const CSV_COLUMNS: [&str; 4] = ["night", "stage", "start", "end"];

/// Reads nights; the format is told by the extension, or by the first character.
///
/// # Errors
/// [`InputError`] with night and record, or line.
pub fn read_nights(source: &Source) -> Result<Vec<Vec<Record>>, InputError> {
    let bytes = read_source(source)?;
    let name = source.to_string();
    let text = str::from_utf8(&bytes).map_err(|_| InputError::at(name.as_str(), "is not text"))?;
    let text = text.trim_start_matches('\u{feff}');
    let json =
        source.has_extension("json") || (!source.has_extension("csv") && text.trim_start().starts_with(['{', '[']));
    let nights = if json { of_json(&name, text)? } else { of_csv(&name, text)? };
    check(&name, &nights)?;
    Ok(nights)
}

/// What can be said with a place; order, span and the missing in-bed record are the encryption's business.
fn check(name: &str, nights: &[Vec<Record>]) -> Result<(), InputError> {
    if nights.is_empty() {
        return Err(InputError::at(name, "holds no night"));
    }
    if nights.len() > MAX_NIGHTS {
        return Err(InputError::at(name, format!("holds {} nights; at most {MAX_NIGHTS} are allowed", nights.len())));
    }
    for (index, night) in nights.iter().enumerate() {
        let place = format!("{name}, night {}", index + 1);
        if night.is_empty() {
            return Err(InputError::at(place, "has no record; a night needs at least one"));
        }
        if night.len() > MAX_RECORDS {
            let problem = format!("has {} records; at most {MAX_RECORDS} are allowed", night.len());
            return Err(InputError::at(place, problem));
        }
    }
    Ok(())
}

fn of_json(name: &str, text: &str) -> Result<Vec<Vec<Record>>, InputError> {
    const SHAPE: &str = r#"expected {"nights": [[[stage, start, end], ...], ...]} or a list of records for one night"#;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        InputError::at(format!("{name}, line {}, column {}", error.line(), error.column()), "is no valid JSON")
    })?;
    let list = match &value {
        Value::Object(fields) => fields.get("nights"),
        other => Some(other),
    };
    let list = list.and_then(Value::as_array).ok_or_else(|| InputError::at(name, SHAPE))?;
    let is_record = |value: &Value| value.as_array().is_none_or(|it| it.first().is_some_and(|it| !it.is_array()));
    if value.is_array() && list.first().is_some_and(is_record) {
        return Ok(vec![night_of_json(&format!("{name}, night 1"), list)?]);
    }
    let night = |(index, night): (usize, &Value)| {
        let place = format!("{name}, night {}", index + 1);
        let records = night.as_array().ok_or_else(|| InputError::at(place.as_str(), SHAPE))?;
        night_of_json(&place, records)
    };
    list.iter().enumerate().map(night).collect()
}

fn night_of_json(place: &str, records: &[Value]) -> Result<Vec<Record>, InputError> {
    let record = |(index, value): (usize, &Value)| {
        record_of_json(value).map_err(|problem| InputError::at(format!("{place}, record {}", index + 1), problem))
    };
    records.iter().enumerate().map(record).collect()
}

fn record_of_json(value: &Value) -> Result<Record, String> {
    let fields: [&Value; 3] = match value {
        Value::Array(fields) => match fields.as_slice() {
            [stage, start, end] => [stage, start, end],
            _ => return Err(format!("has {} values; expected [stage, start, end]", fields.len())),
        },
        Value::Object(fields) => match ["stage", "start", "end"].map(|key| fields.get(key)) {
            [Some(stage), Some(start), Some(end)] => [stage, start, end],
            _ => return Err("expected the keys stage, start and end".to_owned()),
        },
        _ => return Err("expected [stage, start, end]".to_owned()),
    };
    let [stage, start, end] = fields;
    let stage = match stage {
        Value::String(name) => stage::parse_stage(name)?,
        other => stage::parse_stage(&other.to_string())?,
    };
    record(stage, &plain(start), &plain(end))
}

/// A JSON value as it would be written in CSV.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn record(stage: u8, start: &str, end: &str) -> Result<Record, String> {
    let (start, end) = (minute("start", start)?, minute("end", end)?);
    if end < start {
        return Err(format!(
            "ends ({end}) before it starts ({start}); count minutes on, past midnight too: 23:30 to 07:00 is 1410 to 1860"
        ));
    }
    Ok(Record { stage, start, end })
}

fn minute(what: &str, text: &str) -> Result<i64, String> {
    /// Keeps differences of two minutes within i64, whatever they are.
    const LIMIT: i64 = 1 << 60;
    let minute = text.trim().parse::<i64>().ok().filter(|minute| (-LIMIT..=LIMIT).contains(minute));
    minute.ok_or_else(|| format!("{what} `{}` is not a whole number of minutes", sanitise(text, 40)))
}

fn of_csv(name: &str, text: &str) -> Result<Vec<Vec<Record>>, InputError> {
    const SHAPE: &str = "expected night,stage,start,end (or stage,start,end for one night), separated by commas";
    let mut order: Option<Vec<usize>> = None;
    let mut names: Vec<String> = Vec::new();
    let mut nights: Vec<Vec<Record>> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let at = |problem: String| InputError::at(format!("{name}, line {}", index + 1), problem);
        let Some(row) = fields(line).map_err(at)? else { continue };
        let Some(columns) = &order else {
            let header = header_order(&row);
            let is_header = header.is_some();
            order = Some(header.or_else(|| bare_order(row.len())).ok_or_else(|| at(SHAPE.to_owned()))?);
            if !is_header {
                add_row(&row, order.as_deref().unwrap_or_default(), &mut names, &mut nights).map_err(at)?;
            }
            continue;
        };
        add_row(&row, columns, &mut names, &mut nights).map_err(at)?;
    }
    Ok(nights)
}

/// The fields of one line; `None` for an empty line and a comment. Line by line, because the csv reader's own positions
/// do not count lines that it skips.
fn fields(line: &str) -> Result<Option<csv::StringRecord>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).trim(csv::Trim::All).from_reader(line.as_bytes());
    reader.records().next().transpose().map_err(|error| sanitise(&error.to_string(), 200))
}

/// Where stage, start, end and (if any) night stand, by the header line; `None` if the row is no header.
fn header_order(row: &csv::StringRecord) -> Option<Vec<usize>> {
    let find = |name: &str| row.iter().position(|field| field.eq_ignore_ascii_case(name));
    let [night, stage, start, end] = CSV_COLUMNS.map(find);
    Some([Some(stage?), Some(start?), Some(end?), night].into_iter().flatten().collect())
}

fn bare_order(columns: usize) -> Option<Vec<usize>> {
    match columns {
        3 => Some(vec![0, 1, 2]),
        4 => Some(vec![1, 2, 3, 0]),
        _ => None,
    }
}

fn add_row(
    row: &csv::StringRecord,
    columns: &[usize],
    names: &mut Vec<String>,
    nights: &mut Vec<Vec<Record>>,
) -> Result<(), String> {
    let field = |nth: usize| columns.get(nth).and_then(|column| row.get(*column));
    let (Some(stage), Some(start), Some(end)) = (field(0), field(1), field(2)) else {
        return Err(format!("has {} columns, fewer than the first line", row.len()));
    };
    let record = record(stage::parse_stage(stage)?, start, end)?;
    let night = field(3).unwrap_or_default();
    let index = names.iter().position(|name| name == night).unwrap_or_else(|| {
        names.push(night.to_owned());
        nights.push(Vec::new());
        names.len() - 1
    });
    if let Some(records) = nights.get_mut(index) {
        records.push(record);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn read(suffix: &str, text: &str) -> Result<Vec<Vec<Record>>, String> {
        let mut file = tempfile::Builder::new().prefix("n").suffix(suffix).tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().display().to_string();
        read_nights(&Source::File(file.path().to_owned())).map_err(|error| error.to_string().replace(&path, "FILE"))
    }

    const fn r(stage: u8, start: i64, end: i64) -> Record {
        Record { stage, start, end }
    }

    #[test]
    fn json_is_nights_a_list_of_nights_or_one_night() {
        let two = Ok(vec![vec![r(0, 0, 480), r(4, 10, 400)], vec![r(1, 5, 6)]]);
        assert_eq!(read(".json", r#"{"nights": [[[0, 0, 480], ["deep", 10, 400]], [[1, 5, 6]]]}"#), two);
        assert_eq!(read("", r#" [[[0, 0, 480], ["4", 10, "400"]], [["asleep", 5, 6]]]"#), two);
        assert_eq!(read("", "[[0, 0, 480], [9, 10, 400]]"), Ok(vec![vec![r(0, 0, 480), r(2, 10, 400)]]));
        assert_eq!(read("", r#"[{"stage": "REM", "start": -5, "end": 3}]"#), Ok(vec![vec![r(5, -5, 3)]]));
    }

    #[test]
    fn csv_has_a_header_in_any_order_or_none() {
        let two = Ok(vec![vec![r(0, 0, 480), r(4, 10, 400)], vec![r(1, 5, 6)]]);
        assert_eq!(read(".csv", "night,stage,start,end\n1,0,0,480\n2,1,5,6\n1,deep,10,400\n"), two);
        assert_eq!(read(".csv", "Stage, Start, End, Night\nin_bed,0,480,a\n# nap\ndeep,10,400,a\n1,5,6,b\n"), two);
        assert_eq!(read("", "mon,0,0,480\r\nmon,4,10,400\r\ntue,asleep,5,6\r\n"), two);
        assert_eq!(read("", "in bed,0,480\n"), Ok(vec![vec![r(0, 0, 480)]]));
        assert_eq!(read("", "stage,start,end\n3,1,2\n"), Ok(vec![vec![r(3, 1, 2)]]));
    }

    #[test]
    fn errors_say_where_and_what() {
        for (suffix, text, sentence) in [
            (".json", "{\"nights\": [[\n[0, 0 480]]]}", "FILE, line 2, column 7: is no valid JSON"),
            ("", r#"{"night": []}"#, "FILE: expected {\"nights\""),
            ("", r#"{"nights": [3]}"#, "FILE, night 1: expected {\"nights\""),
            ("", r#"{"nights": []}"#, "FILE: holds no night"),
            ("", "[]", "FILE: holds no night"),
            ("", r#"{"nights": [[[0,0,1]], []]}"#, "FILE, night 2: has no record"),
            ("", r#"{"nights": [[[0,0,1], [1, 9, 8]]]}"#, "FILE, night 1, record 2: ends (8) before it starts (9)"),
            ("", "[[0, 0]]", "FILE, night 1, record 1: has 2 values"),
            ("", "[[0, 0.5, 1]]", "FILE, night 1, record 1: start `0.5` is not a whole number"),
            ("", "[[0, 0, \"07:00\"]]", "FILE, night 1, record 1: end `07:00`"),
            ("", "[[0, 0, 9223372036854775807]]", "FILE, night 1, record 1: end `"),
            ("", "[[\"dozing\", 0, 1]]", "FILE, night 1, record 1: `dozing` is no stage"),
            ("", "[[null, 0, 1]]", "FILE, night 1, record 1: `null` is no stage"),
            ("", "[[0, 0, 1], 7]", "FILE, night 1, record 2: expected [stage, start, end]"),
            (".csv", "night,stage,start,end\n1,0,0,480\n\n1,1,x,6\n", "FILE, line 4: start `x`"),
            (".csv", "1,0,0,480\n1,0\n", "FILE, line 2: has 2 columns"),
            (".csv", "1;0;0;480\n", "FILE, line 1: expected night,stage,start,end"),
            (".csv", "", "FILE: holds no night"),
            ("", "\u{0}", "FILE, line 1: expected night"),
        ] {
            let error = read(suffix, text).unwrap_err();
            assert!(error.starts_with(sentence), "{text}: {error}");
        }
    }

    #[test]
    fn limits_are_the_servers() {
        let night = |records: usize| format!("[{}]", vec!["[1,0,1]"; records].join(","));
        assert!(read("", &night(128)).is_ok());
        assert!(read("", &night(129)).unwrap_err().contains("has 129 records; at most 128"));
        let nights = |nights: usize| format!("[{}]", vec![night(1); nights].join(","));
        assert_eq!(read("", &nights(31)).unwrap().len(), 31);
        assert!(read("", &nights(32)).unwrap_err().contains("holds 32 nights; at most 31"));
    }
}
