//! Several terminals at once, each with a view and a size of its own.

use std::io::Write as _;

use cipherdeck::task::Status;
use tokio::time::timeout;

use super::house::House;
use crate::{
    console::{emulator::Emulator, world::short},
    support::wait::{DEADLINE, task_with},
};

/// Waits until the keys of the footer stand on this line, counted from 1.
async fn until_footer_at(screen: &Emulator, line: usize) {
    let screen = screen.clone();
    let wanted = move |screen: &vt100::Screen| {
        let text = screen.contents();
        text.lines().count() <= line && text.lines().nth(line - 1).is_some_and(|footer| footer.contains("q quit"))
    };
    tokio::task::spawn_blocking(move || screen.wait("the footer", wanted)).await.expect("it came");
}

#[tokio::test]
async fn two_terminals_see_the_same_tasks_in_sizes_and_views_of_their_own() {
    let house = House::open().await;
    let (large, small) = (house.attach(160, 45), house.attach(80, 24));
    let screen = large.screen.until("no tasks yet").await;
    assert!(screen.contains(" (attach)"), "{screen}");
    small.screen.until("no tasks yet").await;
    until_footer_at(&large.screen, 45).await;
    until_footer_at(&small.screen, 24).await;
    assert!(large.screen.is_alternate() && small.screen.is_alternate());
    let id = house.world.submit(0).await;
    large.screen.until(&short(id)).await;
    let screen = small.screen.until(&short(id)).await;
    assert!(screen.contains("○ queued"), "colours and signs come from the environment: {screen}");
    // The details of one are not the details of the other.
    small.keys("\r");
    small.screen.until(&id.to_string()).await;
    let claim = house.world.claim().await;
    let screen = large.screen.until("▸ started").await;
    assert!(!screen.contains(&id.to_string()), "{screen}");
    house.world.succeed(&claim).await;
    large.screen.until("✓ success").await;
    small.keys("y");
    small.screen.until("copied").await;
    assert_eq!(small.screen.clipboard(), id.to_string());
    small.keys("qql");
    let screen = small.screen.until("The console is closed; the server goes on.").await;
    small.screen.until_restored().await;
    assert!(!screen.contains(&short(id)), "{screen}");
    assert!(small.over().await.0.success());
    let end = house.until_logged(&["attach: session ended", "end=left"], 1).await;
    assert!(end.contains(" (attach)") && end.contains("peer=process "), "{end}");
    assert!(house.audited("login").await.iter().all(|(_, result)| result == "done"));
    assert_eq!(house.audited("login").await.len(), 2);
    // The other one looks on, and acts.
    let next = house.world.submit(1).await;
    large.screen.until(&short(next)).await;
    large.keys(&format!("/{next}\r"));
    large.screen.until("1–1 of 1").await;
    large.keys("C");
    large.screen.until("Cancel").await;
    large.keys("y");
    task_with(&house.world.store, next, Status::Revoked).await;
    assert_eq!(house.audited("cancel").await.len(), 1);
}

#[tokio::test]
async fn a_resize_is_drawn_in_the_new_size() {
    let house = House::open().await;
    let client = house.attach(80, 24);
    until_footer_at(&client.screen, 24).await;
    for (columns, lines) in [(160, 45), (100, 30), (80, 24)] {
        client.resize(columns, lines);
        until_footer_at(&client.screen, lines.into()).await;
    }
}

#[tokio::test]
async fn ctrl_z_does_nothing_and_ctrl_c_asks_as_on_the_servers_own_terminal() {
    let house = House::open().await;
    let client = house.attach(80, 24);
    client.screen.until("no tasks yet").await;
    client.keys("\x1a?");
    client.screen.until(" Keys ").await;
    client.keys("\x1b");
    client.screen.until_gone(" Keys ").await;
    client.keys("\x03");
    client.screen.until("Leave the dashboard?").await;
    client.keys("\x03");
    client.screen.until("The console is closed; the server goes on.").await;
    client.screen.until_restored().await;
    assert!(client.over().await.0.success());
}

#[tokio::test]
async fn one_drains_the_server_and_everybody_is_told() {
    let house = House::open().await;
    let (chooses, other) = (house.attach(80, 24), house.attach(120, 40));
    chooses.screen.until("no tasks yet").await;
    other.screen.until("no tasks yet").await;
    chooses.keys("q");
    chooses.screen.until("Leave the dashboard?").await;
    chooses.keys("D");
    chooses.screen.until("The server drains: running tasks get their grace, then it stops.").await;
    chooses.screen.until_restored().await;
    assert!(chooses.over().await.0.success());
    timeout(DEADLINE, house.drain.cancelled()).await.expect("it was chosen");
    assert_eq!(house.audited("drain").await.len(), 1, "one act, one row");
    house.close().await;
    other.screen.until("The server drains and stops.").await;
    other.screen.until_restored().await;
    assert!(other.over().await.0.success());
}

#[tokio::test]
async fn a_terminal_that_a_shell_had_meanwhile_is_drawn_anew() {
    let house = House::open().await;
    let client = house.attach(80, 24);
    client.screen.until("no tasks yet").await;
    let raw = client.modes();
    client.signal("STOP");
    // What a shell does to it.
    let mut shell = client.screen.clone();
    shell.write_all(b"\x1b[?1049l\x1b[2J\x1b[H$ ").and_then(|()| shell.flush()).unwrap();
    assert!(!client.screen.is_alternate());
    client.signal("CONT");
    client.screen.until("no tasks yet").await;
    until_footer_at(&client.screen, 24).await;
    assert!(client.screen.is_alternate());
    assert_eq!(client.modes(), raw);
}
