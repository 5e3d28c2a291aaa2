//! Templates to text. The only use of tera.

use super::notice::{DigestPage, Notice, Setting, SinglePage};

/// A mail's words, before it is composed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text, LF.
    pub text: String,
    /// A whole HTML document that says the same.
    pub html: String,
}

/// The templates of every language, the embedded ones with those of a folder laid over them.
pub struct Renderer {}

impl Renderer {
    /// A notice to one person.
    ///
    /// # Errors
    /// When a template fails on its data; the embedded ones are tested not to.
    pub fn notice(&self, _language: &str, _setting: &Setting, _notice: &Notice) -> anyhow::Result<Rendered> {
        todo!()
    }

    /// A digest.
    ///
    /// # Errors
    /// As [`Renderer::notice`].
    pub fn digest(&self, _language: &str, _setting: &Setting, _page: &DigestPage) -> anyhow::Result<Rendered> {
        todo!()
    }

    /// A published post as a single mail; its subject is chosen by the caller.
    ///
    /// # Errors
    /// As [`Renderer::notice`].
    pub fn single(&self, _language: &str, _setting: &Setting, _page: &SinglePage) -> anyhow::Result<Rendered> {
        todo!()
    }
}
