//! What operators over SSH cost: processor time of the server, and bytes on the wire.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use cipherdeck::{
    client::api::{Api, Upload},
    task::{TaskId, Uid},
    use_cases::ad_targeting,
};
use futures::future::join_all;
use russh::{
    ChannelMsg, client,
    keys::{Algorithm, PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate, key::safe_rng},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::{
    report::{Aim, Report},
    support::{keys::CLIENT, process::ServerProcess},
};

const SESSIONS: usize = 10;
/// Each figure is taken over so long.
const SPAN: Duration = Duration::from_secs(20);
/// A task arrives so often; each is computed.
const EVERY: Duration = Duration::from_millis(100);

pub async fn measure(report: &mut Report) {
    report.note("ten operators over SSH, terminals of 160x45; busy: ten ad_targeting tasks a second");
    let dir = tempfile::tempdir().unwrap();
    let key = PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).unwrap();
    let server = start(dir.path(), &key);
    let api = Api::new(&server.url).unwrap();
    let uid = api.add_key(None, Some("ad_targeting"), None).await.unwrap();
    let fetched = api.ads(None).await.unwrap().expect("no version is known");
    let input = ad_targeting::encrypt(&CLIENT, &[true; ad_targeting::FEATURES], &fetched.catalogue).unwrap();

    let alone = busy(&server, &api, uid, &input).await;
    report.line("processor time of the busy server without sessions", alone * 100.0, "%", Aim::None);
    let (key, received) = (Arc::new(key), Arc::new(AtomicU64::new(0)));
    let address = server.ssh.clone().expect("it listens for SSH");
    let watchers = join_all((0..SESSIONS).map(|_| watch(&address, Arc::clone(&key), Arc::clone(&received)))).await;
    received.store(0, Ordering::Relaxed);
    let watched = busy(&server, &api, uid, &input).await;
    let bytes = received.load(Ordering::Relaxed) as f64 / SPAN.as_secs_f64() / SESSIONS as f64;
    report.line("what ten sessions add to it", (watched - alone) * 100.0, "%", Aim::Below(10.0));
    report.line("bytes a second to one busy session", bytes, "B/s", Aim::Below(20_000.0));

    // What is shown of the last minutes fades away; then nothing is left to draw.
    let quiet = Instant::now();
    let mut before = received.load(Ordering::Relaxed);
    loop {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let now = received.load(Ordering::Relaxed);
        if now == before || quiet.elapsed() > Duration::from_mins(8) {
            break;
        }
        before = now;
    }
    let (began, ticks) = (received.load(Ordering::Relaxed), processor_time(&server));
    tokio::time::sleep(SPAN).await;
    let idle = (processor_time(&server) - ticks).as_secs_f64() / SPAN.as_secs_f64();
    report.line("processor time of the idle server with ten sessions", idle * 100.0, "%", Aim::Below(1.0));
    report.line("bytes to ten idle sessions", (received.load(Ordering::Relaxed) - began) as f64, "B", Aim::Below(1.0));
    drop(watchers);
}

fn start(dir: &Path, key: &PrivateKey) -> ServerProcess {
    let authorized = dir.join("authorized");
    fs::write(&authorized, format!("role=operator {}\n", key.public_key().to_openssh().unwrap())).unwrap();
    fs::set_permissions(&authorized, fs::Permissions::from_mode(0o600)).unwrap();
    let authorized = authorized.display().to_string();
    let settings =
        [("CIPHERDECK__SSH__LISTEN", "127.0.0.1:0"), ("CIPHERDECK__SSH__AUTHORIZED_KEYS", authorized.as_str())];
    ServerProcess::start(&dir.join("data"), &settings)
}

/// Tasks arrive for a while; the share of a core that the server took.
async fn busy(server: &ServerProcess, api: &Api, uid: Uid, input: &[u8]) -> f64 {
    let (began, before) = (Instant::now(), processor_time(server));
    let mut pace = tokio::time::interval(EVERY);
    while began.elapsed() < SPAN {
        pace.tick().await;
        let key = TaskId::random().to_string();
        api.start_task(uid, "ad_targeting", Upload::new(input.to_vec()), &key).await.unwrap();
    }
    (processor_time(server) - before).as_secs_f64() / began.elapsed().as_secs_f64()
}

/// User and system time of all threads.
fn processor_time(server: &ServerProcess) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let fields: Vec<u64> = stat.rsplit_once(") ").unwrap().1.split(' ').filter_map(|it| it.parse().ok()).collect();
    // Of what is left after the name and the state's letter, fields 11 and 12, in hundredths of a second.
    Duration::from_millis((fields[10] + fields[11]) * 10)
}

/// Trusts every server: it is the one under test.
struct Anybody;

impl client::Handler for Anybody {
    type Error = russh::Error;
    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

/// Opens a dashboard and reads whatever it sends, until it is dropped.
async fn watch(address: &str, key: Arc<PrivateKey>, received: Arc<AtomicU64>) -> client::Handle<Anybody> {
    let stream = Counted { stream: TcpStream::connect(address).await.unwrap(), received };
    let mut session = client::connect_stream(Arc::new(client::Config::default()), stream, Anybody).await.unwrap();
    let key = PrivateKeyWithHashAlg::new(key, None);
    assert!(session.authenticate_publickey("operator", key).await.unwrap().success());
    let mut channel = session.channel_open_session().await.unwrap();
    channel.request_pty(false, "xterm-256color", 160, 45, 0, 0, &[]).await.unwrap();
    channel.request_shell(false).await.unwrap();
    // The first frame is there.
    while !matches!(channel.wait().await.expect("it is open"), ChannelMsg::Data { data } if data.len() > 1_000) {}
    tokio::spawn(async move { while channel.wait().await.is_some() {} });
    session
}

/// Counts what arrives.
struct Counted<T> {
    stream: T,
    received: Arc<AtomicU64>,
}

impl<T: AsyncRead + Unpin> AsyncRead for Counted<T> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(context, buffer);
        this.received.fetch_add((buffer.filled().len() - before) as u64, Ordering::Relaxed);
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
