//! What the store answered, counted and said.

use crate::{
    action::{Action, Target},
    state::{State, Tally, Tone},
    text::{count, number},
    update::Answer,
};

impl State {
    pub(super) fn answered(&mut self, action: Action, answers: &[(Target, Answer)], last: bool) {
        let mut reason = None;
        for (id, answer) in answers {
            self.pending.remove(id);
            match answer {
                Answer::Done => self.tally.done += 1,
                Answer::Stopping => self.tally.stopping += 1,
                Answer::Refused(state) => {
                    self.tally.refused += 1;
                    self.tally.refused_state = Some(*state);
                }
                Answer::Gone => self.tally.gone += 1,
                Answer::Failed(why) => {
                    self.tally.failed += 1;
                    reason = Some(why.clone());
                }
            }
        }
        let text = sentence(action, &self.tally, reason.as_deref());
        let tone = match self.tally {
            Tally { failed: 1.., .. } | Tally { done: 0, stopping: 0, .. } => Tone::Bad,
            Tally { refused: 0, gone: 0, .. } => Tone::Good,
            _ => Tone::Note,
        };
        let text = if last { text } else { format!("{text} …") };
        self.report(tone, text);
        if last {
            self.tally = Tally::default();
        }
    }
}

/// `2 cancelled, 1 stops at its next step, 1 refused (already success), 1 gone`
fn sentence(action: Action, tally: &Tally, reason: Option<&str>) -> String {
    let n = |count: usize| number(count as u64);
    let mut parts = Vec::new();
    let done = action.done();
    let (one, many) = action.objects();
    if tally.done > 0 {
        parts.push(format!("{} {done}", count(tally.done, one, many)));
    }
    match tally.stopping {
        0 => {}
        1 => parts.push("1 stops at its next step".to_owned()),
        many => parts.push(format!("{} stop at their next step", n(many))),
    }
    if tally.refused > 0 {
        let state = tally.refused_state.map_or("changed", |state| state.word());
        parts.push(format!("{} refused (is {state})", n(tally.refused)));
    }
    if tally.gone > 0 {
        parts.push(format!("{} gone", n(tally.gone)));
    }
    if tally.failed > 0 {
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        parts.push(format!("{} failed{reason}", n(tally.failed)));
    }
    if parts.is_empty() {
        parts.push(format!("nothing to {}", action.verb()));
    }
    parts.join(", ")
}
