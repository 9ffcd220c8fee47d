//! Sorting, pages that have not come yet, and pages of the audit log.

use cipherdeck_ui::{AuditQuery, Command, Event, Filter, Go, Query, ScreenKind, Snapshot, Tab};

use crate::{at_work, fixtures, on, press, text, type_keys};

fn load(tab: Tab, go: Go) -> Command {
    Command::Load(Query { tab, filter: Filter::default(), go, limit: 13 })
}

#[test]
fn a_page_is_sorted_by_a_column_and_says_so() {
    let (mut state, snapshot) = at_work(80, 24);
    let first = state.tasks.table.highlighted().cloned();
    assert_eq!(press(&mut state, &snapshot, "r"), []);
    assert!(text(&state, &snapshot).contains("this is the list's own order"));
    type_keys(&mut state, &snapshot, &[">", ">"]);
    let mut ids: Vec<_> = snapshot.rows().iter().map(|row| row.id.short()).collect();
    let shown = |state: &_| -> Vec<String> {
        let shown = text(state, &snapshot);
        let rows = shown.lines().skip(6).take(13).map(|line| line.split_whitespace().collect::<Vec<_>>());
        rows.map(|words| {
            (*words.iter().find(|word| word.len() == 8 && word.chars().all(|c| c.is_ascii_hexdigit())).unwrap())
                .to_owned()
        })
        .collect()
    };
    ids.sort();
    assert_eq!(shown(&state), ids);
    assert_eq!(state.tasks.table.highlighted().cloned(), first, "the highlight stays on its row");
    state.toast = None;
    assert!(text(&state, &snapshot).contains("this page sorted by ID") && text(&state, &snapshot).contains("ID▲"));
    press(&mut state, &snapshot, "r");
    ids.reverse();
    assert_eq!(shown(&state), ids);
    assert!(text(&state, &snapshot).contains("this page sorted by ID, greatest first"));
    type_keys(&mut state, &snapshot, &["<", "<"]);
    assert_eq!(state.tasks.table.sort, None);
}

#[test]
fn a_sorted_list_is_walked_in_the_order_shown() {
    let (mut state, snapshot) = at_work(80, 24);
    type_keys(&mut state, &snapshot, &[">", ">", "g"]);
    let mut ids: Vec<_> = snapshot.rows().iter().map(|row| row.id.clone()).collect();
    ids.sort();
    let mut walked = vec![state.tasks.table.highlighted().cloned().unwrap()];
    for _ in 1..ids.len() {
        press(&mut state, &snapshot, "down");
        walked.push(state.tasks.table.highlighted().cloned().unwrap());
    }
    assert_eq!(walked, ids);
}

#[test]
fn what_is_shown_in_whole_is_sorted_in_whole() {
    for (screen, said) in [(ScreenKind::Workers, "sorted by NAME"), (ScreenKind::Benchmarks, "sorted by N")] {
        let (mut state, snapshot) = on(screen, 120, 40, fixtures::busy);
        press(&mut state, &snapshot, ">");
        let shown = text(&state, &snapshot);
        assert!(shown.contains(said) && !shown.contains("this page"), "{shown}");
    }
    let (mut state, snapshot) = on(ScreenKind::Benchmarks, 120, 40, fixtures::busy);
    type_keys(&mut state, &snapshot, &[">", ">", "home"]);
    assert_eq!(state.history.table.highlighted().map(|timed| timed.use_case.as_str()), Some("sleep_quality"));
}

#[test]
fn keys_typed_before_a_page_has_come_are_done_when_it_comes() {
    let (mut state, snapshot) = at_work(80, 24);
    assert_eq!(type_keys(&mut state, &snapshot, &["right", "n", "down"]), [load(Tab::Queued, Go::First)]);
    let mut queued = fixtures::busy_tab(Tab::Queued, 13);
    assert_eq!(state.update(&queued, Event::Refreshed), [load(Tab::Queued, Go::Next)], "the page is turned now");
    assert_eq!(state.update(&queued, Event::Refreshed), [], "that was still the first page");
    queued.page.as_mut().unwrap().before = 13;
    assert_eq!(state.update(&queued, Event::Refreshed), []);
    assert_eq!(state.tasks.table.index(), 1, "and one down");
    // Two pages in a row.
    assert_eq!(type_keys(&mut state, &queued, &["n", "n"]), [load(Tab::Queued, Go::Next)]);
    queued.page.as_mut().unwrap().before = 26;
    assert_eq!(state.update(&queued, Event::Refreshed), [load(Tab::Queued, Go::Next)]);
    // Nothing waits for a store that does not answer.
    let gone = Snapshot { alerts: fixtures::disconnected(0).alerts, ..queued };
    assert_eq!(press(&mut state, &gone, "down"), []);
    assert_eq!(state.tasks.table.index(), 2);
}

#[test]
fn the_audit_log_is_paged_and_searched() {
    let (mut state, snapshot) = on(ScreenKind::Audit, 80, 24, fixtures::busy);
    let query = |text: &str, go| [Command::Audit(AuditQuery { text: text.to_owned(), go, limit: 16 })];
    assert_eq!(press(&mut state, &snapshot, "page-down"), query("", Go::Next));
    let mut next = snapshot.clone();
    next.audit = Some(fixtures::console::audit(16, 16));
    state.update(&next, Event::Refreshed);
    assert!(text(&state, &next).contains("17–32 of 42"));
    assert_eq!(type_keys(&mut state, &next, &["/", "p", "a", "u", "s", "e", "enter"]), query("pause", Go::First));
    state.update(&snapshot, Event::Refreshed);
    assert!(text(&state, &snapshot).contains("/ pause"));
    assert_eq!(press(&mut state, &snapshot, "esc"), query("", Go::First));
}
