//! A server that speaks S3, over a directory of the test's own.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};

const BUCKET: &str = "deck";
const ACCESS: &str = "an-access-key";
const SECRET: &str = "a-secret-key";

/// It serves until it is dropped.
pub(super) struct Bucket {
    dir: TempDir,
    address: SocketAddr,
    _runtime: Runtime,
}

impl Bucket {
    pub(super) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(dir.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(ACCESS, SECRET));
        let service = service.build();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            let http = Builder::new(TokioExecutor::new());
            while let Ok((socket, _)) = listener.accept().await {
                let connection = http.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
                tokio::spawn(connection);
            }
        });
        Self { dir, address, _runtime: runtime }
    }

    /// What a server needs to find it.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("CIPHERDECK__BLOBS__URL", format!("s3://{BUCKET}/some/prefix")),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", ACCESS.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ]
    }

    /// Where its blobs lie.
    pub(super) fn path(&self) -> PathBuf {
        [self.dir.path(), Path::new(BUCKET), Path::new("some/prefix")].iter().collect()
    }
}
