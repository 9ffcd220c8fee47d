//! Load that is ended early.

use std::{path::PathBuf, sync::Arc, time::Duration};

use cipherdeck::{
    bench::{
        host::OwnServer,
        load::{self, End, Gauges, Now, Plan, Stage},
        questions::Oracle,
    },
    client::api::Api,
    config::{self, Overrides},
    monitor::logs::LogRing,
    use_cases::Registry,
};
use tokio_util::sync::CancellationToken;

/// Somebody who presses Ctrl-C after the first answer.
struct Impatient(CancellationToken);

impl Gauges for Impatient {
    fn stage(&self, _: Stage) {}

    fn now(&self, now: &Now) {
        if now.answered > 0 {
            self.0.cancel();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn load_that_is_stopped_cancels_what_is_open_and_tells_what_it_saw() {
    let mut settings = config::load(Overrides::default()).unwrap();
    settings.server.data_dir = PathBuf::from("/nobody/uses/this");
    let server = OwnServer::start(&settings, LogRing::new(10)).await.unwrap();
    let (api, stop) = (Api::new(&server.url()).unwrap(), CancellationToken::new());
    let catalogue = Registry::standard(&settings.ads.catalogue).unwrap();
    let oracle = Oracle::new(Arc::clone(catalogue.catalogue()));
    let plan = Plan {
        clients: 3,
        keys: 1,
        time: Duration::from_hours(1),
        mix: "ads=1".parse().unwrap(),
        cancel: 0.1,
        patience: Duration::from_secs(60),
    };
    let outcome = load::run(&api, &oracle, &plan, &Impatient(stop.clone()), &stop).await.unwrap();
    assert!(outcome.stopped && outcome.is_sound(), "{:?}", outcome.tally.sentences);
    let (answered, open) = (outcome.tally.count(Some(End::Answered)), outcome.tally.count(None));
    assert!(answered > 0 && open == 0 && outcome.total_s < 60.0);
    assert_eq!(api.operators().tasks(&[]).await.unwrap().value.counts.total, 0, "the clients' uids are deleted");
    server.stop().await;
}
