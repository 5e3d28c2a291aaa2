//! Alerts, and mail that did not arrive.

use super::instant;
use crate::engine::notice::{
    Contact, NextStep, Notice, ShownAlert, ToAdministrators, ToModerators, ToldBefore, UndeliveredNotice,
};

/// An alert: who was asked before, one every quarter of an hour, and who is asked next.
pub(super) fn shown_alert(before: &[&str], next: &[&str]) -> ShownAlert {
    let first = instant("2026-11-23T20:30:00-05:00");
    let told = (0_i64..)
        .zip(before)
        .map(|(step, who)| ToldBefore { who: vec![(*who).to_owned()], at: first.plus_seconds(900 * step) });
    let told: Vec<ToldBefore> = told.collect();
    let at = first.plus_seconds(900 * (before.len() as i64 + 1));
    ShownAlert { id: 3, told, next: NextStep { who: next.iter().map(|who| (*who).to_owned()).collect(), at } }
}

pub(super) fn ended(who: &str, by_reader: bool) -> Notice {
    let raised_at = instant("2026-11-23T20:30:00-05:00");
    Notice::from(ToModerators::AlertEnded { id: 3, who: who.into(), by_reader, raised_at })
}

pub(super) fn unanswered(author: Option<&str>, post_id: Option<i64>, spool_ids: &[i64]) -> Notice {
    let contact = |name: &str, address: &str| Contact { name: name.into(), address: address.into() };
    Notice::from(ToAdministrators::AlertUnanswered {
        alert: shown_alert(&["Dana", "Ruth"], &[]),
        moderators: vec![contact("Dana", "dana@work.example"), contact("Ruth", "ruth@work.example")],
        author: author.map(Into::into),
        post_id,
        spool_ids: spool_ids.to_vec(),
    })
}

pub(super) fn undelivered(urgent: bool) -> Notice {
    let notice = |moderator: &str, address: &str, cause: &str, others| UndeliveredNotice {
        group: "rose".into(),
        moderator: moderator.into(),
        address: address.into(),
        cause: cause.into(),
        written_at: instant("2026-11-24T09:12:00-05:00"),
        others,
    };
    let dana = notice("Dana", "dana@work.example", "RCPT: 550 5.1.1 no such user here", 1);
    let ruth = notice("Ruth", "ruth@work.example", "RCPT: 552 5.2.2 the mailbox is full", 0);
    let notices = if urgent { vec![ruth] } else { vec![dana, ruth] };
    Notice::from(ToAdministrators::Undelivered { urgent, notices })
}
