//! Times and durations as people read them. All times are milliseconds since 1970-01-01T00:00:00Z.

/// An instant, in milliseconds since the epoch.
pub type Millis = i64;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Age of something that happened at `since`: whole seconds below a minute, then whole minutes, so that what is old
/// changes the screen rarely. Never negative.
pub fn age(since: Millis, now: Millis) -> String {
    let millis = now.saturating_sub(since).max(0);
    let (days, hours, minutes) = (millis / DAY, millis % DAY / HOUR, millis % HOUR / MINUTE);
    match millis {
        ..MINUTE => format!("{} s", millis / SECOND),
        MINUTE..HOUR => format!("{minutes} min"),
        HOUR..DAY => format!("{hours} h {minutes:02} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// Milliseconds until [`age`] shows another text.
pub fn age_changes_in(since: Millis, now: Millis) -> i64 {
    let millis = now.saturating_sub(since);
    let step = match millis {
        // The wall clock stepped back: nothing changes until it has caught up.
        ..0 => return -millis,
        0..MINUTE => SECOND,
        MINUTE..DAY => MINUTE,
        _ => HOUR,
    };
    step - millis % step
}

/// A duration that is over: `0.42 s`, `12.3 s`, `3 min 12 s`, `2 h 07 min`.
pub fn duration(millis: i64) -> String {
    let millis = millis.max(0);
    let seconds = millis as f64 / 1_000.0;
    match millis {
        ..10_000 => format!("{seconds:.2} s"),
        10_000..MINUTE => format!("{seconds:.1} s"),
        MINUTE..HOUR => format!("{} min {:02} s", millis / MINUTE, millis % MINUTE / SECOND),
        _ => age(0, millis),
    }
}

/// Reads `90s`, `5m`, `2h`, `1d` as milliseconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => SECOND,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        _ => return None,
    };
    let number: i64 = text.get(..text.len() - 1).filter(|digits| digits.len() <= 6)?.parse().ok()?;
    (number >= 0).then_some(number * unit)
}

/// A duration that somebody typed, in its largest whole unit: `90 s`, `5 min`, `2 h`, `1 d`.
pub fn duration_words(millis: i64) -> String {
    let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "min")];
    let unit = units.into_iter().find(|(unit, _)| millis >= *unit && millis % unit == 0);
    let (unit, name) = unit.unwrap_or((SECOND, "s"));
    format!("{} {name}", millis / unit)
}

/// Time of day, `14:02:11`, at `offset_s` seconds east of UTC.
pub fn time(at: Millis, offset_s: i32) -> String {
    let of_day = local(at, offset_s).rem_euclid(DAY);
    format!("{:02}:{:02}:{:02}", of_day / HOUR, of_day % HOUR / MINUTE, of_day % MINUTE / SECOND)
}

/// The time of day when it is of the day of `now`, else day, month and time: `21 Nov 14:02`.
pub fn time_or_date(at: Millis, now: Millis, offset_s: i32) -> String {
    if is_same_day(at, now, offset_s) {
        return time(at, offset_s);
    }
    let (_, month, day) = date(at, offset_s);
    let name = MONTHS.get(month - 1).copied().unwrap_or("?");
    let clock = time(at, offset_s);
    format!("{day} {name} {}", clock.get(..5).unwrap_or_default())
}

/// Day and month: `21 Nov`.
pub fn day(at: Millis, offset_s: i32) -> String {
    let (_, month, day) = date(at, offset_s);
    format!("{day} {}", MONTHS.get(month - 1).copied().unwrap_or("?"))
}

/// Are both of the same calendar day?
pub const fn is_same_day(one: Millis, other: Millis, offset_s: i32) -> bool {
    local(one, offset_s).div_euclid(DAY) == local(other, offset_s).div_euclid(DAY)
}

/// Date and time in full: `2026-11-21 14:02:11`.
pub fn date_time(at: Millis, offset_s: i32) -> String {
    let (year, month, day) = date(at, offset_s);
    format!("{year:04}-{month:02}-{day:02} {}", time(at, offset_s))
}

const fn local(at: Millis, offset_s: i32) -> i64 {
    at.saturating_add(offset_s as i64 * SECOND)
}

/// Year, month 1..=12 and day of the proleptic Gregorian calendar. Source: H. Hinnant, "chrono-compatible low-level
/// date algorithms", `civil_from_days`.
fn date(at: Millis, offset_s: i32) -> (i64, usize, i64) {
    let days = local(at, offset_s).div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153; // months since March
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as usize, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Millis = 1_795_358_684_007; // 2026-11-22T14:44:44.007Z

    #[test]
    fn ages_over_a_minute_are_whole_minutes() {
        let shown: Vec<_> = [-5, 0, 59_999, 60_000, 179_000, 3_600_000, 7_620_000, 90_000_000]
            .into_iter()
            .map(|millis| age(0, millis))
            .collect();
        assert_eq!(shown, ["0 s", "0 s", "59 s", "1 min", "2 min", "1 h 00 min", "2 h 07 min", "1 d 1 h"]);
    }

    #[test]
    fn an_age_changes_exactly_when_it_says() {
        for now in [0, 1, 999, 59_001, 60_000, 61_234, 3_599_999, 86_399_999, 90_000_001] {
            let next = now + age_changes_in(0, now);
            assert_eq!(age(0, now), age(0, next - 1), "{now}");
            assert_ne!(age(0, now), age(0, next), "{now}");
        }
    }

    #[test]
    fn durations_keep_three_digits() {
        let shown: Vec<_> = [420, 12_340, 192_000, 7_620_000].into_iter().map(duration).collect();
        assert_eq!(shown, ["0.42 s", "12.3 s", "3 min 12 s", "2 h 07 min"]);
    }

    #[test]
    fn typed_durations_are_read_and_said_back() {
        for (typed, millis, said) in
            [("90s", 90_000, "90 s"), ("5m", 300_000, "5 min"), ("120m", 7_200_000, "2 h"), ("3d", 3 * DAY, "3 d")]
        {
            assert_eq!(parse_duration(typed), Some(millis), "{typed}");
            assert_eq!(duration_words(millis), said);
        }
        for bad in ["", "5", "m", "-5m", "5 m", "9999999d", "5µ"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn calendar_dates_are_right() {
        assert_eq!(date_time(AT, 0), "2026-11-22 14:44:44");
        assert_eq!(date_time(951_782_400_000, 0), "2000-02-29 00:00:00");
        assert_eq!(date_time(0, -3_600), "1969-12-31 23:00:00");
        assert_eq!(time_or_date(AT, AT + HOUR, 0), "14:44:44");
        assert_eq!(time_or_date(AT, AT + DAY, 0), "22 Nov 14:44");
        assert_eq!(time_or_date(AT, AT + DAY, 12 * 3_600), "23 Nov 02:44");
    }
}
