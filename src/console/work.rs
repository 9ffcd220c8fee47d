//! What the operator asked for, done in the background: actions, ids of a filter, an export. Each goes on when nobody
//! waits for it any more, and who may not do it is refused here, whatever the screen offered.

use cipherdeck_ui::{
    Action, Answer, Event, Filter, Gathered, Tab, Target,
    snapshot::Span,
    state::{Memory, Tone},
    table::MAX_SELECTED,
    text::count,
};
use tokio::sync::mpsc;

use super::{Host, export, gather, shown::rows};
use crate::{
    operator::{self, Actor, Denied, Desk, Role},
    store::Deed,
    task::TaskId,
};

/// Where news for the session's state go.
pub(super) type News = mpsc::Sender<Event>;

/// Does it to every target and sends the answers as they come.
pub(super) async fn act(host: Host, actor: Actor, action: Action, targets: Vec<Target>, news: News) {
    let send = async |answers: Vec<(Target, Answer)>, last| {
        // Nobody looks any more: the actions go on.
        let _ = news.send(Event::Answered { action, answers, last }).await;
    };
    let mut left = targets.as_slice();
    loop {
        let (now, rest) = left.split_at(left.len().min(Desk::AT_ONCE));
        let answers = each(&host.desk, &actor, action, now).await;
        send(now.iter().cloned().zip(answers).collect(), rest.is_empty()).await;
        if rest.is_empty() {
            return;
        }
        left = rest;
    }
}

/// One answer for each target.
async fn each(desk: &Desk, actor: &Actor, action: Action, targets: &[Target]) -> Vec<Answer> {
    let Some(deed) = deed(action) else {
        let mut answers = Vec::with_capacity(targets.len());
        for target in targets {
            answers.push(other(desk, actor, action, target).await);
        }
        return answers;
    };
    let ids: Vec<Option<TaskId>> = targets.iter().map(task).collect();
    let known: Vec<TaskId> = ids.iter().flatten().copied().collect();
    let mut done = match desk.tasks(actor, deed, known).await {
        Ok(answers) => answers.into_iter(),
        Err(denied) => return vec![refused(denied); targets.len()],
    };
    ids.iter().map(|id| id.and_then(|_| done.next()).map_or(Answer::Gone, answer)).collect()
}

const fn deed(action: Action) -> Option<Deed> {
    Some(match action {
        Action::Cancel => Deed::Cancel,
        Action::Requeue => Deed::Requeue,
        Action::Delete => Deed::Delete,
        Action::Priority(by) => Deed::Raise(by),
        Action::Pause | Action::Resume | Action::Drain | Action::Undrain => return None,
    })
}

fn task(target: &Target) -> Option<TaskId> {
    match target {
        Target::Task(id) => id.as_str().parse().ok(),
        Target::Queue(_) | Target::Worker(_) => None,
    }
}

/// What concerns queues and workers.
async fn other(desk: &Desk, actor: &Actor, action: Action, target: &Target) -> Answer {
    let done = match (action, target) {
        (Action::Pause | Action::Resume, Target::Queue(name)) => desk.pause(actor, name, action == Action::Pause).await,
        (Action::Drain | Action::Undrain, Target::Worker(name)) => {
            desk.drain(actor, name, action == Action::Drain).await
        }
        _ => return Answer::Gone,
    };
    done.map_or_else(refused, answer)
}

fn answer(answer: operator::Answer) -> Answer {
    match answer {
        operator::Answer::Done => Answer::Done,
        operator::Answer::Stopping => Answer::Stopping,
        operator::Answer::Refused(status) => Answer::Refused(rows::state(status)),
        operator::Answer::Gone => Answer::Gone,
        operator::Answer::Failed(why) => Answer::Failed(why),
    }
}

fn refused(denied: Denied) -> Answer {
    Answer::Failed(denied.to_string())
}

/// Sends the ids of every task that matches, as many as can be selected.
pub(super) async fn gather(host: Host, tab: Tab, filter: Filter, news: News) {
    let event = match gather::gather(&*host.store, tab, &filter, host.clock.now(), MAX_SELECTED).await {
        Ok((tasks, truncated)) => {
            let tasks = tasks.iter().map(|task| (rows::shown(task.id), Memory::from(&rows::row(task, None)))).collect();
            Event::Gathered(Gathered { tab, filter, tasks, truncated })
        }
        Err(error) => Event::Said { tone: Tone::Bad, text: format!("the tasks cannot be gathered: {error}") },
    };
    let _ = news.send(event).await;
}

/// Writes the runs of a span to a file and says where it is.
pub(super) async fn export(host: Host, actor: Actor, span: Span, news: News) {
    let (tone, text, result) = if actor.role < Role::Operator {
        (Tone::Bad, Denied { role: actor.role }.to_string(), "denied")
    } else {
        match export::export(&host, span).await {
            Ok((name, rows)) => {
                // The name first: on a narrow screen the end of the sentence is cut.
                let (runs, dir) = (count(rows, "run", "runs"), host.data_dir.display());
                (Tone::Good, format!("{runs} written to {name} in {dir}"), "done")
            }
            Err(error) => (Tone::Bad, format!("the runs cannot be exported: {error}"), "failed"),
        }
    };
    host.desk.record(&actor, "export", format!("runs, {}", span.word()), result).await;
    let _ = news.send(Event::Said { tone, text }).await;
}
