//! What a circuit costs, and which rules it breaks, without running it.

use std::collections::BTreeMap;

use super::Circuit;

/// Facts about a circuit, for one shape of input.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Bootstraps in all.
    pub bootstraps: u64,
    /// Bootstraps on the longest chain that cannot run side by side: no number of cores makes it shorter.
    pub critical_path: u32,
    /// Largest variance at the input of a bootstrap, in units of a bootstrap output's.
    pub worst_variance: f64,
    /// Largest variance of an output, before its switch.
    pub worst_output_variance: f64,
    /// Ciphertexts read.
    pub inputs: u64,
    /// Blocks given out.
    pub outputs: u64,
    /// Declared ranges: why, and how often.
    pub assumptions: BTreeMap<&'static str, u64>,
    /// Broken rules. A circuit with any must not run.
    pub violations: Vec<String>,
}

impl Plan {
    /// Of a circuit.
    pub fn of(circuit: &Circuit) -> Self {
        let mut assumptions = BTreeMap::new();
        for assumption in &circuit.assumptions {
            *assumptions.entry(assumption.why).or_insert(0) += 1;
        }
        Self {
            bootstraps: circuit.lookups.len() as u64,
            critical_path: circuit.lookups.iter().map(|lookup| lookup.depth).max().unwrap_or(0),
            worst_variance: circuit.lookups.iter().map(|lookup| lookup.input.variance()).fold(0.0, f64::max),
            worst_output_variance: circuit.outputs().map(super::Form::variance).fold(0.0, f64::max),
            inputs: circuit.inputs() as u64,
            outputs: circuit.outputs.len() as u64,
            assumptions,
            violations: circuit.violations.clone(),
        }
    }

    /// May the circuit run?
    ///
    /// # Errors
    /// The first broken rule: a programming error that the tests find for every shape.
    pub fn check(&self) -> Result<(), String> {
        match self.violations.first() {
            Some(violation) => Err(format!("the circuit breaks a rule: {violation}")),
            None => Ok(()),
        }
    }

    /// Numbers of the look-ups by depth: those of one level may run side by side.
    pub fn levels(circuit: &Circuit) -> Vec<Vec<u32>> {
        let mut levels: Vec<Vec<u32>> = Vec::new();
        for (number, lookup) in circuit.lookups.iter().enumerate() {
            let level = lookup.depth.saturating_sub(1) as usize;
            if levels.len() <= level {
                levels.resize(level + 1, Vec::new());
            }
            if let Some(level) = levels.get_mut(level) {
                level.push(number as u32);
            }
        }
        levels
    }
}
