//! The chart: for each line of the table the times on the server and end to end, on a logarithmic scale.
//!
//! Dots, not bars: a bar's length says nothing where there is no zero.

use plotters_backend::{DrawingBackend, text_anchor::HPos};
use plotters_bitmap::{BitMapBackend, bitmap_pixel::RGBPixel};
use plotters_svg::SVGBackend;

use super::{
    axis::{Axis, spread_of, time},
    picture::{Letters, Picture, Rgb},
    table::{Line, runs},
};
use crate::{bench::BenchError, monitor::history::Stats};

const WIDTH: i32 = 960;
const PLOT: (i32, i32) = (190, 800);
const TOP: i32 = 128;
const ROW: i32 = 76;
const BELOW: i32 = 84;

const PAPER: Rgb = (255, 255, 255);
const BAND: Rgb = (246, 248, 250);
const GRID: Rgb = (221, 226, 232);
const INK: Rgb = (31, 41, 55);
const GREY: Rgb = (100, 112, 128);
/// Told apart also by those who see red and green alike.
const SERVER: Rgb = (37, 99, 190);
const WHOLE: Rgb = (217, 108, 18);

/// Pixels of the bitmap by those of the drawing, and of what is drawn by those of the bitmap: edges are smoothed.
const SHARP: i32 = 2;
const SMOOTH: i32 = 2;

/// What is written above.
#[derive(Debug, Clone)]
pub struct Caption {
    /// Large.
    pub title: String,
    /// Below it: machine, date.
    pub subtitle: String,
}

/// As an SVG document, whose letters are those of whoever shows it.
///
/// # Errors
/// [`BenchError::Nothing`] without lines, [`BenchError::Chart`].
pub fn svg(lines: &[Line], caption: &Caption) -> Result<String, BenchError> {
    let mut text = String::new();
    let size = (WIDTH.unsigned_abs(), height(lines).unsigned_abs());
    draw(Picture { backend: SVGBackend::with_string(&mut text, size), scale: 1 }, lines, caption)?;
    Ok(text)
}

/// As a PNG file, twice as large.
///
/// # Errors
/// As [`svg`].
pub fn png(lines: &[Line], caption: &Caption) -> Result<Vec<u8>, BenchError> {
    let (width, height) = ((WIDTH * SHARP).unsigned_abs(), (height(lines) * SHARP).unsigned_abs());
    let size = (width * SMOOTH.unsigned_abs(), height * SMOOTH.unsigned_abs());
    let mut pixels = vec![u8::MAX; size.0 as usize * size.1 as usize * 3];
    let backend = BitMapBackend::<RGBPixel>::with_buffer_and_format(&mut pixels, size);
    let backend = backend.map_err(|error| BenchError::Chart(error.to_string()))?;
    draw(Picture { backend, scale: SHARP * SMOOTH }, lines, caption)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&smaller(&pixels, size.0 as usize))?;
        writer.finish()
    });
    written.map_err(|error| BenchError::Chart(error.to_string()))?;
    Ok(file)
}

/// The mean of each square of pixels.
fn smaller(pixels: &[u8], width: usize) -> Vec<u8> {
    let side = SMOOTH as usize;
    let mut small = Vec::with_capacity(pixels.len() / (side * side));
    for rows in pixels.chunks_exact(width * 3 * side) {
        for column in 0..width / side {
            for channel in 0..3 {
                let square = (0..side * side).map(|n| (n / side) * width + column * side + n % side);
                let sum: u32 = square.filter_map(|pixel| rows.get(pixel * 3 + channel)).map(|it| u32::from(*it)).sum();
                small.push((sum / (side * side) as u32) as u8);
            }
        }
    }
    small
}

const fn height(lines: &[Line]) -> i32 {
    TOP + ROW * lines.len() as i32 + BELOW
}

fn draw<B: DrawingBackend>(mut to: Picture<B>, lines: &[Line], caption: &Caption) -> Result<(), BenchError> {
    let axis = Axis::over(lines, PLOT).ok_or_else(|| BenchError::Nothing("there are no runs to draw".to_owned()))?;
    let bottom = TOP + ROW * lines.len() as i32;
    let left = |em, bold, color| Letters { em, bold, color, align: HPos::Left };
    let middle = |em, color| Letters { em, bold: false, color, align: HPos::Center };
    to.area((0, 0), (WIDTH, height(lines)), PAPER, 1.0)?;
    to.text(&caption.title, (28, 36), left(22, true, INK))?;
    to.text(&caption.subtitle, (28, 64), left(14, false, GREY))?;
    for (x, color, what) in [(PLOT.0, SERVER, "server"), (PLOT.0 + 100, WHOLE, "end to end")] {
        to.dot((x + 6, 98), 6, color)?;
        to.text(what, (x + 20, 98), left(14, false, INK))?;
    }
    for row in (0..lines.len() as i32).step_by(2) {
        to.area((16, TOP + row * ROW), (WIDTH - 16, TOP + (row + 1) * ROW), BAND, 1.0)?;
    }
    for tick in axis.ticks() {
        let x = axis.x(tick);
        to.line((x, TOP), (x, bottom + 6), GRID, 1)?;
        to.text(&time(tick), (x, bottom + 20), middle(13, GREY))?;
    }
    for (row, line) in (0..).zip(lines) {
        let y = TOP + row * ROW + ROW / 2;
        to.text(&line.task, (28, y - 9), left(16, true, INK))?;
        to.text(&format!("{}, {}", line.device, runs(line.server.n)), (28, y + 12), left(13, false, GREY))?;
        spread(&mut to, &axis, &line.server, y - 14, SERVER)?;
        if let Some(end_to_end) = &line.end_to_end {
            spread(&mut to, &axis, end_to_end, y + 14, WHOLE)?;
        }
    }
    let note =
        "seconds for one answer, logarithmic · dot: mean · band: ± one standard deviation · line: least to greatest";
    to.text(note, (WIDTH / 2, bottom + 54), middle(13, GREY))?;
    to.finish()
}

/// Least to greatest, one deviation around the mean, the mean; and in words.
fn spread<B: DrawingBackend>(
    to: &mut Picture<B>,
    axis: &Axis,
    stats: &Stats,
    y: i32,
    color: Rgb,
) -> Result<(), BenchError> {
    let (least, greatest) = (axis.x(stats.min), axis.x(stats.max));
    let (below, above) = (axis.x((stats.mean - stats.std).max(stats.mean / 1e3)), axis.x(stats.mean + stats.std));
    to.area((below - 1, y - 7), (above + 1, y + 7), color, 0.22)?;
    to.line((least, y), (greatest.max(least + 1), y), color, 2)?;
    for end in [least, greatest] {
        to.line((end, y - 5), (end, y + 5), color, 2)?;
    }
    to.dot((axis.x(stats.mean), y), 6, color)?;
    let place = (greatest.max(above).max(axis.x(stats.mean) + 6) + 12, y);
    to.text(
        &spread_of(stats.mean, stats.deviation()),
        place,
        Letters { em: 14, bold: false, color: INK, align: HPos::Left },
    )
}

#[cfg(test)]
mod tests {
    use super::{
        super::table::{lines, tests::row},
        *,
    };

    fn some() -> (Vec<Line>, Caption) {
        let rows = [
            row("ad_targeting", 1, 0.004_7, Some(0.081)),
            row("ad_targeting", 2, 0.006_1, Some(0.092)),
            row("weight_stats", 1, 0.8, Some(1.1)),
            row("weight_stats", 2, 0.9, None),
        ];
        (lines(&rows, None), Caption { title: "Times & <more>".to_owned(), subtitle: "a machine".to_owned() })
    }

    #[test]
    fn the_svg_says_everything_in_words() {
        let (lines, caption) = some();
        let text = svg(&lines, &caption).unwrap();
        for part in [
            "Times &amp; &lt;more&gt;",
            "a machine",
            "ad_targeting",
            "weight_stats",
            "end to end",
            "5.40 ± 0.99 ms",
            "1.10 s",
        ] {
            assert!(text.contains(part), "{part}:\n{text}");
        }
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn the_png_is_a_picture_of_the_same_shape() {
        let (lines, caption) = some();
        let file = png(&lines, &caption).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (1_920, (height(&lines) * 2) as u32));
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        for color in [SERVER, WHOLE, PAPER, BAND] {
            let count = pixels.chunks_exact(3).filter(|pixel| **pixel == [color.0, color.1, color.2]).count();
            assert!(count > 50, "{color:?}: {count}");
        }
        assert_eq!(file, png(&lines, &caption).unwrap(), "it is the same every time");
    }

    #[test]
    fn nothing_is_no_picture() {
        let caption = some().1;
        assert!(matches!(svg(&[], &caption), Err(BenchError::Nothing(_))));
        assert!(matches!(png(&[], &caption), Err(BenchError::Nothing(_))));
    }
}
