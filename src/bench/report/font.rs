//! The letters of the chart: Roboto (Google, Apache License 2.0, `font/LICENSE`), reduced to the characters used here,
//! so that a picture looks the same on every machine, also on one without fonts.

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, Glyph, InvalidFont, PxScale, ScaleFont as _, point};
use plotters_backend::{
    BackendColor, BackendCoord, BackendTextStyle, FontFamily, FontStyle,
    text_anchor::{HPos, Pos, VPos},
};

static REGULAR: LazyLock<Result<FontRef<'static>, InvalidFont>> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("font/Roboto-Regular.ttf")));
static MEDIUM: LazyLock<Result<FontRef<'static>, InvalidFont>> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("font/Roboto-Medium.ttf")));

/// Height of a capital by that of an em, in Roboto.
const CAPITAL: f32 = 1456.0 / 2048.0;
/// The SVG backend divides a size by this to get the em.
const SVG_EM: f64 = 1.24;

/// The embedded font is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the embedded font cannot be read")]
pub(super) struct BadFont;

/// How a text looks. Its place is the middle of a capital's height.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Height of an em, pixels.
    pub(super) em: f32,
    pub(super) bold: bool,
    pub(super) color: BackendColor,
    pub(super) align: HPos,
}

impl Style {
    fn font(self) -> Result<&'static FontRef<'static>, BadFont> {
        if self.bold { &MEDIUM } else { &REGULAR }.as_ref().map_err(|_| BadFont)
    }

    /// One glyph after the other on the base line y = 0, and the width of all.
    fn set(self, text: &str) -> Result<(Vec<Glyph>, f32), BadFont> {
        let font = self.font()?;
        let em = font.units_per_em().ok_or(BadFont)?;
        let scale = PxScale::from(self.em * font.height_unscaled() / em);
        let scaled = font.as_scaled(scale);
        let mut x = 0.0;
        let mut glyphs = Vec::new();
        for id in text.chars().map(|c| font.glyph_id(c)) {
            glyphs.push(id.with_scale_and_position(scale, point(x, 0.0)));
            x += scaled.h_advance(id);
        }
        Ok((glyphs, x))
    }

    /// Width in pixels.
    pub(super) fn width(self, text: &str) -> Result<f32, BadFont> {
        self.set(text).map(|(_, width)| width)
    }
}

impl BackendTextStyle for Style {
    type FontError = BadFont;

    fn color(&self) -> BackendColor {
        self.color
    }

    fn size(&self) -> f64 {
        f64::from(self.em) * SVG_EM
    }

    fn style(&self) -> FontStyle {
        if self.bold { FontStyle::Bold } else { FontStyle::Normal }
    }

    fn anchor(&self) -> Pos {
        Pos::new(self.align, VPos::Center)
    }

    fn family(&self) -> FontFamily<'_> {
        FontFamily::SansSerif
    }

    fn layout_box(&self, text: &str) -> Result<((i32, i32), (i32, i32)), BadFont> {
        let width = self.width(text)?.ceil() as i32;
        Ok(((0, -(self.em * CAPITAL).round() as i32), (width, 0)))
    }

    fn draw<E, F: FnMut(i32, i32, BackendColor) -> Result<(), E>>(
        &self,
        text: &str,
        (x0, y0): BackendCoord,
        mut draw: F,
    ) -> Result<Result<(), E>, BadFont> {
        let font = self.font()?;
        for outlined in self.set(text)?.0.into_iter().filter_map(|glyph| font.outline_glyph(glyph)) {
            let corner = outlined.px_bounds().min;
            let (left, top) = (x0 + corner.x as i32, y0 + corner.y as i32);
            let mut done = Ok(());
            outlined.draw(|x, y, share| {
                if share > 0.0 && done.is_ok() {
                    done = draw(left + x as i32, top + y as i32, self.color.mix(f64::from(share.min(1.0))));
                }
            });
            if done.is_err() {
                return Ok(done);
            }
        }
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_that_a_chart_uses_is_there() {
        for font in [&*REGULAR, &*MEDIUM] {
            let font = font.as_ref().unwrap();
            for c in (' '..='~').chain("±µ·–—…×".chars()) {
                assert_ne!(font.glyph_id(c).0, 0, "{c:?}");
            }
        }
    }

    #[test]
    fn a_wider_text_is_wider() {
        let style =
            Style { em: 20.0, bold: false, color: BackendColor { alpha: 1.0, rgb: (0, 0, 0) }, align: HPos::Left };
        let (narrow, wide) = (style.width("iii").unwrap(), style.width("MMM").unwrap());
        assert!(narrow > 5.0 && wide > 2.0 * narrow, "{narrow} {wide}");
    }
}
