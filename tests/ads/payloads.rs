//! Inputs and results that are not what they should be.

use super::*;

/// Where the parts of an input begin.
const VERSION: usize = 8;
const PLAINTEXT_BITS: usize = 40;
const ZEROES: usize = 41;

fn checked(input: &[u8]) -> Result<(), InputError> {
    BUILT_IN.use_case.check(input).map(drop)
}

fn changed(document: &[u8], position: usize) -> Vec<u8> {
    let mut document = document.to_vec();
    document[position] ^= 1;
    document
}

#[test]
fn an_input_has_one_length() {
    let input = BUILT_IN.encrypt(&[true; FEATURES]);
    assert_eq!(input.len(), 8_252);
    assert_eq!(BUILT_IN.use_case.info().max_input_bytes, 8_252);
    assert_eq!(checked(&input), Ok(()));
    for length in (0..100).chain((100..input.len()).step_by(97)).chain([input.len() - 1]) {
        assert!(matches!(checked(&input[..length]), Err(InputError::Invalid(_))), "{length} bytes");
    }
    let longer = [input.as_slice(), &[0]].concat();
    assert!(matches!(checked(&longer), Err(InputError::Invalid(_))));
    let twice = [input.as_slice(), &input].concat();
    assert!(matches!(checked(&twice), Err(InputError::Invalid(_))));
}

#[test]
fn every_byte_before_the_seed_is_checked() {
    let input = BUILT_IN.encrypt(&[true; FEATURES]);
    for position in 0..PLAINTEXT_BITS + 4 {
        let error = checked(&changed(&input, position)).expect_err("a changed byte passes");
        match position {
            0..4 | 5 => assert!(matches!(error, InputError::Invalid(_)), "{position}: {error}"),
            4 => assert!(matches!(error, InputError::WrongUseCase(_)), "{error}"),
            6..8 => assert!(matches!(error, InputError::WrongParameters(_)), "{error}"),
            VERSION..PLAINTEXT_BITS => assert!(matches!(error, InputError::CatalogueChanged(_)), "{error}"),
            _ => assert!(matches!(error, InputError::Invalid(_)), "{position}: {error}"),
        }
    }
    let error = checked(&changed(&input, ZEROES + 2)).unwrap_err();
    assert!(error.to_string().contains("must be zero"), "{error}");
    let error = checked(&changed(&input, VERSION)).unwrap_err();
    assert!(error.to_string().contains("fetch /get_ads"), "{error}");
}

#[test]
fn run_checks_again_and_never_panics_on_what_check_refuses() {
    let input = BUILT_IN.encrypt(&[true; FEATURES]);
    for bad in [&changed(&input, VERSION), &changed(&input, PLAINTEXT_BITS), &input[..50].to_vec(), &Vec::new()] {
        let result = BUILT_IN.use_case.run(None, bad, &context());
        assert!(matches!(result, Err(cipherdeck::use_cases::KernelError::Refused(_))));
    }
    // Any seed and body make an encryption of something: only its own sender's answer suffers.
    let mut noise = input;
    noise[PLAINTEXT_BITS + 4..].fill(0xff);
    assert_eq!(checked(&noise), Ok(()));
    assert_eq!(decrypt(&KEYS, &BUILT_IN.run(&noise), &BUILT_IN.public).unwrap().len(), BUILT_IN.catalogue.rows());
}

#[test]
fn a_result_must_fit_the_catalogue_to_the_byte() {
    let result = BUILT_IN.run(&BUILT_IN.encrypt(&[true; FEATURES]));
    // Header, version, p, q, rows; 150 groups of 2,048 + 33 coefficients of 16 bits in 4,168 bytes; one of 2,048 + 4.
    assert_eq!(result.len(), 9 + 32 + 6 + 150 * 4_168 + 4_104);
    let read = |document: &[u8]| decrypt(&KEYS, document, &BUILT_IN.public);
    assert!(read(&result).is_ok());
    for length in (0..200).chain((200..result.len()).step_by(4_001)).chain([result.len() - 1]) {
        assert!(read(&result[..length]).is_err(), "{length} bytes");
    }
    assert!(read(&[result.as_slice(), &[0]].concat()).is_err());
    for position in 0..47 {
        assert!(read(&changed(&result, position)).is_err(), "byte {position}");
    }
    // The last two bytes of 2,081 coefficients are number 4,161 and 4,162 of the group; six zero bytes follow.
    for position in [47 + 4_162, 47 + 4_167] {
        assert_eq!(result[position], 0);
        assert!(read(&changed(&result, position)).is_err(), "padding byte {position}");
    }
}

#[test]
fn a_result_of_other_rows_or_another_version_is_refused() {
    let result = BUILT_IN.run(&BUILT_IN.encrypt(&[true; FEATURES]));
    let mut fewer = BUILT_IN.public.clone();
    fewer.rows -= 1;
    fewer.ads.pop();
    let mut newer = BUILT_IN.public.clone();
    newer.version = "ab".repeat(32);
    for catalogue in [fewer, newer] {
        assert!(decrypt(&KEYS, &result, &catalogue).is_err());
    }
}

#[test]
fn a_catalogue_that_the_client_does_not_understand_is_refused_before_anything_is_encrypted() {
    let change = |change: &dyn Fn(&mut PublicCatalogue)| {
        let mut catalogue = BUILT_IN.public.clone();
        change(&mut catalogue);
        encrypt(&KEYS, &[false; FEATURES], &catalogue).map(drop)
    };
    assert!(change(&|_| ()).is_ok());
    let bad: [&dyn Fn(&mut PublicCatalogue); 10] = [
        &|catalogue| catalogue.features.swap(0, 1),
        &|catalogue| drop(catalogue.features.pop()),
        &|catalogue| catalogue.stride = 61,
        &|catalogue| catalogue.rows_per_group = 34,
        &|catalogue| catalogue.plaintext_bits = 9,
        &|catalogue| catalogue.result_bits = 18,
        &|catalogue| catalogue.rows += 1,
        &|catalogue| (catalogue.rows, catalogue.ads) = (0, Vec::new()),
        &|catalogue| catalogue.rows = u32::MAX,
        &|catalogue| catalogue.version = catalogue.version.to_uppercase(),
    ];
    for (number, bad) in bad.iter().enumerate() {
        let error = change(bad).expect_err("a catalogue that does not fit");
        assert!(error.to_string().starts_with("the server's ad catalogue does not fit"), "{number}: {error}");
    }
}
