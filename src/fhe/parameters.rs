//! The one parameter set that is accepted, pinned by its versioned name: aliases without a version move between
//! releases of tfhe, and `ConfigBuilder::default()` changes its meaning with tfhe's cargo features.

use tfhe::{
    Config, ConfigBuilder,
    core_crypto::prelude::DynamicDistribution,
    shortint::parameters::{
        KeySwitch32PBSParameters, v1_8::V1_8_PARAM_MESSAGE_2_CARRY_2_KS32_PBS_TUNIFORM_2M128 as PINNED,
    },
};

/// The accepted parameters: 2 bits of message, 2 of carry, failure probability below 2^-128 a bootstrap, keyswitch on
/// 32-bit words.
pub(crate) const PARAMETERS: KeySwitch32PBSParameters = PINNED;

/// Its name, for people.
pub const PARAMETER_SET_NAME: &str = "V1_8_PARAM_MESSAGE_2_CARRY_2_KS32_PBS_TUNIFORM_2M128";

/// Its number in our payload headers.
pub const PARAMETER_SET: u16 = 1;

/// Coefficients of the large key, under which inputs and full results are encrypted; also N of the client's GLWE key
/// (k = 1).
pub const LARGE_DIMENSION: usize = 2_048;

/// Coefficients of the small key, under which switched results are encrypted.
pub const SMALL_DIMENSION: usize = 918;

/// A digit d is encoded as d * 2^59: one padding bit, two bits of carry, two of message.
pub const DIGIT_SHIFT: u32 = 59;

/// Noise of fresh encryptions under the large key: uniform in +-2^17.
pub(crate) const LARGE_NOISE_BITS: u32 = 17;

const _: () = {
    assert!(PARAMETERS.glwe_dimension.0 * PARAMETERS.polynomial_size.0 == LARGE_DIMENSION);
    assert!(PARAMETERS.lwe_dimension.0 == SMALL_DIMENSION);
    assert!(PARAMETERS.message_modulus.0 == 4 && PARAMETERS.carry_modulus.0 == 4);
};

/// Distribution of the noise of fresh encryptions under the large key.
pub(crate) fn large_noise() -> DynamicDistribution<u64> {
    DynamicDistribution::new_t_uniform(LARGE_NOISE_BITS)
}

/// What keys are made with: the pinned set, and no sub-key besides (no use case draws encrypted randomness, and without
/// the dedicated key for it the evaluation key is half as large).
pub(crate) fn config() -> Config {
    ConfigBuilder::with_custom_parameters(PARAMETERS).use_dedicated_oprf_key(false).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_noise_of_inputs_is_the_noise_that_the_parameter_set_promises() {
        assert_eq!(PARAMETERS.glwe_noise_distribution, large_noise());
    }
}
