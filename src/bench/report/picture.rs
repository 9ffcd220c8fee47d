//! Something to draw on: whole figures in pixels of a picture that is drawn `scale` times as large.

use plotters_backend::{BackendColor, BackendStyle, DrawingBackend, DrawingErrorKind, text_anchor::HPos};

use super::font::Style;
use crate::bench::BenchError;

/// Red, green, blue.
pub(super) type Rgb = (u8, u8, u8);

/// A text's size and weight.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    pub(super) em: i32,
    pub(super) bold: bool,
    pub(super) color: Rgb,
    pub(super) align: HPos,
}

struct Stroke(BackendColor, u32);

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        self.0
    }

    fn stroke_width(&self) -> u32 {
        self.1
    }
}

pub(super) struct Picture<B: DrawingBackend> {
    pub(super) backend: B,
    pub(super) scale: i32,
}

#[expect(clippy::needless_pass_by_value, reason = "the signature of map_err")]
fn failed<E: std::error::Error + Send + Sync>(error: DrawingErrorKind<E>) -> BenchError {
    BenchError::Chart(error.to_string())
}

const fn opaque(rgb: Rgb) -> BackendColor {
    BackendColor { alpha: 1.0, rgb }
}

impl<B: DrawingBackend> Picture<B> {
    pub(super) fn area(&mut self, from: (i32, i32), to: (i32, i32), color: Rgb, alpha: f64) -> Result<(), BenchError> {
        let (from, to) = (self.at(from), self.at(to));
        let color = BackendColor { alpha, rgb: color };
        self.backend.draw_rect(from, to, &color, true).map_err(failed)
    }

    pub(super) fn line(&mut self, from: (i32, i32), to: (i32, i32), color: Rgb, width: i32) -> Result<(), BenchError> {
        let stroke = Stroke(opaque(color), (width * self.scale).unsigned_abs());
        let path = [self.at(from), self.at(to)];
        self.backend.draw_path(path, &stroke).map_err(failed)
    }

    pub(super) fn dot(&mut self, center: (i32, i32), radius: i32, color: Rgb) -> Result<(), BenchError> {
        let (center, radius) = (self.at(center), (radius * self.scale).unsigned_abs());
        self.backend.draw_circle(center, radius, &opaque(color), true).map_err(failed)
    }

    pub(super) fn text(&mut self, text: &str, place: (i32, i32), letters: Letters) -> Result<(), BenchError> {
        let Letters { em, bold, color, align } = letters;
        let style = Style { em: (em * self.scale) as f32, bold, color: opaque(color), align };
        let place = self.at(place);
        self.backend.draw_text(text, &style, place).map_err(failed)
    }

    pub(super) fn finish(mut self) -> Result<(), BenchError> {
        self.backend.present().map_err(failed)
    }

    const fn at(&self, (x, y): (i32, i32)) -> (i32, i32) {
        (x * self.scale, y * self.scale)
    }
}
