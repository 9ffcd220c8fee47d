//! A server with work to show, the same every time.

use cipherdeck_ui::{
    Row, Snapshot, Tab, TaskId, TaskState,
    snapshot::{Alert, Counts, Flow, Machine, Oldest, Page, Server, Total},
};

/// 2026-11-22T14:44:44Z
pub(crate) const NOW: i64 = 1_795_358_684_000;

const USE_CASES: [&str; 3] = ["weight_stats", "ad_targeting", "sleep_quality"];
const USERS: [&str; 3] = ["3f2a91bc", "11d0c4e7", "a07be25d"];

/// The id of task `n`, a version 4 UUID.
pub(crate) fn id(n: usize) -> TaskId {
    let mixed = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    TaskId::new(&format!("{:08x}-{:04x}-4d9d-80c7-{:012x}", mixed >> 32, mixed as u16, mixed & 0xffff_ffff_ffff))
}

/// Task `n`, queued a while ago.
pub(crate) fn queued(n: usize, place: u64) -> Row {
    Row {
        id: id(n),
        uid_tag: USERS[n % 3].to_owned(),
        client: USERS[n % 3].to_owned(),
        use_case: USE_CASES[n % 3].to_owned(),
        capability: USE_CASES[n % 3].to_owned(),
        state: TaskState::Queued,
        cancelling: false,
        position: Some(place),
        priority: if n.is_multiple_of(5) { 3 } else { 0 },
        attempt: 0,
        worker: None,
        worker_short: None,
        device: None,
        progress: None,
        received: NOW - 9_000 * (n as i64 + 1) - 120,
        created: NOW - 9_000 * (n as i64 + 1),
        started: None,
        finished: None,
        fetched: None,
        expires: None,
        failure: None,
        failure_detail: None,
        input_bytes: 296,
        result_bytes: None,
    }
}

/// Task `n`, running for `seconds`.
pub(crate) fn started(n: usize, seconds: i64, progress: f32) -> Row {
    let started = NOW - seconds * 1_000;
    Row {
        state: TaskState::Started,
        position: None,
        attempt: 1,
        worker: Some(format!("kepler:4711:936da01f-9abd-4d9d-80c7-02af85c822a8/{n}")),
        worker_short: Some(format!("kepler/{n}")),
        device: Some("cpu".to_owned()),
        progress: Some(progress),
        received: started - 4_120,
        created: started - 4_000,
        started: Some(started),
        ..queued(n, 0)
    }
}

/// Task `n`, ended in `state`.
pub(crate) fn ended(n: usize, state: TaskState) -> Row {
    let finished = NOW - 60_000 * n as i64;
    let ran = matches!(state, TaskState::Success | TaskState::Completed | TaskState::Failure);
    Row {
        state,
        position: None,
        priority: 0,
        attempt: if state == TaskState::Failure { 3 } else { u32::from(ran) },
        progress: None,
        worker: ran.then(|| "kepler:4711:936da01f-9abd-4d9d-80c7-02af85c822a8/0".to_owned()),
        worker_short: ran.then(|| "kepler/0".to_owned()),
        device: ran.then(|| "cpu".to_owned()),
        received: finished - 10_640,
        created: finished - 10_520,
        started: ran.then_some(finished - 8_400),
        finished: Some(finished),
        fetched: (state == TaskState::Completed).then_some(finished + 900),
        expires: Some(finished + 86_400_000),
        failure: (state == TaskState::Failure).then(|| "attempts_exhausted".to_owned()),
        failure_detail: (state == TaskState::Failure)
            .then(|| "its worker was lost three times; the last one had run for 8 s".to_owned()),
        result_bytes: matches!(state, TaskState::Success | TaskState::Completed).then_some(16_564),
        ..queued(n, 0)
    }
}

/// A server that has just started.
pub(crate) fn empty() -> Snapshot {
    Snapshot {
        now: NOW,
        server: Server {
            name: "cipherdeck".to_owned(),
            version: "0.1.0".to_owned(),
            node: "kepler".to_owned(),
            environment: "dev".to_owned(),
            address: "127.0.0.1:8082".to_owned(),
            store: "sqlite".to_owned(),
            started: NOW - 2_553_000,
            workers: 2,
            use_cases: ["ad_targeting", "sleep_quality", "weight_stats"].map(str::to_owned).to_vec(),
        },
        flow: Flow { minutes: 5, ended: 0, failed: 0 },
        page: Some(Page::default()),
        ..Snapshot::default()
    }
}

/// Two tasks run, many wait, some have ended. The first page of the tab "all" with `limit` rows.
pub(crate) fn busy(limit: usize) -> Snapshot {
    let counts = Counts { queued: 1_234, started: 2, success: 41, completed: 1_102, failure: 3, revoked: 7 };
    let mut rows = vec![started(0, 12, 0.523), started(1, 185, 0.071)];
    rows[1].cancelling = true;
    // The queue is cut short, so that every state is on the screen.
    rows.extend((0..4).map(|n| queued(n + 2, n as u64 + 1)));
    rows.extend([
        ended(6, TaskState::Success),
        ended(7, TaskState::Completed),
        ended(8, TaskState::Failure),
        ended(9, TaskState::Revoked),
    ]);
    rows.extend((10..200).map(|n| ended(n, TaskState::Completed)));
    rows.truncate(limit);
    Snapshot {
        counts,
        oldest: Some(Oldest { since: NOW - 134_000, at_least: true }),
        flow: Flow { minutes: 5, ended: 62, failed: 1 },
        page: Some(Page { tab: Tab::All, rows, before: 0, more: true, total: Total::Exactly(counts.total()) }),
        machine: Some(machine()),
        sampling: true,
        ..empty()
    }
}

/// A page of another tab of the same server.
pub(crate) fn busy_tab(tab: Tab, limit: usize) -> Snapshot {
    let rows: Vec<_> = (0..limit)
        .map(|n| match tab {
            Tab::All | Tab::Queued => queued(n, n as u64 + 1),
            Tab::Started => started(n, 3 * n as i64 + 1, 0.13 * n as f32),
            Tab::Finished => ended(n, if n.is_multiple_of(3) { TaskState::Success } else { TaskState::Completed }),
            Tab::Failed => ended(n, TaskState::Failure),
            Tab::Revoked => ended(n, TaskState::Revoked),
        })
        .collect();
    let snapshot = busy(0);
    let total = Total::Exactly(tab.count(&snapshot.counts));
    Snapshot { page: Some(Page { tab, rows, before: 0, more: true, total }), ..snapshot }
}

/// The same server, its store gone.
pub(crate) fn disconnected(limit: usize) -> Snapshot {
    let reason = "the store is unavailable: disk I/O error".to_owned();
    Snapshot {
        alerts: vec![
            Alert::StoreUnreachable { since: NOW - 33_000, reason },
            Alert::EventsDropped(4_096),
            Alert::Paused(vec!["weight_stats".to_owned()]),
        ],
        ..busy(limit)
    }
}

fn machine() -> Machine {
    let wave = |at: usize, period: f32| 0.5 + 0.45 * (at as f32 / period).sin();
    Machine {
        cores: vec![0.97, 0.12, 0.55, 0.31],
        cpu: (0..150).map(|at| wave(at, 9.0)).collect(),
        memory: (0..150).map(|at| 0.3 + at as f32 / 1_500.0).collect(),
        memory_used: 3_328_599_654,
        memory_total: 8_329_658_368,
        process: 188_743_680,
        load: [1.02, 0.84, 0.61],
        interval_s: 2,
    }
}
