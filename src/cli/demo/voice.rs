//! The story on standard output: 80 columns, quiet colours on a terminal only. A reader who goes away spoils nothing.

use std::io::{IsTerminal as _, Write as _};

/// Columns of a line.
const WIDTH: usize = 80;
/// Where the words begin, to the right of the time.
const INDENT: usize = 10;

/// Whoever tells the story.
pub struct Voice {
    colours: bool,
}

impl Voice {
    /// A voice for standard output.
    #[must_use]
    pub fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { colours: wanted && std::io::stdout().is_terminal() }
    }

    /// A line as it is.
    pub fn plain(&self, line: &str) {
        self.put("", line, "0");
    }

    /// A heading.
    pub fn heading(&self, line: &str) {
        self.put("", line, "1");
    }

    /// A moment of the day: what somebody does.
    pub fn scene(&self, clock: &str, what: &str) {
        for (at, line) in wrap(what, WIDTH - INDENT).iter().enumerate() {
            let time = format!("{:>8}  ", if at == 0 { clock } else { "" });
            self.put(&time, line, "1");
        }
    }

    /// What follows from it.
    pub fn tell(&self, what: &str) {
        for line in wrap(what, WIDTH - INDENT) {
            self.put(&" ".repeat(INDENT), &line, "0");
        }
    }

    /// A line out of a mail.
    pub fn quote(&self, words: &str) {
        for line in wrap(&format!("“{words}”"), WIDTH - INDENT - 4) {
            self.put(&" ".repeat(INDENT + 2), &line, "33");
        }
    }

    fn put(&self, lead: &str, line: &str, colour: &str) {
        let said = match self.colours && colour != "0" {
            true => format!("\x1b[2m{lead}\x1b[0m\x1b[{colour}m{line}\x1b[0m\n"),
            false => format!("{lead}{line}\n"),
        };
        // `lamplight demo | head` closes the pipe early; the play and its checks go on.
        let _ = std::io::stdout().write_all(said.as_bytes());
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let wide = lines.last().map_or(0, |line| line.chars().count());
        if wide > 0 && wide + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn words_are_wrapped_and_none_is_lost() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("unbreakable", 3), ["unbreakable"]);
    }
}
