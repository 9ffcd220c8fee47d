//! The first three lines: who and where; is it alive and keeping up; what is wrong.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{Screen, both_ends};
use crate::{
    clock::{age, time, time_or_date},
    snapshot::{Alert, Role},
    text::{fit, number, short_number, width},
    theme::Ink,
};

impl Screen<'_> {
    /// `cipherdeck 0.1.0  dev  127.0.0.1:8082      kepler · sqlite · since 14:02:11   ● live`
    pub(super) fn identity(&self, area: Rect, buffer: &mut Buffer) {
        let (server, snapshot) = (&self.snapshot.server, self.snapshot);
        let badge = match server.environment.as_str() {
            "dev" => Ink::Dim,
            "staging" => Ink::Warn,
            _ => Ink::Bad,
        };
        let version = if area.width >= 80 { format!(" {}", server.version) } else { String::new() };
        let left = Line::from(vec![
            Span::raw(" "),
            Span::styled(fit(&server.name, 24), self.style(Ink::Accent).add_modifier(ratatui::style::Modifier::BOLD)),
            self.span(Ink::Dim, version),
            Span::raw("  "),
            self.span(badge, fit(&server.environment, 8)),
            Span::raw("  "),
            self.span(Ink::Warn, self.who(area.width)),
            self.span(Ink::Text, fit(&server.address, 28)),
        ]);
        let since = time_or_date(server.started, snapshot.now, snapshot.utc_offset_s);
        let fresh = self.freshness();
        let room = usize::from(area.width).saturating_sub(left.width() + fresh.width() + 5);
        let notes = [
            format!("{} · {} · since {since}", fit(&server.node, 24), fit(&server.store, 12)),
            format!("{} · since {since}", fit(&server.store, 12)),
            format!("since {since}"),
        ];
        let note = notes.into_iter().find(|note| width(note) <= room).unwrap_or_default();
        let right = Line::from(vec![self.span(Ink::Dim, note), Span::raw("   "), fresh]);
        both_ends(area, buffer, &left, &right);
    }

    /// `viewer  `, and who that is where there is room; nothing for the operator of the server's own terminal.
    fn who(&self, width: u16) -> String {
        let role = if self.snapshot.role == Role::Viewer { "viewer" } else { "" };
        let actor = if width >= 100 { fit(&self.snapshot.actor, 24) } else { String::new() };
        let words: Vec<_> = [role, &actor].into_iter().filter(|word| !word.is_empty()).collect();
        if words.is_empty() { String::new() } else { words.join(" ") + "  " }
    }

    /// `queued 128 (oldest 2 min)   running 1 of 1   rate 12.4/min   errors 0 %`
    pub(super) fn figures(&self, area: Rect, buffer: &mut Buffer) {
        let snapshot = self.snapshot;
        let wide = area.width >= 80;
        let (show, gap) =
            if wide { (number as fn(u64) -> String, "   ") } else { (short_number as fn(u64) -> String, "  ") };
        let mut spans = vec![Span::raw(" ")];
        let mut figure = |label: &str, value: String, ink: Ink, note: String| {
            if !label.is_empty() {
                spans.push(self.span(Ink::Dim, format!("{label} ")));
            }
            spans.push(self.span(ink, value));
            spans.push(self.span(Ink::Dim, note + gap));
        };
        let oldest = snapshot.oldest.map_or_else(String::new, |oldest| {
            let least = if oldest.at_least { "≥ " } else { "" };
            let age = age(oldest.since, snapshot.now);
            if wide { format!(" (oldest {least}{age})") } else { format!(" oldest {least}{age}") }
        });
        figure("queued", show(snapshot.counts.queued), Ink::Strong, oldest);
        let slots = snapshot.server.workers;
        let slots = if wide && slots > 0 { format!(" of {slots}") } else { String::new() };
        figure("running", show(snapshot.counts.started), Ink::Strong, slots);
        let roomy = area.width >= 110;
        let flow = &snapshot.flow;
        let note = if roomy { format!(" (over {} min)", flow.minutes) } else { String::new() };
        figure(if wide { "rate" } else { "" }, format!("{:.1}/min", flow.per_minute()), Ink::Strong, note);
        let failed = flow.failed_percent();
        let ink = if failed.is_some_and(|percent| percent > 0.0) { Ink::Bad } else { Ink::Strong };
        let value = failed.map_or_else(|| "none".to_owned(), |percent| format!("{percent:.0} %"));
        let note = match failed {
            Some(_) if roomy => format!(" ({} of {})", number(flow.failed), number(flow.ended)),
            _ => String::new(),
        };
        figure(if wide { "errors" } else { "err" }, value, ink, note);
        buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    }

    /// Is what is shown the present?
    fn freshness(&self) -> Span<'static> {
        let (state, snapshot) = (self.state, self.snapshot);
        let at = |instant| time(instant, snapshot.utc_offset_s);
        if let Some(since) = snapshot.stale_since() {
            return self.span(Ink::Bad, format!("{} stale since {} ", state.look.pick("✗", "x"), at(since)));
        }
        if state.frozen.is_some() {
            return self.span(Ink::Warn, format!("{} frozen {} ", state.look.pick("‖", "="), at(snapshot.now)));
        }
        if snapshot.page.is_none() {
            return self.span(Ink::Dim, "loading ");
        }
        self.span(Ink::Good, format!("{} live ", state.look.pick("●", "*")))
    }

    /// One line; what does not fit is cut, the most urgent comes first.
    pub(super) fn alerts(&self, area: Rect, buffer: &mut Buffer) {
        /// An alert in fewer cells says nothing.
        const LEAST: usize = 12;
        let mut line = Line::from(" ");
        for alert in &self.snapshot.alerts {
            let room = usize::from(area.width).saturating_sub(line.width());
            if room < LEAST {
                break;
            }
            let (ink, text) = words(alert);
            line.push_span(self.span(ink, fit(&format!("! {text}"), room)));
            line.push_span(Span::raw("   "));
        }
        if !self.snapshot.alerts.is_empty() {
            buffer.set_line(area.x, area.y, &line, area.width);
        }
    }
}

fn words(alert: &Alert) -> (Ink, String) {
    match alert {
        Alert::StoreUnreachable { reason, .. } => (Ink::Bad, format!("store unreachable, trying again: {reason}")),
        Alert::NoWorkers => (Ink::Warn, "no worker is alive: queued tasks wait".to_owned()),
        Alert::Paused(use_cases) => (Ink::Warn, format!("paused: {}", use_cases.join(", "))),
        Alert::EventsDropped(n) => (Ink::Warn, format!("{} changes dropped, list reloaded", number(*n))),
        Alert::Draining => (Ink::Warn, "draining: no new tasks are taken".to_owned()),
    }
}
