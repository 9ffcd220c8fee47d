//! The last step of a result: from a block under the large key to 12 bits under the small one.
//!
//! It is the first half of a bootstrap, the keyswitch and the modulus switch (with the same correction for centred
//! binary keys), and so has the same limit on noise. A block shrinks from 16 KB to 1.4 KB, and the client decrypts it
//! with 918 additions.

use rayon::prelude::*;
use tfhe::{
    core_crypto::prelude::{
        CiphertextModulusLog, LweCiphertext, ModulusSwitchedLweCiphertext, keyswitch_lwe_ciphertext_with_scalar_change,
        lwe_ciphertext_centered_binary_modulus_switch,
    },
    shortint::atomic_pattern::AtomicPatternServerKey,
};

use super::cpu::Block;
use crate::fhe::{Context, Interrupted, SWITCHED_BITS, ServerKey};

/// Mask and body, 12 bits each.
pub type SwitchedBlock = Vec<u32>;

/// Switches one block; none if the key is not of the pinned kind, which no checked key is.
pub(crate) fn switch(key: &ServerKey, block: &Block) -> Option<SwitchedBlock> {
    let AtomicPatternServerKey::KeySwitch32(pattern) = &key.shortint().atomic_pattern else { return None };
    let key = &pattern.key_switching_key;
    let mut small = LweCiphertext::new(0_u32, key.output_lwe_size(), key.ciphertext_modulus());
    keyswitch_lwe_ciphertext_with_scalar_change(key, block, &mut small);
    let bits = CiphertextModulusLog(SWITCHED_BITS as usize);
    let switched = lwe_ciphertext_centered_binary_modulus_switch::<u32, u32, _>(small, bits);
    let mut coefficients: Vec<u32> = switched.mask().collect();
    coefficients.push(switched.body());
    Some(coefficients)
}

/// Switches all blocks of a result, 2 ms of a core each.
///
/// # Errors
/// The context was stopped.
pub fn switch_all(key: &ServerKey, blocks: &[Block], context: &Context) -> Result<Vec<SwitchedBlock>, Interrupted> {
    context.check()?;
    context.install(|| blocks.par_iter().map(|block| switch(key, block).ok_or(Interrupted)).collect())
}
