//! Reading catalogues: the built-in one, and what is said about bad ones.

use std::{collections::HashSet, io::Write as _};

use cipherdeck::text::sanitise;

use super::*;

/// A catalogue of one good row and this one, which begins in line 3.
fn with_row(row: &str) -> Result<Catalogue, String> {
    let text = format!("{HEADER}good,Title,Text,,,,0,,\n{row}\n");
    Catalogue::parse("ads.csv", text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn the_built_in_catalogue_uses_every_feature_and_shows_clean_text() {
    let Server { catalogue, public, .. } = &*BUILT_IN;
    assert_eq!(catalogue.rows(), 4_954);
    assert_eq!(public.rows as usize, public.ads.len());
    assert_eq!((public.plaintext_bits, public.result_bits), (8, 16));
    assert_eq!((public.stride, public.rows_per_group), (62, 33));
    assert_eq!(public.version, catalogue.version());
    assert!(public.features.iter().map(String::as_str).eq(feature_names()));
    for (feature, name) in feature_names().enumerate() {
        let ads = catalogue.weights().iter().filter(|weights| weights[feature] > 0).count();
        assert!(ads >= 50, "{ads} ads target {name}");
    }
    for interest in 32..FEATURES {
        let weights: HashSet<u8> = catalogue.weights().iter().map(|weights| weights[interest]).collect();
        assert_eq!(weights.len(), 6, "an interest weighs 0 to 5");
    }
    for ad in &public.ads {
        assert!(!ad.description.is_empty());
        assert_eq!([&ad.title, &ad.description], [&sanitise(&ad.title, 160), &sanitise(&ad.description, 600)]);
    }
    let titles: HashSet<&str> = public.ads.iter().map(|ad| ad.title.as_str()).collect();
    assert_eq!(titles.len(), public.ads.len(), "no two ads have the same title");
}

#[test]
fn the_public_description_has_exactly_the_documented_members() {
    let json: serde_json::Value = serde_json::from_slice(BUILT_IN.catalogue.public_json()).unwrap();
    let members: HashSet<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["version", "features", "plaintext_bits", "result_bits", "rows", "stride", "rows_per_group", "ads"];
    assert_eq!(members, HashSet::from(expected));
    let ad: HashSet<&str> = json["ads"][0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(ad, HashSet::from(["id", "title", "description"]));
}

#[test]
fn a_file_is_read_like_the_built_in_catalogue() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(ADS_CSV.as_bytes()).unwrap();
    assert_eq!(Catalogue::load(file.path()).unwrap(), *BUILT_IN.catalogue);
    let error = Catalogue::load(Path::new("/nonexistent/ads.csv")).unwrap_err().to_string();
    assert!(error.starts_with("/nonexistent/ads.csv:0: file: cannot be read: "), "{error}");
}

#[test]
fn a_mistake_is_reported_with_file_line_and_column_and_what_is_allowed() {
    let interests = "an interest is written `Name:weight` with a weight of 1 to 5, not ";
    let cases = [
        ("a,T,D,woman,,,0,,", "genders: unknown gender `woman`: allowed are: female, male".to_owned()),
        (
            "a,T,D,,teens,,0,,",
            "age_groups: unknown age group `teens`: did you mean teen? Allowed are: child, teen".into(),
        ),
        ("a,T,D,,,Klingon,0,,", "languages: unknown language `Klingon`: allowed are: Arabic, English, French".into()),
        ("a,T,D,,,,0,Untied States,", "countries: unknown country `Untied States`: did you mean United States?".into()),
        ("a,T,D,,,,0,,Gardening:3", "interests: unknown interest `Gardening`: allowed are: Animals, Art".into()),
        ("a,T,D,,,,0,,Art:6", format!("interests: {interests}`Art:6`")),
        ("a,T,D,,,,0,,Art:0", format!("interests: {interests}`Art:0`")),
        ("a,T,D,,,,0,,Art:-1", format!("interests: {interests}`Art:-1`")),
        ("a,T,D,,,,0,,Art", format!("interests: {interests}`Art`")),
        ("a,T,D,,,,0,,Art:2|", format!("interests: {interests}``")),
        ("a,T,D,,,,0,,Art:2|TV:1|Art:2", "interests: interest `Art` is listed twice".into()),
        ("a,T,D,,,,0,Spain|spain,", "countries: country `spain` is listed twice".into()),
        ("a,T,D,female||male,,,0,,", "genders: unknown gender ``: allowed are".into()),
        ("a,T,D,,,,yes,,", "kids: kids is 0 or 1, not `yes`".into()),
        ("a,T,D,,,,,,", "kids: kids is 0 or 1, not ``".into()),
        ("a,  ,D,,,,0,,", "title: an ad needs a title".into()),
        ("a,\u{200b}\u{202e},D,,,,0,,", "title: an ad needs a title".into()),
        (",T,D,,,,0,,", "id: an id has 1 to 64 letters, digits".into()),
        ("a b,T,D,,,,0,,", "id: an id has 1 to 64 letters, digits".into()),
        ("good,T,D,,,,0,,", "id: `good` is already the id of line 2".into()),
        ("a,T,D,,,,0,", "row: 8 cells, a row has 9".into()),
        ("a,T,D,,,,0,,,", "row: 10 cells, a row has 9".into()),
    ];
    for (row, expected) in cases {
        let error = with_row(row).expect_err(row);
        assert!(error.starts_with(&format!("ads.csv:3: {expected}")), "{row}: {error}");
    }
    let long = with_row(&format!("a,{},D,,,,0,,", "é".repeat(161))).unwrap_err();
    assert_eq!(long, "ads.csv:3: title: 161 characters, at most 160 are allowed");
}

#[test]
fn a_file_that_is_no_catalogue_is_refused() {
    let parse = |text: &[u8]| Catalogue::parse("ads.csv", text).map_err(|error| error.to_string());
    let swapped = HEADER.replace("id,title", "title,id");
    let error = parse(swapped.as_bytes()).unwrap_err();
    assert!(error.starts_with("ads.csv:1: header: expected `id,title,description,"), "{error}");
    assert!(error.contains("found `title,id,description,"), "{error}");
    assert!(parse(b"").unwrap_err().starts_with("ads.csv:1: header: expected `id,"));
    assert!(parse(b"id\n").unwrap_err().starts_with("ads.csv:1: header: expected `id,"));
    assert!(parse(HEADER.as_bytes()).unwrap_err().starts_with("ads.csv:1: file: 0 ads"));
    let latin1 = [HEADER.as_bytes(), b"a,caf\xe9,D,,,,0,,\n"].concat();
    assert_eq!(parse(&latin1).unwrap_err(), "ads.csv:2: title: not UTF-8");
    let many = (0..100_001).map(|number| format!("{number},T,,,,,0,,\n")).collect::<Vec<_>>().concat();
    assert!(parse((HEADER.to_owned() + &many).as_bytes()).unwrap_err().contains("100001 ads, a catalogue has 1 to"));
}

#[test]
fn the_version_follows_every_visible_change_and_nothing_else() {
    let version = |row: &str| with_row(row).unwrap().version().to_owned();
    let row = "a,Title,Text,female,teen|senior,French,1,France,Art:2|TV:5";
    let same = version(row);
    assert_eq!(same.len(), 64);
    for equal in [
        "a,\"Title\", Text ,female,senior|teen,french,1,FRANCE,TV:5|Art:2",
        "a,Tit\u{200b}le,Text,female,teen|senior,French,1,France, Art : 2 | TV:5",
    ] {
        assert_eq!(version(equal), same, "{equal}");
    }
    for other in [
        row.replace("a,", "b,"),
        row.replace("Title", "Tital"),
        row.replace("Text", "Text."),
        row.replace("female", "male"),
        row.replace("teen|", ""),
        row.replace("Art:2", "Art:3"),
        row.replace("France,", "Spain,"),
        row.replace(",1,", ",0,"),
    ] {
        assert_ne!(version(&other), same, "{other}");
    }
}

#[test]
fn hostile_text_is_made_harmless_and_quoted_cells_are_read() {
    let text = format!("{HEADER}a,\"Say \"\"hi\"\",\u{1b}[31m now\r\nor\tnever\",\u{202e}D,,,,0,,\n");
    let ad = Server::of(&text).public.ads.remove(0);
    assert_eq!((ad.title.as_str(), ad.description.as_str()), ("Say \"hi\", [31m now or never", "D"));
    let marked = format!("\u{feff}{ADS_CSV}");
    assert_eq!(Server::of(&marked).catalogue.version(), BUILT_IN.catalogue.version());
}
