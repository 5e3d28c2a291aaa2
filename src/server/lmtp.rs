//! The LMTP listener: sockets around [`Session`]. A connection that fails takes nothing with it but itself; a message
//! whose last octet did not come was never there.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::door::Door;
use super::session::{Event, Session};

/// How a listener behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// The service's domain: in the greeting, and behind a bare `<postmaster>`.
    pub name: String,
    /// The most connections at a time.
    pub connections: usize,
    /// How long a client may take for one command or one piece of a message.
    pub patience: Duration,
    /// How long a message that is on its way at the end of the service may still take.
    pub grace: Duration,
}

impl Options {
    /// The usual: 100 connections, and the times of RFC 5321 §4.5.3.2.7.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let patience = Duration::from_secs(300);
        Self { name: name.to_owned(), connections: 100, patience, grace: Duration::from_secs(10) }
    }
}

/// A socket that clients can connect to; nobody is answered before [`serve`].
#[derive(Debug)]
pub struct Listener(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl Listener {
    /// Where a TCP listener listens: the port when 0 was asked for. `None` for a socket file.
    #[must_use]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match &self.0 {
            Kind::Tcp(listener) => listener.local_addr().ok(),
            Kind::Unix(..) => None,
        }
    }

    async fn accept(&self) -> io::Result<(Stream, String)> {
        match &self.0 {
            Kind::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Replies are small and awaited; Nagle's wait would cost 40 ms each.
                stream.set_nodelay(true)?;
                Ok((Box::new(stream), peer.to_string()))
            }
            Kind::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                Ok((Box::new(stream), "unix".to_owned()))
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Kind::Unix(_, path) = &self.0 {
            // Nothing is lost when it stays: the next start finds that nobody answers there.
            let _ = std::fs::remove_file(path);
        }
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
type Stream = Box<dyn Duplex>;

/// Open `127.0.0.1:2424` or `unix:/path`.
///
/// # Errors
/// One sentence that names the setting's value: the port or path is taken, can't be opened, or is no address.
pub async fn bind(listen: &str) -> anyhow::Result<Listener> {
    if let Some(path) = listen.strip_prefix("unix:") {
        return bind_unix(Path::new(path)).await.with_context(|| format!("cannot listen on {listen}"));
    }
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    Ok(Listener(Kind::Tcp(listener)))
}

async fn bind_unix(path: &Path) -> anyhow::Result<Listener> {
    if let Ok(found) = std::fs::symlink_metadata(path) {
        if !found.file_type().is_socket() {
            bail!("a file that is no socket is in its place");
        }
        match UnixStream::connect(path).await {
            Ok(_) => bail!("another server answers there"),
            // Left by a server that ended without a chance to take it away.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path)?,
            Err(error) => return Err(error).context("it cannot be told whether a server answers there"),
        }
    }
    let listener = UnixListener::bind(path)?;
    // The mail server is in the group, nobody else may hand in mail.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    Ok(Listener(Kind::Unix(listener, path.to_owned())))
}

/// Answer clients until `ending` turns true or its sender is gone; returns when the last connection is closed.
pub async fn serve<D: Door>(listener: Listener, door: Arc<D>, options: Options, mut ending: watch::Receiver<bool>) {
    let seats = Arc::new(Semaphore::new(options.connections));
    let mut talks = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|over| *over) => break,
        };
        // Finished talks are forgotten as new ones come.
        while talks.try_join_next().is_some() {}
        let (mut stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely; the next one would fail at once as well.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(seat) = seats.clone().try_acquire_owned() else {
            // A few octets fit into the socket's buffer; a client that doesn't read them is not waited for.
            // RFC 2034 §4: no enhanced code in a greeting.
            let _ = timeout(Duration::from_millis(100), stream.write_all(b"421 too many connections\r\n")).await;
            continue;
        };
        let talk = Talk { door: door.clone(), session: Session::new(&options.name), stream, peer, out: Vec::new() };
        let (options, ending) = (options.clone(), ending.clone());
        talks.spawn(async move {
            let _seat = seat;
            if let Err(error) = talk.run(&options, ending).await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    while talks.join_next().await.is_some() {}
}

struct Talk<D> {
    door: Arc<D>,
    session: Session,
    stream: Stream,
    peer: String,
    out: Vec<u8>,
}

impl<D: Door> Talk<D> {
    async fn run(mut self, options: &Options, mut ending: watch::Receiver<bool>) -> io::Result<()> {
        let mut chunk = vec![0; 64 * 1024];
        self.session.greet(&mut self.out);
        let mut deadline = Instant::now() + options.patience;
        let mut over = false;
        loop {
            match self.session.advance(&mut self.out) {
                Event::Recipient(address) => {
                    let answer = self.door.recipient(&address).await;
                    self.session.answer_recipient(answer, &mut self.out);
                    continue;
                }
                Event::Message(envelope, bytes) => {
                    let answer = self.door.accept(envelope, bytes, self.peer.clone()).await;
                    self.session.answer_message(answer, &mut self.out);
                    continue;
                }
                Event::Close => return self.flush(options).await,
                Event::More => {}
            }
            if over && self.session.is_idle() {
                self.session.cut_off(&mut self.out, "4.3.2 the service is ending");
                continue;
            }
            // A command's time runs from the answer before it; a message's from its last octets.
            if !over && (!self.out.is_empty() || self.session.is_receiving()) {
                deadline = Instant::now() + options.patience;
            }
            self.flush(options).await?;
            let read = tokio::select! {
                read = timeout_at(deadline, self.stream.read(&mut chunk)) => read,
                _ = ending.wait_for(|over| *over), if !over => {
                    over = true;
                    deadline = Instant::now() + options.grace;
                    continue;
                }
            };
            match read {
                Ok(Ok(0)) => return Ok(()),
                Ok(read) => {
                    let read = read?;
                    self.session.feed(&chunk[..read]);
                }
                Err(_) => self.session.cut_off(&mut self.out, "4.4.2 the wait was too long"),
            }
        }
    }

    /// Send all replies in one piece: those to the recipients of a message belong together.
    async fn flush(&mut self, options: &Options) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let written = timeout(options.patience, async {
            self.stream.write_all(&self.out).await?;
            self.stream.flush().await
        });
        written.await.map_err(|_| io::ErrorKind::TimedOut)??;
        self.out.clear();
        Ok(())
    }
}
