//! Text and numbers for cells. Whatever comes from outside passes [`clean`] or [`fit`] before it is drawn.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns that `text` takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` with nothing in it that could move the cursor, change the direction of writing or hide: every character that
/// is kept takes at least one column.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter_map(|c| if c.is_control() { Some(' ') } else { is_plain(c).then_some(c) }).collect())
}

/// May this character stand in a cell of its own?
fn is_plain(c: char) -> bool {
    let invisible = matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !invisible && c.width().is_some_and(|columns| columns > 0)
}

/// [`clean`] text in at most `columns` columns; a cut is marked by `…`.
pub fn fit(text: &str, columns: usize) -> String {
    let text = clean(text);
    if width(&text) <= columns {
        return text.into_owned();
    }
    let mut fitted = String::with_capacity(columns * 4);
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= columns {
            break;
        }
        fitted.push(c);
    }
    if columns > 0 {
        fitted.push('…');
    }
    fitted
}

/// As many of the parts, from the first on, as `columns` have room for.
pub fn fitting(parts: &[String], columns: usize) -> String {
    let mut fitted = String::new();
    for part in parts {
        if width(&fitted) + width(part) > columns {
            break;
        }
        fitted += part;
    }
    fitted
}

/// `text` broken at spaces into lines of at most `columns`; longer words are broken too.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in clean(text).split_whitespace() {
        let gap = usize::from(!line.is_empty());
        if !line.is_empty() && width(&line) + gap + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if width(&line) + c.width().unwrap_or(0) > columns {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// `1,234,567`
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// At most four characters: `999`, `1.2k`, `100k`, `1.0M`.
pub fn short_number(n: u64) -> String {
    for (unit, name) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] {
        if n >= unit {
            // Rounded down: a count must not look larger than it is.
            let tenths = n / (unit / 10);
            return if tenths < 100 {
                format!("{}.{}{name}", tenths / 10, tenths % 10)
            } else {
                format!("{}{name}", n / unit)
            };
        }
    }
    n.to_string()
}

/// `1 task`, `3 tasks`
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n as u64), if n == 1 { one } else { many })
}

/// A measured time with three digits that count: `0.842 ms`, `84.2 ms`, `8.42 s`, `842 s`.
pub fn seconds(s: f64) -> String {
    if !s.is_finite() {
        return "-".to_owned();
    }
    let (value, unit) = if s.abs() < 1.0 { (s * 1_000.0, "ms") } else { (s, "s") };
    let digits = match value.abs() {
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// `280 B`, `30.1 MiB`
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1_024 {
        return format!("{n} B");
    }
    let mut value = n as f64;
    let mut name = "B";
    for unit in UNITS {
        if value < 1_024.0 {
            break;
        }
        value /= 1_024.0;
        name = unit;
    }
    format!("{value:.1} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_survives() {
        assert_eq!(clean("a\x1b[31mb\r\nc"), "a [31mb  c");
        assert_eq!(clean("user\u{202e}gnp.exe\u{200b}\u{feff}"), "usergnp.exe");
        assert_eq!(clean("e\u{301}\u{301}\u{301}"), "e");
        assert_eq!(clean("naïve 日本"), "naïve 日本");
    }

    #[test]
    fn text_is_cut_by_columns_not_by_characters() {
        assert_eq!(fit("weight_stats", 12), "weight_stats");
        assert_eq!(fit("weight_stats", 8), "weight_…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(fit("abc", 0), "");
        for columns in 0..12 {
            assert!(width(&fit("日a本b語c\u{7}d", columns)) <= columns);
        }
    }

    #[test]
    fn whole_parts_are_kept() {
        let parts = ["one", " two", " three"].map(str::to_owned);
        assert_eq!([2, 3, 12, 13].map(|columns| fitting(&parts, columns)), ["", "one", "one two", "one two three"]);
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_are_broken() {
        assert_eq!(wrap("the key is gone", 7), ["the key", "is gone"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("", 3), Vec::<String>::new());
    }

    #[test]
    fn measured_times_keep_three_digits() {
        let shown = [0.000_842, 0.084_2, 8.42, 84.2, 842.4, 0.0, f64::NAN].map(seconds);
        assert_eq!(shown, ["0.842 ms", "84.2 ms", "8.42 s", "84.2 s", "842 s", "0.000 ms", "-"]);
    }

    #[test]
    fn numbers_are_grouped_or_short() {
        assert_eq!([number(7), number(1_234), number(1_234_567)], ["7", "1,234", "1,234,567"]);
        let short: Vec<_> = [999, 1_000, 1_299, 99_999, 100_000, 1_000_000].into_iter().map(short_number).collect();
        assert_eq!(short, ["999", "1.0k", "1.2k", "99k", "100k", "1.0M"]);
        assert_eq!([bytes(280), bytes(31_562_138), bytes(8_589_934_592)], ["280 B", "30.1 MiB", "8.0 GiB"]);
    }
}
