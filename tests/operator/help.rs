//! Help pages are part of the contract with people: a change shows in review.

use super::commands::run;

#[tokio::test]
async fn every_operators_command_explains_itself_with_examples() {
    for command in [
        "attach",
        "tasks",
        "tasks list",
        "tasks show",
        "tasks cancel",
        "tasks requeue",
        "tasks delete",
        "tasks priority",
        "tasks pause",
        "tasks resume",
        "workers",
        "workers drain",
        "workers undrain",
        "history",
        "audit",
        "bench",
        "bench run",
        "bench load",
        "bench report",
        "token",
        "token add",
        "token list",
        "token revoke",
        "health",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let done = run(&arguments, "").await;
        assert_eq!(done.code, 0, "{command}: {}", done.stderr);
        assert!(done.stdout.contains("Example"), "{command} shows no example");
        insta::assert_snapshot!(command.replace(' ', "_"), done.stdout);
    }
}
