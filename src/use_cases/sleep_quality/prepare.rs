//! What the client does to a night before it encrypts it.

use super::rules::{AWAKE, Entry, IN_BED, MAX_MINUTES, MAX_RECORDS};
use crate::use_cases::wire::PayloadError;

/// One record as people and devices write it: minutes on any one scale (end >= start).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// 0 in bed, 1 asleep unspecified, 2 awake, 3 core, 4 deep, 5 REM; anything else counts as awake.
    pub stage: u8,
    /// Minute.
    pub start: i64,
    /// Minute.
    pub end: i64,
}

/// Sorts stably by start, counts minutes from the first record, maps unknown stages to awake, and adds a record in bed
/// over the whole night where there is none, as watches write them. `number` (from 1) names the night in errors.
pub(super) fn prepare(number: usize, night: &[Record]) -> Result<Vec<Entry>, PayloadError> {
    let error = |problem: String| Err(PayloadError(format!("night {number}: {problem}")));
    if let Some((index, record)) = night.iter().enumerate().find(|(_, record)| record.end < record.start) {
        let (place, start, end) = (index + 1, record.start, record.end);
        return error(format!("record {place} ends (minute {end}) before it starts (minute {start})"));
    }
    let (Some(first), Some(last)) =
        (night.iter().map(|record| record.start).min(), night.iter().map(|record| record.end).max())
    else {
        return error("it has no records; give at least one".to_owned());
    };
    let span = match last.checked_sub(first).map(u16::try_from) {
        Some(Ok(span)) if span <= MAX_MINUTES => span,
        _ => {
            return error(format!(
                "it spans from minute {first} to minute {last}: at most {MAX_MINUTES} minutes are possible (17 h 3 min)"
            ));
        }
    };
    let mut sorted = night.to_vec();
    sorted.sort_by_key(|record| record.start);
    let mut entries = Vec::with_capacity(sorted.len() + 1);
    if !sorted.iter().any(|record| record.stage == IN_BED) {
        entries.push(Entry { stage: IN_BED, start: 0, duration: span });
    }
    let added = entries.len();
    entries.extend(sorted.iter().map(|record| Entry {
        stage: if record.stage <= 5 { record.stage } else { AWAKE },
        // Within the span, which fits.
        start: (record.start - first) as u16,
        duration: (record.end - record.start) as u16,
    }));
    if entries.len() > MAX_RECORDS {
        let with = if added > 0 { " and needs one in bed, which counts too" } else { "" };
        return error(format!("it has {} records{with}: at most {MAX_RECORDS} are possible", night.len()));
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(stage: u8, start: i64, end: i64) -> Record {
        Record { stage, start, end }
    }

    fn refusal(night: &[Record]) -> String {
        prepare(3, night).unwrap_err().0
    }

    #[test]
    fn minutes_are_counted_from_the_first_record_in_order_of_start() {
        let entries = prepare(1, &[record(3, 1_430, 1_500), record(0, 1_400, 1_900), record(9, 1_430, 1_430)]).unwrap();
        let expected =
            [(0, 0, 500), (3, 30, 70), (2, 30, 0)].map(|(stage, start, duration)| Entry { stage, start, duration });
        assert_eq!(entries, expected);
    }

    #[test]
    fn a_night_without_a_bed_gets_one_over_its_whole_span() {
        let entries = prepare(1, &[record(1, -20, 400), record(2, 10, 420)]).unwrap();
        assert_eq!(entries[0], Entry { stage: 0, start: 0, duration: 440 });
        assert_eq!(entries.len(), 3);
    }

    #[test]
    fn what_cannot_be_expressed_is_refused_by_night_and_record() {
        assert_eq!(refusal(&[]), "night 3: it has no records; give at least one");
        let backwards = refusal(&[record(0, 0, 10), record(1, 5, 4)]);
        assert_eq!(backwards, "night 3: record 2 ends (minute 4) before it starts (minute 5)");
        assert!(refusal(&[record(0, 0, 1_024)]).contains("at most 1023 minutes"));
        assert!(prepare(3, &[record(0, 0, 1_023)]).is_ok());
        assert!(refusal(&[record(0, i64::MIN, i64::MAX)]).contains("at most 1023 minutes"));
        assert!(prepare(3, &[record(0, i64::MAX, i64::MAX), record(1, i64::MAX - 5, i64::MAX)]).is_ok());
    }

    #[test]
    fn at_most_128_records_with_the_added_one() {
        let night = vec![record(1, 0, 10); 128];
        assert!(refusal(&night).contains("128 records and needs one in bed, which counts too: at most 128"));
        assert_eq!(prepare(3, &night[..127]).unwrap().len(), 128);
        assert_eq!(prepare(3, &vec![record(0, 0, 10); 128]).unwrap().len(), 128);
        assert!(refusal(&vec![record(0, 0, 10); 129]).contains("129 records: at most 128"));
    }
}
