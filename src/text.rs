//! Text that came from outside is made harmless where it enters: no control bytes, no invisible or direction-changing
//! characters, bounded length. Logs, errors, the console and `GET /logs` can then show it as it is.

/// `text` without C0/C1 controls (each run of them becomes one space), bidirectional controls, zero-width characters
/// and other invisible formatting; cut to `max_chars` characters, the cut marked by `…`.
pub fn sanitise(text: &str, max_chars: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(4 * max_chars));
    let mut chars = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            gap = true;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        if gap && chars > 0 && chars < max_chars {
            clean.push(' ');
            chars += 1;
        }
        gap = false;
        if chars >= max_chars {
            clean.push('…');
            return clean;
        }
        clean.push(c);
        chars += 1;
    }
    clean
}

const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_one_space_and_invisible_characters_vanish() {
        assert_eq!(sanitise("a\r\n\tb", 80), "a b");
        assert_eq!(sanitise("\x1b[2Jred\u{9b}31m", 80), "[2Jred 31m");
        assert_eq!(sanitise("ab\u{202e}cd\u{200b}e\u{feff}", 80), "abcde");
        assert_eq!(sanitise("line\u{2028}line", 80), "line line");
        assert_eq!(sanitise("naïve 日本", 80), "naïve 日本");
    }

    #[test]
    fn long_text_is_cut_and_the_cut_is_marked() {
        assert_eq!(sanitise("abcdef", 3), "abc…");
        assert_eq!(sanitise("abc", 3), "abc");
    }

    #[test]
    fn what_has_been_made_harmless_stays_as_it_is() {
        for (text, most, clean) in [("abc\nd", 3, "abc…"), ("ab\n\ncd", 3, "ab …"), ("a\n", 1, "a"), ("\na", 0, "…")]
        {
            assert_eq!(sanitise(text, most), clean);
            assert_eq!(sanitise(clean, most), clean);
        }
    }
}
