//! Encrypted digits as inputs carry them: seeded encryptions under the client's large key.
//!
//! A digit d is the encryption of d * 2^59. All masks of a document come from one 16-byte seed (AES-128 in counter mode,
//! the seed little-endian as its key), 2,048 words a digit one after the other, so that only one word (the body) is sent
//! for a digit. Such digits are fresh by construction: whoever lies about them garbles nobody's answer but their own.

use tfhe::{
    Seed,
    core_crypto::{
        commons::generators::MaskRandomGenerator,
        prelude::{
            CiphertextModulus, DefaultRandomGenerator, LweCiphertext, LweCiphertextCount, LweCiphertextList,
            LweCiphertextOwned, LweSecretKey, LweSize, PlaintextList, SeededLweCiphertextList,
            decompress_seeded_lwe_ciphertext_list_with_pre_seeded_generator, encrypt_seeded_lwe_ciphertext_list,
            new_seeder,
        },
    },
    shortint::{
        AtomicPatternKind, CarryModulus, Ciphertext, MessageModulus,
        ciphertext::{Degree, NoiseLevel},
    },
};

use super::{
    ClientKeys,
    parameters::{DIGIT_SHIFT, LARGE_DIMENSION, large_noise},
};

/// Bytes of a seed.
pub const SEED_BYTES: usize = 16;
/// Bytes that one digit takes in a document.
pub const DIGIT_BYTES: usize = 8;

const LWE_SIZE: LweSize = LweSize(LARGE_DIMENSION + 1);
const MODULUS: CiphertextModulus<u64> = CiphertextModulus::new_native();

/// Digits encrypted by a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptedDigits {
    /// Where all masks come from.
    pub seed: [u8; SEED_BYTES],
    /// One word a digit.
    pub bodies: Vec<u64>,
}

impl EncryptedDigits {
    /// Encrypts digits of 0..=15 under a fresh seed.
    pub fn encrypt(keys: &ClientKeys, digits: &[u8]) -> Self {
        let mut seeder = new_seeder();
        let seed = seeder.seed();
        let secret = LweSecretKey::from_container(keys.large_secret_key());
        let plaintexts: Vec<u64> = digits.iter().map(|&digit| u64::from(digit) << DIGIT_SHIFT).collect();
        let mut list = SeededLweCiphertextList::new(
            0_u64,
            LWE_SIZE,
            LweCiphertextCount(digits.len()),
            Seed(seed.0).into(),
            MODULUS,
        );
        encrypt_seeded_lwe_ciphertext_list(
            &secret,
            &mut list,
            &PlaintextList::from_container(plaintexts),
            large_noise(),
            seeder.as_mut(),
        );
        Self { seed: seed.0.to_le_bytes(), bodies: list.into_container() }
    }

    /// Appends `seed | bodies` to a document.
    pub fn write(&self, document: &mut Vec<u8>) {
        document.extend_from_slice(&self.seed);
        document.extend(self.bodies.iter().flat_map(|body| body.to_le_bytes()));
    }
}

/// Rebuilds digits in the order in which they were encrypted, a few at a time: a rebuilt digit takes 16 KB.
pub struct DigitStream<'a> {
    bodies: &'a [u64],
    masks: MaskRandomGenerator<DefaultRandomGenerator>,
}

impl<'a> DigitStream<'a> {
    /// From the first digit.
    pub fn new(seed: [u8; SEED_BYTES], bodies: &'a [u64]) -> Self {
        Self { bodies, masks: MaskRandomGenerator::new(Seed(u128::from_le_bytes(seed))) }
    }

    /// Digits not taken yet.
    pub fn remaining(&self) -> usize {
        self.bodies.len()
    }

    /// All digits that are left, as ciphertexts under the large key.
    pub fn blocks(mut self) -> Vec<LweCiphertextOwned<u64>> {
        let count = self.remaining();
        self.take(count).into_iter().map(|digit| digit.ct).collect()
    }

    /// The next `count` digits (fewer at the end), each said to be at most 3.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Ciphertext> {
        let (bodies, rest) = self.bodies.split_at(count.min(self.bodies.len()));
        self.bodies = rest;
        if bodies.is_empty() {
            return Vec::new();
        }
        // The seed in the list is not used: the masks go on where the last ones ended.
        let seeded = SeededLweCiphertextList::from_container(bodies, LWE_SIZE, Seed(0).into(), MODULUS);
        let mut full = LweCiphertextList::new(0_u64, LWE_SIZE, LweCiphertextCount(bodies.len()), MODULUS);
        decompress_seeded_lwe_ciphertext_list_with_pre_seeded_generator(&mut full, &seeded, &mut self.masks);
        full.as_ref().chunks_exact(LWE_SIZE.0).map(|digit| block(digit.to_vec(), 3)).collect()
    }
}

fn block(words: Vec<u64>, degree: u64) -> Ciphertext {
    Ciphertext::new(
        LweCiphertext::from_container(words, MODULUS),
        Degree::new(degree),
        NoiseLevel::NOMINAL,
        MessageModulus(4),
        CarryModulus(4),
        AtomicPatternKind::KeySwitch32,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fhe::{client_keys::wipe, results::decrypt_full};

    #[test]
    fn rebuilt_digits_decrypt_to_what_was_encrypted_however_they_are_taken() {
        let keys = ClientKeys::generate();
        let digits: Vec<u8> = (0..40).map(|i| (i * 7) % 16).collect();
        let encrypted = EncryptedDigits::encrypt(&keys, &digits);
        for chunk in [1, 3, 40, 100] {
            let mut stream = DigitStream::new(encrypted.seed, &encrypted.bodies);
            let mut got = Vec::new();
            while stream.remaining() > 0 {
                got.extend(stream.take(chunk).iter().map(|block| decrypt_full(&keys, block.ct.as_ref()).unwrap()));
            }
            assert_eq!(got, digits, "{chunk} at a time");
            assert!(stream.take(1).is_empty());
        }
    }

    #[test]
    fn the_same_digits_never_look_the_same() {
        let keys = ClientKeys::generate();
        let (one, other) = (EncryptedDigits::encrypt(&keys, &[1; 8]), EncryptedDigits::encrypt(&keys, &[1; 8]));
        assert_ne!(one.seed, other.seed);
        assert!(one.bodies.iter().zip(&other.bodies).all(|(a, b)| a != b));
    }

    #[test]
    fn tfhe_itself_reads_rebuilt_digits() {
        let keys = ClientKeys::generate();
        let encrypted = EncryptedDigits::encrypt(&keys, &[0, 1, 2, 3]);
        let blocks = DigitStream::new(encrypted.seed, &encrypted.bodies).take(4);
        let secret = keys.tfhe_client_key();
        {
            let integer: &tfhe::integer::ClientKey = secret.as_ref();
            let shortint: &tfhe::shortint::ClientKey = integer.as_ref();
            let got: Vec<u64> = blocks.iter().map(|block| shortint.decrypt(block)).collect();
            assert_eq!(got, [0, 1, 2, 3]);
        }
        wipe(secret);
    }
}
