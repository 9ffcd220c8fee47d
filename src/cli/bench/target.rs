//! Which server is measured: one of its own, or one that runs.

use clap::Args;
use color_eyre::eyre::WrapErr as _;
use tokio_util::sync::CancellationToken;

use super::{COMMON, Done, Failure};
use crate::{
    bench::{BenchError, host::OwnServer, questions::Oracle},
    cli::{
        client::interrupt,
        logging::{self, Outlet},
        memory,
        place::Place,
        server::Access,
    },
    client::api::Api,
    config::Settings,
    monitor::{logs::LogRing, sampler::node_name},
    use_cases::Registry,
};

/// Lines of the log that an own server keeps; nobody reads them.
const LINES: usize = 100;

/// Which server.
#[derive(Args)]
pub(super) struct Target {
    /// A server that runs, instead of one of its own
    #[arg(long, value_name = "URL", help_heading = COMMON)]
    url: Option<String>,
    #[command(flatten)]
    access: Access,
    /// Tasks that the own server runs at once [default: the setting worker.count]
    #[arg(long, value_name = "N", conflicts_with = "url", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
    /// Threads that its workers share; 0 is all cores [default: the setting worker.threads]
    #[arg(long, value_name = "N", conflicts_with = "url", value_parser = clap::value_parser!(u16).range(0..=4096))]
    threads: Option<u16>,
    #[command(flatten)]
    place: Place,
}

/// A server to measure.
pub(super) struct Measured {
    pub(super) api: Api,
    /// How to reach another listener of the same server.
    pub(super) access: Access,
    pub(super) oracle: Oracle,
    pub(super) settings: Settings,
    /// The server's machine, in files.
    pub(super) machine: String,
    /// Cancelled by Ctrl-C.
    pub(super) stop: CancellationToken,
    own: Option<OwnServer>,
}

impl Measured {
    /// Is it one of its own?
    pub(super) const fn is_own(&self) -> bool {
        self.own.is_some()
    }
}

/// Has the server measured by `work`, and stops it if it is an own one.
pub(super) fn measure<F>(target: Target, work: F) -> Done
where
    F: AsyncFnOnce(&Measured) -> Result<std::process::ExitCode, Failure>,
{
    if target.url.is_none() {
        // As `serve` does: what is measured behaves like what is served.
        memory::give_back_at_once();
    }
    let Target { url, access, workers, threads, place } = target;
    let mut settings = place.settings()?;
    settings.worker.count = workers.map_or(settings.worker.count, usize::from);
    settings.worker.threads = threads.map_or(settings.worker.threads, usize::from);
    let ring = LogRing::new(LINES);
    let mut log = settings.log.clone();
    "error".clone_into(&mut log.level);
    let outlet = Outlet::silent();
    outlet.to_stderr();
    logging::start(&log, ring.clone(), outlet, false)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().wrap_err("starting the runtime")?;
    let done = runtime.block_on(async {
        let stop = CancellationToken::new();
        interrupt::watch(stop.clone());
        let catalogue = Registry::standard(&settings.ads.catalogue).map_err(BenchError::from)?;
        let oracle = Oracle::new(std::sync::Arc::clone(catalogue.catalogue()));
        let own = match url {
            Some(_) => None,
            None => Some(OwnServer::start(&settings, ring).await?),
        };
        let (api, machine) = match (&own, &url) {
            (Some(own), _) => (Api::new(&own.url())?, node_name()),
            (None, url) => {
                let url = url.as_deref().unwrap_or_default();
                (access.api(url)?, machine(url))
            }
        };
        let mut measured = Measured { api, access, oracle, settings, machine, stop, own };
        let done = work(&measured).await;
        if let Some(own) = measured.own.take() {
            own.stop().await;
        }
        done
    });
    // Kernels that were abandoned may still be computing.
    runtime.shutdown_background();
    Ok(done)
}

/// The host of a URL; of this machine its name.
pub(super) fn machine(url: &str) -> String {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    if ["localhost", "::1"].contains(&name) || name.starts_with("127.") {
        return node_name();
    }
    crate::text::sanitise(name, 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_this_machine_has_its_name() {
        for url in ["http://127.0.0.1:8082", "http://localhost", "https://[::1]:8443/deck"] {
            assert_eq!(machine(url), node_name(), "{url}");
        }
        assert_eq!(machine("https://deck.example:8443/x"), "deck.example");
        assert_eq!(machine("http://[2001:db8::1]:80"), "2001:db8::1");
    }
}
