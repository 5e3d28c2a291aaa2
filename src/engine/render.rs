//! Templates to text. The only use of tera.
//!
//! A folder's files are laid over the embedded ones; a faulty file is reported when the renderer is made and left out, and
//! one that fails on its data is passed over for the embedded ones. What people wrote is data and never a template.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, anyhow};
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use self::built_in::BuiltIn;
use self::folder::Fault;
use self::sheet::Sheet;
use self::words::Openings;
use super::notice::{DigestPage, DigestPost, Notice, Setting, SinglePage};
use crate::model::member::Format;
use crate::model::wording::{FALLBACK, FILE, Wording, Wordings};

pub mod built_in;
pub mod check;
pub mod folder;
pub mod sheet;
mod tags;
pub mod times;
pub mod words;

/// The style sheet of all pages.
pub const STYLE: &str = "style.css";

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

/// The words of a digest, before it is composed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestWords {
    /// One line.
    pub subject: String,
    /// Plain text, LF.
    pub text: String,
    /// A whole HTML document that says the same, where its form has one.
    pub html: Option<String>,
    /// What stands below the posts, where each is a message of its own.
    pub after: Option<String>,
}

/// The templates of every language, the embedded ones with those of a folder laid over them.
#[derive(Debug, Clone)]
pub struct Renderer {
    built_in: Arc<BuiltIn>,
    /// With the folder's; `None` where there is none.
    served: Option<Tera>,
    wordings: Arc<Wordings>,
    /// How often a digest was rendered.
    digests: Arc<AtomicUsize>,
}

impl Renderer {
    /// Read the embedded templates and lay the files of `overrides` over them: `<language>/<notice>/body.txt` and so on.
    ///
    /// The second value has one sentence for each file of the folder that can't be used, with its line and column; the
    /// embedded one serves instead.
    ///
    /// # Errors
    /// When the folder can't be read, or an embedded template is faulty (which a test rules out).
    pub fn new(overrides: Option<&Path>) -> anyhow::Result<(Self, Vec<String>)> {
        let (renderer, faults) = Self::read(overrides, true)?;
        Ok((renderer, faults.iter().map(Fault::left_out).collect()))
    }

    /// The same, or with templates as they are written, without the style sheet in their tags: places in them are then those
    /// in the files.
    ///
    /// # Errors
    /// As [`Renderer::new`].
    pub fn read(overrides: Option<&Path>, styled: bool) -> anyhow::Result<(Self, Vec<Fault>)> {
        let mut faults = Vec::new();
        let files = overrides.map(|folder| folder::read(folder, &mut faults)).transpose()?.unwrap_or_default();
        let (words, mut files): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| name.ends_with(".toml"));
        let wordings = Arc::new(lay_words_over(words, &mut faults));
        let built_in = Arc::new(BuiltIn::new(styled, &wordings));
        let mut served = None;
        if overrides.is_some() {
            let given = files.iter().position(|(name, _)| name == STYLE).map(|at| files.remove(at).1);
            let sheet = match given.as_deref().map(Sheet::parse) {
                None => built_in::sheet()?,
                Some(Ok(given)) => given,
                Some(Err(what)) => {
                    faults.push(Fault::told(STYLE, &what));
                    built_in::sheet()?
                }
            };
            let base = set_of(&built_in::templates()?, &sheet, styled, &wordings)?;
            let dress = |source: &str| if styled { sheet.inline(source) } else { source.to_owned() };
            served = Some(folder::lay_over(base, files, dress, &mut faults));
        }
        Ok((Self { built_in, served, wordings, digests: Arc::default() }, faults))
    }

    /// The words of a language that stand in no template.
    #[must_use]
    pub fn words(&self, language: &str) -> &Wording {
        self.wordings.of(language)
    }

    /// A notice to one person.
    ///
    /// # Errors
    /// When a template fails on its data; the embedded ones are tested not to.
    pub fn notice(&self, language: &str, setting: &Setting, notice: &Notice) -> anyhow::Result<Rendered> {
        self.render(language, notice.folder(), &context(setting, notice)?, None)
    }

    /// A digest.
    ///
    /// # Errors
    /// As [`Renderer::notice`].
    pub fn digest(&self, language: &str, setting: &Setting, page: &DigestPage) -> anyhow::Result<Rendered> {
        let words = self.digest_as(language, setting, page, Format::Html)?;
        Ok(Rendered { subject: words.subject, text: words.text, html: words.html.unwrap_or_default() })
    }

    /// How often a digest was rendered, in any form. It is written once for all who get the same.
    #[must_use]
    pub fn digests_rendered(&self) -> usize {
        self.digests.load(Ordering::Relaxed)
    }

    /// A digest in one of its forms.
    ///
    /// # Errors
    /// As [`Renderer::notice`].
    pub fn digest_as(
        &self,
        language: &str,
        setting: &Setting,
        page: &DigestPage,
        format: Format,
    ) -> anyhow::Result<DigestWords> {
        self.digests.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(format = ?format, "a digest is rendered");
        let facts = context(setting, page)?;
        self.whole(language, "digest", files_of(format), &facts, |mail| digest_parts(mail, format))
    }

    /// The words of one message of a digest whose posts are messages.
    ///
    /// # Errors
    /// As [`Renderer::notice`].
    pub fn digest_message(&self, language: &str, setting: &Setting, post: &DigestPost) -> anyhow::Result<String> {
        let mut facts = context(setting, &())?;
        facts.insert("post", post);
        self.whole(language, "digest", files_of(Format::Mime), &facts, |mail| mail.text("message.txt"))
    }

    /// A mail comes whole from one set of templates, the served ones or else the built-in ones, and in one language: the
    /// wanted one if it has all of these files, or the one that always has.
    fn whole<T>(
        &self,
        language: &str,
        folder: &str,
        files: &[&str],
        facts: &Context,
        made: impl Fn(&Mail) -> TeraResult<T>,
    ) -> anyhow::Result<T> {
        if let Some(tera) = &self.served {
            let language = if has_all(tera, language, folder, files) { language } else { FALLBACK };
            match made(&Mail::new(tera, language, folder, facts)) {
                Ok(mail) => return Ok(mail),
                // The place only: a message could repeat what a person wrote, and logs must not hold that.
                Err(error) => {
                    tracing::warn!(template = %folder::place(&error, false), "a template failed; the built-in one serves");
                }
            }
        }
        let (tera, language) = self.built_in.complete(language, folder, files)?;
        made(&Mail::new(tera, language, folder, facts)).map_err(|error| anyhow!(folder::place(&error, false)))
    }

    /// A published post as a single mail; its subject is chosen by the caller.
    ///
    /// # Errors
    /// As [`Renderer::notice`].
    pub fn single(&self, language: &str, setting: &Setting, page: &SinglePage) -> anyhow::Result<Rendered> {
        self.render(language, "single", &context(setting, page)?, Some(&page.subject))
    }

    fn render(&self, language: &str, folder: &str, facts: &Context, subject: Option<&str>) -> anyhow::Result<Rendered> {
        let files: &[&str] =
            if subject.is_some() { &["body.txt", "body.html"] } else { &["subject.txt", "body.txt", "body.html"] };
        self.whole(language, folder, files, facts, |mail| {
            Ok(Rendered {
                subject: subject.map_or_else(|| mail.subject(), |given| Ok(words::one_line(given)))?,
                text: mail.text("body.txt")?,
                html: mail.html()?,
            })
        })
    }
}

/// Whether a language has all of these files.
fn has_all(tera: &Tera, language: &str, folder: &str, files: &[&str]) -> bool {
    files.iter().all(|file| tera.contains_template(&format!("{language}/{folder}/{file}")))
}

/// A mail that is being written: where its files are, and what they say.
struct Mail<'a> {
    tera: &'a Tera,
    folder: String,
    facts: Context,
}

impl<'a> Mail<'a> {
    fn new(tera: &'a Tera, language: &str, folder: &str, facts: &Context) -> Self {
        let mut facts = facts.clone();
        facts.insert("lang", language);
        Self { tera, folder: format!("{language}/{folder}"), facts }
    }

    fn part(&self, file: &str) -> TeraResult<String> {
        self.tera.render(&format!("{}/{file}", self.folder), &self.facts)
    }

    fn subject(&self) -> TeraResult<String> {
        Ok(words::one_line(&self.part("subject.txt")?))
    }

    fn text(&self, file: &str) -> TeraResult<String> {
        Ok(words::tidy_text(&self.part(file)?))
    }

    fn html(&self) -> TeraResult<String> {
        Ok(words::tidy_html(&self.part("body.html")?))
    }
}

/// What a digest of a form is made of.
fn files_of(format: Format) -> &'static [&'static str] {
    match format {
        Format::Html => &["subject.txt", "body.txt", "body.html"],
        Format::Text => &["subject.txt", "body.txt"],
        Format::Mime => &["subject.txt", "before.txt", "message.txt", "after.txt"],
        Format::Rfc1153 => &["subject.txt", "rfc1153.txt"],
    }
}

fn digest_parts(mail: &Mail, format: Format) -> TeraResult<DigestWords> {
    let (text, html, after) = match format {
        Format::Html => (mail.text("body.txt")?, Some(mail.html()?), None),
        Format::Text => (mail.text("body.txt")?, None, None),
        Format::Mime => (mail.text("before.txt")?, None, Some(mail.text("after.txt")?)),
        Format::Rfc1153 => (mail.text("rfc1153.txt")?, None, None),
    };
    Ok(DigestWords { subject: mail.subject()?, text, html, after })
}

/// The setting's fields and those of the facts, side by side.
fn context(setting: &Setting, facts: &impl Serialize) -> anyhow::Result<Context> {
    let mut context = Context::from_serialize(setting).context("the setting can't be shown")?;
    // A notice without facts of its own is no map and adds nothing.
    for (name, value) in Value::try_from_serializable(facts)?.into_map().unwrap_or_default() {
        context.insert_value(name.to_string(), value);
    }
    Ok(context)
}

/// The templates of these files.
fn set_of(files: &[(String, String)], sheet: &Sheet, styled: bool, wordings: &Arc<Wordings>) -> anyhow::Result<Tera> {
    let mut tera = Tera::default();
    let plain = Sheet::default();
    register(&mut tera, if styled { sheet } else { &plain }, wordings);
    let dressed = files.iter().map(|(name, source)| {
        let is_page = styled && name.ends_with(".html");
        (name.clone(), if is_page { sheet.inline(source) } else { source.clone() })
    });
    let head = ("style.html".to_owned(), sheet.head());
    tera.add_raw_templates(dressed.chain([head])).map_err(|error| anyhow!(folder::place(&error, true)))?;
    Ok(tera)
}

/// The words of every language with those of a folder's files laid over them.
fn lay_words_over(files: Vec<(String, String)>, faults: &mut Vec<Fault>) -> Wordings {
    let mut wordings = Wordings::embedded();
    for (name, source) in files {
        let laid = match name.split_once('/') {
            Some((language, FILE)) => wordings.lay_over(language, &source),
            _ => Err(format!("a language has its words in `LANGUAGE/{FILE}`")),
        };
        if let Err(complaint) = laid {
            faults.push(Fault::told(&name, &complaint));
        }
    }
    wordings
}

/// Filters come before the templates: tera looks for them while it reads.
fn register(tera: &mut Tera, sheet: &Sheet, wordings: &Arc<Wordings>) {
    tera.autoescape_on([".html"]);
    let words = Arc::clone(wordings);
    tera.register_filter("localtime", move |micros: i64, options: Kwargs, state: &State| {
        localtime(micros, &options, words.of(&language(state)))
    });
    let words = Arc::clone(wordings);
    tera.register_filter("day", move |micros: i64, options: Kwargs, state: &State| -> TeraResult<String> {
        let zone = options.must_get::<&str>("tz")?;
        Ok(times::say(micros, zone, times::Style::Day, false, words.of(&language(state))))
    });
    let words = Arc::clone(wordings);
    tera.register_filter("filesize", move |octets: i64, _: Kwargs, state: &State| -> String {
        words::filesize(octets, words.of(&language(state)))
    });
    let words = Arc::clone(wordings);
    tera.register_filter("word", move |verb: &str, _: Kwargs, state: &State| -> String {
        let key = format!("verbs.{}", verb.to_lowercase());
        words.of(&language(state)).own(&key).unwrap_or(verb).to_owned()
    });
    let plain = Openings::default();
    let openings = Openings { paragraph: sheet.inline(&plain.paragraph), quote: sheet.inline(&plain.quote) };
    tera.register_filter("paragraphs", move |text: &str, _: Kwargs, _: &State| {
        Value::safe_string(&words::paragraphs_with(text, &openings))
    });
    tera.register_filter("flow", flow);
    tera.register_filter("indent_post", indent_post);
    tera.register_filter("enclose", enclose);
    tera.register_filter("quote", quote);
    tera.register_filter("wrap", wrap);
    tera.register_filter("plural", plural);
    tera.register_filter("mailto", mailto);
}

/// The language of the templates that are rendered.
fn language(state: &State) -> String {
    state.get::<String>("lang").ok().flatten().unwrap_or_default()
}

fn localtime(micros: i64, options: &Kwargs, words: &Wording) -> TeraResult<String> {
    let zone = options.must_get::<&str>("tz")?;
    if let Some(pattern) = options.get::<&str>("format")? {
        let said = times::by_pattern(micros, zone, pattern);
        return said.ok_or_else(|| tera::Error::message("`format` is no pattern for a time"));
    }
    let style = match options.get::<&str>("style")?.unwrap_or("long") {
        "long" => times::Style::Long,
        "short" => times::Style::Short,
        "clock" => times::Style::Clock,
        _ => return Err(tera::Error::message("`style` is one of long, short, clock")),
    };
    Ok(times::say(micros, zone, style, options.get::<bool>("zone")?.unwrap_or(false), words))
}

fn flow(text: &str, _: Kwargs, _: &State) -> String {
    words::flow(text)
}

fn indent_post(text: &str, _: Kwargs, _: &State) -> String {
    words::indent(text)
}

fn enclose(text: &str, _: Kwargs, _: &State) -> String {
    words::enclose(text)
}

fn quote(text: &str, _: Kwargs, _: &State) -> String {
    words::quote(text)
}

fn wrap(text: &str, _: Kwargs, _: &State) -> String {
    words::wrap(text)
}

fn plural(count: i64, options: Kwargs, _: &State) -> TeraResult<String> {
    Ok(words::plural(count, options.must_get::<&str>("one")?, options.must_get::<&str>("many")?))
}

fn mailto(address: &str, options: Kwargs, _: &State) -> TeraResult<String> {
    Ok(words::mailto(address, options.get::<&str>("answers")?))
}
