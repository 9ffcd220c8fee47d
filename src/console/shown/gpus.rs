//! GPUs, and which tasks are on them.

use cipherdeck_ui::{
    TaskId,
    snapshot::{Gpu, Gpus, Series},
};

use crate::monitor::gpu;

/// `tasks` are those that this process runs on GPUs.
pub(in crate::console) fn gpus(sample: &gpu::Gpus, tasks: &[TaskId]) -> Gpus {
    match &sample.found {
        Ok(gpus) => Gpus::Found(gpus.iter().map(|gpu| shown(gpu, sample.at.millis(), tasks)).collect()),
        Err(sentence) => Gpus::Absent(sentence.clone()),
    }
}

fn shown(gpu: &gpu::Gpu, at: i64, tasks: &[TaskId]) -> Gpu {
    let reading = &gpu.reading;
    let watts = |milliwatts: Option<u32>| milliwatts.map(|milliwatts| milliwatts as f32 / 1e3);
    Gpu {
        index: reading.index,
        name: reading.name.clone(),
        utilisation: reading.utilisation.map(|percent| (percent as f32 / 100.0).min(1.0)),
        memory: reading.memory,
        temperature_c: reading.temperature_c,
        power_w: watts(reading.power_mw),
        power_limit_w: watts(reading.power_limit_mw),
        history: Series { values: gpu.history.clone(), interval_ms: gpu::INTERVAL.as_millis() as i64, end: at },
        tasks: if gpu.ours { tasks.to_vec() } else { Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Timestamp;

    #[test]
    fn readings_are_shown_in_their_units_and_tasks_only_where_we_compute() {
        let reading = gpu::Reading {
            index: 1,
            name: "H100".to_owned(),
            utilisation: Some(37),
            memory: Some((3, 9)),
            temperature_c: Some(61),
            power_mw: Some(350_500),
            power_limit_mw: None,
            processes: vec![1],
        };
        let silent = gpu::Reading { utilisation: None, ..reading.clone() };
        let found = vec![
            gpu::Gpu { reading, history: vec![0.25], ours: true },
            gpu::Gpu { reading: silent, history: vec![], ours: false },
        ];
        let sample = gpu::Gpus { at: Timestamp::from_millis(5), found: Ok(found) };
        let task = TaskId::new("a");
        let Gpus::Found(shown) = gpus(&sample, std::slice::from_ref(&task)) else { panic!("there are some") };
        let first = &shown[0];
        assert_eq!((first.utilisation, first.memory, first.temperature_c), (Some(0.37), Some((3, 9)), Some(61)));
        assert_eq!((first.power_w, first.power_limit_w), (Some(350.5), None));
        assert_eq!(first.history, Series { values: vec![0.25], interval_ms: 2_000, end: 5 });
        assert_eq!((first.tasks.clone(), shown[1].tasks.len()), (vec![task], 0));
        assert_eq!(shown[1].utilisation, None);
        let none = gpu::Gpus { at: Timestamp::from_millis(5), found: Err("none".to_owned()) };
        assert_eq!(gpus(&none, &[]), Gpus::Absent("none".to_owned()));
    }
}
