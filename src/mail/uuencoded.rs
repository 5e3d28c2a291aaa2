//! Files that stand in the text of a message as older programs put them there: `begin 644 name`, lines of 45 octets each,
//! `end`. Never fails: what breaks the form is text.

use super::charsets;

/// A file in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uuencoded {
    /// The name behind `begin`.
    pub name: String,
    /// Octets after decoding.
    pub size: usize,
    /// What it says, if it is a text: so much of it as people look through.
    pub text: Option<String>,
}

/// So many octets of a file are read as a text.
const MOST_READ: usize = 512 * 1024;

/// The text without such files, and the files in order.
#[must_use]
pub fn take_out(text: &str) -> (String, Vec<Uuencoded>) {
    let lines: Vec<&str> = text.lines().collect();
    let (mut rest, mut files, mut at) = (String::with_capacity(text.len()), Vec::new(), 0);
    for found in found(&lines) {
        push_lines(&mut rest, &lines[at..found.begin]);
        let text = text_of(&lines[found.begin + 1..found.end]);
        files.push(Uuencoded { name: found.name.to_owned(), size: found.size, text });
        at = found.end + 1;
    }
    push_lines(&mut rest, &lines[at..]);
    (rest, files)
}

/// What each of the files in the text holds, in order.
#[must_use]
pub fn octets(text: &str) -> Vec<Vec<u8>> {
    let lines: Vec<&str> = text.lines().collect();
    let octets = |file: &Found<'_>| lines[file.begin + 1..file.end].iter().flat_map(|line| decoded(line)).collect();
    found(&lines).iter().map(octets).collect()
}

/// A file in the text, by the lines on which it begins and ends.
struct Found<'t> {
    name: &'t str,
    size: usize,
    begin: usize,
    end: usize,
}

fn found<'t>(lines: &[&'t str]) -> Vec<Found<'t>> {
    let (mut files, mut at) = (Vec::new(), 0);
    while let Some(line) = lines.get(at) {
        if let Some(name) = begins(line)
            && let Some((size, end)) = octets_below(lines, at + 1)
        {
            files.push(Found { name, size, begin: at, end });
            at = end;
        }
        at += 1;
    }
    files
}

fn push_lines(text: &mut String, lines: &[&str]) {
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
}

/// Whether there may be any: most texts are looked through once for this.
#[must_use]
pub fn may_hold(text: &str) -> bool {
    text.contains("begin ") && text.lines().any(|line| begins(line).is_some())
}

fn begins(line: &str) -> Option<&str> {
    let (mode, name) = line.trim_end().strip_prefix("begin ")?.split_once(' ')?;
    let is_mode = (3..=4).contains(&mode.len()) && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    (is_mode && is_file_name(name.trim())).then(|| name.trim())
}

/// One word, or several with an ending: nobody hides a sentence behind `begin`.
fn is_file_name(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let has_ending = (1..=5).contains(&ending.len()) && ending.chars().all(char::is_alphanumeric);
    !name.is_empty() && (has_ending || !name.contains(' '))
}

/// What a line holds but the last.
const FULL: usize = 45;

/// How many octets stand there, and where `end` is: full lines, one that may be shorter, one of nothing.
fn octets_below(lines: &[&str], from: usize) -> Option<(usize, usize)> {
    let (mut size, mut counts) = (0, Vec::new());
    for (at, line) in lines.iter().enumerate().skip(from) {
        let line = line.trim_end_matches('\r');
        if line == "end" {
            // Capitals between `begin` and `end` are somebody's words.
            let (nothing, octets) = counts.split_last()?;
            let is_file = *nothing == 0 && octets.iter().rev().skip(1).all(|count| *count == FULL);
            return is_file.then_some((size, at));
        }
        let count = octets_of(line)?;
        counts.push(count);
        size += count;
    }
    None
}

/// What the lines of a file say, unless it holds octets that no text has.
fn text_of(lines: &[&str]) -> Option<String> {
    let octets: Vec<u8> = lines.iter().take(MOST_READ / FULL).flat_map(|line| decoded(line)).collect();
    let is_control = |octet: &u8| *octet < b' ' && !matches!(octet, b'\t' | b'\n' | b'\r' | 0x0c);
    (!octets.is_empty() && !octets.iter().any(is_control)).then(|| charsets::guess(octets))
}

fn decoded(line: &str) -> Vec<u8> {
    let line = line.trim_end_matches('\r');
    let Some(count) = octets_of(line) else { return Vec::new() };
    // Spaces at the end may have been cut.
    let mut six = line.bytes().skip(1).map(|byte| byte.wrapping_sub(b' ') & 63).chain(std::iter::repeat(0));
    let mut octets = Vec::with_capacity(count + 2);
    while octets.len() < count {
        let mut next = || u32::from(six.next().unwrap_or_default());
        let three = next() << 18 | next() << 12 | next() << 6 | next();
        octets.extend(&three.to_be_bytes()[1..]);
    }
    octets.truncate(count);
    octets
}

/// How many octets a line holds, if it is as long as it says.
fn octets_of(line: &str) -> Option<usize> {
    let first = line.bytes().next().unwrap_or(b'`');
    let count = usize::from(first.checked_sub(b' ')?) & 63;
    let is_line = first <= b'`' && line.bytes().all(|byte| (b' '..=b'`').contains(&byte));
    // A mail program may have cut spaces at the end of a line; some add a letter or two.
    let whole = 1 + count.div_ceil(3) * 4;
    let has_length = line.len() <= whole + 2 && line.len() + 4 >= whole;
    (is_line && (has_length || count == 0)).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_lines_and_cut_spaces_are_a_file() {
        let full = format!("M{}\n", "0".repeat(60));
        for (end, size) in [("#0V%T\n`\n", 93), ("#0V%T\n\n", 93), ("%0V%T  \n`\n", 95), ("%0V%T\n \n", 95)] {
            let text = format!("begin 644 cat.txt\n{full}{full}{end}end\n");
            let (rest, files) = take_out(&text);
            assert_eq!((rest.as_str(), files[0].name.as_str(), files[0].size), ("", "cat.txt", size), "{end:?}");
        }
    }

    #[test]
    fn a_file_is_taken_out_and_what_only_looks_like_one_is_not() {
        let (text, files) = take_out("Here.\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n\nBye\n");
        let cat = Uuencoded { name: "cat.txt".into(), size: 3, text: Some("Cat".into()) };
        assert_eq!((text.as_str(), files), ("Here.\n\n\nBye\n", vec![cat]));
        for letter in [
            "begin 644 words without an end\n",
            "I begin 644 things\nand never end\n",
            "begin 200 new days\nwith this sentence\nend\n",
            "begin again\nend\n",
            "begin 644 I cannot go on any more.\n#0V%T\n`\nend\n",
            "begin 644 NOTE\nI AM DRINKING AGAIN AND I WANT TO DIE TONIGHT\nend\n",
            "begin 644 NOTE\nI AM DRINKING AGAIN AND I WANT TO DIE TONIGHT\n\nend\n",
            "begin 600 NOTIZ\nICH TRINKE\nSEIT MAI\n\nend\n",
            "begin 644 NOTE\n#0V%T\n#0V%T\n#0V%T\n`\nend\n",
            "begin 644 NOTE\n#0V%T\nend\n",
        ] {
            assert_eq!(take_out(letter), (letter.to_owned(), Vec::new()));
        }
    }

    #[test]
    fn what_a_text_says_is_read() {
        for (file, text) in [
            (
                "begin 644 note.txt\nM22!W86YT('1O(&1I92!T;VYI9VAT+B!.;V)O9'D@:VYO=W,L(&%N9\"!T:&4@\n7<&EL;',@87)E(&]N(&UY('1A8FQE+@H`\n`\nend\n",
                Some("I want to die tonight. Nobody knows, and the pills are on my table.\n"),
            ),
            (
                "begin 644 notiz.txt\nM26-H(&W#MF-H=&4@:&5U=&4@3F%C:'0@<W1E<F)E;BP@=6YD(&YI96UA;F0@\nM=V5IPY\\@9&%V;VXN($5S('1U=\"!M:7(@;&5I9\"!FP[QR(&5U8V@@86QL92X*\n \nend\n",
                Some("Ich möchte heute Nacht sterben, und niemand weiß davon. Es tut mir leid für euch alle.\n"),
            ),
            (
                "begin 644 lettre\nM2F4@=F5U>\"!M;W5R:7(@8V5T=&4@;G5I=\"P@X\"!.;^ML(&3I:N`@:F4@;&4@\n)=F]U;&%I<RX*\n`\nend\n",
                Some("Je veux mourir cette nuit, à Noël déjà je le voulais.\n"),
            ),
            (
                "begin 644 zapiska.txt\nMT*\\@T870OM&'T8,@T8/0O-\"UT8#0M=&\"T8P@T8'0M=\"ST+[0M-\"]T8\\@T+W0\n)OM&'T8S1CBX*\n`\nend\n",
                Some("Я хочу умереть сегодня ночью.\n"),
            ),
            ("begin 644 empty space.txt\n482 @(&(@(\" *(\" @8R @(\" @( H\n \nend\n", Some("a   b   \n   c      \n")),
            ("begin 644 cat.gif\n41TE&.#EA`0`!`(```/___P```\"$`\n`\nend\n", None),
        ] {
            let (rest, files) = take_out(file);
            assert_eq!((rest.as_str(), files[0].text.as_deref()), ("", text), "{file}");
        }
    }
}
