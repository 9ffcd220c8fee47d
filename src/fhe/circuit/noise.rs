//! The noise of circuits: the model behind [`MAX_VARIANCE`](super::MAX_VARIANCE).
//!
//! What a bootstrap's table is read with is the phase of its input after a keyswitch and a switch to 12 bits (4,096
//! steps on the torus). Its variance is
//!
//! ```text
//! v * V_bootstrap + V_keyswitch + V_switch
//! ```
//!
//! where v is the sum of the squares of the input's coefficients over bootstraps (the coefficients of the outputs of one
//! bootstrap added up first), and the three terms are those of tfhe's published formulas for the pinned parameters
//! ([`tfhe::core_crypto::commons::noise_formulas`], from the analysis of "Parameter Optimization and Larger Precision for
//! (T)FHE", Bergerat et al., <https://eprint.iacr.org/2022/704>, and for the centred switch of "Drifting Towards Better
//! Error Probabilities in Fully Homomorphic Encryption Schemes", Bernard et al., <https://eprint.iacr.org/2024/1718>).
//! A read is wrong if the error reaches half a cell, 64 steps. The parameter set promises less than 2^-128 for v = 25, its
//! maximum noise level 5 squared; so every input of a table and every block that is given out has v <= 25.
//!
//! A fresh encryption counts too: its variance is 2^-66 of a bootstrap output's.
//!
//! # Measured
//! The test of this module decrypts the phase at every input of every bootstrap, and of the switched blocks, and
//! compares with the model, by classes of v; see its documentation for the command that takes samples in quantity.
//!
#![doc = include_str!("noise_table.md")]

use tfhe::core_crypto::commons::noise_formulas::{
    centered_mean_shifted_modulus_switch::centered_binary_shifted_modulus_switch_additive_variance as switch_variance,
    lwe_keyswitch::keyswitch_additive_variance_132_bits_security_tuniform as keyswitch_variance,
    lwe_programmable_bootstrap::pbs_variance_132_bits_security_tuniform_fft_mul as bootstrap_variance,
};

use crate::fhe::{
    SWITCHED_BITS,
    parameters::{LARGE_NOISE_BITS, PARAMETERS},
};

/// Bits of the mantissa of the numbers that tfhe's Fourier transform computes with.
const MANTISSA: f64 = 53.0;

/// The variances of the model, in squared steps of 2^-12 of the torus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// Of a bootstrap's output.
    pub bootstrap: f64,
    /// Of a fresh encryption.
    pub fresh: f64,
    /// Added by the keyswitch.
    pub keyswitch: f64,
    /// Added by the switch to 12 bits.
    pub switch: f64,
}

impl Model {
    /// For the pinned parameters.
    pub fn new() -> Self {
        let parameters = PARAMETERS;
        let (large, small) = (64.0_f64.exp2(), 32.0_f64.exp2());
        let steps = f64::from(SWITCHED_BITS).exp2();
        let dimension = parameters.glwe_dimension.to_equivalent_lwe_dimension(parameters.polynomial_size);
        let square = steps * steps;
        // Uniform in +-2^b with halved ends: (2^(2 b + 1) + 1) / 6.
        let fresh = (f64::from(2 * LARGE_NOISE_BITS + 1).exp2() + 1.0) / 6.0 / large / large;
        Self {
            bootstrap: square
                * bootstrap_variance(
                    parameters.lwe_dimension,
                    parameters.glwe_dimension,
                    parameters.polynomial_size,
                    parameters.pbs_base_log,
                    parameters.pbs_level,
                    MANTISSA,
                    large,
                )
                .0,
            fresh: square * fresh,
            keyswitch: square
                * keyswitch_variance(
                    dimension,
                    parameters.lwe_dimension,
                    parameters.ks_base_log,
                    parameters.ks_level,
                    large,
                    small,
                )
                .0,
            switch: square * switch_variance(parameters.lwe_dimension, small, steps).0,
        }
    }

    /// Of the phase that a table is read with, for an input of variance `v`.
    pub fn phase(&self, v: f64) -> f64 {
        v * self.bootstrap + self.keyswitch + self.switch
    }
}

impl Default for Model {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
