//! Where requests come in: one listener, or one for clients and one for operators.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::StartError;
use crate::{
    api::{self, Certificates, Routers},
    config::Settings,
    monitor::metrics::http::HttpMetrics,
};

/// Requests that are being answered when a drain begins get so long to finish.
pub(super) const ANSWERS: Duration = Duration::from_secs(5);

/// Addresses that are taken, before anybody is served there.
pub(super) struct Bound {
    main: TcpListener,
    operators: Option<TcpListener>,
    certificates: Option<Certificates>,
    /// Of the first one.
    pub(super) address: SocketAddr,
    /// Of the second one.
    pub(super) operator_address: Option<SocketAddr>,
}

impl Bound {
    /// Reads the certificate and takes the addresses of the settings.
    ///
    /// # Errors
    /// [`StartError::Tls`], [`StartError::Listen`].
    pub(super) fn of(settings: &Settings) -> Result<Self, StartError> {
        let certificates = Certificates::load(&settings.tls)?;
        let (main, address) = bind(settings.server.listen, "--listen ADDR")?;
        let operators = settings.operator.listen.map(|address| bind(address, "operator.listen")).transpose()?;
        let (operators, operator_address) = operators.unzip();
        Ok(Self { main, operators, certificates, address, operator_address })
    }

    /// Serves until `closing` is cancelled.
    pub(super) fn serve(
        self,
        routers: Routers,
        settings: &Arc<Settings>,
        metrics: &HttpMetrics,
        closing: &CancellationToken,
    ) -> Listeners {
        let mut tasks = JoinSet::new();
        let doors = [Some((self.main, routers.main)), self.operators.zip(routers.operators)];
        for (listener, router) in doors.into_iter().flatten() {
            let (settings, closing) = (Arc::clone(settings), closing.clone());
            let (certificates, metrics) = (self.certificates.clone(), metrics.clone());
            tasks.spawn(async move {
                api::serve(listener, router, settings, certificates.as_ref(), &metrics, closing).await
            });
        }
        if let Some(certificates) = self.certificates {
            tokio::spawn(certificates.watch(closing.clone()));
        }
        Listeners(tasks)
    }
}

fn bind(address: SocketAddr, setting: &'static str) -> Result<(TcpListener, SocketAddr), StartError> {
    let listen = |source| StartError::Listen { address, setting, source };
    let listener = TcpListener::bind(address).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    Ok((listener, address))
}

/// Listeners that serve.
pub(super) struct Listeners(JoinSet<io::Result<()>>);

impl Listeners {
    /// Waits until they have ended, for a while.
    pub(super) async fn ended(&mut self) {
        let all = async {
            while let Some(ended) = self.0.join_next().await {
                match ended {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(%error, "a listener ended with an error"),
                    Err(error) => tracing::error!(%error, "a listener panicked"),
                }
            }
        };
        if tokio::time::timeout(ANSWERS, all).await.is_err() {
            tracing::warn!("some connections were still open");
        }
    }
}
