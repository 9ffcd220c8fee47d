//! `cipherdeck serve --check`: is this configuration good, and what would run?

use std::{fmt::Write as _, io::Write as _};

use color_eyre::eyre::WrapErr as _;

use super::Failure;
use crate::{
    config::{Fairness, Limits, Role, SQLITE, Server, Settings, without_password},
    server,
    use_cases::Registry,
};

/// Looks at what a start needs and can be seen with nothing made, changed or bound, and says what would run. Whether ports
/// are free and others (Redis, a bucket, a collector) answer, only the start itself finds out.
pub(super) fn run(settings: &Settings) -> Result<(), Failure> {
    let use_cases = Registry::standard(&settings.ads.catalogue).map_err(|error| Failure::Usage(error.into()))?;
    let tokens = server::look(settings).map_err(Failure::of_start)?;
    let mut text = String::new();
    for (name, value) in rows(settings, &use_cases, tokens) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<12} {value}");
    }
    std::io::stdout().write_all(text.as_bytes()).wrap_err("standard output")?;
    Ok(())
}

fn rows(settings: &Settings, use_cases: &Registry, tokens: usize) -> Vec<(&'static str, String)> {
    let Settings { server, operator, tls, ssh, auth, store, blobs, worker, limits, otlp, .. } = settings;
    let scheme = if tls.is_on() { "https" } else { "http" };
    let (clients, operators) = match (server.role, operator.listen) {
        (Role::Worker, _) => (format!("{scheme}://{} (health and metrics only)", server.listen), "none".to_owned()),
        (_, None) => (format!("{scheme}://{}", server.listen), "the same listener".to_owned()),
        (_, Some(address)) => (format!("{scheme}://{}", server.listen), format!("{scheme}://{address}")),
    };
    let in_data_dir = |name: &str| server.data_dir.join(name).display().to_string();
    let doors = if auth.required { format!("required, {tokens} valid") } else { "not required".to_owned() };
    let workers = match worker.threads {
        _ if worker.count == 0 => "none".to_owned(),
        0 => format!("{} on all cores", worker.count),
        threads => format!("{} on {threads} threads", worker.count),
    };
    vec![
        ("environment", settings.env.word().to_owned()),
        ("role", server.role.word().to_owned()),
        ("clients", clients),
        ("operators", operators),
        ("ssh", ssh.listen.map_or_else(|| "off".to_owned(), |address| address.to_string())),
        ("tokens", doors),
        ("data", server.data_dir.display().to_string()),
        ("store", if store.url == SQLITE { in_data_dir("store.sqlite") } else { without_password(&store.url) }),
        ("blobs", if blobs.url.is_empty() { in_data_dir("blobs") } else { blobs_place(&blobs.url) }),
        ("workers", workers),
        ("traces", if otlp.endpoint.is_empty() { "off".to_owned() } else { without_password(&otlp.endpoint) }),
        ("use cases", use_cases.names().join(", ")),
        ("requests", requests(limits)),
        ("uploads", uploads(server, limits)),
        ("connections", connections(server)),
        ("queue", format!("{} tasks may wait, {} of one client", limits.waiting, limits.waiting_per_client)),
        ("memory", format!("{} MiB for evaluation keys", worker.key_cache_mib)),
        ("disk", format!("nothing is taken in while less than {} MiB is free", limits.disk_free_mib)),
    ]
}

/// The address of a bucket has no password that is allowed, and may have one that is not; a directory may have any name.
fn blobs_place(url: &str) -> String {
    if url.starts_with("s3://") { without_password(url) } else { url.to_owned() }
}

/// A number of which 0 means any.
fn or_any(number: u64) -> String {
    if number == 0 { "any number".to_owned() } else { number.to_string() }
}

fn requests(limits: &Limits) -> String {
    let client = match limits.client {
        Fairness::Token => "token",
        Fairness::Uid => "uid",
    };
    let (of_client, of_address) =
        (or_any(limits.requests_per_client.into()), or_any(limits.requests_per_address.into()));
    format!("a second: {of_client} of one {client}, {of_address} of one address")
}

fn uploads(server: &Server, limits: &Limits) -> String {
    let Server { upload_min_rate, upload_timeout_s, .. } = server;
    format!("keys of {} MiB, within {upload_timeout_s} s, at {upload_min_rate} bytes a second at least", limits.key_mib)
}

fn connections(server: &Server) -> String {
    let of_one = or_any(server.max_connections_per_address as u64);
    format!("{} at once, {of_one} of one address", server.max_connections)
}
