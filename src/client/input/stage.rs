//! Names of sleep stages, as people and `HealthKit` exports spell them.

/// In bed, not necessarily asleep.
const IN_BED: u8 = 0;
const ASLEEP: u8 = 1;
const AWAKE: u8 = 2;
const CORE: u8 = 3;
const DEEP: u8 = 4;
const REM: u8 = 5;

/// A stage by number or name; case, spaces, `_`, `-` and `HealthKit`'s prefix do not matter. A number above 5 is a
/// stage of a device that we do not know: it counts as awake.
///
/// # Errors
/// A sentence that lists what is known.
pub(super) fn parse_stage(text: &str) -> Result<u8, String> {
    let word: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    if !word.is_empty() && text.trim().bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(stage_of_number(word.parse().unwrap_or(u64::MAX)));
    }
    let word = word.strip_prefix("hkcategoryvaluesleepanalysis").unwrap_or(&word);
    match word {
        "inbed" | "bed" => Ok(IN_BED),
        "asleep" | "asleepunspecified" | "unspecified" | "sleep" | "sleeping" => Ok(ASLEEP),
        "awake" | "wake" => Ok(AWAKE),
        "core" | "asleepcore" | "coresleep" | "light" | "lightsleep" => Ok(CORE),
        "deep" | "asleepdeep" | "deepsleep" => Ok(DEEP),
        "rem" | "asleeprem" | "remsleep" => Ok(REM),
        _ => Err(format!(
            "`{}` is no stage; known are in_bed (0), asleep (1), awake (2), core (3), deep (4), rem (5)",
            crate::text::sanitise(text, 60)
        )),
    }
}

/// See [`parse_stage`].
pub(super) fn stage_of_number(number: u64) -> u8 {
    u8::try_from(number).ok().filter(|stage| *stage <= REM).unwrap_or(AWAKE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_many_spellings() {
        for (text, stage) in [
            ("in_bed", 0),
            ("In Bed", 0),
            ("inBed", 0),
            ("HKCategoryValueSleepAnalysisInBed", 0),
            ("asleep", 1),
            ("HKCategoryValueSleepAnalysisAsleepUnspecified", 1),
            ("AWAKE", 2),
            ("asleepCore", 3),
            ("HKCategoryValueSleepAnalysisAsleepCore", 3),
            ("light", 3),
            ("deep", 4),
            ("Asleep-Deep", 4),
            ("REM", 5),
            (" 4 ", 4),
            ("0", 0),
        ] {
            assert_eq!(parse_stage(text), Ok(stage), "{text}");
        }
    }

    #[test]
    fn numbers_of_other_devices_count_as_awake_and_other_names_are_refused() {
        for text in ["6", "255", "256", "99999999999999999999999"] {
            assert_eq!(parse_stage(text), Ok(AWAKE), "{text}");
        }
        for text in ["", "-1", "1.0", "dreaming", "asleep2"] {
            assert!(parse_stage(text).unwrap_err().contains("in_bed (0)"), "{text}");
        }
    }
}
