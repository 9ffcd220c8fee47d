//! Times as places in a picture, on a logarithmic scale, and in words.

use super::table::Line;

/// Seconds as places in the picture.
pub(super) struct Axis {
    /// Where it begins and ends in the picture.
    ends: (i32, i32),
    /// Logarithms to the base 10 of the times there.
    from: f64,
    to: f64,
}

impl Axis {
    /// From below the shortest to above the longest time, but a decade at least; `None` without any time.
    pub(super) fn over(lines: &[Line], ends: (i32, i32)) -> Option<Self> {
        let all = lines.iter().flat_map(|line| std::iter::once(&line.server).chain(&line.end_to_end));
        let times: Vec<f64> = all.flat_map(|stats| [stats.min, stats.max]).map(|s| s.max(1e-6).log10()).collect();
        let (least, greatest) =
            (times.iter().copied().min_by(f64::total_cmp)?, times.iter().copied().max_by(f64::total_cmp)?);
        let (from, mut to) = ((least - 0.15).floor_to_tick(), (greatest + 0.05).ceil_to_tick());
        to = to.max(from + 1.0);
        Some(Self { ends, from, to })
    }

    pub(super) fn x(&self, seconds: f64) -> i32 {
        let share = (seconds.max(1e-6).log10() - self.from) / (self.to - self.from);
        let width = f64::from(self.ends.1 - self.ends.0);
        self.ends.0 + (share.clamp(0.0, 1.0) * width).round() as i32
    }

    /// 1, 2, 5, 10, 20, ..; over more than four decades only 1, 10, ..
    pub(super) fn ticks(&self) -> Vec<f64> {
        let steps: &[f64] = if self.to - self.from > 4.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let decades = (self.from.floor() as i32)..=(self.to.ceil() as i32);
        let all = decades.flat_map(|decade| steps.iter().map(move |step| step * 10_f64.powi(decade)));
        all.filter(|tick| (self.from - 1e-9..=self.to + 1e-9).contains(&tick.log10())).collect()
    }
}

/// Logarithms of 1, 2, 5, 10, 20, ..
trait Ticks {
    fn floor_to_tick(self) -> Self;
    fn ceil_to_tick(self) -> Self;
}

/// Within a decade.
fn within() -> [f64; 4] {
    [0.0, 2_f64.log10(), 5_f64.log10(), 1.0]
}

impl Ticks for f64 {
    fn floor_to_tick(self) -> Self {
        let rest = self - self.floor();
        self.floor() + within().into_iter().rfind(|tick| *tick <= rest + 1e-9).unwrap_or(0.0)
    }

    fn ceil_to_tick(self) -> Self {
        let rest = self - self.floor();
        self.floor() + within().into_iter().find(|tick| *tick >= rest - 1e-9).unwrap_or(1.0)
    }
}

/// `4.73 ms`, `812 ms`, `2.5 s`, `73 s`: three figures at most, and no zeros behind the point.
pub(super) fn time(seconds: f64) -> String {
    let (by, unit, places) = unit(seconds);
    let text = format!("{:.places$}", seconds * by);
    let text = if places > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {unit}")
}

/// `4.73 ± 0.12 ms`: both in the unit of the first one.
pub(super) fn spread_of(mean: f64, deviation: Option<f64>) -> String {
    let (by, unit, places) = unit(mean);
    let deviation = deviation.map_or_else(String::new, |it| format!(" ± {:.places$}", it * by));
    format!("{:.places$}{deviation} {unit}", mean * by)
}

/// How many of the unit a second is, its name, and the places that make three figures.
const fn unit(seconds: f64) -> (f64, &'static str, usize) {
    let (by, unit) = if seconds < 0.999_5 { (1e3, "ms") } else { (1.0, "s") };
    let places = match seconds * by {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    (by, unit, places)
}

#[cfg(test)]
mod tests {
    use super::{
        super::table::{lines, tests::row},
        *,
    };

    const ENDS: (i32, i32) = (190, 800);

    #[test]
    fn times_are_short() {
        let shown =
            [0.0, 0.000_5, 0.004_734, 0.01, 0.0125, 0.812_4, 0.999_9, 1.0, 2.5, 43.51, 100.0, 1_234.0].map(time);
        let expected = [
            "0 ms", "0.5 ms", "4.73 ms", "10 ms", "12.5 ms", "812 ms", "1 s", "1 s", "2.5 s", "43.5 s", "100 s",
            "1234 s",
        ];
        assert_eq!(shown, expected);
        assert_eq!(spread_of(0.833, Some(0.025_2)), "833 ± 25 ms");
        assert_eq!(spread_of(1.16, Some(0.141)), "1.16 ± 0.14 s");
        assert_eq!(spread_of(1.16, None), "1.16 s");
    }

    #[test]
    fn the_axis_holds_every_time_and_grows_to_the_right() {
        let some = lines(&[row("a", 1, 0.004_7, Some(1.1)), row("b", 2, 0.8, None)], None);
        let axis = Axis::over(&some, ENDS).unwrap();
        let ticks = axis.ticks();
        assert!(ticks.first().unwrap() <= &0.004_7 && ticks.last().unwrap() >= &1.1, "{ticks:?}");
        assert!(ticks.windows(2).all(|pair| axis.x(pair[0]) < axis.x(pair[1])));
        assert_eq!((axis.x(1e-9), axis.x(1e9)), ENDS);
        let one = lines(&[row("a", 1, 1.0, None)], None);
        let axis = Axis::over(&one, ENDS).unwrap();
        assert!(axis.to - axis.from >= 1.0 && axis.ticks().len() >= 3);
    }
}
