//! The table of ads: `config/ads.csv`, read strictly. Every mistake is reported with file, line and column.

use super::{
    CatalogueError, FEATURES,
    features::{AGE_GROUPS, Axis, COUNTRIES, GENDERS, INTERESTS, KIDS, LANGUAGES},
    public::PublicAd,
};
use crate::text::sanitise;

/// The columns, in order.
pub(crate) const COLUMNS: [&str; 9] =
    ["id", "title", "description", "genders", "age_groups", "languages", "kids", "countries", "interests"];

/// What a targeted gender, age group, language or country weighs.
const GROUP_WEIGHT: u8 = 10;
/// What targeted kids weigh.
const KIDS_WEIGHT: u8 = 3;
/// What an interest may weigh.
const INTEREST_WEIGHTS: std::ops::RangeInclusive<u8> = 1..=5;

const MAX_ID: usize = 64;
const MAX_TITLE: usize = 160;
const MAX_DESCRIPTION: usize = 600;
/// Longest piece of a cell that a message repeats.
const MAX_QUOTE: usize = 60;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where it begins in the file, for messages.
    pub(crate) line: u64,
    /// What clients are shown.
    pub(crate) ad: PublicAd,
    /// What each feature of a profile adds to the score.
    pub(crate) weights: [u8; FEATURES],
}

/// Where a mistake is.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a str,
    line: u64,
    column: &'a str,
}

impl Place<'_> {
    fn error(self, problem: impl Into<String>) -> CatalogueError {
        CatalogueError {
            file: self.file.to_owned(),
            line: self.line,
            column: self.column.to_owned(),
            problem: problem.into(),
        }
    }
}

/// Reads the whole table. `file` is its name in messages. Whether ids are distinct and how many rows there may be is
/// the catalogue's business.
pub(crate) fn read(file: &str, text: &[u8]) -> Result<Vec<Row>, CatalogueError> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text);
    let header = reader.byte_headers().map_err(|error| csv_error(file, &error))?;
    if !header.iter().eq(COLUMNS.iter().map(|column| column.as_bytes())) {
        let found = header.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",");
        let problem = format!("expected `{}`, found `{}`", COLUMNS.join(","), sanitise(&found, 200));
        return Err(Place { file, line: 1, column: "header" }.error(problem));
    }
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| csv_error(file, &error))? {
        rows.push(row(file, &record)?);
    }
    Ok(rows)
}

fn row(file: &str, record: &csv::StringRecord) -> Result<Row, CatalogueError> {
    let line = record.position().map_or(0, csv::Position::line);
    let cell = |index: usize| {
        let column = COLUMNS.get(index).copied().unwrap_or("?");
        (Place { file, line, column }, record.get(index).unwrap_or("").trim())
    };
    let ad =
        PublicAd { id: id(cell(0))?, title: text(cell(1), MAX_TITLE)?, description: text(cell(2), MAX_DESCRIPTION)? };
    if ad.title.is_empty() {
        return Err(cell(1).0.error("an ad needs a title"));
    }
    let mut weights = [0; FEATURES];
    targets(cell(3), &GENDERS, &mut weights)?;
    targets(cell(4), &AGE_GROUPS, &mut weights)?;
    targets(cell(5), &LANGUAGES, &mut weights)?;
    kids(cell(6), &mut weights)?;
    targets(cell(7), &COUNTRIES, &mut weights)?;
    interests(cell(8), &mut weights)?;
    Ok(Row { line, ad, weights })
}

fn id((place, cell): (Place<'_>, &str)) -> Result<String, CatalogueError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if cell.is_empty() || cell.len() > MAX_ID || !cell.chars().all(plain) {
        let problem = format!(
            "an id has 1 to {MAX_ID} letters, digits, `-`, `_` or `.` (ASCII), not `{}`",
            sanitise(cell, MAX_QUOTE)
        );
        return Err(place.error(problem));
    }
    Ok(cell.to_owned())
}

/// Text for people: made harmless, and refused when it is too long to show.
fn text((place, cell): (Place<'_>, &str), max: usize) -> Result<String, CatalogueError> {
    let length = cell.chars().count();
    if length > max {
        return Err(place.error(format!("{length} characters, at most {max} are allowed")));
    }
    Ok(sanitise(cell, max).trim().to_owned())
}

/// A list of names, each of which gets the weight of a group.
fn targets((place, cell): (Place<'_>, &str), axis: &Axis, weights: &mut [u8; FEATURES]) -> Result<(), CatalogueError> {
    items(cell).try_for_each(|name| set(place, axis, name, GROUP_WEIGHT, weights))
}

/// A list of `Name:weight`.
fn interests((place, cell): (Place<'_>, &str), weights: &mut [u8; FEATURES]) -> Result<(), CatalogueError> {
    items(cell).try_for_each(|item| {
        let shape = || {
            let (low, high) = (INTEREST_WEIGHTS.start(), INTEREST_WEIGHTS.end());
            let found = sanitise(item, MAX_QUOTE);
            place.error(format!("an interest is written `Name:weight` with a weight of {low} to {high}, not `{found}`"))
        };
        let (name, weight) = item.split_once(':').ok_or_else(shape)?;
        let weight: u8 = weight.trim().parse().map_err(|_| shape())?;
        if !INTEREST_WEIGHTS.contains(&weight) {
            return Err(shape());
        }
        set(place, &INTERESTS, name.trim(), weight, weights)
    })
}

fn kids((place, cell): (Place<'_>, &str), weights: &mut [u8; FEATURES]) -> Result<(), CatalogueError> {
    match cell {
        "0" => Ok(()),
        "1" => set(place, &KIDS, "kids", KIDS_WEIGHT, weights),
        other => Err(place.error(format!("kids is 0 or 1, not `{}`", sanitise(other, MAX_QUOTE)))),
    }
}

/// The parts of a list cell, separated by `|`; an empty cell has none.
fn items(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').map(str::trim).filter(move |_| !cell.is_empty())
}

fn set(
    place: Place<'_>,
    axis: &Axis,
    name: &str,
    weight: u8,
    weights: &mut [u8; FEATURES],
) -> Result<(), CatalogueError> {
    let unknown = || place.error(format!("unknown {} `{}`: {}", axis.what, sanitise(name, MAX_QUOTE), axis.help(name)));
    let slot = axis.find(name).and_then(|feature| weights.get_mut(feature)).ok_or_else(unknown)?;
    if *slot != 0 {
        return Err(place.error(format!("{} `{}` is listed twice", axis.what, sanitise(name, MAX_QUOTE))));
    }
    *slot = weight;
    Ok(())
}

/// A mistake below the level of cells.
fn csv_error(file: &str, error: &csv::Error) -> CatalogueError {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::Utf8 { err, .. } => {
            let column = COLUMNS.get(err.field()).copied().unwrap_or("row");
            Place { file, line, column }.error("not UTF-8")
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => Place { file, line, column: "row" }
            .error(format!("{len} cells, a row has {expected_len} (quote a cell that contains a comma)")),
        _ => Place { file, line, column: "row" }.error(error.to_string()),
    }
}
