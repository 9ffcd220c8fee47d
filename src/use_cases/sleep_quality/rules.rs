//! The score of a night in the clear: specification and test oracle.
//!
//! After three components of the Pittsburgh Sleep Quality Index: total sleep time, efficiency, latency; each is a
//! category of 0 (best) to 3, the score is their sum * 4 / 9 + 1, from 1 (excellent) to 5 (poor). Where there is no
//! record in bed or no sleep, whatever that leaves undefined gets the worst category.

/// Most nights of one request.
pub const MAX_NIGHTS: usize = 31;
/// Most records of a night.
pub const MAX_RECORDS: usize = 128;
/// Largest start and duration, in minutes: 10 bits.
pub const MAX_MINUTES: u16 = 1_023;

/// The stage "in bed".
pub const IN_BED: u8 = 0;
/// The stage "awake".
pub const AWAKE: u8 = 2;

/// Total sleep time must be longer, in minutes, for category 0, 1, 2.
pub const SLEEP_THRESHOLDS: [u64; 3] = [420, 360, 300];
/// Efficiency must be higher for category 0, 1, 2: (a, b) stands for a * sleep > b * time in bed, in least terms
/// (85 %, 75 %, 65 %).
pub const EFFICIENCY_THRESHOLDS: [(u64, u64); 3] = [(20, 17), (4, 3), (20, 13)];
/// Latency must not be longer, in minutes, for category 0, 1, 2.
pub const LATENCY_THRESHOLDS: [u64; 3] = [15, 30, 60];

/// One record as it is encrypted: minutes counted from the night's first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// 0 in bed, 1 asleep, 2 awake, 3 core, 4 deep, 5 REM; above 5 is awake.
    pub stage: u8,
    /// 0..=1023.
    pub start: u16,
    /// 0..=1023.
    pub duration: u16,
}

/// Is this stage sleep?
pub fn is_asleep(stage: u8) -> bool {
    matches!(stage, 1 | 3 | 4 | 5)
}

/// The score of a night, 1..=5. "First" is by list order.
pub fn score(night: &[Entry]) -> u8 {
    score_of(passed(night))
}

/// The score from how many of the nine thresholds were passed.
pub fn score_of(passed: u8) -> u8 {
    (9 - passed.min(9)) * 4 / 9 + 1
}

/// How many of the nine thresholds a night passes; each leaves its component one category better.
fn passed(night: &[Entry]) -> u8 {
    let asleep = || night.iter().filter(|entry| is_asleep(entry.stage));
    let in_bed = || night.iter().filter(|entry| entry.stage == IN_BED);
    let sleep: u64 = asleep().map(|entry| u64::from(entry.duration)).sum();
    let bed: u64 = in_bed().map(|entry| u64::from(entry.duration)).sum();

    let time = SLEEP_THRESHOLDS.iter().filter(|minutes| sleep > **minutes).count();
    let efficiency =
        if bed == 0 { 0 } else { EFFICIENCY_THRESHOLDS.iter().filter(|(a, b)| a * sleep > b * bed).count() };
    let latency = match (in_bed().next(), asleep().next()) {
        (Some(bed), Some(asleep)) => {
            let latency = u64::from(asleep.start.saturating_sub(bed.start));
            LATENCY_THRESHOLDS.iter().filter(|minutes| latency <= **minutes).count()
        }
        _ => 0,
    };
    (time + efficiency + latency) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(stage: u8, start: u16, duration: u16) -> Entry {
        Entry { stage, start, duration }
    }

    /// A night in bed for `bed` minutes with `sleep` minutes of sleep beginning after `latency`.
    fn night(bed: u16, latency: u16, sleep: u16) -> Vec<Entry> {
        vec![entry(0, 0, bed), entry(1, latency, sleep)]
    }

    #[test]
    fn sleep_time_counts_strictly_above_its_thresholds() {
        // Efficiency and latency at their worst (0 thresholds): only the time decides.
        let passed = |sleep: u16| passed(&[entry(1, 0, sleep)]);
        assert_eq!([300, 301, 360, 361, 420, 421].map(passed), [0, 1, 1, 2, 2, 3]);
    }

    #[test]
    fn efficiency_counts_strictly_above_its_thresholds() {
        // 200 minutes in bed, short sleep, latency beyond an hour.
        let passed = |sleep: u16| passed(&night(200, 61, sleep));
        assert_eq!([130, 131, 150, 151, 170, 171].map(passed), [0, 1, 1, 2, 2, 3]);
    }

    #[test]
    fn latency_counts_up_to_its_thresholds() {
        // No minute of sleep: only the latency decides.
        let passed = |latency: u16| passed(&night(200, latency, 0));
        assert_eq!([0, 15, 16, 30, 31, 60, 61].map(passed), [3, 3, 2, 2, 1, 1, 0]);
    }

    #[test]
    fn every_score_is_reachable_and_falls_with_every_threshold() {
        let scores: Vec<u8> = (0..=9).map(score_of).collect();
        assert_eq!(scores, [5, 4, 4, 3, 3, 2, 2, 1, 1, 1]);
        assert_eq!(score(&night(480, 10, 450)), 1);
        assert_eq!(score(&night(480, 20, 400)), 2);
        assert_eq!(score(&night(480, 70, 380)), 3);
        assert_eq!(score(&night(480, 70, 350)), 4);
        assert_eq!(score(&night(480, 100, 200)), 5);
    }

    #[test]
    fn negative_latency_counts_as_none_and_the_first_record_is_the_first_in_the_list() {
        assert_eq!(passed(&[entry(0, 100, 200), entry(1, 50, 0)]), 3);
        assert_eq!(passed(&[entry(0, 0, 200), entry(1, 40, 0), entry(1, 10, 0), entry(0, 30, 0)]), 1);
    }

    #[test]
    fn what_is_undefined_is_worst() {
        assert_eq!(score(&[]), 5);
        assert_eq!(score(&[entry(0, 0, 480)]), 5);
        assert_eq!(score(&[entry(2, 0, 480)]), 5);
        // Sleep without a bed: only the sleep time counts.
        assert_eq!(passed(&[entry(3, 0, 480)]), 3);
        // A bed of no duration leaves the efficiency undefined, not the latency.
        assert_eq!(passed(&[entry(0, 0, 0), entry(3, 0, 480)]), 6);
    }

    #[test]
    fn awake_and_unknown_stages_are_not_sleep() {
        for stage in [2, 6, 7, 255] {
            assert_eq!(score(&[entry(0, 0, 480), entry(stage, 0, 480)]), 5, "stage {stage}");
        }
        for stage in [1, 3, 4, 5] {
            assert_eq!(score(&[entry(0, 0, 480), entry(stage, 0, 480)]), 1, "stage {stage}");
        }
    }

    #[test]
    fn totals_of_128_records_do_not_wrap() {
        let mut night = vec![entry(0, 0, 1_023); 64];
        night.extend(vec![entry(4, 0, 1_023); 64]);
        assert_eq!(score(&night), 1);
        // 64 * 1023 in bed against 42 * 1023 asleep: 65.6 %.
        night.truncate(64 + 42);
        assert_eq!(passed(&night), 3 + 1 + 3);
        night.truncate(64 + 41);
        assert_eq!(passed(&night), 3 + 3);
    }
}
