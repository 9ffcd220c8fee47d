//! One view on the server: a terminal, its keys, its state. One `select!` loop; draws on data or input only, at most 30
//! times a second; the clock alone moves the screen only while something on it counts up, at most once a second.

mod aside;
mod data;
mod draw;
mod input;
mod lane;
mod surface;
mod watch;

use std::{io, sync::Arc, time::Duration};

use cipherdeck_ui::{Event as News, HistoryQuery, LogQuery, Look, ScreenKind, Snapshot, State, TaskId as ShownId};
use crossterm::event::Event as TerminalEvent;
use futures::{Stream, StreamExt as _};
use ratatui::{Terminal, backend::Backend, layout::Size};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::{data::Incoming, draw::Drawn, lane::Lane, surface::Surface, watch::Watched};
use super::{
    Exit, Host,
    flow::Flow,
    pager::{Place, Start},
    side::{self, AuditPlace, AuditStart},
};
use crate::{
    monitor::{history::Series, sampler::node_name},
    operator::{Actor, Door},
    store::{Event, Events, StoreError},
};

/// Reads of the store follow each other at least this far apart, however fast it changes.
const RELOAD: Duration = Duration::from_millis(30);
/// On other terminals than the server's own: there may be many, and more would not arrive anyway. The first change after a quiet moment, and
/// what the operator asks for, are read at once all the same.
const DISTANT: Duration = Duration::from_millis(200);
/// Answers to the operator's actions that may wait for the session.
const ANSWERS: usize = 16;

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
    // A session is large, and held by many a future.
    Box::pin(Session::new(host, screen)?.run(input, shutdown)).await
}

struct Session<B: Backend> {
    host: Host,
    terminal: Terminal<Surface<B>>,
    actor: Actor,
    state: State,
    snapshot: Snapshot,
    /// The screen that is looked at.
    looked: ScreenKind,
    flow: Flow,
    /// What ended has to be read again.
    flow_stale: bool,
    /// The page shown, and where its list goes on.
    place: Place,
    next: Option<Start>,
    /// Where the pages before began.
    before: Vec<Start>,
    watched: Option<ShownId>,
    /// What every screen shows, the tasks, and details.
    main: Lane<Incoming>,
    /// What the other screens show.
    aside: Lane<Result<side::Answer, StoreError>>,
    history: Option<HistoryQuery>,
    /// The runs that were read.
    series: Option<Arc<Series>>,
    /// Runs have ended or were fetched since.
    series_old: bool,
    logs: Option<LogQuery>,
    audit: AuditPlace,
    audit_next: Option<AuditStart>,
    audit_before: Vec<AuditStart>,
    /// Good data was last read then; the alert about a bad store counts from there.
    good_at: i64,
    paused: Vec<String>,
    /// Somebody claims tasks, here or elsewhere; believed until the store has said.
    workers: bool,
    /// Why the store cannot be read.
    unreachable: Option<String>,
    dropped: Option<(u64, Instant)>,
    /// What is sampled for this session.
    samples: Watched,
    news: (mpsc::Sender<News>, mpsc::Receiver<News>),
    drawn: Drawn,
    exit: Option<Exit>,
}

impl<B> Session<B>
where
    B: Backend + io::Write,
    B::Error: Send + Sync + 'static,
{
    fn new(host: Host, screen: Screen<B>) -> io::Result<Self> {
        let (width, height) = screen.size;
        let surface = Surface::new(screen.backend, Size::new(width, height));
        let terminal = Terminal::new(surface).map_err(io::Error::other)?;
        let state = State::new(screen.look, width, height);
        let snapshot = data::first_snapshot(&host, &screen.actor, node_name());
        let (tab, filter) = (state.tasks.tab, state.tasks.filter.clone());
        let place = Place { tab, filter, start: Start::default(), limit: state.rows() };
        let good_at = snapshot.now;
        let mut main = Lane::new(if matches!(screen.actor.door, Door::Attach | Door::Ssh) { DISTANT } else { RELOAD });
        main.ask();
        Ok(Self {
            host,
            terminal,
            actor: screen.actor,
            state,
            snapshot,
            looked: ScreenKind::Tasks,
            flow: Flow::default(),
            flow_stale: true,
            place,
            next: None,
            before: Vec::new(),
            watched: None,
            main,
            aside: Lane::new(RELOAD),
            history: None,
            series: None,
            series_old: false,
            logs: None,
            audit: AuditPlace::default(),
            audit_next: None,
            audit_before: Vec::new(),
            good_at,
            paused: Vec::new(),
            workers: true,
            unreachable: None,
            dropped: None,
            samples: Watched::default(),
            news: mpsc::channel(ANSWERS),
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
        let draining = self.host.draining.clone();
        self.terminal.backend_mut().clear().map_err(io::Error::other)?;
        loop {
            self.start_reads();
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
                Some(news) = self.news.1.recv() => self.told(news),
                read = self.main.finished() => self.loaded(read),
                read = self.aside.finished() => self.loaded_aside(read),
                event = next_event(&mut events) => self.store_event(event, &mut events),
                sample = self.samples.next() => self.sampled(&sample),
                () = draining.cancelled(), if !self.is_draining() => self.drains(),
                () = tokio::time::sleep_until(wake) => self.woken(),
            }
            if let Some(exit) = self.exit {
                return self.leave(exit).await;
            }
        }
    }
}

/// The next change of the store.
async fn next_event(events: &mut Option<Events>) -> Result<Event, RecvError> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}
