//! `encrypt` and `decrypt`: the two ends of the flow, for programs that do the HTTP themselves.

use std::{
    io::{Write as _, stdout},
    path::Path,
    sync::Arc,
};

use serde_json::json;

use super::{
    Failure,
    args::{CatalogueArgs, DecryptCommand, EncryptCommand},
    ask,
    output::Output,
    show,
};
use crate::{
    client::{
        ClientError,
        api::TaskResult,
        flow::{Answer, Job, Session},
        input::{Source, kg, read_source},
        wallet::{SecretKey, WalletError},
    },
    use_cases::{ad_targeting::PublicCatalogue, weight_stats, wire::PayloadError},
};

pub(super) async fn encrypt(session: &Session, command: EncryptCommand, output: Output) -> Result<(), Failure> {
    let (job, catalogue, out) = match command {
        EncryptCommand::WeightStats { input, out } => (ask::weights(&input)?, None, out),
        EncryptCommand::SleepQuality { input, out } => (ask::nights(&input)?, None, out),
        EncryptCommand::AdTargeting { input, catalogue, out } => {
            (ask::profile(&input)?, Some(find_catalogue(session, &catalogue).await?), out)
        }
    };
    let lock = Arc::new(session.lock().await?);
    let secret = session.secret_key(&lock).await?;
    drop(lock);
    let document = job.encrypt(secret.keys(), catalogue.as_deref()).map_err(ClientError::from)?;
    write_document(&out.out, &document)?;
    if out.out.as_os_str() == "-" {
        return Ok(());
    }
    let file = out.out.display().to_string();
    let json = json!({"use_case": job.name(), "file": file, "bytes": document.len()});
    output.answer(|| json, || format!("{file}: {} bytes, encrypted for {}", document.len(), job.name()))?;
    note_key(&job, session, &secret, output)
}

/// Somebody who goes the way with curl also has to upload the evaluation key.
fn note_key(job: &Job, session: &Session, secret: &SecretKey, output: Output) -> Result<(), Failure> {
    if job.needs_key() && session.wallet().server_key(secret).map_err(ClientError::from)?.is_none() {
        output.note("the server also needs server.key; make it with `cipherdeck client keygen`");
    }
    Ok(())
}

fn write_document(out: &Path, document: &[u8]) -> Result<(), Failure> {
    let written = if out.as_os_str() == "-" {
        let mut out = stdout().lock();
        out.write_all(document).and_then(|()| out.flush())
    } else {
        std::fs::write(out, document)
    };
    written.map_err(|error| ClientError::file(out, &error).into())
}

/// From the file that was named, else from the wallet, else from the server.
async fn find_catalogue(session: &Session, named: &CatalogueArgs) -> Result<Arc<PublicCatalogue>, Failure> {
    if let Some(file) = &named.catalogue {
        let bytes = std::fs::read(file).map_err(|error| ClientError::file(file, &error))?;
        let catalogue = serde_json::from_slice(&bytes).map_err(|error| {
            PayloadError(format!("{}: not a catalogue as GET /get_ads answers it ({error})", file.display()))
        })?;
        return Ok(Arc::new(catalogue));
    }
    match session.cached_catalogue().await? {
        Some(catalogue) => Ok(catalogue),
        None => Ok(session.fetch_catalogue().await?),
    }
}

pub(super) async fn decrypt(session: &Session, command: DecryptCommand, output: Output) -> Result<(), Failure> {
    let wallet = session.wallet();
    let secret = wallet.secret_key().map_err(ClientError::from)?;
    let secret = secret.ok_or_else(|| ClientError::from(WalletError::NoKey(wallet.dir().display().to_string())))?;
    let keys = secret.keys();
    match command {
        DecryptCommand::WeightStats { file } => match read_result(&file)? {
            TaskResult::One(document) => {
                let value = weight_stats::decrypt(keys, &document).map_err(ClientError::from)?;
                let json = json!({"use_case": "weight_stats", "result": {"value": show::kilograms(value)}});
                output.answer(|| json, || format!("{} kg", kg(value)))
            }
            result => show_answer("weight_stats", &Answer::weight_stats(keys, &result)?, 0, output),
        },
        DecryptCommand::SleepQuality { file } => {
            show_answer("sleep_quality", &Answer::sleep_quality(keys, &read_result(&file)?)?, 0, output)
        }
        DecryptCommand::AdTargeting { file, catalogue, show } => {
            let result = read_result(&file)?;
            let found = find_catalogue(session, &catalogue).await?;
            let answer = match Answer::ad_targeting(keys, &result, found) {
                // The wallet's copy may be older than the answer.
                Err(error) if catalogue.catalogue.is_none() => match session.fetch_catalogue().await {
                    Ok(newest) => Answer::ad_targeting(keys, &result, newest)?,
                    Err(_) => return Err(error.into()),
                },
                other => other?,
            };
            if let Some(file) = &show.scores {
                show::write_scores(file, &answer)?;
            }
            show_answer("ad_targeting", &answer, show.top as usize, output)
        }
    }
}

fn show_answer(use_case: &str, answer: &Answer, top: usize, output: Output) -> Result<(), Failure> {
    let (result, text) = show::answer(answer, top);
    output.answer(|| json!({"use_case": use_case, "result": result}), || text)
}

/// What `GET /get_task_result` answered: a document, the JSON of several, or a status, which is explained.
fn read_result(file: &Source) -> Result<TaskResult, Failure> {
    let bytes = read_source(file)?;
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(TaskResult::One(bytes.into()));
    }
    let result = TaskResult::read(&bytes).map_err(|problem| PayloadError(format!("{file}: {problem}")))?;
    match result {
        TaskResult::NotReady(status) => {
            Err(PayloadError(format!("{file} holds no result; the server answered: {}", status.details)).into())
        }
        result => Ok(result),
    }
}
