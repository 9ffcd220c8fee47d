//! The GPUs' last sample. Asking a GPU wakes it, so a scrape does not: there is something to show only while somebody
//! looks at a console.

use std::fmt;

use super::Values;
use crate::monitor::gpu::{Gpu, GpuSampler, Reading};

/// Writes the present sample, if there is one.
///
/// # Errors
/// When a value cannot be written.
pub fn write(sampler: &GpuSampler, values: &mut Values<'_>) -> fmt::Result {
    let Some(sample) = sampler.present() else { return Ok(()) };
    let Ok(gpus) = &sample.found else { return Ok(()) };
    let mut rows = |name: &str, help: &str, value: &dyn Fn(&Reading) -> Option<f64>| {
        let row = |Gpu { reading, .. }: &Gpu| Some(([("gpu", reading.index.to_string())], value(reading)?));
        values.gauges(name, help, gpus.iter().filter_map(row))
    };
    let share = |reading: &Reading| reading.utilisation.map(|percent| f64::from(percent) / 100.0);
    rows("gpu_utilization_ratio", "Share of the time at work, 0 to 1.", &share)?;
    rows("gpu_memory_used_bytes", "Memory of the GPU in use.", &|reading| reading.memory.map(|(used, _)| used as f64))?;
    rows("gpu_memory_bytes", "Memory of the GPU.", &|reading| reading.memory.map(|(_, all)| all as f64))?;
    rows("gpu_temperature_celsius", "Temperature.", &|reading| reading.temperature_c.map(f64::from))?;
    rows("gpu_power_watts", "Power.", &|reading| reading.power_mw.map(|power| f64::from(power) / 1_000.0))
}
