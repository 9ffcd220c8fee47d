//! The socket's place in the file system.

use std::{
    fs, io,
    os::unix::{
        fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        net::UnixListener,
    },
    path::{Path, PathBuf},
};

use socket2::{Domain, SockAddr, Socket, Type};

/// Why operators cannot attach. The server goes on without.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another server listens there.
    #[error("another server listens on {} already", .0.display())]
    Taken(PathBuf),
    /// Something that is not ours.
    #[error("{} is no socket; it is left alone", .0.display())]
    NoSocket(PathBuf),
    /// The system does not want to.
    #[error("cannot listen on {}: {source} (server.console_socket chooses another path)", path.display())]
    Listen {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The file; removed when dropped, unless another one has taken its place.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Device and inode.
    id: (u64, u64),
}

impl Place {
    /// Listens at `path`, for this user only. What a dead server has left there is removed; a directory that is
    /// missing is made.
    ///
    /// # Errors
    /// [`SocketError`]: nothing is changed then.
    pub(super) fn take(path: &Path) -> Result<(UnixListener, Self), SocketError> {
        let cannot = |source| SocketError::Listen { path: path.to_owned(), source };
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => return Err(SocketError::NoSocket(path.to_owned())),
            Ok(_) if is_alive(path).map_err(cannot)? => return Err(SocketError::Taken(path.to_owned())),
            Ok(_) => fs::remove_file(path).map_err(cannot)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(cannot(error)),
        }
        if let Some(dir) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(cannot)?;
        }
        let listener = UnixListener::bind(path).map_err(cannot)?;
        let id = id(path).map_err(cannot)?;
        let place = Self { path: path.to_owned(), id };
        // Whoever slips in before is asked who they are, as everybody is.
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(cannot)?;
        listener.set_nonblocking(true).map_err(cannot)?;
        Ok((listener, place))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if id(&self.path).is_ok_and(|id| id == self.id) {
            // If it cannot be removed, the next server does it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn id(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()))
}

/// Does somebody listen there? Nobody is waited for.
fn is_alive(path: &Path) -> io::Result<bool> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&SockAddr::unix(path)?) {
        Ok(()) => Ok(true),
        // So many wait already.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn it_is_for_this_user_only_and_goes_with_its_server() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("new");
        let path = inner.join("socket");
        let (listener, place) = Place::take(&path).unwrap();
        assert_eq!(fs::metadata(&inner).unwrap().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        UnixStream::connect(&path).unwrap();
        drop((listener, place));
        assert_eq!(fs::read_dir(&inner).unwrap().count(), 0);
    }

    #[test]
    fn a_dead_servers_is_taken_over_and_a_living_ones_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "as after kill -9");
        let (listener, place) = Place::take(&path).unwrap();
        assert!(matches!(Place::take(&path), Err(SocketError::Taken(_))));
        assert!(UnixStream::connect(&path).is_ok(), "it is as it was");
        drop((listener, place));
        assert!(!path.exists());
    }

    #[test]
    fn one_that_does_not_answer_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
        socket.bind(&SockAddr::unix(&path).unwrap()).unwrap();
        socket.listen(0).unwrap();
        // Accepted by the system until so many wait that one would have to be waited for.
        let waiting: Vec<_> = std::iter::from_fn(|| {
            let one = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
            one.set_nonblocking(true).unwrap();
            one.connect(&SockAddr::unix(&path).unwrap()).is_ok().then_some(one)
        })
        .collect();
        assert!(!waiting.is_empty() && is_alive(&path).unwrap());
    }

    #[test]
    fn what_is_no_socket_is_left_alone_and_so_is_a_successors() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        fs::write(&path, "mine").unwrap();
        assert!(matches!(Place::take(&path), Err(SocketError::NoSocket(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        fs::remove_file(&path).unwrap();
        let (_listener, place) = Place::take(&path).unwrap();
        // Kept aside, so that the new file is another one for certain.
        fs::rename(&path, dir.path().join("moved")).unwrap();
        let _successor = UnixListener::bind(&path).unwrap();
        drop(place);
        assert!(path.exists());
    }

    #[test]
    fn a_path_that_no_socket_can_have_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        for path in [dir.path().join("x".repeat(200)), dir.path().join("file/socket")] {
            let said = Place::take(&path).unwrap_err().to_string();
            assert!(said.contains(&*path.to_string_lossy()) && said.contains("server.console_socket"), "{said}");
        }
    }
}
