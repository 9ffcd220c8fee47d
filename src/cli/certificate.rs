//! `cipherdeck certificate`: a certificate to try TLS with, which vouches for itself.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use color_eyre::eyre::{WrapErr as _, eyre};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use super::Failure;
use crate::files;

const HELP: &str = "\
Browsers and clients trust it only where they are told to (--ca, CIPHERDECK_CA, curl --cacert). For a server on the
internet take a certificate of an authority instead, such as Let's Encrypt.

Examples:
  cipherdeck certificate
  cipherdeck certificate --name deck.example --name 192.0.2.7 --out /etc/cipherdeck --days 30
  cipherdeck serve --env prod --config prod.toml     with [tls] certificate and key in prod.toml
  cipherdeck client --ca certificate.pem --url https://localhost:8082 weight-stats 68.0 65.0

Exit codes: 0 done, 1 failed, 2 wrong usage.";

/// `cipherdeck certificate`
#[derive(Args)]
#[command(
    about = "Make a certificate to try TLS with",
    long_about = "Makes a certificate that vouches for itself, and its private key: certificate.pem and key.pem.",
    after_help = HELP
)]
pub(super) struct CertificateArgs {
    #[arg(
        long = "name",
        value_name = "NAME",
        help = "A name or an IP address of the server; may be repeated [default: localhost, 127.0.0.1 and ::1]"
    )]
    names: Vec<String>,
    /// Where the two files go; made if it is not there
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// For how long it is valid
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,
    /// Replace the files where they exist
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: CertificateArgs) -> Result<ExitCode, Failure> {
    let names =
        if args.names.is_empty() { ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec() } else { args.names };
    let (certificate, key) = make(names, args.days).map_err(|error| Failure::Usage(eyre!("--name: {error}")))?;
    let paths = [args.out.join("certificate.pem"), args.out.join("key.pem")];
    if let Some(taken) = paths.iter().find(|path| !args.force && path.exists()) {
        return Err(eyre!("{} exists already; --force replaces it", taken.display()).into());
    }
    std::fs::create_dir_all(&args.out).wrap_err_with(|| args.out.display().to_string())?;
    let [certificate_path, key_path] = &paths;
    files::replace(certificate_path, certificate.as_bytes(), 0o644)
        .wrap_err_with(|| certificate_path.display().to_string())?;
    files::replace(key_path, key.as_bytes(), 0o600).wrap_err_with(|| key_path.display().to_string())?;
    let lines = format!(
        "[tls]\ncertificate = {:?}\nkey = {:?}\n",
        absolute(certificate_path).display().to_string(),
        absolute(key_path).display().to_string()
    );
    io::stdout().write_all(lines.as_bytes()).wrap_err("standard output")?;
    Ok(ExitCode::SUCCESS)
}

/// In PEM form: a certificate for these names, valid from yesterday on, and its key.
fn make(names: Vec<String>, days: u16) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "cipherdeck");
    params.distinguished_name = subject;
    let today = jiff::Zoned::now().date();
    let day = |offset: i64| {
        let date = today.saturating_add(jiff::Span::new().days(offset));
        rcgen::date_time_ymd(i32::from(date.year()), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    (params.not_before, params.not_after) = (day(-1), day(i64::from(days)));
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
