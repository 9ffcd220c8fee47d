//! Several operators at once, each with a view, a size and a role of their own.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use cipherdeck::task::{Clock, Status, Timestamp};

use tokio::time::timeout;

use super::house::{House, ended};
use crate::{
    console::{emulator::Emulator, world::short},
    support::wait::{DEADLINE, task_with},
};

#[tokio::test]
async fn two_operators_see_the_same_tasks_in_terminals_and_views_of_their_own() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    let (large, small) = (house.door.ssh(&key, 160, 45), house.door.ssh(&key, 80, 24));
    large.screen.until("no tasks yet").await;
    small.screen.until("no tasks yet").await;
    assert!(large.screen.is_alternate() && small.screen.is_alternate());
    let id = house.world.submit(0).await;
    large.screen.until(&short(id)).await;
    let screen = small.screen.until(&short(id)).await;
    assert!(screen.contains("○ queued"), "colours and signs come from TERM: {screen}");
    // The details of one are not the details of the other.
    small.keys("\r");
    small.screen.until(&id.to_string()).await;
    let claim = house.world.claim().await;
    let screen = large.screen.until("▸ started").await;
    assert!(!screen.contains(&id.to_string()), "{screen}");
    house.world.succeed(&claim).await;
    large.screen.until("✓ success").await;
    // OSC 52 goes to the terminal of the one who copies.
    small.keys("y");
    small.screen.until("copied").await;
    assert_eq!(small.screen.clipboard(), id.to_string());
    small.keys("q");
    small.screen.until_gone(&id.to_string()).await;
    small.keys("q");
    small.screen.until("Leave the dashboard?").await;
    small.keys("l");
    let screen = small.screen.until("The console is closed; the server goes on.").await;
    small.screen.until_restored().await;
    assert!(!screen.contains(&short(id)), "{screen}");
    assert!(ended(small).await.success());
    let end = house.until_logged(&["ssh: session ended", "end=left"], 1).await;
    assert!(end.contains("by=SHA256:") && end.contains("alice (ssh)") && end.contains("peer=127.0.0.1:"), "{end}");
    // The other one looks on.
    let next = house.world.submit(1).await;
    large.screen.until(&short(next)).await;
}

/// How many of 40 tasks the screen lists, once it is as wanted: `1–14 of 40`.
async fn listed(screen: &Emulator, wanted: impl Fn(u64) -> bool + Send + 'static) -> u64 {
    let rows = |screen: &vt100::Screen| {
        let text = screen.contents();
        let (_, range) = text.split_once("1–")?;
        range.split_once(" of 40")?.0.parse().ok()
    };
    let screen = screen.clone();
    let wait = move || {
        let seen = std::cell::Cell::new(0);
        let as_wanted = |screen: &vt100::Screen| {
            seen.set(rows(screen).unwrap_or(0));
            seen.get() > 0 && wanted(seen.get())
        };
        screen.wait("the wanted number of rows", as_wanted);
        seen.get()
    };
    tokio::task::spawn_blocking(wait).await.expect("it came")
}

#[tokio::test]
async fn a_resize_is_drawn_in_the_new_size() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    for n in 0..40 {
        house.world.submit(n).await;
    }
    let client = house.door.ssh(&key, 80, 24);
    let small = listed(&client.screen, |_| true).await;
    client.resize(120, 40);
    let large = listed(&client.screen, move |rows| rows > small).await;
    client.resize(100, 30);
    listed(&client.screen, move |rows| rows > small && rows < large).await;
    client.resize(80, 24);
    listed(&client.screen, move |rows| rows == small).await;
}

#[tokio::test]
async fn arrows_pages_and_pastes_do_what_they_do_on_the_local_terminal() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("viewer"));
    let mut ids = Vec::new();
    for n in 0..40 {
        ids.push(house.world.submit(n).await);
    }
    let client = house.door.ssh(&key, 80, 24);
    let first = format!("1–{} of 40", listed(&client.screen, |_| true).await);
    client.keys("\x1b[6~\x1b[6~");
    client.screen.until_gone(&first).await;
    client.keys("\x1b[H");
    client.screen.until(&first).await;
    // Pasted, letters are text; typed, they would be commands.
    client.keys(&format!("/\x1b[200~{}\x1b[201~\r", ids[33]));
    client.screen.until("1–1 of 1").await;
    // Escape alone, known by the silence after it.
    client.keys("\x1b");
    client.screen.until("of 40").await;
}

#[tokio::test]
async fn a_viewer_changes_nothing_where_an_operator_does() {
    let house = House::open().await;
    let (viewer, operator) = (house.door.key("vera", Some("viewer")), house.door.key("otto", Some("operator")));
    let id = house.world.submit(0).await;
    let watching = house.door.ssh(&viewer, 120, 40);
    watching.screen.until(&short(id)).await;
    watching.keys("Cy");
    watching.keys("?");
    watching.screen.until(" Keys ").await;
    assert_eq!(house.world.store.task(id).await.unwrap().unwrap().status, Status::Queued);
    let acting = house.door.ssh(&operator, 120, 40);
    acting.screen.until(&short(id)).await;
    acting.keys("C");
    acting.screen.until(&id.to_string()).await;
    acting.keys("y");
    task_with(&house.world.store, id, Status::Revoked).await;
    house.until_logged(&["operator", "action=cancel", "tasks=1", "otto (ssh)"], 1).await;
}

#[tokio::test]
async fn only_an_operator_can_choose_to_drain_the_server() {
    let house = House::open().await;
    let (viewer, operator) = (house.door.key("vera", Some("viewer")), house.door.key("otto", Some("operator")));
    for (key, drains) in [(viewer, false), (operator, true)] {
        let client = house.door.ssh(&key, 80, 24);
        client.screen.until("no tasks yet").await;
        client.keys("q");
        client.screen.until("Leave the dashboard?").await;
        // Whoever may not drain leaves with l.
        client.keys("Dl");
        client.screen.until_restored().await;
        assert!(ended(client).await.success());
        house.until_logged(&["ssh: session ended"], if drains { 2 } else { 1 }).await;
        if drains {
            timeout(DEADLINE, house.drain.cancelled()).await.expect("it was chosen");
            assert!(house.is_audited("SHA256:", "drain", "done").await);
        }
        assert_eq!(house.drain.is_cancelled(), drains);
    }
}

#[tokio::test]
async fn a_draining_server_closes_sessions_and_restores_their_terminals() {
    let house = House::open().await;
    let key = house.door.key("alice", Some("operator"));
    let clients = [house.door.ssh(&key, 80, 24), house.door.ssh(&key, 120, 40)];
    for client in &clients {
        client.screen.until("no tasks yet").await;
    }
    house.close().await;
    for client in clients {
        client.screen.until("The server drains and stops.").await;
        client.screen.until_restored().await;
        assert!(ended(client).await.success());
    }
}

#[tokio::test]
async fn a_panic_in_one_session_reaches_no_other() {
    let armed = Arc::new(AtomicBool::new(false));
    let clock = {
        let armed = Arc::clone(&armed);
        Clock::from_fn(move || {
            assert!(!armed.swap(false, Ordering::Relaxed), "the test wants a panic");
            Timestamp::now()
        })
    };
    let house = House::with(2, |host| host.clock = clock).await;
    let key = house.door.key("alice", Some("operator"));
    let (lucky, unlucky) = (house.door.ssh(&key, 80, 24), house.door.ssh(&key, 80, 24));
    lucky.screen.until("no tasks yet").await;
    unlucky.screen.until("no tasks yet").await;
    armed.store(true, Ordering::Relaxed);
    // Its next frame asks the clock; the other one has nothing to draw.
    unlucky.keys("?");
    unlucky.screen.until("The console failed; the server goes on").await;
    unlucky.screen.until_restored().await;
    assert_eq!(ended(unlucky).await.exit_code(), 1);
    let id = house.world.submit(0).await;
    lucky.screen.until(&short(id)).await;
    // Its place is free again.
    let next = house.door.ssh(&key, 80, 24);
    next.screen.until(&short(id)).await;
}
