//! `keygen` and `forget`.

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _, stderr, stdin},
    path::Path,
    sync::Arc,
    time::Instant,
};

use serde_json::json;

use super::{Failure, args::ForgetArgs, output::Output};
use crate::client::{
    ClientError,
    api::{Api, ApiError, labels},
    flow::Session,
    wallet::Server,
};

pub(super) async fn keygen(session: &Session, output: Output) -> Result<(), Failure> {
    let began = Instant::now();
    let wallet = session.wallet();
    let lock = Arc::new(session.lock().await?);
    let had_both = match wallet.secret_key().map_err(ClientError::from)? {
        Some(secret) => wallet.server_key(&secret).map_err(ClientError::from)?.is_some(),
        None => false,
    };
    let secret = session.secret_key(&lock).await?;
    session.unless_stopped(session.evaluation_key(&lock, &secret)).await?;
    let took = began.elapsed().as_secs_f64();
    let files = [wallet.client_key_path(), wallet.server_key_path()];
    let [client, server] = files.each_ref().map(|path| size(path));
    let (client, server) = (client?, server?);
    let [client_path, server_path] = files.each_ref().map(|path| path.display().to_string());
    let json = json!({
        "client_key": {"file": client_path, "bytes": client},
        "server_key": {"file": server_path, "bytes": server},
        "made": !had_both,
        "keygen_s": took,
    });
    let text = format!(
        "{client_path}: {client} bytes, secret: keep it to yourself, and keep a copy\n\
         {server_path}: {:.1} MB, for the server",
        server as f64 / 1e6
    );
    output.answer(|| json, || text)?;
    output.note(if had_both { "the keys were there already".to_owned() } else { format!("made in {took:.2} s") });
    Ok(())
}

fn size(path: &Path) -> Result<u64, Failure> {
    std::fs::metadata(path).map(|it| it.len()).map_err(|error| ClientError::file(path, &error).into())
}

pub(super) async fn forget(session: &Session, how: ForgetArgs, output: Output) -> Result<(), Failure> {
    if !how.all {
        let url = session.api().server().to_owned();
        let known = session.wallet().server(&url).map_err(ClientError::from)?;
        let deleted = match &known {
            Some(server) => delete_on(session.api(), server).await?,
            None => false,
        };
        if known.is_some() {
            let lock = Arc::new(session.lock().await?);
            session.remember(&lock, None).await?;
        }
        let text = match (known.is_some(), deleted) {
            (false, _) => format!("this wallet has nothing on {url}"),
            (true, true) => format!("{url} has deleted your key, tasks and results"),
            (true, false) => format!("{url} had nothing of yours any more"),
        };
        return output.answer(|| json!({"server": url, "deleted": deleted}), || text);
    }
    confirm(session, how.yes, output)?;
    forget_all(session, output).await
}

async fn forget_all(session: &Session, output: Output) -> Result<(), Failure> {
    let lock = Arc::new(session.lock().await?);
    let wallet = session.wallet();
    let (mut deleted, mut not_reached, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (url, server) in wallet.servers().map_err(ClientError::from)? {
        let api = session.api().elsewhere(&url)?;
        match delete_on(&api, &server).await {
            Ok(_) => {
                lines.push(format!("{url} has nothing of yours any more"));
                deleted.push(url.clone());
            }
            Err(error) => {
                lines.push(format!("{error}: what it has cannot be decrypted any more, and expires unused"));
                not_reached.push(url.clone());
            }
        }
        wallet.set_server(&lock, &url, None).map_err(ClientError::from)?;
    }
    let files = wallet.delete_keys(&lock).map_err(ClientError::from)?;
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    lines.extend(files.iter().map(|file| format!("{file}: deleted")));
    if lines.is_empty() {
        lines.push("this wallet is empty".to_owned());
    }
    output.answer(
        || json!({"servers": {"deleted": deleted, "not_reached": not_reached}, "files": files}),
        || lines.join("\n"),
    )
}

/// Did the server have something to delete?
async fn delete_on(api: &Api, server: &Server) -> Result<bool, ClientError> {
    match api.delete_key(server.uid).await {
        Ok(()) => Ok(true),
        Err(ApiError::Refused(refusal)) if refusal.label == labels::UNKNOWN_UID => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Key files are deleted only on a clear yes.
fn confirm(session: &Session, yes: bool, output: Output) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !stdin().is_terminal() {
        return Err(Failure::Usage("forget --all deletes the key files; confirm it with --yes".to_owned()));
    }
    let dir = session.wallet().dir().display();
    output.note(format!("This deletes the keys in {dir}. Answers that are still encrypted cannot be read afterwards."));
    let _gone_terminal = write!(stderr().lock(), "Delete them? [y/N] ").and_then(|()| stderr().flush());
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line);
    if read.is_ok() && matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(Failure::Usage("nothing was deleted".to_owned()))
    }
}
