//! The play: a Monday of the group Rose, scene by scene. Each scene says what must have happened and ends the play with a
//! sentence when it did not.

use anyhow::{Context as _, Result, ensure};

use super::captured::Captured;
use super::cast::ROSE;
use super::letter::{answer, fresh};
use super::stage::Stage;
use super::voice::Voice;

macro_rules! mail {
    ($name:literal) => {
        include_str!(concat!("mail/", $name, ".eml"))
    };
}

const MIRA: &str = "mira@home.example";
const ANA: &str = "ana@home.example";
const JUNE: &str = "june@home.example";
const TOM: &str = "tom@home.example";
const KIT: &str = "kit@home.example";
const LENA: &str = "lena@home.example";
const DANA: &str = "dana@clinic.example";
const RUTH: &str = "ruth@clinic.example";

/// What the end of the play shows.
pub struct Played {
    /// The first notice to a moderator.
    pub notice: Captured,
    /// The digest as Mira got it.
    pub digest: Captured,
}

fn of<'a>(mails: &'a [Captured], reader: &str) -> Result<&'a Captured> {
    mails.iter().find(|mail| mail.reader() == reader).with_context(|| format!("{reader} has no mail"))
}

/// The same mail to both social workers.
const fn both(subject: &'static str) -> [(&'static str, &'static str); 2] {
    [("dana", subject), ("ruth", subject)]
}

/// Play the day.
///
/// # Errors
/// What went otherwise than it must.
pub async fn play(stage: &mut Stage, voice: &Voice) -> Result<Played> {
    let (notice, first) = first_message(stage, voice).await?;
    answers(stage, voice, &first).await?;
    outsiders(stage, voice).await?;
    a_name_too_many(stage, voice).await?;
    midday(stage, voice).await?;
    alarm(stage, voice).await?;
    reading_list(stage, voice).await?;
    let digest = digest(stage, voice).await?;
    leaving(stage, voice).await?;
    from_the_digest(stage, voice, &digest, &first).await?;
    Ok(Played { notice, digest })
}

async fn first_message(stage: &mut Stage, voice: &Voice) -> Result<(Captured, Captured)> {
    voice.scene("8:12 am", "Mira writes to the group for the first time, from Outlook.");
    stage.go_to("08:12").await?;
    stage.write(MIRA, ROSE, &fresh(mail!("mira-first"))).await?;
    let new = stage.arrived(&[
        ("mira", "We have your message"),
        ("dana", "1 message to read by"),
        ("ruth", "1 message to read by"),
    ])?;
    let (held, notice) = (of(&new, "mira")?, of(&new, "dana")?.clone());
    ensure!(held.says("You have not done anything wrong"), "Mira is not told kindly that her message waits");
    ensure!(notice.says("I keep waking up at four") && notice.says("APPROVE"), "Dana can't read and decide");
    ensure!(notice.holds("013-4477") && !notice.says("contact outside"), "a signature is held against Mira, or hidden");
    voice.tell(&format!("It is held. She gets “{}”,", held.subject));
    voice.tell(&format!("Dana and Ruth get “{}”.", notice.subject));
    let away = answer(mail!("ruth-away"), of(&new, "ruth")?);
    stage.write("", &of(&new, "ruth")?.reply_to, &away).await?;
    stage.arrived(&[]).context("an out-of-office was taken for a decision or got an answer")?;
    voice.tell("Ruth's mailbox says that she is away. That decides nothing.");

    voice.scene("8:31 am", "Dana replies from her phone: “Approved, thanks”.");
    stage.go_to("08:31").await?;
    stage.write(DANA, &notice.reply_to, &answer(mail!("dana-approves"), &notice)).await?;
    let new = stage.arrived(&[("dana", "You answered APPROVE"), ("ruth", "Dana answered APPROVE")])?;
    ensure!(of(&new, "dana")?.says("UNDO") && of(&new, "ruth")?.says("Dana approved"), "the echo is not clear");
    stage.go_to("08:33").await?;
    let new = stage.arrived(&[
        ("tom", "Waiting for the first scan"),
        ("kit", "Waiting for the first scan"),
        ("lena", "Waiting for the first scan"),
    ])?;
    let copy = of(&new, "tom")?.clone();
    ensure!(copy.author == "Mira" && copy.says("I keep waking up at four"), "the copy is not what Mira wrote");
    voice.tell("Ruth hears of it. Two minutes later Tom, Kit and Lena have it:");
    voice.quote("Mira: my first scan is on Thursday, and I keep waking up …");
    voice.tell("Her real name, address and telephone number are not in it.");
    Ok((notice, copy))
}

async fn answers(stage: &mut Stage, voice: &Voice, first: &Captured) -> Result<()> {
    let to_each = |subject| [("tom", subject), ("kit", subject), ("lena", subject)];
    voice.scene("9:05 am", "Tom replies from Gmail, Kit from his iPhone; both are known here.");
    stage.go_to("09:05").await?;
    stage.write(TOM, &first.reply_to, &answer(mail!("tom-gmail"), first)).await?;
    let new = stage.arrived(&to_each("Re: Waiting for the first scan"))?;
    let tip = of(&new, "kit")?;
    ensure!(tip.says("The corridor is quiet then"), "Tom's words were lost");
    ensure!(!tip.holds("waking up at four"), "the quote below Tom's reply went out again");
    ensure!(tip.reply_to == first.reply_to, "the conversation has two addresses");
    stage.go_to("09:20").await?;
    stage.write(KIT, &first.reply_to, &answer(mail!("kit-iphone"), first)).await?;
    let new = stage.arrived(&to_each("Re: Waiting for the first scan"))?;
    let tiles = of(&new, "lena")?;
    ensure!(tiles.author == "Kit" && tiles.holds("🌹") && !tiles.holds("waking up"), "Kit's words were changed");
    voice.quote("Kit: I counted ceiling tiles. 214. You are not the only one …");
    voice.tell("The quotes below and “Sent from my iPhone” are left out.");
    Ok(())
}

async fn outsiders(stage: &mut Stage, voice: &Voice) -> Result<()> {
    voice.scene("9:40 am", "Someone from outside advertises mushroom capsules to the group.");
    stage.go_to("09:40").await?;
    stage.write("offers@vital-harvest.example", ROSE, &fresh(mail!("stranger"))).await?;
    stage.arrived(&[])?;
    voice.tell("No answer, no copy, and no mail of its own to anybody.");

    voice.scene("10:15 am", "Lena writes in German from Cologne.");
    stage.go_to("10:15").await?;
    stage.write(LENA, ROSE, &fresh(mail!("lena-german"))).await?;
    let new = stage.arrived(&[("tom", "Ein schöner Tag"), ("kit", "Ein schöner Tag"), ("lena", "Ein schöner Tag")])?;
    ensure!(of(&new, "tom")?.says("Schöne Grüße aus Köln"), "German letters were lost");
    voice.quote("Lena: heute war ein guter Tag: zwei Stunden im Wald …");
    Ok(())
}

async fn a_name_too_many(stage: &mut Stage, voice: &Voice) -> Result<()> {
    voice.scene("11:02 am", "Ana thanks Tom by his family name, which only the roster knows: held.");
    stage.go_to("11:02").await?;
    stage.write(ANA, ROSE, &fresh(mail!("ana-html"))).await?;
    let new = stage.arrived(&[
        ("ana", "We have your message"),
        ("dana", "1 message to read by"),
        ("ruth", "1 message to read by"),
    ])?;
    let notice = of(&new, "dana")?.clone();
    ensure!(notice.says("the real name of somebody in the group is in it"), "Dana is not told why it is held");
    stage.go_to("11:20").await?;
    stage.write(DANA, &notice.reply_to, &answer(mail!("dana-returns"), &notice)).await?;
    stage.arrived(&[("dana", "You answered RETURN"), ("ruth", "Dana answered RETURN")])?;
    stage.go_to("11:22").await?;
    let new = stage.arrived(&[("ana", "A note about your message")])?;
    let back = of(&new, "ana")?;
    ensure!(back.says("What a good tip!") && back.says("nobody in the waiting room"), "Ana's words are not in it");
    voice.tell("Dana replies RETURN, and Ana has her own words back with a note:");
    voice.quote("What a good tip! Could you write just “Tom”, without …");
    stage.go_to("11:41").await?;
    stage.write(ANA, ROSE, &fresh(mail!("ana-again"))).await?;
    let subject = "Thank you for the tip";
    stage.arrived(&[("tom", subject), ("kit", subject), ("lena", subject)])?;
    voice.tell("She sends it again without the name, and the group has it.");
    Ok(())
}

async fn midday(stage: &mut Stage, voice: &Voice) -> Result<()> {
    voice.scene("12 noon", "Dana and Ruth get the daily summary of mail from outside.");
    stage.go_to("12:00").await?;
    let new = stage.arrived(&both("1 message from outside Rose"))?;
    ensure!(of(&new, "dana")?.says("mushroom"), "the summary does not say what the stranger wrote");

    voice.scene("1:30 pm", "Kit sends a photograph of his garden.");
    stage.go_to("13:30").await?;
    stage.write(KIT, ROSE, &fresh(mail!("kit-picture"))).await?;
    let subject = "My garden this morning";
    let new = stage.arrived(&[("tom", subject), ("kit", subject), ("lena", subject)])?;
    ensure!(of(&new, "tom")?.says("1 picture was left out"), "nobody is told that there was a picture");
    voice.tell("The group gets his words, and is told that a picture was left out.");
    Ok(())
}

async fn alarm(stage: &mut Stage, voice: &Voice) -> Result<()> {
    voice.scene("2:47 pm", "June writes that she can't do this any more and wants to end her life.");
    stage.go_to("14:47").await?;
    stage.write(JUNE, ROSE, &fresh(mail!("june"))).await?;
    let new = stage.arrived(&[
        ("dana", "1 message to read now"),
        ("ruth", "1 message to read now"),
        ("june", "About your message"),
    ])?;
    ensure!(new.last().is_some_and(|mail| mail.reader() == "june"), "the social workers were not told first");
    let to_june = of(&new, "june")?;
    ensure!(to_june.says("911") && to_june.says("call or text 988"), "June is not told whom she can call");
    ensure!(to_june.says("We have alerted a social worker"), "June is not told that somebody knows");
    voice.tell("Nobody in the group sees it. First of all Dana and Ruth have:");
    voice.quote("Please read this message now. Someone may be in danger.");
    voice.tell("Then June hears that they were alerted, and whom she can call right now: 911, 988.");
    voice.tell("Without an answer the administrators are asked at 3:02 pm, and so on until somebody replies MINE.");

    voice.scene("2:49 pm", "Dana, between two meetings, replies APPROVE out of habit.");
    stage.go_to("14:49").await?;
    let notice = of(&new, "dana")?;
    stage.write(DANA, &notice.reply_to, &answer(mail!("dana-hurried"), notice)).await?;
    let asked = stage.arrived(&[("dana", "Please answer once more")])?;
    ensure!(of(&asked, "dana")?.reply_to != notice.reply_to, "the question back has no address of its own");
    voice.tell("One word does not release such a message. She is asked back.");

    voice.scene("2:50 pm", "Ruth replies MINE.");
    stage.go_to("14:50").await?;
    let notice = of(&new, "ruth")?;
    stage.write(RUTH, &notice.reply_to, &answer(mail!("ruth-mine"), notice)).await?;
    let claimed = stage.arrived(&[("ruth", "You answered MINE"), ("dana", "Ruth answered MINE")])?;
    ensure!(
        of(&claimed, "dana")?.says("Ruth said MINE: Ruth looks after June’s message"),
        "Dana does not know who acts"
    );
    voice.tell("The alert ends. Dana hears that Ruth looks after it; Ruth phones June. The message stays held: no timer ever sends it out or away.");
    Ok(())
}

async fn reading_list(stage: &mut Stage, voice: &Voice) -> Result<()> {
    voice.scene("3:05 pm", "Dana and Ruth get the list of what went to the group without them.");
    stage.go_to("15:05").await?;
    let new = stage.arrived(&both("Rose: 5 messages to read"))?;
    let list = of(&new, "ruth")?;
    ensure!(list.text.contains("1. Tom: Re: Waiting") && list.says("im Wald"), "the list misses messages");
    ensure!(!list.says("waking up at four"), "what Dana approved is to be read again");
    stage.go_to("15:30").await?;
    stage.write(RUTH, &list.reply_to, &answer(mail!("ruth-reads"), list)).await?;
    stage.arrived(&[])?;
    voice.tell("Ruth reads all five and replies READ. Nobody is mailed for that, and they are on no further list.");
    Ok(())
}

async fn digest(stage: &mut Stage, voice: &Voice) -> Result<Captured> {
    voice.scene("5:30 pm", "Mira, Ana, June and Dana read one mail a day. Here it is:");
    stage.go_to("17:30").await?;
    let new = stage.arrived(&[("mira", "Rose:"), ("ana", "Rose:"), ("june", "Rose:"), ("dana", "Rose:")])?;
    let digest = of(&new, "mira")?;
    for once in
        ["waking up at four", "The corridor is quiet", "214", "im Wald", "nobody in the waiting room", "last rose"]
    {
        ensure!(digest.says(once), "the digest misses “{once}”");
        ensure!(digest.text.matches(once).count() == 1, "the digest has “{once}” twice");
    }
    ensure!(!digest.holds("no more"), "June's message is in the digest");
    ensure!(digest.html.len() + digest.text.len() < 90_000, "the digest is so long that Gmail would cut it");
    voice.tell(
        "“Rose. Monday 23 November, volume 1, number 1: 6 messages”, Waiting for the first scan (Mira, Tom, Kit), Ein schöner Tag (Lena), and two more.",
    );
    Ok(digest.clone())
}

async fn leaving(stage: &mut Stage, voice: &Voice) -> Result<()> {
    voice.scene("6:02 pm", "Lena sends an empty mail to rose-leave and answers “Yes, please”.");
    stage.go_to("18:02").await?;
    stage.write(LENA, "rose-leave@groups.example", &fresh(mail!("lena-leaves"))).await?;
    let new = stage.arrived(&[("lena", "Do you want to leave Rose?")])?;
    let question = of(&new, "lena")?;
    stage.go_to("18:03").await?;
    stage.write(LENA, &question.reply_to, &answer(mail!("lena-yes"), question)).await?;
    let new = stage.arrived(&[("lena", "You have left")])?;
    voice.tell(&format!("She gets “{}”, and from now on nothing more.", of(&new, "lena")?.subject));
    Ok(())
}

async fn from_the_digest(stage: &mut Stage, voice: &Voice, digest: &Captured, first: &Captured) -> Result<()> {
    voice.scene("6:10 pm", "Mira answers from the digest.");
    let link = digest.text.lines().map(str::trim).find(|line| line.starts_with("rose+t."));
    ensure!(link == Some(&first.reply_to), "the digest leads to another conversation than the single mails");
    stage.go_to("18:10").await?;
    stage.write(MIRA, &first.reply_to, &answer(mail!("mira-digest"), first)).await?;
    let new = stage.arrived(&[("tom", "RE: Waiting for"), ("kit", "RE: Waiting for")])?;
    ensure!(of(&new, "tom")?.says("Tonight I will think of 214 tiles"), "Mira's words were lost");
    voice.quote("Mira: … thank you. Tonight I will think of 214 tiles.");
    voice.tell("She is known now: Tom and Kit have it at once, and Lena does not.");
    Ok(())
}
