//! The machine on the screen of the workers: processors, memory, bootstraps, GPUs, keys. Graphs where there is room.

use std::borrow::Cow;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{Screen, machine::CORES_BESIDE, timeline::Timeline};
use crate::{
    snapshot::{Bootstraps, Gpu, Gpus, Machine, TaskId},
    text::{bytes, fit, fitting, number},
    theme::Ink,
};

/// Lines that a panel needs to show a graph.
const GRAPH_LINES: u16 = 3;
/// Lines that the cores may take when there are many.
const CORE_LINES: u16 = 2;
/// Cells that a panel needs.
const PANEL_WIDTH: u16 = 26;

impl Screen<'_> {
    /// A line of keys, then the panels in a grid.
    pub(super) fn panels(&self, area: Rect, buffer: &mut Buffer) {
        if area.height < 2 {
            return;
        }
        self.rule(Rect { height: 1, ..area }, buffer);
        let room = area.width.saturating_sub(2);
        buffer.set_line(area.x + 1, area.y + 1, &self.keys_line(usize::from(room)), room);
        let mut rest = Rect { y: area.y + 2, height: area.height - 2, ..area };
        if let Some(words) = self.gpu_words()
            && rest.height > 0
        {
            let line = Line::from(self.span(Ink::Dim, fit(&words, usize::from(area.width.saturating_sub(2)))));
            buffer.set_line(rest.x + 1, rest.y, &line, rest.width.saturating_sub(2));
            rest = Rect { y: rest.y + 1, height: rest.height - 1, ..rest };
        }
        self.grid(rest, buffer);
    }

    /// As many columns as needed, so that all panels are on the screen, with graphs if possible.
    fn grid(&self, area: Rect, buffer: &mut Buffer) {
        if area.height == 0 {
            return;
        }
        let count = self.timelines(0, 0).len().max(1) as u16;
        let most = (area.width / PANEL_WIDTH).clamp(1, 4);
        let lines_of = |columns: u16| area.height / count.div_ceil(columns);
        // The fewest columns that leave room for graphs.
        let fewest = 2.min(most);
        let columns = (fewest..=most).find(|columns| lines_of(*columns) >= GRAPH_LINES).unwrap_or(fewest);
        let (width, height) = (area.width / columns, lines_of(columns).max(1));
        for (index, panel) in self.timelines(usize::from(width) - 2, height).iter().enumerate() {
            let (column, row) = (index as u16 % columns, index as u16 / columns);
            let place = Rect { x: area.x + column * width + 1, y: area.y + row * height, width: width - 2, height };
            if place.bottom() <= area.bottom() {
                self.timeline(place, buffer, panel);
            }
        }
    }

    /// The panels, with titles of at most `room` cells, `lines` high.
    fn timelines(&self, room: usize, lines: u16) -> Vec<Timeline<'_>> {
        let mut panels = Vec::new();
        // Old figures look like present ones: without samples there are none, except on a frozen screen.
        let present = self.snapshot.sampling || self.state.frozen.is_some();
        if let Some(machine) = self.snapshot.machine.as_ref().filter(|_| present) {
            panels.extend(self.machine_panels(machine, room, lines));
        } else {
            let titles = vec![self.cell(Ink::Dim, "cpu and memory: measuring")];
            panels.push(Timeline { titles, values: Cow::Borrowed(&[]), interval_ms: 1, end: 0, ink: Ink::Dim });
        }
        panels.extend(self.snapshot.bootstraps.as_ref().map(|bootstraps| self.bootstraps_panel(bootstraps, room)));
        if let Gpus::Found(gpus) = &self.snapshot.gpus {
            panels.extend(gpus.iter().map(|gpu| self.gpu_panel(gpu, room)));
        }
        panels
    }

    fn machine_panels<'a>(&self, machine: &'a Machine, room: usize, lines: u16) -> [Timeline<'a>; 2] {
        let interval_ms = i64::from(machine.interval_s) * 1_000;
        let panel = |titles, values: &'a [f32], ink| {
            let values = Cow::Borrowed(values);
            Timeline { titles, values, interval_ms, end: machine.sampled, ink }
        };
        let mut cpu = vec![self.cpu_title(machine, room)];
        // More cores than the title has room for get lines of their own.
        if room > 0 && machine.cores.len() + CORES_BESIDE > room && lines >= GRAPH_LINES + CORE_LINES {
            let signs = machine.cores.chunks(room).take(usize::from(CORE_LINES));
            let signs = signs.map(|cores| cores.iter().map(|share| self.level(*share)).collect::<String>());
            cpu.extend(signs.map(|signs| self.cell(Ink::Accent, signs)));
        }
        let memory = vec![self.memory_title(machine, room)];
        [panel(cpu, &machine.cpu, Ink::Accent), panel(memory, &machine.memory, Ink::Good)]
    }

    fn bootstraps_panel(&self, bootstraps: &Bootstraps, room: usize) -> Timeline<'static> {
        let history = &bootstraps.history;
        let top = ceiling(history.values.iter().copied().fold(1.0, f32::max));
        let now = format!("{}/s", number(bootstraps.per_second.max(0.0) as u64));
        let mut title = Line::from(self.title("bootstraps", now));
        let scale = format!("graph up to {}/s", number(top as u64));
        title.push_span(self.span(Ink::Dim, fitting(&[scale], room.saturating_sub(title.width()))));
        Timeline {
            titles: vec![title],
            values: Cow::Owned(history.values.iter().map(|value| value / top).collect()),
            interval_ms: history.interval_ms,
            end: history.end,
            ink: Ink::Warn,
        }
    }

    /// `gpu 0  37 %  NVIDIA H100` and `12.0 of 80.0 GiB  54 °C  210 of 700 W  task 936da01f`
    fn gpu_panel<'a>(&self, gpu: &'a Gpu, room: usize) -> Timeline<'a> {
        let busy = gpu.utilisation.map_or_else(|| "  ? %".to_owned(), |share| format!("{:>3.0} %", share * 100.0));
        let mut first = Line::from(self.title(&format!("gpu {}", gpu.index), busy));
        first.push_span(self.span(Ink::Dim, fit(&gpu.name, room.saturating_sub(first.width()))));
        let mut facts = vec![gpu.memory.map_or_else(
            || "memory not told".to_owned(),
            |(used, total)| format!("{} of {}", bytes(used), bytes(total)),
        )];
        facts.extend(gpu.temperature_c.map(|degrees| format!("  {degrees} °C")));
        facts.extend(match (gpu.power_w, gpu.power_limit_w) {
            (Some(now), Some(limit)) => Some(format!("  {now:.0}/{limit:.0} W")),
            (Some(now), None) => Some(format!("  {now:.0} W")),
            _ => None,
        });
        let facts = fitting(&facts, room);
        let rest = room.saturating_sub(crate::text::width(&facts) + 2);
        let tasks = gpu.tasks.iter().map(TaskId::short).collect::<Vec<_>>().join(" ");
        let second = vec![self.span(Ink::Dim, facts), self.span(Ink::Text, format!("  {}", fit(&tasks, rest)))];
        Timeline {
            titles: vec![first, Line::from(second)],
            values: Cow::Borrowed(&gpu.history.values),
            interval_ms: gpu.history.interval_ms,
            end: gpu.history.end,
            ink: Ink::Accent,
        }
    }

    /// `keys 3 in memory  210 MiB of 4.0 GiB  found 98 % of 1,230 times`
    fn keys_line(&self, room: usize) -> Line<'static> {
        let Some(keys) = &self.snapshot.keys else { return Line::from(self.span(Ink::Dim, "keys: not known yet")) };
        let mut line = Line::from(self.title("keys", format!("{} in memory", number(keys.entries))));
        let asked = keys.hits + keys.misses;
        let share = (keys.hits * 100).checked_div(asked);
        let found = share.map_or_else(
            || "not asked for yet".to_owned(),
            |share| format!("found {share} % of {} times", number(asked)),
        );
        let held = format!("{} of {}", bytes(keys.bytes), bytes(keys.capacity));
        let facts = fitting(&[held, format!("   {found}")], room.saturating_sub(line.width()));
        line.push_span(self.span(Ink::Dim, facts));
        line
    }

    /// What is said instead of GPU panels.
    fn gpu_words(&self) -> Option<String> {
        match &self.snapshot.gpus {
            Gpus::Unknown => Some("gpu: looking".to_owned()),
            Gpus::Absent(why) => Some(format!("gpu: {why}")),
            Gpus::Found(gpus) if gpus.is_empty() => Some("gpu: none".to_owned()),
            Gpus::Found(_) => None,
        }
    }
}

/// The next of 1, 2, 5, 10, 20, 50 ...: a graph keeps its scale while its values change a little.
fn ceiling(value: f32) -> f32 {
    let unit = 10_f32.powf(value.max(1.0).log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|step| step * unit).find(|top| *top >= value).unwrap_or(10.0 * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_keeps_a_round_scale() {
        let tops = [0.0, 1.0, 3.0, 5.1, 1_900.0].map(|value| ceiling(value) as u32);
        assert_eq!(tops, [1, 1, 5, 10, 2_000]);
    }
}
