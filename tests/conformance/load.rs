//! Many tasks. The bounds are generous, for a busy machine; they notice what grows with the number of tasks.

use std::time::{Duration, Instant};

use cipherdeck::{
    store::{ListFilter, ListOrder, RunFilter, StateFilter},
    task::{Run, RunOrigin, TaskId, Timestamp},
};

use super::{
    engine::Engine,
    world::{USE_CASES, World},
};

const TASKS: u64 = 100_000;

pub(crate) async fn a_hundred_thousand_tasks_are_as_quick_as_ten<E: Engine>() {
    let mut world = World::<E>::new().await;
    let mut uids = Vec::new();
    for _ in 0..4 {
        uids.push(world.uid().await);
    }
    let mut last = None; // of the last burst, whose own order is not ours
    let began = Instant::now();
    for _ in 0..TASKS / 1_000 {
        let burst = (0..1_000).map(|index| world.store().enqueue(world.new_task(uids[index % 4])));
        last = futures::future::try_join_all(burst).await.unwrap().last().map(|answer| answer.id());
    }
    let enqueued = began.elapsed();
    let last = last.unwrap();

    let began = Instant::now();
    world.crash().await;
    let opened = began.elapsed();
    assert_eq!(world.store().counts().await.unwrap().queued, TASKS);

    let began = Instant::now();
    for _ in 0..1_000 {
        assert!(world.store().position(last).await.unwrap().unwrap().place > TASKS - 1_000);
    }
    let position = began.elapsed() / 1_000;

    let began = Instant::now();
    for _ in 0..200 {
        assert_eq!(world.task(last).await.id, last);
    }
    let status = began.elapsed() / 200;

    let (mut cursor, mut listed, mut slowest) = (None, 0, Duration::ZERO);
    for _ in 0..100 {
        let began = Instant::now();
        let page = world.store().list(ListOrder::Life, ListFilter::default(), cursor, 200).await.unwrap();
        slowest = slowest.max(began.elapsed());
        listed += page.tasks.len();
        cursor = page.cursor;
    }
    assert_eq!(listed, 20_000);

    let began = Instant::now();
    for _ in 0..20 {
        let claim = world.claim().await.unwrap();
        world.succeed(&claim).await;
    }
    let claim = began.elapsed() / 20;

    // A filter without an index gives up after 10,000 records and goes on from there.
    let filter = ListFilter { worker: Some("nobody".to_owned()), ..ListFilter::default() };
    let began = Instant::now();
    let page = world.store().list(ListOrder::Created, filter.clone(), None, 50).await.unwrap();
    let scan = began.elapsed();
    assert_eq!((page.tasks.len(), page.scanned), (0, 10_000));
    let next = world.store().list(ListOrder::Created, filter, page.cursor, 50).await.unwrap();
    assert_eq!((next.scanned, next.cursor.is_some()), (10_000, true));

    let filter = ListFilter { state: StateFilter::Terminal, ..ListFilter::default() };
    let ended = world.store().list(ListOrder::Finished, filter, None, 50).await.unwrap();
    assert_eq!((ended.tasks.len(), ended.scanned), (20, 0));

    eprintln!(
        "{TASKS} tasks: enqueue {:?} each in bursts, open {opened:?}, position {position:?}, status {status:?}, \
         slowest page {slowest:?}, claim and finish {claim:?}, scan of 10,000 {scan:?}",
        enqueued / u32::try_from(TASKS).unwrap()
    );
    assert!(opened < Duration::from_secs(10), "opening took {opened:?}");
    assert!(position < Duration::from_millis(1), "a position took {position:?}");
    assert!(status < Duration::from_millis(10), "a status took {status:?}");
    assert!(slowest < Duration::from_millis(500), "a page took {slowest:?}");
    assert!(claim < Duration::from_millis(500), "a claim and finish took {claim:?}");
    assert!(scan < Duration::from_secs(2), "a scan took {scan:?}");
}

pub(crate) async fn a_hundred_thousand_runs_are_read_at_once<E: Engine>() {
    let world = World::<E>::new().await;
    let start = world.now().millis();
    for burst in 0..TASKS / 1_000 {
        let runs = (0..1_000).map(|n| {
            let n = i64::try_from(burst * 1_000 + n).unwrap();
            world.store().record_run(Run {
                task: TaskId::random(),
                origin: RunOrigin::Task,
                use_case: USE_CASES[usize::try_from(n % 3).unwrap()].to_owned(),
                device: "cpu".to_owned(),
                finished: Timestamp::from_millis(start + n * 1_000),
                upload_s: 0.1,
                queue_s: 0.2,
                server_s: 1.5,
                end_to_end_s: Some(2.0),
                bootstraps: 42,
            })
        });
        futures::future::try_join_all(runs).await.unwrap();
    }
    let read = async |since| {
        let began = Instant::now();
        let filter = RunFilter { since, limit: usize::MAX, ..RunFilter::default() };
        (world.store().runs(filter).await.unwrap().len() as u64, began.elapsed())
    };
    let (all, whole) = read(None).await;
    // The rows of the last hour, of which there is one a second.
    let since = Timestamp::from_millis(start + i64::try_from(TASKS - 3_600).unwrap() * 1_000);
    let (hour, last) = read(Some(since)).await;
    assert_eq!((all, hour), (TASKS, 3_600));
    eprintln!("{TASKS} runs: all of them read in {whole:?}, those of the last hour in {last:?}");
    assert!(whole < Duration::from_secs(5), "reading all took {whole:?}");
    assert!(last < Duration::from_secs(1), "reading an hour took {last:?}");
}
