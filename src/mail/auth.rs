//! What our own mail server found out about a sender (Authentication-Results, RFC 8601). Anybody may write such a field, so
//! the reader is strict: whatever it does not wholly understand verifies nobody.

mod grammar;

use grammar::{Finding, Said};

/// So many fields, of so many octets each, are looked at; a header with more of them tells nothing.
const MOST_FIELDS: usize = 20;
const MOST_OCTETS: usize = 8 * 1024;

/// What the trusted fields say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// DMARC passed for the domain of the author.
    Pass,
    /// It did not, or what is said can't be relied upon.
    Fail,
    /// The author's domain publishes no DMARC policy, so that nobody who writes from there can pass.
    None,
    /// No server that is trusted says anything about it.
    Absent,
}

/// The fields that the receiving server may have written, unfolded and still as they came: those above the second Received
/// field. Whoever handed the message to that server wrote all that stands below the first, so it must take out
/// fields that bear its own name.
///
/// Empty where two readers could see different fields in one header: where its line ends are of two kinds, or a NUL is in
/// it. What hides from the server that takes forged fields out must not be read here.
#[must_use]
pub fn fields(raw: &[u8]) -> Vec<String> {
    collect(raw).unwrap_or_default()
}

fn collect(raw: &[u8]) -> Option<Vec<String>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let (mut rest, mut ending) = (raw, None);
    // The field of the last line is one of ours; the header goes on, and no field of ours can come any more.
    let (mut is_open, mut is_over, mut received) = (false, false, 0);
    while let Some(end) = rest.iter().position(|&b| b == b'\n') {
        let (line, has_cr) = match rest[..end].strip_suffix(b"\r") {
            Some(line) => (line, true),
            None => (&rest[..end], false),
        };
        rest = &rest[end + 1..];
        if *ending.get_or_insert(has_cr) != has_cr || line.iter().any(|b| matches!(b, b'\r' | 0)) {
            return None;
        }
        if line.is_empty() {
            return texts(found);
        }
        if matches!(line[0], b' ' | b'\t') {
            if let (true, Some(field)) = (is_open, found.last_mut()) {
                field.extend_from_slice(line);
            }
            continue;
        }
        let name = line.split(|&b| b == b':').next().unwrap_or_default();
        // For many servers the body begins with the first line that is no field.
        is_over |= name.len() == line.len() || !name.trim_ascii_end().iter().all(u8::is_ascii_graphic);
        received += usize::from(name.trim_ascii_end().eq_ignore_ascii_case(b"received"));
        is_over |= received > 1;
        // A space before the colon is obsolete (RFC 5322 §4.5), and may hide the name from whoever takes forged fields out.
        is_open = !is_over && name.eq_ignore_ascii_case(b"authentication-results");
        if is_open {
            found.push(line[name.len() + 1..].to_vec());
        }
    }
    // The header has no end; what came last may be cut.
    if rest.is_empty() { texts(found) } else { None }
}

fn texts(found: Vec<Vec<u8>>) -> Option<Vec<String>> {
    if found.len() > MOST_FIELDS || found.iter().any(|field| field.len() > MOST_OCTETS) {
        return None;
    }
    Some(found.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect())
}

/// What `fields` say of mail whose From field names one mailbox, at `from_domain`. A server is trusted if it calls itself
/// exactly as one of `trusted_ids` is written.
#[must_use]
pub fn verdict(fields: &[String], trusted_ids: &[String], from_domain: &str) -> Verdict {
    let said = fields.iter().map(|field| of_field(field, trusted_ids, from_domain));
    said.fold(Verdict::Absent, |all, one| match (all, one) {
        (Verdict::Absent, other) | (other, Verdict::Absent) => other,
        (all, one) if all == one => all,
        // One of them is forged, and nobody can say which.
        _ => Verdict::Fail,
    })
}

fn of_field(field: &str, trusted_ids: &[String], from_domain: &str) -> Verdict {
    // A field whose name can't be read is nobody's.
    let Some((id, rest)) = grammar::id(field) else { return Verdict::Absent };
    if !trusted_ids.iter().any(|trusted| trusted == id) {
        return Verdict::Absent;
    }
    let Some(Said { version, findings }) = grammar::said(rest) else {
        // It bears a trusted name and breaks the grammar. Whoever could break our server's own "fail" (by a domain or a
        // selector that it copies in) must not make it say nothing, and have another field be heard alone.
        return Verdict::Fail;
    };
    // RFC 8601 §2.2: there is version 1, which need not be named. Another one may mean anything.
    if version.is_some_and(|version| version != "1") {
        return Verdict::Absent;
    }
    let mut dmarc = findings.iter().filter(|finding| finding.method.eq_ignore_ascii_case("dmarc"));
    match (dmarc.next(), dmarc.next()) {
        (None, _) => Verdict::Absent,
        (Some(finding), None) => of_finding(finding, from_domain),
        // Two results are about two authors, or one of them is not the server's.
        (Some(_), Some(_)) => Verdict::Fail,
    }
}

fn of_finding(finding: &Finding<'_>, from_domain: &str) -> Verdict {
    let is_from = |name: (&str, &str)| name.0.eq_ignore_ascii_case("header") && name.1.eq_ignore_ascii_case("from");
    let mut from = finding.properties.iter().filter(|property| is_from(property.name)).map(|property| &property.value);
    let is_about_author = match (from.next(), from.next()) {
        (Some(domain), None) => Some(is_same_domain(domain, from_domain)),
        (None, _) => None,
        (Some(_), Some(_)) => Some(false),
    };
    let result = finding.result.to_ascii_lowercase();
    match (result.as_str(), is_about_author) {
        ("pass", Some(true)) => Verdict::Pass,
        // Some servers leave the domain out where it has no policy.
        ("none", None | Some(true)) => Verdict::None,
        // RFC 8601 §2.7: temperror and permerror are no pass; nor is a word that we don't know.
        _ => Verdict::Fail,
    }
}

/// In any case, and in both forms of an international name (RFC 5890 §2.3.2.1).
fn is_same_domain(one: &str, other: &str) -> bool {
    let in_ascii = |domain: &str| idna::domain_to_ascii(domain).ok().filter(|domain| !domain.is_empty());
    in_ascii(one).is_some_and(|one| in_ascii(other).is_some_and(|other| one == other))
}
