//! What a terminal can show: this process's own from its environment, a distant one from its kind.

use cipherdeck_ui::{
    Look,
    theme::{Charset, Palette},
};

/// The variables of the environment that say what a terminal can show.
pub(super) const VARIABLES: [&str; 7] = ["TERM", "COLORTERM", "COLORFGBG", "NO_COLOR", LOCALE[0], LOCALE[1], LOCALE[2]];
/// Those of a locale; the first one that is set counts.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// Reads the environment through `get`.
pub(super) fn detect(get: impl Fn(&str) -> Option<String>) -> Look {
    Look { palette: palette(&get), charset: charset(&get) }
}

/// A terminal at the other end of an SSH connection says only of which kind it is (`TERM`). It is taken to speak UTF-8
/// and to have a dark ground, unless that kind is known to be poor; `TERM=vt220 ssh ...` asks for plain ASCII.
pub(super) fn over_ssh(term: &str) -> Look {
    let rich = ["direct", "alacritty", "foot", "ghostty", "kitty", "wezterm", "konsole", "iterm"];
    let rich = rich.iter().any(|word| term.contains(word));
    detect(|name| match name {
        "TERM" => Some(term.to_owned()),
        "COLORTERM" => rich.then(|| "truecolor".to_owned()),
        "LANG" => (!term.is_empty()).then(|| "C.UTF-8".to_owned()),
        _ => None,
    })
}

/// A terminal of `cipherdeck attach`, by the environment there. One without any locale says nothing about the terminal
/// (`docker exec` has none): as over SSH, it is taken to speak UTF-8 unless its kind is known to be poor.
pub(super) fn attached(get: impl Fn(&str) -> Option<String>) -> Look {
    let silent = locale(&get).is_none() && get("TERM").is_some_and(|term| !term.is_empty());
    detect(|name| if silent && name == "LANG" { Some("C.UTF-8".to_owned()) } else { get(name) })
}

fn palette(get: &impl Fn(&str) -> Option<String>) -> Palette {
    let term = get("TERM").unwrap_or_default();
    let no_color = get("NO_COLOR").is_some_and(|value| !value.is_empty());
    if no_color || term.is_empty() || term == "dumb" || term.starts_with("vt") {
        return Palette::Mono;
    }
    let rich = term.contains("256") || get("COLORTERM").is_some_and(|value| !value.is_empty());
    // The ground's colour, as some terminals say: `foreground;background`, 7 and 15 are the light ones.
    let ground = get("COLORFGBG").and_then(|value| value.rsplit(';').next()?.parse::<u8>().ok());
    match (rich, ground) {
        (false, _) => Palette::Basic,
        (true, Some(7 | 15)) => Palette::Light,
        (true, _) => Palette::Dark,
    }
}

/// UTF-8 by the first locale variable that is set; the console of the Linux kernel has no braille.
fn charset(get: &impl Fn(&str) -> Option<String>) -> Charset {
    let term = get("TERM").unwrap_or_default();
    let utf8 = locale(get).is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    });
    let poor = ["dumb", "linux"].contains(&term.as_str()) || term.starts_with("vt");
    if utf8 && !poor { Charset::Unicode } else { Charset::Ascii }
}

fn locale(get: &impl Fn(&str) -> Option<String>) -> Option<String> {
    LOCALE.iter().find_map(|name| get(name).filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(variables: &[(&str, &str)]) -> Look {
        detect(|name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn terminals_get_what_they_can_show() {
        let utf8 = ("LANG", "en_GB.UTF-8");
        let unicode = |palette| Look { palette, charset: Charset::Unicode };
        let ascii = |palette| Look { palette, charset: Charset::Ascii };
        assert_eq!(look(&[("TERM", "xterm-256color"), utf8]), unicode(Palette::Dark));
        assert_eq!(look(&[("TERM", "xterm-256color"), ("COLORFGBG", "0;15"), utf8]), unicode(Palette::Light));
        assert_eq!(look(&[("TERM", "xterm"), utf8]), unicode(Palette::Basic));
        assert_eq!(look(&[("TERM", "xterm"), ("COLORTERM", "truecolor"), utf8]), unicode(Palette::Dark));
        assert_eq!(look(&[("TERM", "xterm-256color"), ("NO_COLOR", "1"), utf8]), unicode(Palette::Mono));
        assert_eq!(look(&[("TERM", "xterm-256color"), ("NO_COLOR", ""), utf8]), unicode(Palette::Dark));
        assert_eq!(look(&[("TERM", "xterm-256color"), ("LC_ALL", "C"), utf8]), ascii(Palette::Dark));
        assert_eq!(look(&[("TERM", "linux"), utf8]), ascii(Palette::Basic));
        assert_eq!(look(&[("TERM", "vt100")]), ascii(Palette::Mono));
        assert_eq!(look(&[]), ascii(Palette::Mono));
    }

    #[test]
    fn a_distant_terminal_is_known_by_its_kind() {
        let unicode = |palette| Look { palette, charset: Charset::Unicode };
        let ascii = |palette| Look { palette, charset: Charset::Ascii };
        for (term, look) in [
            ("xterm-256color", unicode(Palette::Dark)),
            ("xterm-kitty", unicode(Palette::Dark)),
            ("alacritty", unicode(Palette::Dark)),
            ("xterm", unicode(Palette::Basic)),
            ("linux", ascii(Palette::Basic)),
            ("vt220", ascii(Palette::Mono)),
            ("dumb", ascii(Palette::Mono)),
            ("", ascii(Palette::Mono)),
        ] {
            assert_eq!(over_ssh(term), look, "{term:?}");
        }
    }

    #[test]
    fn an_attached_terminal_without_a_locale_is_taken_to_speak_utf8() {
        let attached = |variables: &[(&str, &str)]| {
            attached(|name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()))
        };
        let unicode = |palette| Look { palette, charset: Charset::Unicode };
        let ascii = |palette| Look { palette, charset: Charset::Ascii };
        assert_eq!(attached(&[("TERM", "xterm")]), unicode(Palette::Basic));
        assert_eq!(attached(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), unicode(Palette::Mono));
        assert_eq!(attached(&[("TERM", "xterm-256color"), ("LANG", "C")]), ascii(Palette::Dark));
        assert_eq!(attached(&[("TERM", "linux")]), ascii(Palette::Basic));
        assert_eq!(attached(&[]), ascii(Palette::Mono));
        for name in ["TERM", "COLORTERM", "COLORFGBG", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"] {
            assert!(VARIABLES.contains(&name), "{name} travels");
        }
    }
}
