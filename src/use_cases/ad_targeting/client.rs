//! The client's side: a profile is encrypted before it leaves, and the scores are decrypted after they arrive.

use tfhe::core_crypto::prelude::{
    CiphertextModulus, GlweSecretKey, GlweSize, PlaintextList, PolynomialSize, SeededGlweCiphertext,
    encrypt_seeded_glwe_ciphertext, new_seeder,
};

use super::{
    FEATURES, PublicCatalogue,
    layout::{POLYNOMIAL, position},
    payload::{Request, read_result},
    rounding::top_half,
};
use crate::{
    fhe::{ClientKeys, large_noise},
    use_cases::wire::PayloadError,
};

/// Encrypts a 0/1 profile into a `CDK1` document, with a fresh random seed.
///
/// # Errors
/// [`PayloadError`] when this program cannot work with the catalogue.
pub fn encrypt(
    keys: &ClientKeys,
    profile: &[bool; FEATURES],
    catalogue: &PublicCatalogue,
) -> Result<Vec<u8>, PayloadError> {
    let facts = catalogue.facts()?;
    let scale = 64 - u32::from(facts.bits.plaintext);
    let mut plaintext = vec![0_u64; POLYNOMIAL];
    plaintext.iter_mut().zip(profile).for_each(|(to, has)| *to = u64::from(*has) << scale);

    let mut seeder = new_seeder();
    let seed = seeder.seed();
    let number = seed.0;
    let mut ciphertext = SeededGlweCiphertext::new(
        0_u64,
        GlweSize(2),
        PolynomialSize(POLYNOMIAL),
        seed.into(),
        CiphertextModulus::new_native(),
    );
    encrypt_seeded_glwe_ciphertext(
        &GlweSecretKey::from_container(keys.large_secret_key(), PolynomialSize(POLYNOMIAL)),
        &mut ciphertext,
        &PlaintextList::from_container(plaintext),
        large_noise(),
        seeder.as_mut(),
    );
    let mut body = Box::new([0; POLYNOMIAL]);
    body.iter_mut().zip(ciphertext.get_body().as_ref()).for_each(|(to, from)| *to = top_half(*from));
    Ok(Request { seed: number, body }.to_bytes(&facts))
}

/// Decrypts a `CDR1` document: one score per ad, in catalogue order.
///
/// # Errors
/// [`PayloadError`] when the document is not a result for exactly this catalogue.
pub fn decrypt(keys: &ClientKeys, document: &[u8], catalogue: &PublicCatalogue) -> Result<Vec<u16>, PayloadError> {
    let facts = catalogue.facts()?;
    let p = u32::from(facts.bits.plaintext);
    let rounding = 1_u32 << (31 - p);
    let phases = phases(keys, document, catalogue)?;
    Ok(phases.into_iter().map(|phase| (phase.wrapping_add(rounding) >> (32 - p)) as u16).collect())
}

/// The phases of all rows as fractions of 2^32: score * 2^(32-p) plus an error.
pub(crate) fn phases(
    keys: &ClientKeys,
    document: &[u8],
    catalogue: &PublicCatalogue,
) -> Result<Vec<u32>, PayloadError> {
    let facts = catalogue.facts()?;
    let shift = 32 - u32::from(facts.bits.result);
    let ones: Vec<usize> =
        keys.large_secret_key().iter().enumerate().filter(|&(_, &bit)| bit == 1).map(|(index, _)| index).collect();
    let mut phases = Vec::with_capacity(facts.rows);
    for group in read_result(document, &facts)? {
        let (mask, bodies) = group.split().ok_or_else(|| PayloadError("a group without a mask".to_owned()))?;
        // Coefficient i - k of X^k times the mask is entry 2,048 + i - k of `-mask | mask`: read backwards from entry
        // 2,048 + i, a window of 2,048 entries is what the key's coefficients meet.
        let negated = mask.iter().map(|coefficient| coefficient.wrapping_neg());
        let doubled: Vec<u32> = negated.chain(mask.iter().copied()).collect();
        phases.extend(bodies.iter().enumerate().map(|(r, body)| {
            let end = POLYNOMIAL + position(r);
            let product = ones.iter().fold(0_u32, |sum, k| {
                sum.wrapping_add(end.checked_sub(*k).and_then(|index| doubled.get(index)).copied().unwrap_or(0))
            });
            body.wrapping_sub(product) << shift
        }));
    }
    Ok(phases)
}
