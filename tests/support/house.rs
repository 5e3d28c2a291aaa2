//! A listener with a toy behind its door.

use std::sync::{Arc, Mutex};

use lamplight::mail::{Address, Envelope};
use lamplight::server::door::{AcceptAnswer, Door, RecipientAnswer};
use lamplight::server::lmtp::{self, Options};
use tokio::sync::watch;

use super::LmtpClient;

/// Keeps everything in memory, and fails by the names in the envelope.
#[derive(Default)]
pub struct ToyDoor {
    /// What was kept, in order.
    pub kept: Mutex<Vec<(Envelope, Vec<u8>)>>,
}

/// The answer to a recipient.
pub fn judge(address: &Address) -> RecipientAnswer {
    match address.local_part() {
        "nobody" => RecipientAnswer::NotOurs,
        "later" => RecipientAnswer::TryAgain,
        "full" => RecipientAnswer::DiskLow,
        _ => RecipientAnswer::Ours,
    }
}

/// The answer to a message.
pub fn accept(envelope: &Envelope) -> AcceptAnswer {
    match envelope.reverse_path.as_str() {
        "broken@home.example" => AcceptAnswer::TryAgain,
        "full@home.example" => AcceptAnswer::DiskLow,
        _ => AcceptAnswer::Kept,
    }
}

impl Door for ToyDoor {
    async fn recipient(&self, address: &Address) -> RecipientAnswer {
        judge(address)
    }

    async fn accept(&self, envelope: Envelope, bytes: Vec<u8>, _peer: String) -> AcceptAnswer {
        let answer = accept(&envelope);
        if answer == AcceptAnswer::Kept {
            self.kept.lock().unwrap().push((envelope, bytes));
        }
        answer
    }
}

/// A listener on a free port.
pub struct House {
    pub door: Arc<ToyDoor>,
    pub address: std::net::SocketAddr,
    pub end: watch::Sender<bool>,
    pub served: tokio::task::JoinHandle<()>,
}

/// A house whose listener behaves otherwise.
pub async fn house_with(change: impl FnOnce(&mut Options)) -> House {
    let listener = lmtp::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut options = Options::new("groups.example");
    change(&mut options);
    let door = Arc::new(ToyDoor::default());
    let (end, ending) = watch::channel(false);
    let served = tokio::spawn(lmtp::serve(listener, door.clone(), options, ending));
    House { door, address, end, served }
}

/// A house.
pub async fn house() -> House {
    house_with(|_| {}).await
}

impl House {
    /// A client that has said LHLO.
    pub async fn client(&self) -> LmtpClient {
        let mut client = LmtpClient::connect(self.address).await;
        client.lhlo().await;
        client
    }

    /// The messages that were kept.
    pub fn kept(&self) -> Vec<Vec<u8>> {
        self.door.kept.lock().unwrap().iter().map(|(_, bytes)| bytes.clone()).collect()
    }
}
