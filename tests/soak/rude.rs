//! Clients that send nonsense, ask for what is not theirs, and break off in the middle.

use cipherdeck::{
    client::api::{Upload, Word},
    task::{TaskId, Uid},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    clients::{failed, is_refused},
    site::{Site, Visit},
};

/// So much of a key is sent before its client breaks off.
const HALF: usize = 3 << 20;

pub(super) async fn visit(site: &Site, round: u64) -> Visit {
    let api = site.api();
    let mut spoilt = site.people[round as usize % site.people.len()].evaluation.to_vec();
    spoilt.truncate(spoilt.len() - 1);
    let nobody = Uid::random();
    let once = round.to_string();
    for (what, label, answer) in [
        ("half a key", "invalid_key", api.add_key(None, None, Some(Upload::new(spoilt))).await.err()),
        ("no key", "invalid_key", api.add_key(None, None, Some(Upload::new("nonsense"))).await.err()),
        ("nobody's task", "unknown_uid", api.start_task(nobody, "weight_stats", Upload::new("x"), &once).await.err()),
        ("nobody's key", "unknown_uid", api.delete_key(nobody).await.err()),
    ] {
        if !answer.as_ref().is_some_and(|error| is_refused(error, label)) {
            return Err(format!("{what}: {answer:?}"));
        }
        site.tally.refused.add();
    }
    let status = api.task_status(nobody, TaskId::random(), std::time::Duration::ZERO).await;
    if status.map_err(|error| failed("nobody's status", &error))?.status != Word::Unknown {
        return Err("nobody's task has a status".to_owned());
    }
    half_an_upload(site).await.map_err(|error| format!("half an upload: {error}"))
}

/// Breaks off in the middle of a key, and closes in order: the server has noticed when it has closed, too.
async fn half_an_upload(site: &Site) -> std::io::Result<()> {
    let address = site.url.strip_prefix("http://").expect("clear text");
    let mut socket = TcpStream::connect(address).await?;
    let head = format!(
        "POST /add_key HTTP/1.1\r\nHost: {address}\r\nContent-Type: multipart/form-data; boundary=b\r\n\
         Content-Length: 30000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"key\"; filename=\"k\"\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(&site.people[0].evaluation[..HALF]).await?;
    socket.shutdown().await?;
    // A reset instead of an orderly end is an end, too.
    let _ = socket.read_to_end(&mut Vec::new()).await;
    site.tally.broken_uploads.add();
    Ok(())
}
