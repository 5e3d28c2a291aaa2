//! "Until after my surgery", "for the weekend", "until Monday evening": words that mean a day and don't say which. Whoever
//! writes them is asked.
//!
//! Only days, parts of a day and events that pass are known here. Who writes "until the end", "until my last day" or "for
//! ever" may speak of her life: that is nobody's question about mail, and people must read it. So no word for an end, a last
//! time, death, sleep, God or hospice belongs here, and "my" stands before events alone ("my days", "my week").

use chrono::NaiveDate;

use super::super::Word;
use super::super::confirm::longest;
use super::{dates, numbers, times};

/// Words of one line; a longer text says more.
const MOST_WORDS: usize = 8;

/// Behind which a time of the day may stand as well.
const UNTIL: &str = "until|untill|till|til|'til|up to|through|thru|up to and including|hasta|hasta el|hasta la|hasta las|hasta los|\
    until the";
const FOR: &str = "for|for the|over|over the|during|during the|por|por el|por la|por las|por los|durante|durante el|durante la|\
    durante las|durante los";

/// What may stand before a part, or between two. A last day is always one of something that passes.
const JOINTS: &str = "after|just after|right after|shortly after|soon after|before|just before|right before|about|around|roughly|\
    approximately|at least|or|and|to|of|in|on|at|from|by|mid|early|early in|late in|sometime in|some time in|sometime after|\
    some time after|the end of|end of|the start of|start of|the beginning of|beginning of|the middle of|middle of|the rest of|\
    rest of|all of|the whole of|the time of|the duration of|the day of|the week of|the month of|the last day of|last day of|\
    the last week of|last week of|day after|the day after|day before|the day before|week after|the week after|week before|\
    the week before|the month after|the first|the second|the third|first|second|third|\
    despues de|despues del|justo despues de|antes de|antes del|tras|dentro de|o|u|y|de|del|en|a|a la|a las|por|el|la|los|las|\
    unos|unas|aproximadamente|al menos|por lo menos|como minimo|fin de|fines de|final de|finales de|el fin de|el final de|\
    final del|el final del|el fin del|a fin de|a fines de|a finales de|a final de|principio de|principios de|a principios de|\
    comienzos de|inicio de|inicios de|mediados de|a mediados de|el dia de|la semana de|el mes de|el ultimo dia de|el ultimo dia del|\
    ultimo dia de|ultimo dia del|la ultima semana de|el dia despues de|el dia despues del|la semana despues de|pasado|pasada|\
    pasados|pasadas|el resto de|el resto del|resto de|resto del|lo que queda de|lo que queda del|todo|toda|el primer|la primera|\
    el segundo|la segunda|el otro";
/// The same, at the beginning alone: "until Monday. On Tuesday I have surgery" tells the group something.
const CLAUSES: &str = "i have|i have had|i've had|i finish|i complete|i start|i am done with|i'm done with|i am finished with|\
    i'm finished with|i am back from|i'm back from|i get back from|i come back from|i return from|i come home from|i get home from|\
    que pase|que pasen|que termine|que terminen|que termine con|que acabe|que acaben|que acabe con|que empiece|que empiecen|\
    que tenga|que me hagan|que vuelva de|que vuelva del|que regrese de|que regrese del";

/// Before an event; who speaks of "your surgery" speaks to somebody, and who writes "my last" may mean it.
const OWN: &str = "the|my|our|my next|the next|this|next|a|an|my first|my second|my third|el|la|los|las|mi|mis|nuestra|nuestras|nuestro|\
    nuestros|mi proxima|mi proximo|mi primera|mi primer|mi segunda|mi segundo|la proxima|el proximo|esta|este|estas|estos|proxima|\
    proximo";
/// What is done to people who are ill, and what the year brings.
const EVENTS: &str = "surgery|operation|op|procedure|biopsy|scan|scans|ct|ct scan|pet scan|mri|mammogram|colonoscopy|endoscopy|\
    appointment|check-up|checkup|treatment|treatments|chemo|chemo treatment|chemo treatments|chemotherapy|radiation|\
    radiation treatment|radiation treatments|radiation therapy|radiotherapy|infusion|transplant|stem cell transplant|\
    bone marrow transplant|mastectomy|lumpectomy|hysterectomy|reconstruction|round|cycle|session|sessions|hospital stay|\
    cirugia|operacion|intervencion|biopsia|prueba|pruebas|tac|resonancia|mamografia|colonoscopia|ecografia|cita|consulta|revision|\
    tratamiento|tratamientos|quimio|quimioterapia|radioterapia|trasplante|trasplante de medula|mastectomia|histerectomia|\
    reconstruccion|ciclo|sesion|sesiones|\
    holiday|holidays|vacation|vacations|summer holidays|school holidays|summer vacation|winter break|spring break|half term|trip|\
    journey|travels|wedding|birthday|visit|return|christmas|xmas|christmas day|christmas eve|boxing day|new year|new year's|\
    new years|new year's day|new years day|new year's eve|new years eve|valentine's day|lent|good friday|easter|easter sunday|\
    easter monday|mother's day|mothers day|father's day|fathers day|memorial day|labor day|labour day|halloween|thanksgiving|\
    thanksgiving day|advent|hanukkah|ramadan|eid|passover|diwali|\
    vacaciones|viaje|boda|cumpleanos|visita|regreso|vuelta|navidad|navidades|nochebuena|nochevieja|ano nuevo|reyes|dia de reyes|\
    fiestas|cuaresma|semana santa|pascua|pascuas|carnaval|carnavales|dia de la madre|accion de gracias|puente|feriado|feriados";
/// Before a span of the calendar: never "my".
const THIS: &str = "the|this|next|the next|the following|the coming|this coming|the whole|another|one more|el|la|este|esta|\
    proximo|proxima|el proximo|la proxima|otro|otra|la otra";
const PERIODS: &str = "week|weeks|month|months|year|weekend|long weekend|spring|summer|autumn|fall|winter|today|\
    semana|semanas|mes|meses|ano|fin de semana|finde|quincena|primavera|verano|otono|invierno|hoy";
/// Runs that are known as a whole: their words alone would be too many.
const PHRASES: &str = "the next few days|the next few weeks|the next few months|next few days|next few weeks|the coming days|\
    the coming weeks|the coming months|a few more days|a few more weeks|a few more months|a couple more weeks|a couple more days|\
    the end of the day|end of day|half a year|a month and a half|a week and a half|i am back|i'm back|i get back|i return|\
    i am out of hospital|i'm out of hospital|i am out of the hospital|i'm out of the hospital|i get out of hospital|\
    i get out of the hospital|i leave hospital|i leave the hospital|i am back from hospital|i'm back from hospital|\
    i am home from hospital|i'm home from hospital|i am home from the hospital|i'm home from the hospital|\
    los proximos dias|las proximas semanas|los proximos meses|proximos dias|proximas semanas|estos dias|el final del dia|medio ano|\
    mes y medio|un mes y medio|unos diitas|unas semanitas|que vuelva|que regrese|que me operen|que salga del hospital|\
    que vuelva del hospital|que me den de alta|que me den el alta";
/// Behind one of these.
const TAILS: &str = "is over|are over|is done|is finished|are finished|has finished|ends|end|starts|begins|or so|at the latest|\
    at least|que viene|que vienen|proximo|proxima|siguiente|entero|entera|mas|mas o menos|aproximadamente";
const TIMES_OF_DAY: &str = "morning|the morning|in the morning|afternoon|the afternoon|in the afternoon|this afternoon|evening|\
    the evening|in the evening|this evening|night|the night|at night|tonight|noon|midday|midnight|lunchtime|am|pm|a.m|p.m|\
    por la manana|la manana|tarde|la tarde|esta tarde|por la tarde|de la tarde|noche|la noche|esta noche|por la noche|de la noche|\
    mediodia|el mediodia|al mediodia|medianoche";

/// How many of the first words mean a day like this; 0 where none do, or something else is said.
pub(super) fn length(words: &[Word], today: NaiveDate) -> usize {
    let behind = |leads: &str, by_hour: bool| {
        // The shorter word first: "hasta el" may belong to "el lunes".
        (1..=longest(words, leads))
            .filter(|lead| longest(&words[..*lead], leads) == *lead)
            .map(|lead| (lead, parts(&words[lead..], today, by_hour)))
            .filter(|(_, length)| *length > 0)
            .map(|(lead, length)| lead + length)
            .max()
    };
    // "For the morning" and "for noon" are no pause that mail would notice.
    behind(UNTIL, true).max(behind(FOR, false)).filter(|length| *length <= MOST_WORDS).unwrap_or(0)
}

/// Parts with joints between them: "after", "the end of", "my treatment".
fn parts(words: &[Word], today: NaiveDate, by_hour: bool) -> usize {
    let mut at = 0;
    loop {
        let rest = &words[at..];
        let by_itself = if at == 0 { part(rest, today, by_hour) } else { beside(rest, today, by_hour) };
        let found = if by_itself > 0 { by_itself } else { joined(rest, at == 0, today, by_hour) };
        // Behind a comma or in a new line something else may begin.
        if found == 0 || at > 0 && rest[0].apart {
            return at;
        }
        at += found;
    }
}

/// What follows without a joint: "Monday evening", "my scan next week". An event does not: "until Monday. Scan on Tuesday".
fn beside(words: &[Word], today: NaiveDate, by_hour: bool) -> usize {
    let date = dates::date(words, today).map_or(0, |(_, length)| length);
    date.max(before(words, THIS, PERIODS)).max(time_of_day(words, by_hour))
}

/// A part behind one or two joints.
fn joined(words: &[Word], is_first: bool, today: NaiveDate, by_hour: bool) -> usize {
    let mut at = 0;
    for _ in 0..2 {
        let clause = if is_first { longest(&words[at..], CLAUSES) } else { 0 };
        let joint = longest(&words[at..], JOINTS).max(clause);
        if joint == 0 {
            return 0;
        }
        at += joint;
        let found = part(&words[at..], today, by_hour);
        if found > 0 {
            return at + found;
        }
    }
    0
}

fn part(words: &[Word], today: NaiveDate, by_hour: bool) -> usize {
    let clear = [dates::date(words, today), dates::span(words, today)].into_iter().flatten().map(|(_, length)| length);
    let event = before(words, OWN, EVENTS);
    let period = before(words, THIS, PERIODS);
    let known = event.max(period).max(longest(words, PHRASES)).max(of_numbers(words)).max(mid_month(words));
    let known = clear.max().unwrap_or(0).max(known);
    let found = if known > 0 { known + longest(&words[known..], TAILS) } else { 0 };
    found.max(time_of_day(words, by_hour))
}

/// A word of the second table, alone or behind one of the first.
fn before(words: &[Word], first: &str, second: &str) -> usize {
    let lead = longest(words, first);
    let found = (0..=lead).filter_map(|lead| {
        let found = longest(&words[lead..], second);
        (found > 0).then_some(lead + found)
    });
    found.max().unwrap_or(0)
}

/// "2-3 weeks", "one or two weeks": a number is a day only with what is counted.
fn of_numbers(words: &[Word]) -> usize {
    let number = |words: &[Word]| {
        let word = words.first().filter(|word| !word.foreign)?;
        let mut figures = word.text.split('-');
        if word.text.len() <= 5 && figures.all(numbers::is_figures) {
            return Some(1);
        }
        numbers::cardinal(words).map(|(_, length)| length)
    };
    let Some(mut at) = number(words) else { return 0 };
    let or = longest(&words[at..], "or|to|o|u|a");
    if or > 0
        && let Some(more) = number(&words[at + or..])
    {
        at += or + more;
    }
    let unit = longest(&words[at..], dates::UNITS);
    if unit > 0 { at + unit } else { 0 }
}

/// "Mid-January".
fn mid_month(words: &[Word]) -> usize {
    let month = words.first().filter(|word| !word.foreign).and_then(|word| word.text.strip_prefix("mid-"));
    usize::from(month.is_some_and(dates::is_month))
}

fn time_of_day(words: &[Word], by_hour: bool) -> usize {
    if !by_hour {
        return 0;
    }
    // "Until one …" may go on in any way, "until 3 pm" does not.
    let is_more = |length: &usize| *length > 1 || words[0].text.starts_with(|c: char| c.is_ascii_digit());
    let clock = times::clock(words).map(|(_, length)| length).filter(is_more);
    let hour = times::hour(words).map(|(_, length)| length);
    hour.max(clock).unwrap_or(0).max(longest(words, TIMES_OF_DAY))
}
