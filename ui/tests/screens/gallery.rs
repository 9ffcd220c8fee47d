//! Every screen in every size, on servers in good and in bad days.

use cipherdeck_ui::{
    Role, ScreenKind, Snapshot,
    theme::{Charset, Palette},
};

use crate::{fixtures, on, text, type_keys};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 15)];

fn shown(condition: &str, snapshot: impl Fn(usize) -> Snapshot) {
    for screen in ScreenKind::ALL {
        for (width, height) in SIZES {
            let (state, snapshot) = on(screen, width, height, &snapshot);
            let name = format!("{}_{condition}_{width}x{height}", screen.title().to_lowercase());
            insta::assert_snapshot!(name, text(&state, &snapshot));
        }
    }
}

#[test]
fn an_empty_server() {
    shown("empty", |_| fixtures::empty());
}

#[test]
fn a_busy_server() {
    shown("busy", fixtures::busy);
}

#[test]
fn a_server_with_100_000_tasks() {
    shown("crowded", fixtures::crowded);
}

#[test]
fn a_disconnected_store_is_seen() {
    shown("disconnected", fixtures::disconnected);
    for screen in ScreenKind::ALL {
        for (width, height) in SIZES {
            let (state, snapshot) = on(screen, width, height, fixtures::disconnected);
            let shown = text(&state, &snapshot);
            assert!(shown.contains("stale since 14:44:11") && shown.contains("store unreachable"), "{shown}");
        }
    }
}

#[test]
fn a_viewer() {
    let viewed = |limit| Snapshot { role: Role::Viewer, actor: "alice".to_owned(), ..fixtures::busy(limit) };
    shown("viewer", viewed);
    for screen in ScreenKind::ALL {
        let (state, snapshot) = on(screen, 160, 45, viewed);
        assert!(text(&state, &snapshot).contains("viewer alice"));
    }
}

#[test]
fn an_ascii_terminal_gets_ascii_only() {
    for screen in ScreenKind::ALL {
        for (width, height) in SIZES.into_iter().chain([(160, 45)]) {
            let (mut state, mut snapshot) = on(screen, width, height, fixtures::disconnected);
            state.look.charset = Charset::Ascii;
            state.look.palette = Palette::Mono;
            snapshot.server.node = "köln-日本".to_owned();
            snapshot.detail = fixtures::console::detail();
            let shown = text(&state, &snapshot);
            assert!(shown.is_ascii(), "{shown}");
            let name = format!("{}_ascii_{width}x{height}", screen.title().to_lowercase());
            insta::assert_snapshot!(name, shown);
            for keys in [
                vec!["?"],
                vec!["q"],
                vec!["C"],
                vec!["enter"],
                vec!["/"],
                vec!["P"],
                vec!["P", "P"],
                vec!["D"],
                vec![">", "r"],
            ] {
                let mut state = state.clone();
                type_keys(&mut state, &snapshot, &keys);
                assert!(text(&state, &snapshot).is_ascii(), "{keys:?}");
            }
        }
    }
}

#[test]
fn what_has_not_come_yet_is_said_to_be_loading() {
    for screen in ScreenKind::ALL {
        let (state, snapshot) = on(screen, 80, 24, |_| Snapshot::default());
        assert!(text(&state, &snapshot).contains("loading"), "{screen:?}");
    }
}
