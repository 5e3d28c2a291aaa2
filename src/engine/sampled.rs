//! What samples show before a mail is made: faults of own templates, and a digest as a group's members would get one.

use anyhow::Result;

use super::preview::Preview;
use super::render::check::check;
use super::render::folder::Fault;
use super::{Lamplight, samples};
use crate::clock::Timestamp;
use crate::mail::Mailbox;
use crate::mail::compose::{Outgoing, compose};
use crate::mail::headers::AutoSubmitted;
use crate::model::group::Group;

impl Lamplight {
    /// What is wrong with the administrator's own templates, each tried on a sample of every mail.
    ///
    /// # Errors
    /// When their folder can't be read.
    pub fn template_faults(&self) -> Result<Vec<Fault>> {
        let Some(folder) = &self.config.service.templates else { return Ok(Vec::new()) };
        Ok(check(folder)?.faults)
    }

    /// Log them, apart from those that were logged when the templates were read.
    pub fn log_template_faults(&self) {
        match self.template_faults() {
            Ok(faults) => {
                for fault in faults.iter().filter(|fault| !self.template_problems.contains(&fault.left_out())) {
                    tracing::warn!("{fault}; where it fails, the built-in template serves");
                }
            }
            Err(cause) => tracing::warn!("the templates could not be checked: {cause:#}"),
        }
    }

    /// A digest of people who are not there; answers to it would reach nothing.
    ///
    /// # Errors
    /// When a template fails.
    pub fn sample_digest(&self, group: &Group, now: Timestamp) -> Result<Preview> {
        let page = samples::digest_with_everything();
        let rendered = self.renderer.digest(&group.language, &self.setting(Some(group), ""), &page)?;
        let mail = Outgoing {
            from: Mailbox { name: group.title.clone(), address: self.scheme.group_address(&group.name, "")? },
            reply_to: None,
            subject: rendered.subject,
            message_id: self.new_message_id(),
            references: Vec::new(),
            date: now,
            zone: group.zone,
            list: Some(self.list_fields(group)?),
            auto_submitted: AutoSubmitted::Generated,
            language: group.language.clone(),
            text: rendered.text,
            html: Some(rendered.html),
            pictures: Vec::new(),
            enclosed: None,
        };
        Ok(Preview { bytes: vec![compose(&mail)], mails: vec![mail], count: page.count })
    }
}
