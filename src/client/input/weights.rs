//! Weights: kilograms with at most one decimal.

use super::{InputError, Source, read_source};

/// The largest weight in 0.1 kg: 14 bits.
const MAX_WEIGHT: u16 = 16_383;
/// At most so many weights in one request.
pub const MAX_WEIGHTS: usize = 1000;

/// Reads `68`, `68.0` or `68.00` as 680: kilograms with one decimal, in 0.1 kg, up to 1,638.3.
///
/// # Errors
/// A sentence that says what to write instead.
pub fn parse_weight(text: &str) -> Result<u16, String> {
    let text = text.trim();
    let quoted = shown(text);
    if text.contains(',') {
        return Err(format!("`{quoted}` has a comma; write the decimal with a point, such as 68.5"));
    }
    if text.starts_with('-') {
        return Err(format!("`{quoted}` is negative; a weight lies between 0 and 1638.3 kg"));
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Err(format!("`{quoted}` is not a weight; write kilograms as a plain number, such as 68.5"));
    }
    let (tenths, rest) = decimals.split_at(1);
    if rest.bytes().any(|byte| byte != b'0') {
        return Err(format!("`{quoted}` has more than one decimal; weights are counted in 0.1 kg, such as 68.5"));
    }
    let value = whole.parse::<u32>().ok().and_then(|whole| whole.checked_mul(10)?.checked_add(tenths.parse().ok()?));
    value
        .and_then(|value| u16::try_from(value).ok())
        .filter(|value| *value <= MAX_WEIGHT)
        .ok_or_else(|| format!("`{quoted}` is too much; the largest weight is 1638.3 kg"))
}

fn shown(text: &str) -> String {
    crate::text::sanitise(text, 40)
}

/// Reads one weight a line; empty lines and what follows a `#` are skipped.
///
/// # Errors
/// [`InputError`] with the line.
pub fn read_weights(source: &Source) -> Result<Vec<u16>, InputError> {
    weights_of(&source.to_string(), &read_source(source)?)
}

fn weights_of(name: &str, bytes: &[u8]) -> Result<Vec<u16>, InputError> {
    let text = str::from_utf8(bytes).map_err(|_| InputError::at(name, "is not text"))?;
    let mut weights = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let place = || format!("{name}, line {}", index + 1);
        if line.split_whitespace().nth(1).is_some() {
            return Err(InputError::at(place(), "more than one value; write one weight a line"));
        }
        weights.push(parse_weight(line).map_err(|problem| InputError::at(place(), problem))?);
    }
    match weights.len() {
        0 => Err(InputError::at(name, "holds no weight; write one a line, such as 68.5")),
        1..=MAX_WEIGHTS => Ok(weights),
        n => Err(InputError::at(name, format!("holds {n} weights; at most {MAX_WEIGHTS} are allowed"))),
    }
}

/// 0.1 kg as kilograms: 680 is `68.0`.
pub fn kg(tenths: u16) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kilograms_become_tenths() {
        for (text, tenths) in
            [("68.0", 680), ("68", 680), ("0", 0), ("0.1", 1), (" 70.5 ", 705), ("70.50", 705), ("1638.3", 16_383)]
        {
            assert_eq!(parse_weight(text), Ok(tenths), "{text}");
        }
        for tenths in [0, 1, 9, 10, 685, 16_383] {
            assert_eq!(parse_weight(&kg(tenths)), Ok(tenths));
        }
    }

    #[test]
    fn what_is_no_weight_is_refused_with_a_hint() {
        for (text, hint) in [
            ("68,5", "with a point, such as 68.5"),
            ("1,638.3", "with a point"),
            ("68.55", "more than one decimal"),
            ("-1", "negative"),
            ("1638.4", "largest weight is 1638.3"),
            ("99999999999999999999", "largest weight"),
            ("429496730", "largest weight"),
            ("", "plain number"),
            (".5", "plain number"),
            ("68.", "plain number"),
            ("6.8e1", "plain number"),
            ("+68", "plain number"),
            ("68kg", "plain number"),
            ("NaN", "plain number"),
            ("٦٨", "plain number"),
            ("68.\u{e9}", "plain number"),
        ] {
            let sentence = parse_weight(text).unwrap_err();
            assert!(sentence.contains(hint), "{text}: {sentence}");
        }
    }

    #[test]
    fn a_file_has_one_weight_a_line_with_room_for_comments() {
        let text = "\u{feff}# morning\r\n68.0\r\n\r\n65 # after the run\n70.5";
        assert_eq!(weights_of("w.txt", text.as_bytes()), Ok(vec![680, 650, 705]));
    }

    #[test]
    fn errors_in_a_file_name_the_line() {
        for (text, sentence) in [
            ("68\n\n68,5\n", "w.txt, line 3: `68,5` has a comma"),
            ("68 69\n", "w.txt, line 1: more than one value"),
            ("# nothing\n", "w.txt: holds no weight"),
        ] {
            let error = weights_of("w.txt", text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(sentence), "{error}");
        }
        assert_eq!(weights_of("w.txt", &[0xff, 0xfe]).unwrap_err().to_string(), "w.txt: is not text");
        assert_eq!(weights_of("w.txt", "1\n".repeat(1000).as_bytes()).unwrap().len(), 1000);
        assert!(weights_of("w.txt", "1\n".repeat(1001).as_bytes()).unwrap_err().problem.contains("1001 weights"));
    }
}
