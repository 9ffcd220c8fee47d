//! `cipherdeck token`: who may use the HTTP interface. Works on the token file, beside a running server.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Failure,
    place::Place,
    remote::{moment, table, text},
};
use crate::{
    config::Thing,
    operator::{
        Role,
        tokens::{self, TokenError},
    },
};

const TOKEN: &str = "\
Examples:
  cipherdeck token add anna --role operator
  cipherdeck token list
  cipherdeck token revoke anna

A server asks for tokens with the setting auth.required = true (CIPHERDECK__AUTH__REQUIRED=true).
Clients and operators' commands take them with --token or CIPHERDECK_TOKEN, curl with
-H 'Authorization: Bearer TOKEN'. A running server knows of a change at once, and writes it into its audit log.
Of the settings only auth.tokens and server.data_dir are read, with --file none.

Exit codes: 0 done, 1 failed, 2 wrong usage.";

const ADD: &str = "\
client runs tasks under its own uids; viewer also looks at everything; operator also changes it.
The token is shown once: only its hash is kept.

Examples:
  cipherdeck token add ci --role client
  cipherdeck token add anna --role operator --data-dir /srv/cipherdeck
  export CIPHERDECK_TOKEN=$(cipherdeck token add ben --role viewer --json | jq -r .token)";

const LIST: &str = "\
Example:
  cipherdeck token list --json";

const REVOKE: &str = "\
Example:
  cipherdeck token revoke anna";

/// `cipherdeck token`
#[derive(Args)]
#[command(
    about = "Make, list and revoke tokens",
    long_about = "Makes, lists and revokes the tokens with which clients, viewers and operators come in through HTTP.",
    after_help = TOKEN
)]
pub(super) struct TokenArgs {
    #[command(flatten)]
    place: Place,
    /// The token file [default: the setting auth.tokens, or tokens.json in the data directory]
    #[arg(long, global = true, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print exactly one JSON object
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a token and show it, once
    #[command(after_help = ADD)]
    Add {
        /// Its name: who acts, in the audit log
        name: String,
        /// What it may do
        #[arg(long, value_enum)]
        role: Role,
    },
    /// Names and roles; the tokens themselves are not kept
    #[command(after_help = LIST)]
    List,
    /// Make a token invalid, at once
    #[command(after_help = REVOKE)]
    Revoke {
        /// Its name
        name: String,
    },
}

pub(super) fn run(args: TokenArgs) -> Result<ExitCode, Failure> {
    let file = match args.file {
        Some(file) => file,
        None => args.place.of(Thing::Tokens).map_err(other_way)?,
    };
    let (value, line) = match args.command {
        Command::Add { name, role } => add(&file, &name, role),
        Command::List => list(&file),
        Command::Revoke { name } => revoke(&file, &name),
    }
    .map_err(|error| match error {
        TokenError::Name(_) => Failure::Usage(error.into()),
        other => Failure::Failed(other.into()),
    })?;
    let shown = if args.json { value.to_string() } else { line };
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{shown}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Settings that cannot be read do not keep anybody from a token file that they know.
fn other_way(failure: Failure) -> Failure {
    match failure {
        Failure::Usage(error) => {
            Failure::Usage(error.wrap_err("the settings do not say where tokens are; --file FILE does"))
        }
        failed @ Failure::Failed(_) => failed,
    }
}

type Shown = (Value, String);

fn add(file: &Path, name: &str, role: Role) -> Result<Shown, TokenError> {
    let secret = tokens::add(file, name, role)?;
    let token = secret.expose();
    let line = format!("{token}\n\nThis is the token of {name} ({role}). It is shown once; keep it secret.");
    Ok((json!({"name": name, "role": role, "token": token}), line))
}

fn list(file: &Path) -> Result<Shown, TokenError> {
    let tokens = tokens::list(file)?;
    let mut rows = table(&["name", "role", "made"]);
    for token in &tokens {
        rows.add_row([text(&token.name), text(token.role.word()), text(&moment(Some(token.created)))]);
    }
    let json = tokens.iter().map(|it| json!({"name": it.name, "role": it.role, "created": it.created}));
    let json = json!({"tokens": json.collect::<Vec<_>>()});
    let line = if tokens.is_empty() { "There are no tokens.".to_owned() } else { rows.to_string() };
    Ok((json, line))
}

fn revoke(file: &Path, name: &str) -> Result<Shown, TokenError> {
    let token = tokens::revoke(file, name)?;
    let line = format!("The token of {} ({}) is not valid any more.", token.name, token.role);
    Ok((json!({"name": token.name, "role": token.role, "revoked": true}), line))
}
