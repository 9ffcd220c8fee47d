//! One view on the server: a terminal, its keys, its state. One `select!` loop; draws on data or input only, at most 30
//! times a second; the clock alone moves the screen only while something on it counts up, at most once a second.

mod data;
mod draw;
mod input;
mod surface;

use std::{io, time::Duration};

use cipherdeck_ui::{Look, Snapshot, State, TaskId as ShownId};
use crossterm::event::Event as TerminalEvent;
use futures::{Stream, StreamExt as _};
use ratatui::{Terminal, backend::Backend, layout::Size};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    task::JoinHandle,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::{data::Incoming, draw::Drawn, surface::Surface};
use super::{
    Exit, Host,
    actions::Answers,
    flow::Flow,
    pager::{Place, Start},
};
use crate::{
    monitor::sampler::{Load, Loads, node_name},
    operator::Actor,
    store::{Event, Events},
};

/// Reads of the store follow each other at least this far apart, however fast it changes.
const RELOAD: Duration = Duration::from_millis(50);
/// After a failed read.
const RETRY: Duration = Duration::from_secs(2);

/// A terminal to draw on.
pub struct Screen<B> {
    /// Where cells go, and control sequences for the terminal itself (its clipboard) in between.
    pub backend: B,
    /// Columns and lines.
    pub size: (u16, u16),
    /// What it can show.
    pub look: Look,
    /// Who sits before it.
    pub actor: Actor,
}

/// Draws the console on `screen` and obeys `input` until the operator leaves, the input ends or `shutdown` is
/// cancelled. Neither sets the terminal up nor restores it.
///
/// # Errors
/// When the terminal cannot be drawn to.
pub async fn run<B>(
    host: Host,
    screen: Screen<B>,
    input: impl Stream<Item = io::Result<TerminalEvent>> + Unpin,
    shutdown: CancellationToken,
) -> io::Result<Exit>
where
    B: Backend + io::Write,
    B::Error: Send + Sync + 'static,
{
    Session::new(host, screen)?.run(input, shutdown).await
}

struct Session<B: Backend> {
    host: Host,
    terminal: Terminal<Surface<B>>,
    actor: Actor,
    state: State,
    snapshot: Snapshot,
    flow: Flow,
    /// The page shown, and where its list goes on.
    place: Place,
    next: Option<Start>,
    /// Where the pages before began.
    before: Vec<Start>,
    watched: Option<ShownId>,
    loading: Option<JoinHandle<Incoming>>,
    loaded_at: Option<Instant>,
    reload: Reload,
    /// The operator asked for the next read: it happens also while the screen is frozen.
    asked: bool,
    /// Good data was last read then; the alert about a bad store counts from there.
    good_at: i64,
    paused: Vec<String>,
    /// Why the store cannot be read.
    unreachable: Option<String>,
    dropped: Option<(u64, Instant)>,
    samples: Option<Loads>,
    answers: (mpsc::Sender<Answers>, mpsc::Receiver<Answers>),
    drawn: Drawn,
    exit: Option<Exit>,
}

/// What has to be read again, and from when on.
#[derive(Debug, Clone, Copy)]
struct Reload {
    wanted: bool,
    flow: bool,
    not_before: Instant,
}

impl<B> Session<B>
where
    B: Backend + io::Write,
    B::Error: Send + Sync + 'static,
{
    fn new(host: Host, screen: Screen<B>) -> io::Result<Self> {
        let (width, height) = screen.size;
        let surface = Surface { inner: screen.backend, size: Size::new(width, height) };
        let terminal = Terminal::new(surface).map_err(io::Error::other)?;
        let state = State::new(screen.look, width, height);
        let snapshot = data::first_snapshot(&host, node_name());
        let place =
            Place { tab: state.tab, filter: state.filter.clone(), start: Start::default(), limit: state.rows() };
        let good_at = snapshot.now;
        Ok(Self {
            host,
            terminal,
            actor: screen.actor,
            state,
            snapshot,
            flow: Flow::default(),
            place,
            next: None,
            before: Vec::new(),
            watched: None,
            loading: None,
            loaded_at: None,
            reload: Reload { wanted: true, flow: true, not_before: Instant::now() },
            asked: true,
            good_at,
            paused: Vec::new(),
            unreachable: None,
            dropped: None,
            samples: None,
            answers: mpsc::channel(16),
            drawn: Drawn::default(),
            exit: None,
        })
    }

    async fn run(
        mut self,
        mut input: impl Stream<Item = io::Result<TerminalEvent>> + Unpin,
        shutdown: CancellationToken,
    ) -> io::Result<Exit> {
        // Before the first read, so that no change is missed between the two.
        let mut events = Some(self.host.store.events());
        self.terminal.backend_mut().clear().map_err(io::Error::other)?;
        loop {
            self.start_load();
            self.draw()?;
            let wake = self.wake();
            tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(Exit::Leave),
                key = input.next() => match key {
                    // A terminal that is gone must not take the server with it.
                    None | Some(Err(_)) => return Ok(Exit::Leave),
                    Some(Ok(event)) => self.terminal_event(event),
                },
                Some(answers) = self.answers.1.recv() => self.answered(answers),
                loaded = finished(&mut self.loading) => self.loaded(loaded),
                event = next_event(&mut events) => self.store_event(event, &mut events),
                load = next_sample(&mut self.samples) => self.sampled(load.as_deref()),
                () = tokio::time::sleep_until(wake) => self.woken(),
            }
            if let Some(exit) = self.exit {
                return Ok(exit);
            }
        }
    }
}

impl<B: Backend> Drop for Session<B> {
    fn drop(&mut self) {
        if let Some(loading) = self.loading.take() {
            loading.abort();
        }
    }
}

/// The load under way, once it has ended; for ever, if there is none.
async fn finished(loading: &mut Option<JoinHandle<Incoming>>) -> Option<Incoming> {
    let Some(handle) = loading else { return std::future::pending().await };
    let incoming = handle.await.ok();
    *loading = None;
    incoming
}

/// The next change of the store.
async fn next_event(events: &mut Option<Events>) -> Result<Event, RecvError> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

/// The next sample of the machine.
async fn next_sample(samples: &mut Option<Loads>) -> Option<std::sync::Arc<Load>> {
    let Some(receiver) = samples else { return std::future::pending().await };
    if receiver.changed().await.is_err() {
        // The sampler is gone.
        std::future::pending::<()>().await;
    }
    receiver.borrow_and_update().clone()
}
