//! A server whose answers are mixed up: everybody gets the first one.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use cipherdeck::{
    bench::{
        BenchError,
        load::{self, Fault, Gauges, Now, Stage},
        questions::{Kind, Oracle},
        run::{Bench, Event, Plan},
    },
    client::api::Api,
    config::{self, Overrides},
    fhe::{Context, ServerKey},
    monitor::logs::LogRing,
    server::Server,
    use_cases::{InputError, InputFacts, KernelError, Output, Registry, UseCase, UseCaseInfo},
};
use tokio_util::sync::CancellationToken;

/// Ad targeting, but every answer is the one of the first question.
struct MixedUp {
    right: Arc<dyn UseCase>,
    first: OnceLock<Vec<u8>>,
}

impl UseCase for MixedUp {
    fn info(&self) -> UseCaseInfo {
        self.right.info()
    }

    fn capability(&self) -> String {
        self.right.capability()
    }

    fn check(&self, input: &[u8]) -> Result<InputFacts, InputError> {
        self.right.check(input)
    }

    fn run(&self, key: Option<&ServerKey>, input: &[u8], context: &Context) -> Result<Output, KernelError> {
        let first = self.first.get_or_init(|| input.to_vec());
        self.right.run(key, first, context)
    }
}

async fn server(dir: &Path) -> (Server, Oracle) {
    let overrides = Overrides { data_dir: Some(dir.to_owned()), ..Overrides::default() };
    let mut settings = config::load(overrides).unwrap();
    settings.server.listen = "127.0.0.1:0".parse().unwrap();
    let registry = Registry::standard(Path::new("")).unwrap();
    let oracle = Oracle::new(Arc::clone(registry.catalogue()));
    let right = Arc::clone(registry.get("ad_targeting").unwrap());
    let registry = registry.with(Arc::new(MixedUp { right, first: OnceLock::new() }));
    (Server::start(settings, registry, LogRing::new(10)).await.unwrap(), oracle)
}

struct Silent;

impl Gauges for Silent {
    fn stage(&self, _: Stage) {}
    fn now(&self, _: &Now) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_answer_ends_the_runs_and_shows_in_the_load() {
    let dir = tempfile::tempdir().unwrap();
    let (server, oracle) = server(dir.path()).await;
    let (api, stop) = (Api::new(&server.url()).unwrap(), CancellationToken::new());
    let mut samples = Vec::new();
    let plan = Plan { kinds: vec![Kind::Ads], repeat: 3, warm_up: 0 };
    let bench = Bench { api: &api, operators: &api, oracle: &oracle, stop: &stop };
    let error = bench.run(&plan, &|_: &Event<'_>| (), &mut samples).await.unwrap_err();
    assert!(matches!(error, BenchError::Wrong { use_case: "ad_targeting", .. }), "{error}");
    assert_eq!(samples.len(), 1, "the first one was right");

    let plan = load::Plan {
        clients: 2,
        keys: 1,
        time: Duration::from_secs(1),
        mix: "ads=1".parse().unwrap(),
        cancel: 0.0,
        patience: Duration::from_secs(60),
    };
    let outcome = load::run(&api, &oracle, &plan, &Silent, &stop).await.unwrap();
    assert!(!outcome.is_sound() && outcome.tally.faults(Fault::Wrong) > 0, "{:?}", outcome.tally.sentences);
    assert_eq!(outcome.tally.faults(Fault::Lost), 0);
    server.stop(Duration::ZERO, CancellationToken::new()).await;
}
