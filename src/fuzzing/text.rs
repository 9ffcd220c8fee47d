//! Text from outside: what [`sanitise`] and the dashboard make of it.

use cipherdeck_ui::text as cells;

use super::assert_harmless;
use crate::text::sanitise;

/// The first byte is how long it may be.
pub(super) fn run(bytes: &[u8]) {
    let (most, text) = bytes.split_first().map_or((0, bytes), |(most, rest)| (usize::from(*most), rest));
    let text = String::from_utf8_lossy(text);

    let clean = sanitise(&text, most);
    assert_harmless(&clean, most + 1);
    assert_eq!(sanitise(&clean, most), clean, "not the same a second time");
    assert!(clean.chars().count() <= most || clean.ends_with('…'), "cut without a mark: {clean:?}");

    let shown = cells::clean(&text);
    assert_harmless(&shown, usize::MAX);
    assert_eq!(cells::clean(&shown), shown);
    // A control character becomes one space, everything else at least one column or nothing.
    assert!(cells::width(&shown) >= shown.chars().count(), "{shown:?}");
    let fitted = cells::fit(&text, most);
    assert_harmless(&fitted, usize::MAX);
    assert!(cells::width(&fitted) <= most.max(1), "{fitted:?} in {most} columns");
    for line in cells::wrap(&text, most) {
        assert_harmless(&line, usize::MAX);
        assert!(cells::width(&line) <= most.max(2), "{line:?} in {most} columns");
    }
}
