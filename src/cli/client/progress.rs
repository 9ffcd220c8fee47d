//! Progress on standard error: bars on a terminal, notices elsewhere.

use std::{
    collections::BTreeMap,
    io::{Write as _, stderr},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use parking_lot::Mutex;

use crate::client::flow::{Event, Observer, Phase};

const SPINNER: &str = "  {prefix:<15} {spinner} {elapsed} {msg}";
const BYTES: &str = "  {prefix:<15} {wide_bar} {decimal_bytes}/{decimal_total_bytes}";
const SHARE: &str = "  {prefix:<15} {wide_bar} {percent:>3} %";
const DONE: &str = "  {prefix:<15} {msg}";
const TICK: Duration = Duration::from_millis(100);

const fn title(phase: Phase) -> &'static str {
    match phase {
        Phase::KeyGeneration => "key generation",
        Phase::KeyUpload => "key upload",
        Phase::Encryption => "encryption",
        Phase::InputUpload => "input upload",
        Phase::Queue => "queue",
        Phase::Computation => "computation",
        Phase::Download => "download",
        Phase::Decryption => "decryption",
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// One line per phase; it stays with its duration when the phase is over.
#[derive(Default)]
pub(super) struct Bars {
    screen: MultiProgress,
    running: Mutex<BTreeMap<Phase, ProgressBar>>,
}

impl Bars {
    fn begin(&self, phase: Phase) {
        let bar = self.screen.add(ProgressBar::new_spinner().with_prefix(title(phase)).with_style(style(SPINNER)));
        bar.enable_steady_tick(TICK);
        if let Some(left) = self.running.lock().insert(phase, bar) {
            left.finish();
        }
    }

    fn end(&self, phase: Phase) {
        let Some(bar) = self.running.lock().remove(&phase) else { return };
        let took = format!("{:.2} s", bar.elapsed().as_secs_f64());
        bar.set_style(style(DONE));
        bar.finish_with_message(took);
    }

    fn with(&self, phase: Phase, change: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = self.running.lock().get(&phase) {
            change(bar);
        }
    }
}

impl Observer for Bars {
    fn event(&self, event: &Event) {
        match event {
            Event::Begin(phase) => self.begin(*phase),
            Event::End(phase) => self.end(*phase),
            Event::Sent { phase, sent, total } => self.with(*phase, |bar| {
                if bar.length() != Some(*total) {
                    bar.set_style(style(BYTES));
                    bar.set_length(*total);
                }
                bar.set_position(*sent);
                if sent == total {
                    bar.set_style(style(SPINNER));
                    bar.set_message("sent; the server checks it");
                }
            }),
            Event::Received(bytes) => {
                self.with(Phase::Download, |bar| bar.set_message(format!("{:.1} kB", *bytes as f64 / 1e3)));
            }
            Event::Queued { position, length } => self.with(Phase::Queue, |bar| {
                if let (Some(position), Some(length)) = (position, length) {
                    bar.set_message(format!("position {position} of {length}"));
                }
            }),
            Event::Progress(share) => self.with(Phase::Computation, |bar| {
                if bar.length().is_none() {
                    bar.set_style(style(SHARE));
                    bar.set_length(1000);
                }
                bar.set_position((share.clamp(0.0, 1.0) * 1000.0) as u64);
            }),
            Event::Notice(line) => {
                let _gone_terminal = self.screen.println(format!("  {line}"));
            }
        }
    }

    fn wants_progress(&self) -> bool {
        true
    }
}

/// Notices only.
pub(super) struct Lines;

impl Observer for Lines {
    fn event(&self, event: &Event) {
        if let Event::Notice(line) = event {
            let _gone_reader = writeln!(stderr().lock(), "{line}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_valid() {
        for template in [SPINNER, BYTES, SHARE, DONE] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
