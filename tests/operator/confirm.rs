//! The question before several tasks are changed, asked of a person at a terminal.

use portable_pty::{CommandBuilder, ExitStatus};

use crate::{console::pty::Program, http::harness::Deck, support::process::PROGRAM};

/// Two waiting tasks of one uid.
async fn two_tasks(deck: &Deck) -> (String, [String; 2]) {
    let uid = deck.uid().await;
    let tasks = [deck.task(&uid).await, deck.task(&uid).await];
    (uid, tasks)
}

/// `cipherdeck tasks cancel ID ID` on a terminal, when it has asked.
async fn asked(deck: &Deck, tasks: &[String; 2]) -> Program {
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["tasks", "cancel", &tasks[0], &tasks[1], "--url", &deck.url]);
    command.env_remove("CIPHERDECK_TOKEN");
    let program = Program::run(command, 100, 10);
    program.screen.until("Cancel 2 tasks? [y/N]").await;
    program
}

/// How it ends, and what its last screen says.
async fn ended(program: Program, last: &str) -> ExitStatus {
    program.screen.until(last).await;
    tokio::task::spawn_blocking(move || program.ended()).await.unwrap()
}

#[tokio::test]
async fn yes_does_it() {
    for yes in ["y\r", "Y\r", " yes \r"] {
        let deck = Deck::start();
        let (uid, tasks) = two_tasks(&deck).await;
        let program = asked(&deck, &tasks).await;
        program.keys(yes);
        let status = ended(program, "cancel: 2 done").await;
        assert!(status.success(), "{yes:?}: {status}");
        for task in &tasks {
            assert_eq!(deck.status(task, &uid).await["status"], "revoked");
        }
    }
}

#[tokio::test]
async fn anything_else_and_the_end_of_input_change_nothing_and_are_exit_code_1() {
    let deck = Deck::start();
    let (uid, tasks) = two_tasks(&deck).await;
    for no in ["n\r", "\r", "yy\r", "yes please\r", "\x04"] {
        let program = asked(&deck, &tasks).await;
        program.keys(no);
        let status = ended(program, "nothing was done").await;
        assert_eq!((status.exit_code(), status.signal()), (1, None), "{no:?}");
        for task in &tasks {
            assert_eq!(deck.status(task, &uid).await["status"], "queued", "{no:?}");
        }
    }
}

#[tokio::test]
async fn ctrl_c_at_the_question_changes_nothing_and_ends_it_as_a_signal_does() {
    let deck = Deck::start();
    let (uid, tasks) = two_tasks(&deck).await;
    let program = asked(&deck, &tasks).await;
    program.keys("\x03");
    let status = ended(program, "^C").await;
    assert_eq!(status.signal(), Some("Interrupt"), "{status}");
    for task in &tasks {
        assert_eq!(deck.status(task, &uid).await["status"], "queued");
    }
}
