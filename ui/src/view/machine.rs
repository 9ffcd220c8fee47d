//! CPU and memory of the machine: two lines, or graphs where there is room.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{Graph, Screen};
use crate::{
    snapshot::Machine,
    text::{bytes, fitting},
    theme::{Charset, Ink},
};

/// Cells that the title needs beside one sign for each core.
pub(super) const CORES_BESIDE: usize = 34;

impl Screen<'_> {
    pub(super) fn machine(&self, area: Rect, buffer: &mut Buffer) {
        self.rule(Rect { height: 1, ..area }, buffer);
        let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        // Old figures look like present ones: without samples there are none, except on a frozen screen.
        let present = self.snapshot.sampling || self.state.frozen.is_some();
        let Some(machine) = self.snapshot.machine.as_ref().filter(|_| present) else {
            let words = if self.snapshot.is_busy() {
                " cpu and memory: measuring"
            } else {
                " cpu and memory: not measured while idle"
            };
            buffer.set_line(area.x, area.y, &Line::from(self.span(Ink::Dim, words)), area.width);
            return;
        };
        let half = area.width / 2;
        let (left, right) = (Rect { width: half, ..area }, Rect { x: area.x + half, width: area.width - half, ..area });
        if area.height >= 4 {
            self.graph(left, buffer, &self.cpu_title(machine, usize::from(half)), &machine.cpu, Ink::Accent);
            self.graph(right, buffer, &self.memory_title(machine, usize::from(half) - 2), &machine.memory, Ink::Good);
        } else {
            const GRAPH: u16 = 16;
            let line = |buffer: &mut Buffer, y: u16, title: &Line<'_>, values: &[f32], ink: Ink| {
                let place = Rect { x: area.x + 1, y, width: GRAPH, height: 1 };
                Graph { values, charset: self.state.look.charset, style: self.style(ink) }.render(place, buffer);
                buffer.set_line(place.right() + 1, y, title, area.width.saturating_sub(GRAPH + 2));
            };
            let room = usize::from(area.width.saturating_sub(GRAPH + 2));
            line(buffer, area.y, &self.cpu_title(machine, room), &machine.cpu, Ink::Accent);
            line(buffer, area.y + 1, &self.memory_title(machine, room), &machine.memory, Ink::Good);
        }
    }

    /// A title and below it values over time.
    fn graph(&self, area: Rect, buffer: &mut Buffer, title: &Line<'_>, values: &[f32], ink: Ink) {
        buffer.set_line(area.x + 1, area.y, title, area.width.saturating_sub(2));
        let place = Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(3), height: area.height - 1 };
        Graph { values, charset: self.state.look.charset, style: self.style(ink) }.render(place, buffer);
    }

    /// `cpu 52 %  ▇▅▁▂  load 1.02 0.80 0.61`
    pub(super) fn cpu_title(&self, machine: &Machine, room: usize) -> Line<'static> {
        let mean = machine.cpu.last().copied().unwrap_or(0.0);
        let mut spans = self.title("cpu", format!("{:>3.0} %", mean * 100.0));
        // One sign for each core, if all of them fit.
        if machine.cores.len() + CORES_BESIDE <= room {
            let signs = machine.cores.iter().map(|share| self.level(*share)).collect::<String>();
            spans.push(self.span(Ink::Accent, signs));
            spans.push(self.span(Ink::Dim, format!("  {} cores   ", machine.cores.len())));
        }
        let [one, five, fifteen] = machine.load.map(|load| format!(" {load:.2}"));
        let used: usize = spans.iter().map(Span::width).sum();
        spans.push(self.span(Ink::Dim, fitting(&[format!("load{one}"), five, fifteen], room.saturating_sub(used))));
        Line::from(spans)
    }

    /// `mem 41 %  3.1 GiB of 7.8 GiB   cipherdeck 180 MiB`
    pub(super) fn memory_title(&self, machine: &Machine, room: usize) -> Line<'static> {
        let share = machine.memory_used as f64 * 100.0 / machine.memory_total.max(1) as f64;
        let mut spans = self.title("mem", format!("{share:>3.0} %"));
        let mut parts = vec![format!("{} of {}", bytes(machine.memory_used), bytes(machine.memory_total))];
        if machine.process > 0 {
            parts.push(format!("   this process {}", bytes(machine.process)));
        }
        // 12 cells are the name and the share.
        spans.push(self.span(Ink::Dim, fitting(&parts, room.saturating_sub(12))));
        Line::from(spans)
    }

    pub(super) fn title(&self, name: &str, value: String) -> Vec<Span<'static>> {
        vec![self.span(Ink::Dim, format!("{name} ")), self.span(Ink::Strong, value), Span::raw("   ")]
    }

    /// A share as one sign.
    pub(super) fn level(&self, share: f32) -> char {
        let levels: &[char] = match self.state.look.charset {
            Charset::Unicode => &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
            Charset::Ascii => &['_', '.', ':', '-', '=', '+', '*', '#'],
        };
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let index = (share * (levels.len() - 1) as f32).round() as usize;
        levels.get(index).copied().unwrap_or(' ')
    }
}
