//! The place in a README that the benchmark owns.

/// Behind it begins what is written here.
pub const START: &str = "<!-- BENCHMARK_TABLE_START -->";
/// Before it ends what is written here.
pub const END: &str = "<!-- BENCHMARK_TABLE_END -->";

/// The text with `content` between its markers.
///
/// # Errors
/// A sentence that says which marker is missing, or is there more than once, or in the wrong place.
pub fn replace(text: &str, content: &str) -> Result<String, String> {
    for marker in [START, END] {
        match text.matches(marker).count() {
            0 => return Err(format!("it has no line {marker}; put {START} and {END} where the table belongs")),
            1 => {}
            many => return Err(format!("it has {marker} {many} times; there can be only one table")),
        }
    }
    let wrong = || format!("{END} comes before {START}");
    let (before, rest) = text.split_once(START).ok_or_else(wrong)?;
    let (_, after) = rest.split_once(END).ok_or_else(wrong)?;
    Ok(format!("{before}{START}\n{}\n{END}{after}", content.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = format!("# A\n\n{START}\nold\n\nold\n{END}\n\nrest\n");
        let new = replace(&text, "\nnew ± 1\n").unwrap();
        assert_eq!(new, format!("# A\n\n{START}\nnew ± 1\n{END}\n\nrest\n"));
        assert_eq!(replace(&new, "new ± 1").unwrap(), new);
        assert_eq!(replace(&format!("{START}{END}"), "x").unwrap(), format!("{START}\nx\n{END}"));
    }

    #[test]
    fn missing_double_and_crossed_markers_are_told_apart() {
        let problem = |text: &str| replace(text, "x").unwrap_err();
        assert!(problem("nothing").contains("no line <!-- BENCHMARK_TABLE_START -->"));
        assert!(problem(START).contains("no line <!-- BENCHMARK_TABLE_END -->"));
        assert!(problem(&format!("{START}{END}{START}{END}")).contains("2 times"));
        assert!(problem(&format!("{END} {START}")).contains("comes before"));
    }
}
