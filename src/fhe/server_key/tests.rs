use tfhe::{
    ClientKey, ConfigBuilder,
    prelude::Tagged,
    safe_serialization::safe_serialize,
    shortint::parameters::v1_8::{
        V1_8_COMP_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128, V1_8_PARAM_MESSAGE_1_CARRY_1_KS_PBS_TUNIFORM_2M128,
        V1_8_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128,
    },
};

use super::*;
use crate::fhe::test_keys::{CLIENT, COMPRESSED, SERVER};

/// Bytes of a key made with `config`; of any size.
fn foreign(config: ConfigBuilder) -> Vec<u8> {
    let mut bytes = Vec::new();
    let key = CompressedServerKey::new(&ClientKey::generate(config.build()));
    safe_serialize(&key, &mut bytes, 1 << 30).unwrap();
    bytes
}

fn wrong_parameters(bytes: &[u8]) -> String {
    match parse(bytes, 1 << 30).map(drop) {
        Err(KeyError::WrongParameters(sentence)) => {
            assert!(sentence.contains(PARAMETER_SET_NAME) && sentence.contains("keygen"), "{sentence}");
            sentence
        }
        other => panic!("{other:?}"),
    }
}

fn invalid(bytes: &[u8]) -> String {
    match check_compressed_key(bytes) {
        Err(KeyError::Invalid(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn our_own_key_is_accepted_and_fits_its_limits() {
    assert_eq!(check_compressed_key(&COMPRESSED), Ok(()));
    assert!((29_000_000..31_000_000).contains(&COMPRESSED.len()), "{} bytes", COMPRESSED.len());
    let memory = SERVER.memory_bytes();
    assert!((70 << 20..90 << 20).contains(&memory), "{memory} bytes");
}

#[test]
fn keys_of_other_parameter_sets_are_told_from_damage() {
    let standard = ConfigBuilder::with_custom_parameters(V1_8_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128);
    assert!(wrong_parameters(&foreign(standard.use_dedicated_oprf_key(false))).contains("another parameter set"));
    let small = ConfigBuilder::with_custom_parameters(V1_8_PARAM_MESSAGE_1_CARRY_1_KS_PBS_TUNIFORM_2M128);
    assert!(wrong_parameters(&foreign(small.use_dedicated_oprf_key(false))).contains("another parameter set"));
}

#[test]
fn keys_with_further_keys_inside_are_refused_by_name() {
    let pinned = || ConfigBuilder::with_custom_parameters(super::super::parameters::PARAMETERS);
    let oprf = foreign(pinned());
    assert!(wrong_parameters(&oprf).contains("a dedicated OPRF key"));
    // It is also longer than any key that is accepted.
    assert!(matches!(check_compressed_key(&oprf), Err(KeyError::WrongParameters(text)) if text.contains("bytes")));
    let compression = pinned()
        .use_dedicated_oprf_key(false)
        .enable_compression(V1_8_COMP_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128);
    assert!(wrong_parameters(&foreign(compression)).contains("a compression key, a decompression key"));
}

#[test]
fn cut_keys_and_trailing_bytes_are_refused() {
    let mut lengths: Vec<usize> = (0..400).collect();
    lengths.extend([COMPRESSED.len() / 2, COMPRESSED.len() - 1]);
    for length in lengths {
        assert!(invalid(&COMPRESSED[..length]).contains("cut off"), "{length} bytes");
    }
    let mut long = COMPRESSED.clone();
    long.extend([0; 3]);
    assert!(invalid(&long).contains("3 bytes follow the key"));
}

#[test]
fn a_flipped_bit_in_the_header_is_refused_and_elsewhere_harmless() {
    let mut mutant = COMPRESSED.clone();
    // tfhe's header: versions and the type's name.
    for at in 0..64 {
        mutant[at] ^= 0x10;
        assert!(check_compressed_key(&mutant).is_err(), "byte {at}");
        mutant[at] ^= 0x10;
    }
    // Shape fields lie between the header and the words, and at the very end.
    let (mut accepted, mut refused) = (0, 0);
    for at in (64..400).step_by(40).chain((mutant.len() - 120..mutant.len()).step_by(8)) {
        mutant[at] ^= 0x10;
        match check_compressed_key(&mutant) {
            Ok(()) => accepted += 1,
            Err(_) => refused += 1,
        }
        mutant[at] ^= 0x10;
    }
    assert!(refused > 3, "{accepted} accepted, {refused} refused");
    assert_eq!(check_compressed_key(&mutant), Ok(()));
}

#[test]
fn claimed_sizes_beyond_the_bytes_are_refused() {
    // Every run of eight bytes in the region of the shapes becomes a length of 2^60 or of the whole address space.
    let mut mutant = COMPRESSED[..100_000].to_vec();
    for at in 0..600 {
        for claim in [1_u64 << 60, u64::MAX, 512 << 20] {
            let before: [u8; 8] = mutant[at..at + 8].try_into().unwrap();
            mutant[at..at + 8].copy_from_slice(&claim.to_le_bytes());
            assert!(check_compressed_key(&mutant).is_err());
            mutant[at..at + 8].copy_from_slice(&before);
        }
    }
    assert!(invalid(&[0xFF; 11]).contains("cut off"));
}

#[test]
fn a_tag_is_refused_whatever_its_size() {
    for size in [1, 1 << 20] {
        let mut secret = CLIENT.tfhe_client_key();
        secret.tag_mut().set_data(&vec![7; size]);
        // The evaluation key is the same but for its tag: reuse the one at hand.
        let mut key = parse(&COMPRESSED, MAX_COMPRESSED_KEY_BYTES).unwrap();
        *key.tag_mut() = secret.tag().clone();
        let mut bytes = Vec::new();
        safe_serialize(&key, &mut bytes, 1 << 30).unwrap();
        assert!(invalid(&bytes).contains("tag"), "{size} bytes");
    }
    let mut key = parse(&COMPRESSED, MAX_COMPRESSED_KEY_BYTES).unwrap();
    key.tag_mut().set_data(&vec![7; 16 << 20]);
    let mut bytes = Vec::new();
    safe_serialize(&key, &mut bytes, 1 << 30).unwrap();
    assert!(check_compressed_key(&bytes).is_err());
    assert!(matches!(parse(&bytes, 1 << 30), Err(KeyError::Invalid(text)) if text.contains("tag")));
}

#[test]
fn other_bytes_are_no_key() {
    assert!(invalid(b"").contains("CompressedServerKey"));
    assert!(invalid(b"CDK1 and so on").contains("CompressedServerKey"));
    // Another type of tfhe's.
    let mut secret = Vec::new();
    safe_serialize(&CLIENT.tfhe_client_key(), &mut secret, 1 << 30).unwrap();
    assert!(invalid(&secret).contains("CompressedServerKey"));
}

#[test]
fn debug_output_shows_no_key() {
    assert!(format!("{:?}", *SERVER).len() < 40);
}
