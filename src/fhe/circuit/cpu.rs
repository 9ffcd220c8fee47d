//! Circuits on ciphertexts.

use std::{
    collections::{BinaryHeap, HashMap},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};

use parking_lot::{Mutex, RwLock};
use rayon::Scope;
use tfhe::{
    core_crypto::prelude::{GlweCiphertext, GlweSize, LweCiphertext, LweCiphertextOwned, PolynomialSize},
    shortint::{
        AtomicPatternKind, CarryModulus, Ciphertext, CiphertextModulus, MessageModulus,
        ciphertext::{Degree, MaxDegree, NoiseLevel},
        server_key::ManyLookupTableOwned,
    },
};

use super::{Cells, Circuit, Evaluator, Form, Origin};
use crate::fhe::{
    Context, Interrupted, ServerKey,
    parameters::{DIGIT_SHIFT, LARGE_DIMENSION},
};

/// Coefficients of the polynomial that one cell fills.
const CELL: usize = LARGE_DIMENSION / 16;
const MODULUS: CiphertextModulus = CiphertextModulus::new_native();

/// A ciphertext under the large key.
pub type Block = LweCiphertextOwned<u64>;

/// Sees what a bootstrap reads.
type Watch<'a> = dyn Fn(&Form, &Block) + Sync + 'a;

/// Evaluates circuits on ciphertexts, on the threads of the context's pool.
///
/// A bootstrap runs as soon as all that it reads is there, those first that the longest chain waits for; no thread waits
/// for a batch to end, and none is blocked, so that several tasks share a pool. A stop is noticed before each bootstrap.
/// A ciphertext is freed after its last use.
pub struct Cpu<'a> {
    key: &'a ServerKey,
    context: &'a Context,
    planned: u64,
    done: AtomicU64,
    watch: Option<&'a Watch<'a>>,
}

impl<'a> Cpu<'a> {
    /// For circuits of `planned` bootstraps in all, of which progress is a share.
    pub fn new(key: &'a ServerKey, context: &'a Context, planned: u64) -> Self {
        Self { key, context, planned, done: AtomicU64::new(0), watch: None }
    }

    /// Shows every input of a bootstrap to `watch`, which measures noise.
    #[cfg(test)]
    pub(crate) fn watched(self, watch: &'a Watch<'a>) -> Self {
        Self { watch: Some(watch), ..self }
    }
}

impl Evaluator for Cpu<'_> {
    type Word = Block;
    type Error = Interrupted;

    fn run(&self, circuit: &Circuit, inputs: Vec<Block>) -> Result<Vec<Block>, Interrupted> {
        let run = Run::new(self, circuit, inputs);
        self.context.scope(|scope| run.start(scope));
        self.context.check()?;
        circuit.outputs().map(|form| run.combine(form).ok_or(Interrupted)).collect()
    }
}

/// What can be done now.
#[derive(Default)]
struct Ready {
    /// Look-ups that nothing waits for any more, the highest first.
    lookups: BinaryHeap<(u32, u32)>,
    /// Jobs that take from them: at most one for each thread, so that the pool's own queues run empty and the jobs of
    /// another circuit, which wait outside, are found when one of these yields.
    jobs: usize,
}

/// One evaluation of one circuit.
struct Run<'a> {
    cpu: &'a Cpu<'a>,
    circuit: &'a Circuit,
    /// Ciphertexts that are there and will be read.
    values: Vec<Mutex<Option<Arc<Block>>>>,
    /// Reads to come of each ciphertext.
    reads: Vec<AtomicU32>,
    /// Bootstraps that each look-up waits for.
    waits: Vec<AtomicU32>,
    /// Look-ups that wait for each look-up.
    waiting: Vec<Vec<u32>>,
    /// Bootstraps from each look-up to the end, itself included.
    heights: Vec<u32>,
    ready: Mutex<Ready>,
    stopped: AtomicBool,
}

impl<'a> Run<'a> {
    fn new(cpu: &'a Cpu<'a>, circuit: &'a Circuit, inputs: Vec<Block>) -> Self {
        let count = circuit.lookups().len();
        let mut reads = vec![0_u32; circuit.origins().len()];
        for term in circuit.outputs().chain(circuit.lookups().iter().map(|lookup| &lookup.input)).flat_map(terms) {
            if let Some(reads) = reads.get_mut(term as usize) {
                *reads += 1;
            }
        }
        let mut waiting: Vec<Vec<u32>> = vec![Vec::new(); count];
        let mut waits = Vec::with_capacity(count);
        for (number, lookup) in circuit.lookups().iter().enumerate() {
            let mut before: Vec<u32> =
                terms(&lookup.input).filter_map(|source| bootstrap_of(circuit, source)).collect();
            before.sort_unstable();
            before.dedup();
            for earlier in &before {
                if let Some(waiting) = waiting.get_mut(*earlier as usize) {
                    waiting.push(number as u32);
                }
            }
            waits.push(AtomicU32::new(before.len() as u32));
        }
        let mut heights = vec![1_u32; count];
        for number in (0..count).rev() {
            let above = waiting.get(number).into_iter().flatten().filter_map(|later| heights.get(*later as usize));
            let height = 1 + above.max().copied().unwrap_or(0);
            if let Some(own) = heights.get_mut(number) {
                *own = height;
            }
        }
        let mut inputs = inputs.into_iter();
        let values = circuit
            .origins()
            .iter()
            .zip(&reads)
            .map(|(origin, reads)| {
                let value = if let Origin::Input(_) = origin { inputs.next() } else { None };
                Mutex::new(value.filter(|_| *reads > 0).map(Arc::new))
            })
            .collect();
        let ready = Mutex::default();
        let reads = reads.into_iter().map(AtomicU32::new).collect();
        Self { cpu, circuit, values, reads, waits, waiting, heights, ready, stopped: AtomicBool::new(false) }
    }

    fn start<'s>(&'s self, scope: &Scope<'s>) {
        let first = |(_, waits): &(usize, &AtomicU32)| waits.load(Ordering::Acquire) == 0;
        let first: Vec<u32> = self.waits.iter().enumerate().filter(first).map(|(number, _)| number as u32).collect();
        self.offer(scope, &first);
    }

    /// Makes look-ups known as ready, and calls for as many threads, within what there are.
    fn offer<'s>(&'s self, scope: &Scope<'s>, lookups: &[u32]) {
        let height = |number: &u32| self.heights.get(*number as usize).copied().unwrap_or(0);
        let more = {
            let mut ready = self.ready.lock();
            ready.lookups.extend(lookups.iter().map(|number| (height(number), *number)));
            let free = self.cpu.context.threads().saturating_sub(ready.jobs);
            let more = free.min(ready.lookups.len());
            ready.jobs += more;
            more
        };
        for _ in 0..more {
            scope.spawn(|scope| self.step(scope));
        }
    }

    /// The most urgent look-up; without one this job ends.
    fn next(&self) -> Option<u32> {
        let mut ready = self.ready.lock();
        let stopped = self.stopped.load(Ordering::Acquire);
        let next = if stopped { None } else { ready.lookups.pop() };
        if next.is_none() {
            ready.jobs -= 1;
        }
        next.map(|(_, number)| number)
    }

    /// Runs the most urgent look-up, lets another circuit run one, and goes on as a new job.
    fn step<'s>(&'s self, scope: &Scope<'s>) {
        let Some(number) = self.next() else { return };
        if self.cpu.context.check().is_err() || self.look_up(number).is_none() {
            self.stopped.store(true, Ordering::Release);
        } else {
            let done = self.cpu.done.fetch_add(1, Ordering::AcqRel) + 1;
            self.cpu.context.count_bootstraps(1);
            self.cpu.context.report(done, self.cpu.planned);
            self.offer(scope, &self.freed(number));
        }
        rayon::yield_now();
        scope.spawn(|scope| self.step(scope));
    }

    /// Look-ups that waited for this one and for nothing else any more.
    fn freed(&self, number: u32) -> Vec<u32> {
        let later = self.waiting.get(number as usize).into_iter().flatten();
        let free = |later: &&u32| {
            let waits = self.waits.get(**later as usize);
            waits.is_some_and(|waits| waits.fetch_sub(1, Ordering::AcqRel) == 1)
        };
        later.filter(free).copied().collect()
    }

    fn look_up(&self, number: u32) -> Option<()> {
        let lookup = self.circuit.lookups().get(number as usize)?;
        let input = self.combine(&lookup.input)?;
        if let Some(watch) = self.cpu.watch {
            watch(&lookup.input, &input);
        }
        let outputs = self.cpu.key.shortint().apply_many_lookup_table(&ciphertext(input), &encoded(lookup.cells));
        for (slot, output) in outputs.into_iter().enumerate() {
            let source = lookup.first_output as usize + slot;
            if self.reads.get(source)?.load(Ordering::Acquire) > 0 {
                *self.values.get(source)?.lock() = Some(Arc::new(output.ct));
            }
        }
        for source in terms(&lookup.input) {
            if self.reads.get(source as usize)?.fetch_sub(1, Ordering::AcqRel) == 1 {
                *self.values.get(source as usize)?.lock() = None;
            }
        }
        Some(())
    }

    /// The sum of coefficients * ciphertexts + constant; none if a ciphertext is missing, because the run was stopped.
    fn combine(&self, form: &Form) -> Option<Block> {
        let mut words = vec![0_u64; LARGE_DIMENSION + 1];
        for term in &form.terms {
            let value = self.values.get(term.source as usize)?.lock().clone()?;
            let factor = i64::from(term.coefficient) as u64;
            for (word, value) in words.iter_mut().zip(value.as_ref().as_ref()) {
                *word = word.wrapping_add(value.wrapping_mul(factor));
            }
        }
        let body = words.last_mut()?;
        *body = body.wrapping_add((i64::from(form.constant) as u64) << (DIGIT_SHIFT - 1));
        Some(LweCiphertext::from_container(words, MODULUS))
    }
}

fn terms(form: &Form) -> impl Iterator<Item = u32> + '_ {
    form.terms.iter().map(|term| term.source)
}

fn bootstrap_of(circuit: &Circuit, source: u32) -> Option<u32> {
    match circuit.origins().get(source as usize)? {
        Origin::Input(_) => None,
        Origin::Lookup(number) => Some(*number),
    }
}

fn ciphertext(block: Block) -> Ciphertext {
    // Degree and noise level are tfhe's own bookkeeping, which the plan replaces.
    Ciphertext::new(
        block,
        Degree::new(15),
        NoiseLevel::NOMINAL,
        MessageModulus(4),
        CarryModulus(4),
        AtomicPatternKind::KeySwitch32,
    )
}

/// The polynomial of a table, made once per process. There are about forty.
fn encoded(cells: Cells) -> Arc<ManyLookupTableOwned> {
    static ENCODED: LazyLock<RwLock<HashMap<Cells, Arc<ManyLookupTableOwned>>>> = LazyLock::new(RwLock::default);
    if let Some(table) = ENCODED.read().get(&cells) {
        return Arc::clone(table);
    }
    Arc::clone(ENCODED.write().entry(cells).or_insert_with(|| Arc::new(encode(cells))))
}

/// Each cell fills its coefficients, from half a cell before to half a cell behind its point, so that noise to either
/// side reads the same cell.
fn encode(cells: Cells) -> ManyLookupTableOwned {
    let size = PolynomialSize(LARGE_DIMENSION);
    let mut acc = GlweCiphertext::new(0_u64, GlweSize(2), size, MODULUS);
    for (position, coefficient) in acc.get_mut_body().as_mut().iter_mut().enumerate() {
        let point = (position + CELL / 2) / CELL;
        *coefficient = (i64::from(cells.at(point as i32, 0)) as u64) << (DIGIT_SHIFT - 1);
    }
    ManyLookupTableOwned {
        acc,
        input_max_degree: MaxDegree::new(15),
        sample_extraction_stride: cells.stride() * CELL,
        per_function_output_degree: vec![Degree::new(15); usize::from(cells.outputs)],
    }
}
