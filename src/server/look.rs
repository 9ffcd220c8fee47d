//! What can be seen of a start beforehand, while nothing is made, changed or bound.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::{StartError, tokens};
use crate::{
    api::Certificates,
    blobs::BlobStore,
    config::{SQLITE, Settings, StoreSettings},
    console::ssh::{self, SshError},
    files, tls,
};

/// Looks at the files that the settings name and at the directories where something would be kept. The number of tokens.
///
/// # Errors
/// [`StartError`]: a start would fail too.
pub fn look(settings: &Settings) -> Result<usize, StartError> {
    let tokens = tokens::count(settings)?;
    Certificates::load(&settings.tls)?;
    authorities(&settings.store)?;
    directories(settings)?;
    host_key(settings)?;
    Ok(tokens)
}

/// Who may vouch for Redis can be read, and is somebody.
pub(super) fn authorities(store: &StoreSettings) -> Result<(), StartError> {
    if store.url.starts_with("rediss://") {
        let file = Some(store.ca.as_path()).filter(|file| !file.as_os_str().is_empty());
        tls::authorities(file).map_err(StartError::Authorities)?;
    }
    Ok(())
}

/// The directory of the embedded store.
fn store_directory(settings: &Settings) -> Option<&Path> {
    (settings.store.url == SQLITE).then_some(&settings.server.data_dir)
}

/// The setting and the directory of the blobs; `None`: they lie in a bucket.
fn blobs_directory(settings: &Settings) -> Option<(&'static str, PathBuf)> {
    match settings.blobs.url.as_str() {
        "" => Some(("server.data_dir", settings.server.data_dir.join("blobs"))),
        url if url.starts_with("s3://") => None,
        dir => Some(("blobs.url", dir.into())),
    }
}

fn directories(settings: &Settings) -> Result<(), StartError> {
    let wrong = |setting, path: &Path, reason| StartError::Directory { setting, path: path.to_owned(), reason };
    if let Some(dir) = store_directory(settings) {
        let files = ["store.lock", "store.sqlite"].map(|name| dir.join(name));
        let usable = usable(dir).and_then(|()| files.iter().try_for_each(|file| ours(file)));
        usable.map_err(|reason| wrong("server.data_dir", dir, reason))?;
    }
    match blobs_directory(settings) {
        Some((setting, dir)) => usable(&dir).and_then(|()| ours(&dir)).map_err(|reason| wrong(setting, &dir, reason)),
        // Nobody is asked yet.
        None => BlobStore::open(&settings.blobs.url, &settings.server.data_dir).map(drop).map_err(StartError::from),
    }
}

/// A host key that is there can be used, and one that is not can be made: its directory is there, or made for something
/// else before.
fn host_key(settings: &Settings) -> Result<(), StartError> {
    let Some(path) = ssh::key_to_make(&settings.ssh)? else { return Ok(()) };
    let wrong = |reason| SshError::NewHostKey { path: path.to_owned(), reason };
    let dir = absolute(files::directory(path)).map_err(wrong)?;
    let blobs = blobs_directory(settings).map(|(_, dir)| dir);
    let mut made = store_directory(settings).into_iter().chain(blobs.as_deref());
    if !dir.exists() && made.any(|made| absolute(made).is_ok_and(|made| made.starts_with(&dir))) {
        return Ok(());
    }
    Ok(writable(&dir).map_err(wrong)?)
}

fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| error.to_string())
}

/// Could a start keep something in this directory? One that is missing would be made in its nearest ancestor.
fn usable(dir: &Path) -> Result<(), String> {
    let dir = absolute(dir)?;
    for place in dir.ancestors() {
        match fs::symlink_metadata(place) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(format!("{}: {error}", place.display())),
            Ok(_) => return writable(place),
        }
    }
    Err("there is nothing above it".to_owned())
}

/// Is it a directory in which this user may make files?
fn writable(place: &Path) -> Result<(), String> {
    let shown = place.display();
    let found = fs::metadata(place).map_err(|error| format!("{shown}: {error}"))?;
    if !found.is_dir() {
        return Err(format!("{shown} is no directory"));
    }
    let may = accessat(CWD, place, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS);
    may.map_err(|error| format!("nothing can be made in {shown}: {}", io::Error::from(error)))?;
    if is_of_kernel(place) {
        Err(format!("nothing can be made in {shown}: the files there are the kernel's"))
    } else {
        Ok(())
    }
}

/// Root is told that `/proc` and `/sys` are writable.
#[cfg(target_os = "linux")]
fn is_of_kernel(place: &Path) -> bool {
    const SYSFS_MAGIC: rustix::fs::FsWord = 0x6265_6572;
    let kind = rustix::fs::statfs(place).map(|system| system.f_type);
    kind.is_ok_and(|kind| [rustix::fs::PROC_SUPER_MAGIC, SYSFS_MAGIC].contains(&kind))
}

#[cfg(not(target_os = "linux"))]
fn is_of_kernel(_: &Path) -> bool {
    false
}

/// Something that is there already must belong to whoever starts the server, who closes it to everybody else.
fn ours(path: &Path) -> Result<(), String> {
    let us = rustix::process::geteuid();
    match fs::metadata(path) {
        Ok(found) if !us.is_root() && found.uid() != us.as_raw() => {
            Err(format!("{} belongs to somebody else (uid {})", path.display(), found.uid()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;
    use crate::config::{self, Overrides};

    fn settings(data_dir: &Path) -> Settings {
        config::load(Overrides { data_dir: Some(data_dir.to_owned()), ..Overrides::default() }).unwrap()
    }

    fn refusal(settings: &Settings) -> StartError {
        look(settings).unwrap_err()
    }

    #[test]
    fn directories_that_are_missing_would_be_made_and_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(&dir.path().join("new/data"));
        settings.ssh.listen = Some("127.0.0.1:0".parse().unwrap());
        settings.blobs.url = dir.path().join("blobs").display().to_string();
        assert_eq!(look(&settings).unwrap(), 0);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named_with_its_setting() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        for place in [file.clone(), file.join("deep/down"), "/proc/nope".into(), "/sys/nope/deep".into()] {
            let mut settings = settings(dir.path());
            settings.blobs.url = place.display().to_string();
            let said = refusal(&settings);
            assert!(!said.is_configuration() && said.to_string().starts_with("blobs.url = "), "{said}");
            settings.server.data_dir = place;
            assert!(refusal(&settings).to_string().starts_with("server.data_dir = "));
        }
    }

    /// Root may write everywhere, and take what is somebody else's.
    #[test]
    fn a_directory_of_somebody_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let root = rustix::process::geteuid().is_root();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
        assert_eq!(usable(&dir.path().join("data")).is_ok(), root);
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(ours(Path::new("/")).is_ok(), root);
        if root && chown(dir.path(), Some(12_345), None).is_ok() {
            assert_eq!(ours(dir.path()), Ok(()));
        }
        assert_eq!(ours(&dir.path().join("missing")), Ok(()));
    }

    #[test]
    fn a_host_key_is_usable_or_can_be_made() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(&dir.path().join("data"));
        settings.ssh.listen = Some("127.0.0.1:0".parse().unwrap());
        settings.ssh.host_key = dir.path().join("key");
        look(&settings).unwrap();
        assert!(!settings.ssh.host_key.exists());
        fs::write(&settings.ssh.host_key, "no key").unwrap();
        fs::set_permissions(&settings.ssh.host_key, fs::Permissions::from_mode(0o644)).unwrap();
        let said = refusal(&settings);
        assert!(said.is_configuration() && said.to_string().contains("644"), "{said}");
        settings.ssh.host_key = dir.path().join("missing/key");
        assert!(refusal(&settings).to_string().contains("cannot be written"));
        settings.ssh.listen = None;
        look(&settings).unwrap();
    }

    #[test]
    fn who_vouches_for_redis_is_looked_at_and_redis_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path());
        "rediss://127.0.0.1:1".clone_into(&mut settings.store.url);
        settings.store.ca = dir.path().join("ca.pem");
        for text in [None, Some("no certificate")] {
            if let Some(text) = text {
                fs::write(&settings.store.ca, text).unwrap();
            }
            let said = refusal(&settings);
            assert!(said.is_configuration() && said.to_string().contains("ca.pem"), "{said}");
        }
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(&settings.store.ca, made.cert.pem()).unwrap();
        look(&settings).unwrap();
    }
}
