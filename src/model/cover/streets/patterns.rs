//! How places are written, language by language.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::super::look::Look;

/// What the words of a match have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    Nothing,
    /// No words of measures and ways: "2 doors down the road".
    Names,
    /// With capitals, too.
    Capitals,
    /// A postal code of the United Kingdom.
    Code,
    /// A town and a state of the United States.
    State,
}

pub(super) struct Pattern {
    pub(super) regex: Regex,
    pub(super) wants: Wants,
    /// Whether a flat, a town and a code behind it belong to it.
    pub(super) continues: bool,
    /// Whether it ends with the number of a house, and so may be a count: "auf dem Heimweg 20 Minuten".
    ends_with_number: bool,
}

/// Words that stand between a number and "street" in other sentences.
#[rustfmt::skip]
pub(super) const NO_NAMES: &[&str] = &[
    "a", "an", "the", "of", "on", "in", "at", "to", "from", "down", "up", "for", "and", "or", "per", "is", "was", "were", "every", "each", "my", "our", "your",
    "his", "her", "their", "this", "that", "we", "i", "it", "me", "us", "you", "with", "by", "off", "over", "across", "along", "behind", "minute", "minutes", "min",
    "mins", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years", "mile", "miles", "block", "blocks", "door", "doors", "house", "houses", "times", "mg",
    "ml", "kg", "km", "cm", "am", "pm", "people", "more", "long", "way", "only", "just", "one", "two", "hard", "quiet", "bad", "kind", "other", "same", "whole", "busy",
    "de", "y", "en", "por", "para", "con", "unos", "unas", "hace", "es", "esta", "luego", "minutos", "horas", "dias", "metros", "cuadras", "veces", "personas",
    "est", "et", "minutes", "heures", "jours", "metres", "fois", "qui", "dans", "sur", "places", "rues",
];

/// Prefixes with which "-weg" and "-platz" are no street.
#[rustfmt::skip]
const NO_STREETS: [&str; 24] = [
    "heim", "um", "ruck", "hin", "arbeits", "schul", "park", "sitz", "steh", "schlaf", "platz", "liege", "behandlungs", "kita", "therapie", "ausbildungs", "studien", "fenster",
    "lebens", "leidens", "fuss", "spazier", "rad", "wander",
];

const STATES: &str = " al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy pr ";
const STATE_NAMES: &str = "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana|iowa|kansas|\
kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|\
north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|washington|\
west virginia|wisconsin|wyoming";
/// Areas of postal codes in the United Kingdom.
const AREAS: &str = " ab al b ba bb bd bh bl bn br bs bt ca cb cf ch cm co cr ct cv cw da dd de dg dh dl dn dt dy e ec eh en ex fk fy g gl gu gy ha hd hg hp hr hs \
hu hx ig im ip iv je ka kt kw ky l la ld le ll ln ls lu m me mk ml n ne ng nn np nr nw ol ox pa pe ph pl po pr rg rh rm s sa se sg sk sl sm sn so sp sr ss \
st sw sy ta td tf tn tq tr ts tw ub uk w wa wc wd wf wn wr ws wv yo ze ";
/// What stands behind a digit in other words: "2nd", "5-FU", "8 hr", "5 Gy".
const NO_INWARD: [&str; 9] = ["nd", "th", "rd", "st", "fu", "hr", "gy", "ds", "pt"];

struct Behind {
    /// ", Apt 4B", ", third floor" is no street.
    flat: Regex,
    town: Regex,
    /// "10115 Berlin", "75002 Paris": behind a street only.
    code: Regex,
    british: Regex,
    measure: Regex,
}

#[allow(clippy::unwrap_used, reason = "the patterns are constants that a test compiles")]
pub(super) static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let of = |wants, continues, ends_with_number, pattern: &str| Pattern {
        regex: Regex::new(pattern).unwrap(),
        wants,
        continues,
        ends_with_number,
    };
    let word = r"[\pL][\pL'’.-]*|\d{1,3}(?:st|nd|rd|th)";
    let house = r"\d{1,5}(?:[a-d](?-u:\b)|[-/]\d{1,4})?";
    let full = "street|avenue|boulevard|road|lane|crescent|terrace|parkway|highway|gardens|mews|turnpike";
    let short = "st|ave|av|blvd|rd|ln|dr|drive|ct|court|pl|place|way|cir|circle|close|grove|hwy|pkwy|sq|square|trail|trl|row|walk|rise|hill|park|loop|green|quay|ter|crt|cres";
    let spanish = r"(?:(?:de|del|la|las|los|el|san|santa)\s+)*(?:[\pL][\pL'-]{2,})(?:\s+(?:(?:de|del|la|las|los|y)\s+)*[\pL][\pL'-]{2,}){0,3}";
    let number = r"(?:\s*,\s*|\s+)(?:n[o.]{0,2}\s*|num\.?\s*|nº\s*)?\d{1,4}(?: ?(?:bis|[a-d])(?-u:\b))?";
    vec![
        of(
            Wants::Names,
            true,
            false,
            &format!(r"(?-u:\b){house},?\s+(?<n>(?:(?:{word})\s+){{1,4}}?)(?:{full})(?-u:\b)"),
        ),
        of(
            Wants::Capitals,
            true,
            false,
            &format!(r"(?-u:\b){house},?\s+(?<n>(?:(?:{word})\s+){{1,4}}?(?:{short}))(?-u:\b)\.?"),
        ),
        of(
            Wants::Nothing,
            true,
            false,
            r"(?-u:\b)p\.?\s?o\.?\s*box\s*#?\s*\d{1,6}|(?-u:\b)postfach\s+\d{1,4}(?: \d{2,3}){0,3}|(?-u:\b)apartado(?: de correos)?\s+\d{1,6}|(?-u:\b)boite postale\s+\d{1,6}",
        ),
        of(
            Wants::State,
            false,
            false,
            &format!(
                r"(?-u:\b)(?<n>[\pL][\pL'.-]+(?:\s+[\pL][\pL'.-]+){{0,2}}(?:,\s*|\s+)(?:[a-z]{{2}}|{STATE_NAMES}))(?:,\s*|\s+)\d{{5}}(?:-\d{{4}})?(?-u:\b)"
            ),
        ),
        of(
            Wants::Nothing,
            false,
            false,
            r"(?-u:\b)(?:zip|zip code|zipcode|postal code|plz|codigo postal|c\.p\.|code postal)(?:\s+is|\s+ist|\s+es|\s+est)?\s*:?\s*\d{5}(?:-\d{4})?(?-u:\b)",
        ),
        of(
            Wants::Code,
            false,
            false,
            r"(?-u:\b)[a-z]{1,2}\d[a-z\d]?\s+\d[abd-hjlnp-uw-z]{2}(?-u:\b)|(?-u:\b)[a-z]{1,2}\d[a-z\d]?\d[abd-hjlnp-uw-z]{2}(?-u:\b)",
        ),
        of(Wants::Nothing, true, true, r"(?-u:\b)(?<n>[\pL-]+(?:strasse|str\.))\s*\d{1,4}(?: ?[a-d](?-u:\b))?"),
        of(
            Wants::Capitals,
            true,
            true,
            r"(?-u:\b)(?<n>[\pL-]{3,}(?:weg|platz|allee|gasse|ring|damm|ufer|stieg|steig|markt|chaussee))\s+\d{1,4}(?: ?[a-d](?-u:\b))?",
        ),
        of(
            Wants::Capitals,
            true,
            true,
            r"(?-u:\b)(?<n>[\pL-]{3,}\s+(?:strasse|str\.|allee|weg|platz|gasse|ring|damm|ufer|chaussee))\s+\d{1,4}(?: ?[a-d](?-u:\b))?",
        ),
        of(
            Wants::Names,
            true,
            true,
            &format!(
                r"(?:(?-u:\b)calle|(?-u:\b)c/|(?-u:\b)c\.|(?-u:\b)avenida|(?-u:\b)avda\.?|(?-u:\b)travesia)\s*(?:(?:de|del|la|las|los)\s+)*(?<n>{spanish}){number}"
            ),
        ),
        of(
            Wants::Capitals,
            true,
            true,
            &format!(
                r"(?-u:\b)(?:av\.|plaza|pza\.|paseo|camino|carretera|ronda|rambla|glorieta|urbanizacion)\s+(?:(?:de|del|la|las|los)\s+)*(?<n>{spanish}){number}"
            ),
        ),
        of(
            Wants::Nothing,
            true,
            false,
            r"(?-u:\b)\d{1,4}(?:\s?(?:bis|ter))?,?\s+(?:rue|avenue|boulevard|bd|allee|chemin|impasse|quai|route|cours|square|faubourg)\s+(?:(?:de|du|des|la|le|les)\s+|l'|d')*(?<n>[\pL][\pL'-]+(?<m>\s+(?:(?:de|du|des|la|le|les)\s+|l'|d')*(?<w>[\pL][\pL'-]+))?)",
        ),
        of(
            Wants::Capitals,
            true,
            false,
            r"(?-u:\b)\d{1,4}(?:\s?(?:bis|ter))?,?\s+place\s+(?:(?:de|du|des|la|le|les)\s+|l'|d')*(?<n>[\pL][\pL'-]+)",
        ),
    ]
});

#[allow(clippy::unwrap_used, reason = "the patterns are constants that a test compiles")]
static BEHIND: LazyLock<Behind> = LazyLock::new(|| {
    let of = |pattern: &str| Regex::new(pattern).unwrap();
    Behind {
        flat: of(concat!(
            r"^\.?[\s,]{1,3}(?:(?:apt|apartment|unit|suite|ste|flat|floor|fl|lot|rm|#)\.?\s?#?\s?(?:\d{1,5}[a-z]?|[a-z]\d{0,3})",
            r"|n\.?w|n\.?e|s\.?w|s\.?e)(?-u:\b)"
        )),
        town: of(&format!(
            r"^\.?[\s,]{{1,3}}(?<n>[\pL][\pL'.-]+(?:\s+[\pL][\pL'.-]+){{0,2}}(?:,\s*|\s+)(?:[a-z]{{2}}|{STATE_NAMES}))(?:,?\s*\d{{5}}(?:-\d{{4}})?)?(?-u:\b)"
        )),
        code: of(r"^[\s,–-]{1,4}(?:[a-z]-)?\d{4,5}\s+(?<n>[\pL][\pL-]+)"),
        british: of(
            r"^[\s,]{1,3}(?:(?<n>[\pL][\pL-]+(?:\s[\pL][\pL-]+)?)[\s,]{1,3})?(?<c>[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2})(?-u:\b)",
        ),
        measure: of(
            r"^\s?(?:min|minuten|minutes?|minutos|stunden?|std|hours?|horas?|heures?|h|uhr|tage?n?|days?|dias?|jours?|wochen|km|m|meter|metros|mg|ml|euros?|jahre?n?|years?|mal|times|veces|leute|personen|personas|rehe|schritte|pasos|steps|rehe|tauben|kg|prozent|%|€|,\d|\.\d|:\d)(?-u:\b)",
        ),
    }
});

/// Octets behind a street that belong to it.
pub(super) fn length_behind(look: &Look<'_>, at: usize) -> usize {
    let text = look.folded.text.as_str();
    let mut end = at;
    if let Some(flat) = BEHIND.flat.find(&text[end..]) {
        end += flat.end();
    }
    for (regex, wants_state) in [(&BEHIND.town, true), (&BEHIND.code, false), (&BEHIND.british, false)] {
        let Some(captured) = regex.captures(&text[end..]) else { continue };
        let Some(whole) = captured.get(0) else { continue };
        let names = captured.name("n").map(|name| end + name.start()..end + name.end());
        let fits = match (names, wants_state) {
            (Some(names), true) => is_state(look, names),
            (Some(names), false) => look.is_capitalised(names),
            (None, _) => true,
        };
        if fits {
            return end + whole.end() - at;
        }
    }
    end - at
}

pub(super) fn is_measured(behind: &str, pattern: &Pattern) -> bool {
    pattern.ends_with_number && BEHIND.measure.is_match(behind)
}

/// "Springfield, IL": names with capitals, and the letters of a state.
pub(super) fn is_state(look: &Look<'_>, place: Range<usize>) -> bool {
    let words = &look.folded.text[place.clone()];
    let last = words.rsplit([' ', ',']).next().unwrap_or_default();
    let is_code = || STATES.contains(&format!(" {last} ")) && look.folded.is_capital(place.end - 1);
    look.is_capitalised(place.clone()) && (last.len() > 2 || is_code())
}

pub(super) fn is_postcode(look: &Look<'_>, place: Range<usize>) -> bool {
    let code = &look.folded.text[place.clone()];
    let area: String = code.chars().take_while(|c| c.is_alphabetic()).collect();
    let inward = &code[code.len() - 2..];
    let has_space = code.contains(char::is_whitespace);
    let letters = code.char_indices().filter(|(_, c)| c.is_alphabetic());
    let is_large = letters.into_iter().all(|(at, _)| look.folded.is_capital(place.start + at));
    let is_code = AREAS.contains(&format!(" {area} ")) && !NO_INWARD.contains(&inward);
    is_code && (is_large || (has_space && area.len() == 2))
}

/// Whether a German street is none: "Heimweg", "Parkplatz".
pub(super) fn is_no_street(name: &str) -> bool {
    ["weg", "platz"]
        .iter()
        .filter_map(|end| name.strip_suffix(end))
        .any(|prefix| NO_STREETS.iter().any(|no| prefix.ends_with(no)))
}
