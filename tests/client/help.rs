//! Help pages are part of the contract with people: a change shows in review.

use super::command::client;

#[test]
fn every_command_explains_itself_with_examples() {
    for command in [
        "",
        "weight-stats",
        "sleep-quality",
        "ad-targeting",
        "keygen",
        "encrypt",
        "encrypt weight-stats",
        "encrypt sleep-quality",
        "encrypt ad-targeting",
        "decrypt",
        "decrypt weight-stats",
        "decrypt sleep-quality",
        "decrypt ad-targeting",
        "forget",
    ] {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let done = client(&arguments);
        assert_eq!(done.code, 0, "{command}: {}", done.stderr);
        assert!(done.stdout.contains("Example"), "{command} shows no example");
        let name = format!("client {command}").trim_end().replace(' ', "_");
        insta::assert_snapshot!(name, done.stdout);
    }
}
