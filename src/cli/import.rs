//! `member import`: many people from a CSV file. All of them or none; every row that can't be taken is named.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use csv::{ReaderBuilder, StringRecord};
use serde_json::json;

use super::house::{House, lock_group};
use super::{show, values};
use crate::engine::roster::NewMember;
use crate::model::member::{Delivery, Role};

/// The columns that a file may have; the first two it must have.
const COLUMNS: [&str; 9] =
    ["address", "name", "real_name", "delivery", "timezone", "hour", "trusted", "days", "format"];

/// What can't be taken: the line of the file, and one sentence.
type Bad = (u64, String);
/// Somebody to be added, and the line of the file.
type Row = (u64, NewMember);

/// Add everybody in a file to a group.
///
/// # Errors
/// Every bad row with its line; then nothing was changed.
pub async fn run(house: &House, name: &str, file: &Path, welcome: bool, again: bool) -> Result<()> {
    let place = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("can't read {place}"))?;
    let (rows, mut bad) = read(&bytes).map_err(|why| anyhow::anyhow!("{place}: {why}"))?;
    let mut tx = house.lamplight.store.begin().await?;
    let to = lock_group(&mut tx, name).await?;
    let (lines, people): (Vec<u64>, Vec<NewMember>) = rows.into_iter().unzip();
    if again {
        for new in &people {
            house.lamplight.let_back(&mut tx, &to, &new.address).await?;
        }
    }
    let refused = house.lamplight.add_people(&mut tx, &to, &people, welcome, house.now()).await?;
    bad.extend(refused.into_iter().map(|(row, why)| (lines[row], why)));
    if !bad.is_empty() {
        bad.sort();
        for (line, why) in &bad {
            show::note(&format!("{place}:{line}: {why}"));
        }
        bail!("nobody was imported: {} can't be taken", show::count(bad.len() as u64, "row"));
    }
    tx.commit().await?;
    house.out.thing(&json!({ "group": to.name, "imported": people.len() }), || {
        format!("{} imported into {name}", show::count(people.len() as u64, "member"))
    })
}

/// Rows with their lines, and what could not be read.
fn read(bytes: &[u8]) -> Result<(Vec<Row>, Vec<Bad>), String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|_| "the header row can't be read; the file must be UTF-8".to_owned())?;
    let columns = Columns::of(header)?;
    let width = header.len();
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    let mut record = StringRecord::new();
    let mut lines = Lines { bytes, at: 0, line: 1 };
    loop {
        let line = lines.of(reader.position().byte());
        match reader.read_record(&mut record) {
            Ok(false) => return Ok((rows, bad)),
            Ok(true) if record.iter().all(str::is_empty) => {}
            Ok(true) if record.len() != width => {
                bad.push((line, format!("{} fields where the header has {width}", record.len())));
            }
            Ok(true) => match columns.person(&record) {
                Ok(person) => rows.push((line, person)),
                Err(why) => bad.push((line, why)),
            },
            Err(cause) => {
                bad.push((line, "not UTF-8".to_owned()));
                if !matches!(cause.kind(), csv::ErrorKind::Utf8 { .. }) {
                    return Ok((rows, bad));
                }
            }
        }
    }
}

/// Counts lines as an editor does; the reader's own count lags behind CRLF and empty lines.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line on which the record from `byte` on begins. Asked in rising order.
    fn of(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(&next) = self.bytes.get(self.at).filter(|next| self.at < from || b"\r\n".contains(next)) {
            self.line += u64::from(next == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// Where each of [`COLUMNS`] stands.
struct Columns([Option<usize>; COLUMNS.len()]);

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, String> {
        let mut places = [None; COLUMNS.len()];
        for (at, head) in header.iter().enumerate() {
            let known = COLUMNS.iter().position(|column| column.eq_ignore_ascii_case(head));
            let Some(column) = known else {
                return Err(format!("unknown column `{head}`; the columns are {}", COLUMNS.join(", ")));
            };
            if places[column].replace(at).is_some() {
                return Err(format!("the column {head} stands there twice"));
            }
        }
        for (column, place) in COLUMNS.iter().zip(places).take(2) {
            if place.is_none() {
                return Err(format!("the header row has no column {column}"));
            }
        }
        Ok(Self(places))
    }

    /// The person of a row, or everything that is wrong with it.
    fn person(&self, record: &StringRecord) -> Result<NewMember, String> {
        let field = |column: usize| self.0[column].and_then(|at| record.get(at)).unwrap_or_default();
        let filled = |column: usize| Some(field(column)).filter(|text| !text.is_empty());
        let mut faults = Vec::new();
        let address = keep(values::address(field(0)), &mut faults);
        let delivery = filled(3).and_then(|text| keep(values::delivery(text), &mut faults));
        let zone = filled(4).and_then(|text| keep(values::zone(text), &mut faults));
        let hour = filled(5).and_then(|text| keep(values::hour(text), &mut faults));
        let days = filled(7).and_then(|text| keep(values::days(text), &mut faults));
        let format = filled(8).and_then(|text| keep(values::format(text), &mut faults));
        let trusted = match field(6) {
            "" => false,
            text if text.eq_ignore_ascii_case("yes") => true,
            text => {
                faults.push(format!("`{text}`: trusted must be yes or empty"));
                false
            }
        };
        match address {
            Some(address) if faults.is_empty() => Ok(NewMember {
                role: Role::Member,
                address,
                name: field(1).to_owned(),
                real_name: filled(2).map(str::to_owned),
                delivery: delivery.unwrap_or(Delivery::Daily),
                zone,
                hour,
                days,
                format: format.unwrap_or_default(),
                trusted,
            }),
            _ => Err(faults.join("; ")),
        }
    }
}

fn keep<T>(read: Result<T, String>, faults: &mut Vec<String>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::member::Format;

    #[test]
    fn columns_in_any_order() {
        let (rows, bad) = read(
            "\u{feff}Name,trusted,address,hour,delivery\r\n\"Kit, the\",yes,kit@home.example,7:30,EACH\r\n\r\nAsh,,ash@home.example,,\r\n"
                .as_bytes(),
        )
        .unwrap();
        assert_eq!(bad, Vec::new());
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4]);
        let kit = &rows[0].1;
        assert_eq!((kit.name.as_str(), kit.trusted, kit.delivery), ("Kit, the", true, Delivery::Each));
        assert_eq!(kit.hour.unwrap().to_string(), "07:30");
        let (rows, bad) =
            read(b"address,name,days,format\nkit@home.example,Kit,\"Mon,wed\",TEXT\nash@home.example,Ash,,\n").unwrap();
        assert_eq!(
            (bad.len(), rows[0].1.days.unwrap().to_string().as_str(), rows[0].1.format),
            (0, "1,3", Format::Text)
        );
        assert_eq!((rows[1].1.days, rows[1].1.format), (None, Format::Html));
        let (rows, bad) = read(b"address,name,days,format\nkit@home.example,Kit,noday,pdf\n").unwrap();
        assert!(rows.is_empty() && bad[0].1.contains("noday") && bad[0].1.contains("pdf"), "{bad:?}");
    }

    #[test]
    fn trust_and_delivery() {
        let (rows, _) =
            read(b"address,name,trusted,delivery\nkit@home.example,Kit,yes,\nash@home.example,Ash,,\n").unwrap();
        assert_eq!((rows[1].1.trusted, rows[1].1.delivery), (false, Delivery::Daily));
    }

    #[test]
    fn every_fault_of_a_row_is_said() {
        let (rows, bad) =
            read(b"address,name,hour,trusted\nnobody,Kit,25,maybe\na@home.example,A\n\xff@home.example,B,,\nb@home.example,B,,\n")
                .unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(bad.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
        assert!(bad[0].1.contains("nobody") && bad[0].1.contains("25") && bad[0].1.contains("maybe"), "{}", bad[0].1);
    }

    #[test]
    fn headers_that_are_refused() {
        for header in ["address", "name,real_name", "address,name,pronoun", "address,name,Name", ""] {
            assert!(read(header.as_bytes()).is_err(), "{header}");
        }
    }
}
