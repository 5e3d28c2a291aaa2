//! A whole Lamplight in a temporary folder: the real listener, the real store, a clock that the story moves, and a
//! mail server that takes what leaves. Nothing sleeps.

use std::net::SocketAddr;
use std::sync::Arc;

use lamplight::clock::{Clock, Timestamp};
use lamplight::config::Config;
use lamplight::engine::roster::NewMember;
use lamplight::engine::transport::Transport;
use lamplight::engine::{Lamplight, Opening};
use lamplight::mail::Address;
use lamplight::model::group::{Group, GroupState, Moderation, Subjects};
use lamplight::model::hours::ReadingHours;
use lamplight::model::ids::GroupId;
use lamplight::model::member::{Delivery, Member, Role};
use lamplight::model::post::Post;
use lamplight::model::schedule::Schedule;
use lamplight::server::lmtp::{self, Options};
use lamplight::server::serve::FrontDoor;
use lamplight::store::{groups, members, posts};
use tokio::sync::{Notify, watch};

use super::{Captured, LmtpClient, SmtpPeer, postgres};

/// Monday 2026-11-23, 14:00 in New York.
pub const MONDAY: &str = "2026-11-23T14:00:00-05:00";

pub struct World {
    pub lamplight: Lamplight,
    pub peer: SmtpPeer,
    pub lmtp: SocketAddr,
    pub transport: Arc<Transport>,
    /// Which database, for what a failing assertion says.
    pub database: &'static str,
    _ending: watch::Sender<bool>,
    _folder: tempfile::TempDir,
}

/// Play a story on SQLite, and on PostgreSQL where there is one.
pub fn on_both<F, S>(story: F)
where
    F: Fn(World) -> S,
    S: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        story(World::new("sqlite", None, |_| {}).await).await;
        if let Some(url) = postgres::fresh_database() {
            story(World::new("postgres", Some(url), |_| {}).await).await;
        }
    });
}

/// As [`on_both`], with settings changed.
pub fn on_both_with<F, S>(change: fn(&mut Config), story: F)
where
    F: Fn(World) -> S,
    S: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        story(World::new("sqlite", None, change).await).await;
        if let Some(url) = postgres::fresh_database() {
            story(World::new("postgres", Some(url), change).await).await;
        }
    });
}

impl World {
    pub async fn new(database: &'static str, url: Option<String>, change: fn(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let peer = SmtpPeer::start().await;
        let mut config = Config::default();
        config.service.domain = "groups.example".into();
        config.service.state_dir = folder.path().to_path_buf();
        config.service.administrators = vec!["admin@charity.example".into()];
        config.database.url = url.unwrap_or_else(|| format!("sqlite://{}/lamplight.db", folder.path().display()));
        config.outbound.smarthost = peer.url();
        config.inbound.lmtp.listen = "127.0.0.1:0".into();
        change(&mut config);
        let clock = Clock::fixed(Timestamp::parse(MONDAY).unwrap());
        let lamplight = Lamplight::open(config, clock, Opening::Create).await.unwrap();
        let transport = lamplight.transport().unwrap();
        let listener = lmtp::bind("127.0.0.1:0").await.unwrap();
        let lmtp = listener.local_addr().unwrap();
        let (ending, ended) = watch::channel(false);
        let door = Arc::new(FrontDoor::new(lamplight.clone(), Arc::new(Notify::new())));
        tokio::spawn(lmtp::serve(listener, door, Options::new("groups.example"), ended));
        Self { lamplight, peer, lmtp, transport, database, _ending: ending, _folder: folder }
    }

    /// The usual cast: group rose, moderators Dana and Ruth, members Mira (daily), Kit and Tom (each), Ada (none).
    pub async fn with_rose(self) -> Self {
        self.add_group("rose", "Rose", Moderation::First).await;
        self.add("rose", Role::Moderator, "dana@work.example", "Dana", Delivery::Daily, None).await;
        self.add("rose", Role::Moderator, "ruth@work.example", "Ruth", Delivery::None, None).await;
        self.add("rose", Role::Member, "mira@home.example", "Mira", Delivery::Daily, Some("Miranda Torres")).await;
        self.add("rose", Role::Member, "kit@home.example", "Kit", Delivery::Each, Some("Christopher Waller")).await;
        self.add("rose", Role::Member, "tom@home.example", "Tom", Delivery::Each, None).await;
        self.add("rose", Role::Member, "ada@home.example", "Ada", Delivery::None, None).await;
        self
    }

    pub async fn add_group(&self, name: &str, title: &str, moderation: Moderation) {
        let group = Group {
            id: GroupId(0),
            name: name.into(),
            title: title.into(),
            language: "en".into(),
            zone: chrono_tz::America::New_York,
            schedule: Schedule::parse("30 17 * * *").unwrap(),
            moderation,
            hold_everything_since: None,
            reading: ReadingHours::default(),
            subjects: Subjects::Own,
            pictures: false,
            emergency_number: Some("911".into()),
            lifeline: Some("call or text 988".into()),
            state: GroupState::Open,
            release_seq: 0,
        };
        let mut tx = self.lamplight.store.begin().await.unwrap();
        groups::insert(&mut tx, &group, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn add(
        &self,
        group: &str,
        role: Role,
        address: &str,
        name: &str,
        delivery: Delivery,
        real: Option<&str>,
    ) {
        let new = NewMember {
            role,
            address: Address::parse(address).unwrap(),
            name: name.into(),
            real_name: real.map(str::to_owned),
            delivery,
            zone: None,
            hour: None,
            days: None,
            format: Default::default(),
            trusted: false,
        };
        let mut tx = self.lamplight.store.begin().await.unwrap();
        let group = groups::by_name(&mut tx, group).await.unwrap().unwrap();
        let group = groups::lock(&mut tx, group.id).await.unwrap();
        self.lamplight.add_person(&mut tx, &group, &new, false, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn group(&self, name: &str) -> Group {
        groups::by_name(&mut self.lamplight.store.read().await.unwrap(), name).await.unwrap().unwrap()
    }

    pub async fn change_group(&self, name: &str, change: impl Fn(&mut Group)) {
        let id = self.group(name).await.id;
        let mut tx = self.lamplight.store.begin().await.unwrap();
        let mut group = groups::lock(&mut tx, id).await.unwrap();
        change(&mut group);
        groups::update(&mut tx, &group).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn person(&self, group: &str, address: &str) -> Member {
        let group = self.group(group).await;
        let mut db = self.lamplight.store.read().await.unwrap();
        members::by_address(&mut db, group.id, &Address::parse(address).unwrap()).await.unwrap().unwrap()
    }

    pub async fn change_person(&self, group: &str, address: &str, change: impl Fn(&mut Member)) {
        let before = self.person(group, address).await;
        let mut tx = self.lamplight.store.begin().await.unwrap();
        let group = groups::lock(&mut tx, before.group).await.unwrap();
        let mut after = members::lock(&mut tx, before.id).await.unwrap();
        change(&mut after);
        self.lamplight.change_person(&mut tx, &group, &before, after, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn posts(&self) -> Vec<Post> {
        posts::list(&mut self.lamplight.store.read().await.unwrap(), None, None).await.unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.lamplight.clock.now()
    }

    /// Hand a message to the listener; every recipient must be taken.
    pub async fn deliver(&self, reverse_path: &str, recipients: &[&str], message: impl AsRef<[u8]>) {
        let mut client = LmtpClient::connect(self.lmtp).await;
        client.lhlo().await;
        let replies = client.deliver(reverse_path, recipients, message.as_ref()).await;
        assert_eq!(replies.len(), recipients.len(), "{}: {replies:?}", self.database);
        for reply in replies {
            assert!(reply.starts_with("250 2.0.0"), "{}: {reply}", self.database);
        }
        self.lamplight.until_read_ahead().await;
    }

    /// A mail from a person, delivered and taken to its end.
    pub async fn write(&self, mail: &Letter) {
        self.deliver(&mail.from, &[&mail.to], mail.bytes()).await;
        self.run().await;
    }

    /// Do whatever is due now and deliver.
    pub async fn run(&self) {
        self.lamplight.run_due(&self.transport, self.now()).await.unwrap();
    }

    /// Let time pass, then do whatever is due.
    pub async fn pass(&self, seconds: i64) {
        self.lamplight.clock.set(self.now().plus_seconds(seconds));
        self.run().await;
    }

    /// Go to an instant, then do whatever is due.
    pub async fn go_to(&self, at: &str) {
        self.lamplight.clock.set(Timestamp::parse(at).unwrap());
        self.run().await;
    }

    pub fn mail_to(&self, address: &str) -> Vec<Captured> {
        self.peer.mail_to(address)
    }

    /// The latest mail to somebody.
    pub fn latest(&self, address: &str) -> Captured {
        self.mail_to(address).pop().unwrap_or_else(|| panic!("{}: no mail to {address}", self.database))
    }

    /// How many mails somebody has.
    pub fn count(&self, address: &str) -> usize {
        self.mail_to(address).len()
    }

    /// The subjects of somebody's mails, in order.
    pub fn subjects(&self, address: &str) -> Vec<String> {
        self.mail_to(address).iter().map(Captured::subject).collect()
    }
}

/// A mail as a person's program writes it.
#[derive(Clone)]
pub struct Letter {
    pub from: String,
    pub to: String,
    pub subject: String,
    pub body: String,
    /// Further header lines, each ended by CRLF.
    pub fields: String,
}

impl Letter {
    pub fn new(from: &str, to: &str, subject: &str, body: &str) -> Self {
        Self { from: from.into(), to: to.into(), subject: subject.into(), body: body.into(), fields: String::new() }
    }

    /// An answer to a captured mail: to its reply address, with its words quoted below.
    pub fn answering(from: &str, captured: &Captured, words: &str) -> Self {
        let quoted: String = captured.text().lines().map(|line| format!("> {line}\n")).collect();
        let body = format!("{words}\n\nOn Mon, Nov 23, 2026 at 2:05 PM Rose wrote:\n\n{quoted}");
        let mut letter = Self::new(from, &captured.reply_address(), &format!("Re: {}", captured.subject()), &body);
        let id = captured.header("Message-ID");
        letter.fields = format!("In-Reply-To: {id}\r\nReferences: {id}\r\n");
        letter
    }

    pub fn with(mut self, field: &str) -> Self {
        self.fields.push_str(field);
        self.fields.push_str("\r\n");
        self
    }

    pub fn to(mut self, to: &str) -> Self {
        self.to = to.into();
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        format!(
            "Received: from phone.example ([203.0.113.9]) by mx.home.example; Mon, 23 Nov 2026 20:00:00 +0100\r\n\
             From: =?utf-8?q?{}?= <{}>\r\nTo: <{}>\r\nSubject: {}\r\nDate: Mon, 23 Nov 2026 20:00:00 +0100\r\n\
             Message-ID: <letter-{number}@phone.home.example>\r\nUser-Agent: PhoneMail 4.2\r\n{}\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            self.from.split('@').next().unwrap(),
            self.from,
            self.to,
            self.subject,
            self.fields,
            self.body.replace('\n', "\r\n"),
        )
        .into_bytes()
    }
}
