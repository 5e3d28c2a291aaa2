//! Digests before the real program: many posts to many readers, and very many readers in one minute.

use anyhow::{Result, ensure};
use lamplight::store::digests;

use crate::letters::author;
use crate::program::children_cpu;
use crate::receiver::Receiver;
use crate::scenes::{PATIENCE, Stage, nobody, publish, sent};
use crate::table::Limit::{AtMost, Open};
use crate::table::Row;

/// What the program says at each rendering of a digest.
const RENDERED: &str = "a digest is rendered";

/// Many posts, as one mail, or one in parts, to each of many readers.
pub fn digest(stage: &Stage) -> Result<Vec<Row>> {
    let (posts, readers) = (stage.sizes.digest_posts, stage.sizes.digest_readers);
    let receiver = Receiver::start()?;
    let house = stage.house(receiver.address)?;
    house.group("rose", "none", readers, "daily")?;
    let people: Vec<String> = (0..readers).map(author).collect();
    let (service, _) = house.serve()?;
    let (mut all, mut written, mut rendered, mut mails) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for run in 0..stage.sizes.runs {
        publish(&house, &service, readers, run * posts..(run + 1) * posts)?;
        receiver.settle_up(&people, 0)?;
        let (before, by_hand) = (service.cpu()?, children_cpu()?);
        let said = house.said(&["-vv", "digest", "send", "rose", "--again"])?;
        let by_hand = children_cpu()? - by_hand;
        let parts = made(&house, readers)? - mails;
        mails += parts;
        receiver.wait_for(readers * parts, PATIENCE)?;
        service.until(readers * mails, || sent(&house))?;
        written.push(by_hand);
        rendered.push(said.matches(RENDERED).count() as f64 / parts as f64);
        all.push(service.cpu()? - before + by_hand);
        if run == 0 {
            eprintln!("  a digest has {} octets in each of {parts} parts", receiver.average_octets());
        }
        receiver.settle_up(&people, parts)?;
    }
    service.stop()?;
    let what = |end: &str| format!("digest of {posts} posts to {readers} members, {end}");
    Ok(vec![
        stage.row(what("until all are in the outbox, CPU s"), written, AtMost(1.0), AtMost(0.3)),
        stage.row(what("made and handed over, CPU s"), all, AtMost(1.3), AtMost(0.5)),
        stage.row(what("renderings for each of its mails"), rendered, AtMost(1.0), AtMost(1.0)),
    ])
}

/// How many digests, or parts of one, each reader has been written.
fn made(house: &crate::program::House, readers: usize) -> Result<usize> {
    let rows = house.list(&["outbox", "list"])?.len();
    ensure!(rows > 0 && rows % readers == 0, "LOST OR DOUBLED: {rows} digests for {readers} readers");
    Ok(rows / readers)
}

/// Very many readers whose digest is due in the same minute: found, and written.
pub fn due(stage: &Stage) -> Result<Vec<Row>> {
    let readers = stage.sizes.due_readers;
    let house = stage.house(nobody()?)?;
    house.group("rose", "none", readers, "daily")?;
    let (service, _) = house.serve()?;
    publish(&house, &service, readers, 0..1)?;
    service.stop()?;
    let at = lamplight::clock::Clock::System.now().plus_seconds(86_400);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = runtime.block_on(async {
        let lamplight = house.open().await?;
        let mut seconds = Vec::new();
        for _ in 0..stage.sizes.runs {
            let began = std::time::Instant::now();
            let due = digests::due(&mut *lamplight.store.read().await?, at).await?;
            seconds.push(began.elapsed().as_secs_f64());
            ensure!(due.len() == readers, "LOST: {} of {readers} are due", due.len());
        }
        lamplight.store.close().await;
        Ok(seconds)
    })?;
    let (took, highest, report) = house.watched(&["tick", "--at", &at.rfc3339(), "--json"])?;
    let waiting = serde_json::from_str::<serde_json::Value>(&report)?["waiting"].as_u64();
    // A day later the moderators are reminded, too.
    let (least, most) = (readers as u64, readers as u64 + 10);
    ensure!(
        waiting.is_some_and(|n| (least..most).contains(&n)),
        "LOST OR DOUBLED: {waiting:?} mails for {readers} readers"
    );
    let what = |end: &str| format!("{readers} members due in one minute, {end}");
    Ok(vec![
        stage.row(what("selected, s"), found, AtMost(2.0), AtMost(0.5)),
        stage.row(what("their digests in the outbox, s"), vec![took.as_secs_f64()], Open, Open),
        stage.row(what("memory at its highest, MiB"), vec![highest], AtMost(150.0), AtMost(80.0)),
    ])
}
