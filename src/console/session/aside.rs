//! The screens besides the tasks: what they show is read aside, so that it never holds up the header.

use std::{io, time::Duration};

use cipherdeck_ui::{AuditQuery, Event, Go, HistoryQuery, LogQuery, ScreenKind};
use ratatui::backend::Backend;

use super::{RELOAD, Session};
use crate::{
    console::side::{self, Answer, AuditPlace, AuditStart, Request},
    store::StoreError,
};

/// The run history is read as a whole: not more often than this.
const HISTORY: Duration = Duration::from_secs(2);
/// Its spans move on also while nothing ends.
const SPANS: Duration = Duration::from_mins(1);
/// Other doors than this one write to the audit log, and not everything they do is an event.
const AUDIT: Duration = Duration::from_secs(2);

impl<B> Session<B>
where
    B: Backend + io::Write,
    B::Error: Send + Sync + 'static,
{
    /// Another screen is looked at. What belongs to the one before is let go.
    pub(super) fn look(&mut self, screen: ScreenKind) {
        self.looked = screen;
        self.aside.stop();
        self.aside.spacing = if screen == ScreenKind::Benchmarks { HISTORY } else { RELOAD };
        let snapshot = &mut self.snapshot;
        if screen != ScreenKind::Workers {
            (snapshot.fleet, snapshot.keys, snapshot.bootstraps) = (None, None, None);
            snapshot.gpus = cipherdeck_ui::snapshot::Gpus::Unknown;
        }
        if screen != ScreenKind::Benchmarks {
            (snapshot.history, self.history, self.series) = (None, None, None);
        }
        if screen != ScreenKind::Logs {
            (snapshot.logs, self.logs) = (None, None);
        }
        if screen != ScreenKind::Audit {
            snapshot.audit = None;
        }
        if screen == ScreenKind::Tasks {
            // What was listed before may be long ago.
            self.main.ask();
            self.drawn.hold();
        }
    }

    pub(super) fn show_history(&mut self, query: HistoryQuery) {
        self.history = Some(query);
        self.aside.ask();
    }

    pub(super) fn show_logs(&mut self, query: LogQuery) {
        self.logs = Some(query);
        self.aside.ask();
    }

    pub(super) fn show_audit(&mut self, query: AuditQuery) {
        let AuditQuery { text, go, limit } = query;
        let here = self.audit.start.clone();
        let other = text != self.audit.text;
        let start = match go {
            Go::Same if !other => here,
            Go::Next if !other => match self.audit_next.take() {
                Some(next) => {
                    self.audit_before.push(here);
                    next
                }
                None => here,
            },
            Go::Previous if !other => self.audit_before.pop().unwrap_or_default(),
            _ => {
                self.audit_before.clear();
                AuditStart::default()
            }
        };
        self.audit = AuditPlace { text, start, limit };
        self.aside.ask();
    }

    /// Runs have ended or were fetched: what was read of them is old.
    pub(super) fn series_stale(&mut self) {
        self.series_old = true;
    }

    /// Something changed in the store.
    pub(super) fn event_aside(&mut self) {
        let concerned = match self.looked {
            ScreenKind::Benchmarks => self.series_old,
            ScreenKind::Audit => true,
            ScreenKind::Tasks | ScreenKind::Workers | ScreenKind::Logs => false,
        };
        if concerned {
            self.aside.want();
        }
    }

    /// There are more log lines.
    pub(super) fn lines_written(&mut self) {
        if self.looked == ScreenKind::Logs {
            self.aside.want();
        }
        if self.watched.is_some() {
            self.main.want();
        }
    }

    pub(super) fn start_aside(&mut self) {
        let Some(request) = self.request() else { return self.aside.stop() };
        let host = self.host.clone();
        self.aside.started(tokio::spawn(async move { side::read(&host, request).await }));
    }

    fn request(&mut self) -> Option<Request> {
        match self.looked {
            ScreenKind::Tasks | ScreenKind::Workers => None,
            ScreenKind::Benchmarks => {
                let query = self.history.clone()?;
                // Runs that end from here on make what is read now old again.
                let old = std::mem::take(&mut self.series_old);
                Some(Request::History(query, self.series.clone().filter(|_| !old)))
            }
            ScreenKind::Logs => Some(Request::Logs(self.logs.clone()?)),
            ScreenKind::Audit => Some(Request::Audit(self.audit.clone())),
        }
    }

    pub(super) fn loaded_aside(&mut self, read: Option<Result<Answer, StoreError>>) {
        let before = (&self.snapshot.history, &self.snapshot.logs, &self.snapshot.audit);
        let same = match read {
            None => return,
            // The header says that the store does not answer.
            Some(Err(_)) => return self.aside.retry(),
            Some(Ok(Answer::History(series, history))) => {
                let history = Some(history);
                let same = *before.0 == history;
                (self.series, self.snapshot.history) = (Some(series), history);
                self.aside.want_in(SPANS);
                same
            }
            Some(Ok(Answer::Logs(logs))) => {
                let logs = Some(logs);
                let same = *before.1 == logs;
                self.snapshot.logs = logs;
                same
            }
            Some(Ok(Answer::Audit(page, next))) => {
                let page = Some(page);
                let same = *before.2 == page;
                (self.snapshot.audit, self.audit_next) = (page, next);
                self.aside.want_in(AUDIT);
                same
            }
        };
        if !same {
            self.update(Event::Refreshed);
            self.drawn.dirty = true;
        }
    }
}
