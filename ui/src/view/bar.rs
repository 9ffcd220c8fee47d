//! A horizontal bar in eighths of a cell.

use crate::theme::Charset;

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The filled part of a bar of `width` cells (`#` in ASCII), and the width that is left of it. Full only at 1.
pub fn bar(share: f32, width: usize, charset: Charset) -> (String, usize) {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (f64::from(share) * width as f64 * 8.0).floor() as usize;
    let (whole, part) = (eighths / 8, eighths % 8);
    match charset {
        Charset::Ascii => ("#".repeat(whole), width - whole),
        Charset::Unicode => {
            let end = EIGHTHS.get(part).copied().unwrap_or_default();
            ("█".repeat(whole) + end, width - whole - usize::from(part > 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_only_when_all_is_done() {
        assert_eq!(bar(0.0, 4, Charset::Unicode), (String::new(), 4));
        assert_eq!(bar(0.5, 4, Charset::Unicode), ("██".into(), 2));
        assert_eq!(bar(0.999, 2, Charset::Unicode), ("█▉".into(), 0));
        assert_eq!(bar(1.0, 2, Charset::Unicode), ("██".into(), 0));
        assert_eq!(bar(0.99, 4, Charset::Ascii), ("###".into(), 1));
        for odd in [f32::NAN, f32::INFINITY, -1.0, 7.0] {
            let (filled, rest) = bar(odd, 5, Charset::Unicode);
            assert_eq!(filled.chars().count() + rest, 5, "{odd}");
        }
    }
}
