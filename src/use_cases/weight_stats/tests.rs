use super::*;
use crate::{
    fhe::{ClientKeys, DigitStream, PARAMETER_SET_NAME},
    use_cases::{
        blocks::tests::{full_document, switched_document},
        mutants::{Damage, mutants},
        wire::INPUT_HEADER_BYTES,
    },
};

fn document(weights: usize) -> Vec<u8> {
    encrypt(&ClientKeys::generate(), &vec![700; weights]).unwrap()
}

#[test]
fn a_document_has_exactly_the_length_that_the_format_says() {
    assert_eq!(document(1).len(), 8 + 4 + 16 + 56);
    assert_eq!(document(1_000).len() as u64, WeightStats.info().max_input_bytes);
    assert_eq!(WeightStats.info().max_input_bytes, 56_028);
    assert_eq!(WeightStats.check(&document(1_000)).unwrap().capability, "weight_stats");
}

#[test]
fn the_client_refuses_what_cannot_be_computed() {
    let keys = ClientKeys::generate();
    let refusal = |weights: &[u16]| encrypt(&keys, weights).unwrap_err().0;
    assert!(refusal(&[]).contains("1 to 1000"));
    assert!(refusal(&[1; 1_001]).contains("1001 weights"));
    assert!(refusal(&[1, 16_384]).contains("weight 2 is 1638.4 kg"));
    assert!(encrypt(&keys, &[16_383, 0]).is_ok());
}

#[test]
fn malformed_inputs_are_refused_with_a_sentence_that_says_why() {
    let good = document(3);
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut document = good.clone();
        change(&mut document);
        WeightStats.check(&document).unwrap_err()
    };
    let invalid = |change: &dyn Fn(&mut Vec<u8>), sentence: &str| {
        let error = refused(change);
        assert!(matches!(&error, InputError::Invalid(text) if text.contains(sentence)), "{error}");
    };
    for len in 0..good.len() {
        assert!(matches!(WeightStats.check(&good[..len]), Err(InputError::Invalid(_))), "{len} bytes");
    }
    invalid(&|document| document.push(0), "too long: with 3 weights it must end after 196 bytes, and it has 197");
    invalid(&|document| document.truncate(100), "cut off: with 3 weights it must have 196 bytes, and it has 100");
    invalid(&|document| document[0] = b'X', "must begin with the four letters CDK1");
    invalid(&|document| document[5] = 2, "version is 2");
    invalid(&|document| document[8..12].fill(0), "claims 0 weights");
    invalid(&|document| document[8..12].copy_from_slice(&1_001_u32.to_le_bytes()), "claims 1001 weights");
    invalid(&|document| document[8..12].fill(0xFF), "claims 4294967295 weights");
    invalid(&|document| document[8..12].copy_from_slice(&2_u32.to_le_bytes()), "too long");
    assert!(
        matches!(refused(&|document| document[4] = 2), InputError::WrongUseCase(text) if text.contains("sleep_quality"))
    );
    assert!(
        matches!(refused(&|document| document[6] = 2), InputError::WrongParameters(text) if text.contains(PARAMETER_SET_NAME))
    );
}

#[test]
fn thousands_of_mutants_never_panic_and_only_exact_shapes_pass() {
    let damage = Damage {
        added: 120,
        counts: 8..12,
        reshape: |mutant, draw| {
            let count = draw.next() % 8;
            mutant[8..12].copy_from_slice(&(count as u32).to_le_bytes());
            mutant.resize(INPUT_HEADER_BYTES + 20 + 56 * count, 3);
        },
    };
    let (mut accepted, mut refused) = (0, 0);
    for mutant in mutants(&document(4), 7, &damage) {
        match (WeightStats.check(&mutant), payload::read(&mutant)) {
            (Ok(_), Ok(input)) => {
                accepted += 1;
                assert_eq!(mutant.len(), 28 + 56 * input.weights);
                assert_eq!(input.bodies.len(), 7 * input.weights);
                let mut digits = DigitStream::new(input.seed, &input.bodies);
                assert_eq!(digits.take(usize::MAX).len(), 7 * input.weights);
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
fn both_kinds_of_result_decrypt_to_the_weight() {
    let keys = ClientKeys::generate();
    for weight in [0_u16, 1, 700, 12_345, 16_383] {
        let blocks: Vec<u8> = (0..4).map(|place| (weight >> (4 * place) & 15) as u8).collect();
        let outputs = [blocks];
        assert_eq!(decrypt(&keys, &full_document(&keys, UseCaseId::WeightStats, &outputs)), Ok(weight));
        assert_eq!(decrypt(&keys, &switched_document(&keys, UseCaseId::WeightStats, &outputs)), Ok(weight));
    }
}

#[test]
fn a_result_that_cannot_be_is_refused() {
    let keys = ClientKeys::generate();
    let beyond = full_document(&keys, UseCaseId::WeightStats, &[vec![0, 0, 0, 4]]);
    assert_eq!(decrypt(&keys, &beyond), Err(blocks::not_for_this_key()));
    let two = full_document(&keys, UseCaseId::WeightStats, &[vec![0; 4], vec![0; 4]]);
    assert!(decrypt(&keys, &two).unwrap_err().0.contains("2 outputs"));
}

#[test]
fn a_kernel_refuses_what_the_check_refuses() {
    let context = crate::fhe::test_keys::context();
    assert!(matches!(WeightStats.run(None, &document(1), &context), Err(KernelError::Refused(_))));
    let key = &crate::fhe::test_keys::SERVER;
    assert!(matches!(WeightStats.run(Some(key), &document(2)[..50], &context), Err(KernelError::Refused(_))));
}
