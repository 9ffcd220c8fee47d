use super::*;
use crate::{
    fhe::{ClientKeys, DigitStream, PARAMETER_SET_NAME},
    use_cases::{
        blocks::tests::{full_document, switched_document},
        mutants::{Damage, mutants},
    },
};

fn night(records: usize) -> Vec<Record> {
    vec![Record { stage: 0, start: 0, end: 480 }; records]
}

fn document(nights: &[usize]) -> Vec<u8> {
    let nights: Vec<Vec<Record>> = nights.iter().map(|records| night(*records)).collect();
    encrypt(&ClientKeys::generate(), &nights).unwrap()
}

#[test]
fn a_document_has_exactly_the_length_that_the_format_says() {
    assert_eq!(document(&[1]).len(), 8 + 4 + 2 + 16 + 88);
    assert_eq!(document(&[2, 3]).len(), 8 + 4 + 4 + 16 + 5 * 88);
    assert_eq!(document(&[128; 31]).len() as u64, SleepQuality.info().max_input_bytes);
    assert_eq!(SleepQuality.check(&document(&[128; 31])).unwrap().capability, "sleep_quality");
}

#[test]
fn the_client_refuses_what_cannot_be_computed() {
    let keys = ClientKeys::generate();
    let refusal = |nights: &[Vec<Record>]| encrypt(&keys, nights).unwrap_err().0;
    assert!(refusal(&[]).contains("0 nights: give 1 to 31"));
    assert!(refusal(&vec![night(1); 32]).contains("32 nights"));
    assert!(refusal(&[night(1), vec![]]).contains("night 2: it has no records"));
    assert!(refusal(&[night(1), night(129)]).contains("night 2: it has 129 records"));
}

#[test]
fn malformed_inputs_are_refused_with_a_sentence_that_says_why() {
    let good = document(&[2, 1]);
    assert_eq!(good.len(), 296);
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut document = good.clone();
        change(&mut document);
        SleepQuality.check(&document).unwrap_err()
    };
    let invalid = |change: &dyn Fn(&mut Vec<u8>), sentence: &str| {
        let error = refused(change);
        assert!(matches!(&error, InputError::Invalid(text) if text.contains(sentence)), "{error}");
    };
    for len in 0..good.len() {
        assert!(matches!(SleepQuality.check(&good[..len]), Err(InputError::Invalid(_))), "{len} bytes");
    }
    invalid(&|document| document.push(0), "too long: with 3 records it must end after 296 bytes, and it has 297");
    invalid(&|document| document.truncate(100), "cut off: with 3 records it must have 296 bytes, and it has 100");
    invalid(&|document| document[0] = b'X', "must begin with the four letters CDK1");
    invalid(&|document| document[5] = 0, "version is 0");
    invalid(&|document| document[8..12].fill(0), "claims 0 nights");
    invalid(&|document| document[8] = 32, "claims 32 nights");
    invalid(&|document| document[8..12].fill(0xFF), "claims 4294967295 nights");
    invalid(&|document| document[12..14].fill(0), "night 1 claims 0 records");
    invalid(&|document| document[14] = 129, "night 2 claims 129 records");
    invalid(&|document| document[14..16].fill(0xFF), "night 2 claims 65535 records");
    invalid(&|document| document[14] = 2, "cut off: with 4 records");
    assert!(
        matches!(refused(&|document| document[4] = 1), InputError::WrongUseCase(text) if text.contains("weight_stats"))
    );
    assert!(
        matches!(refused(&|document| document[6] = 9), InputError::WrongParameters(text) if text.contains(PARAMETER_SET_NAME))
    );
}

#[test]
fn thousands_of_mutants_never_panic_and_only_exact_shapes_pass() {
    let damage = Damage {
        added: 180,
        counts: 8..18,
        reshape: |mutant, draw| {
            let counts: [u16; 3] = [0; 3].map(|_: u16| (draw.next() % 6) as u16);
            for (at, count) in counts.iter().enumerate() {
                mutant[12 + 2 * at..14 + 2 * at].copy_from_slice(&count.to_le_bytes());
            }
            mutant.resize(34 + 88 * usize::from(counts.iter().sum::<u16>()), 3);
        },
    };
    let (mut accepted, mut refused) = (0, 0);
    for mutant in mutants(&document(&[2, 1, 4]), 5, &damage) {
        match (SleepQuality.check(&mutant), payload::read(&mutant)) {
            (Ok(_), Ok(input)) => {
                accepted += 1;
                let records: usize = input.nights.iter().sum();
                assert!(input.nights.iter().all(|records| (1..=128).contains(records)));
                assert_eq!(mutant.len(), 28 + 2 * input.nights.len() + 88 * records);
                let mut digits = DigitStream::new(input.seed, &input.bodies);
                let taken: usize = input.nights.iter().map(|records| digits.take(records * 11).len()).sum();
                assert_eq!((taken, digits.remaining()), (11 * records, 0));
            }
            (Err(one), Err(other)) => {
                refused += 1;
                assert_eq!(one, other);
            }
            (check, read) => panic!("check and read disagree: {check:?}, {read:?}"),
        }
    }
    assert!(accepted > 500 && refused > 500, "{accepted} accepted, {refused} refused");
}

#[test]
fn both_kinds_of_result_decrypt_to_the_scores() {
    let keys = ClientKeys::generate();
    let outputs: Vec<Vec<u8>> = (1..=5).map(|score| vec![score]).collect();
    assert_eq!(decrypt(&keys, &full_document(&keys, UseCaseId::SleepQuality, &outputs)), Ok(vec![1, 2, 3, 4, 5]));
    assert_eq!(decrypt(&keys, &switched_document(&keys, UseCaseId::SleepQuality, &outputs)), Ok(vec![1, 2, 3, 4, 5]));
}

#[test]
fn a_result_that_cannot_be_is_refused() {
    let keys = ClientKeys::generate();
    for score in [0, 6, 15] {
        let document = full_document(&keys, UseCaseId::SleepQuality, &[vec![score]]);
        assert_eq!(decrypt(&keys, &document), Err(blocks::not_for_this_key()));
    }
    let many = switched_document(&keys, UseCaseId::SleepQuality, &vec![vec![1]; 32]);
    assert!(decrypt(&keys, &many).unwrap_err().0.contains("32 nights"));
}
