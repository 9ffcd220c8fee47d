//! Encrypted functions as circuits of table look-ups.
//!
//! A kernel is a function that builds a [`Circuit`]: [`Digit`]s are added, subtracted and multiplied by small integers
//! for nothing, and go through [`Table`]s for one bootstrap (18 ms of a core) each. The circuit is then handed to an
//! [`Evaluator`]:
//!
//! - [`Cpu`] runs it on ciphertexts, on all threads of the worker's pool;
//! - [`Clear`] runs it on plain numbers, on many inputs at once: it shows that a circuit computes the right thing;
//! - [`Plan`] does not run it: it counts bootstraps, measures the critical path, and lists what breaks a rule.
//!
//! An evaluator for another device sees look-ups, each with its table and the combination of earlier outputs that it
//! reads ([`Circuit::lookups`]); [`Plan::levels`] says which may run side by side. No kernel changes for it.
//!
//! # The rules
//! They hold for a circuit, whatever is encrypted, and are checked while it is built; [`Plan::violations`] must be empty:
//!
//! - **Range.** A digit knows the range that its value cannot leave, and a table its domain: the one must lie in the
//!   other. What interval arithmetic cannot see (`s - 4 floor(s / 4)` lies in 0..=3) is declared with
//!   [`Circuit::assume`], and [`Clear`] checks every declaration on every input.
//! - **Whole numbers.** Signs come out of tables as +-1/2; what enters a table must be whole.
//! - **Noise.** The variance at a table's input is at most [`MAX_VARIANCE`] bootstrap outputs; see [`noise`].

mod clear;
mod columns;
mod cpu;
mod digit;
mod division;
pub mod noise;
mod order;
mod plan;
mod reciprocal;
mod switch;
mod table;

pub use clear::{Clear, ClearError, Lanes};
pub use columns::{Columns, Top, carry};
pub use cpu::{Block, Cpu};
pub use digit::{Digit, Form, Term};
pub use division::{blocks, digits_of, divide_sum};
pub use order::{DIGITS, Number, is_negative, minimum_and_maximum};
pub use plan::Plan;
pub use switch::{SwitchedBlock, switch_all};
pub use table::{Cells, Table};

use digit::Noise;

/// Largest variance of the noise at the input of a bootstrap or of the last switch, in units of one bootstrap output's:
/// the parameter set promises its failure probability for sums of outputs with squared coefficients up to 25.
pub const MAX_VARIANCE: f64 = 25.001;

/// Runs circuits.
pub trait Evaluator {
    /// What an input or output is made of.
    type Word;
    /// Why there is no output.
    type Error;

    /// The outputs of `circuit`, in the order of [`Circuit::output`], for inputs in the order of [`Circuit::input`].
    fn run(&self, circuit: &Circuit, inputs: Vec<Self::Word>) -> Result<Vec<Self::Word>, Self::Error>;
}

/// One bootstrap: a table applied to a combination of inputs and earlier outputs.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// What it reads.
    pub input: Form,
    /// The table.
    pub cells: Cells,
    /// Its outputs are the ciphertexts from this number on.
    pub first_output: u32,
    /// Bootstraps on the longest way from the inputs, itself included.
    pub depth: u32,
    low: i32,
    high: i32,
}

/// A range that is known for a reason which interval arithmetic cannot see.
#[derive(Debug, Clone)]
pub struct Assumption {
    form: Form,
    low: i32,
    high: i32,
    why: &'static str,
}

/// Where a ciphertext comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The input of this number.
    Input(u32),
    /// An output of the look-up of this number.
    Lookup(u32),
}

/// A function on encrypted digits, for one shape of input.
#[derive(Debug, Clone, Default)]
pub struct Circuit {
    origins: Vec<Origin>,
    inputs: u32,
    lookups: Vec<Lookup>,
    outputs: Vec<Digit>,
    assumptions: Vec<Assumption>,
    violations: Vec<String>,
}

impl Circuit {
    /// A circuit without inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next input, a fresh encryption of 0..=`high`.
    pub fn input(&mut self, high: i32) -> Digit {
        let source = self.source(Origin::Input(self.inputs));
        self.inputs += 1;
        Digit::source(source, Noise::Fresh, 0, 2 * high, 0)
    }

    /// Applies a table: one bootstrap, `N` outputs.
    pub fn lookup<const N: usize>(&mut self, input: &Digit, table: &Table<N>) -> [Digit; N] {
        let number = self.lookups.len() as u32;
        self.check_lookup(number, input, table);
        let depth = input.depth + 1;
        let first_output = self.origins.len() as u32;
        let outputs = std::array::from_fn(|slot| {
            let source = self.source(Origin::Lookup(number));
            let (low, high) = table.image(input.low(), input.high(), slot).unwrap_or_else(|| {
                self.violations.push(format!("look-up {number}: outputs that are whole and halves by turns"));
                (0, 0)
            });
            Digit::source(source, Noise::Bootstrap(number), low, high, depth)
        });
        let input_form = input.form.clone();
        let (low, high) = (input.low(), input.high());
        self.lookups.push(Lookup { input: input_form, cells: table.cells, first_output, depth, low, high });
        outputs
    }

    /// Applies a table of one function.
    pub fn map(&mut self, input: &Digit, table: &Table<1>) -> Digit {
        let [output] = self.lookup(input, table);
        output
    }

    /// Declares that `digit` lies in `low..=high` (whole steps), where interval arithmetic sees less.
    pub fn assume(&mut self, mut digit: Digit, low: i32, high: i32, why: &'static str) -> Digit {
        if low <= digit.low() && digit.high() <= high {
            return digit;
        }
        self.assumptions.push(Assumption { form: digit.form.clone(), low, high, why });
        digit.low = digit.low.max(2 * low);
        digit.high = digit.high.min(2 * high);
        digit
    }

    /// Gives out a block, a whole number in 0..=15, which is switched to 12 bits under the client's small key. The
    /// switch is no bootstrap, but has the same limit on noise as a bootstrap's input.
    pub fn output(&mut self, block: Digit) {
        let number = self.outputs.len();
        self.check_noise(&block, &format!("output {number}"));
        if block.low < 0 || block.high > 30 || !block.is_whole() {
            self.violations.push(format!("output {number}: {:?} half steps are no block", block.low..=block.high));
        }
        self.outputs.push(block);
    }

    /// All look-ups, each after those that it reads from.
    pub fn lookups(&self) -> &[Lookup] {
        &self.lookups
    }

    /// What is given out.
    pub fn outputs(&self) -> impl Iterator<Item = &Form> {
        self.outputs.iter().map(|digit| &digit.form)
    }

    /// Where each ciphertext comes from.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.inputs as usize
    }

    fn source(&mut self, origin: Origin) -> u32 {
        self.origins.push(origin);
        self.origins.len() as u32 - 1
    }

    fn check_lookup<const N: usize>(&mut self, number: u32, input: &Digit, table: &Table<N>) {
        if !table.covers(input.low(), input.high()) {
            self.violations.push(format!("look-up {number}: its table is not made for {:?}", input.range()));
        }
        if !input.is_whole() {
            self.violations.push(format!("look-up {number}: its input is not whole"));
        }
        if input.form.terms.is_empty() {
            self.violations.push(format!("look-up {number}: its input is a constant"));
        }
        self.check_noise(input, &format!("look-up {number}"));
    }

    fn check_noise(&mut self, digit: &Digit, place: &str) {
        let variance = digit.variance();
        if variance > MAX_VARIANCE {
            self.violations.push(format!("{place}: variance {variance:.1}"));
        }
    }
}
