//! The pictures that stand for posts and people who have none: abstract landscapes, drawn on pages and as pixels alike.

use maud::{Markup, html};

use crate::assets::fnv1a;

/// Width of the drawing.
const WIDTH: f32 = 400.0;
/// Height of the drawing.
const HEIGHT: f32 = 300.0;
/// Radius of the sun.
const SUN: f32 = 36.0;
/// Sky, sun, far hill, near hill.
const PALETTES: [[[u8; 3]; 4]; 6] = [
    [
        [0xfd, 0xe2, 0xc8],
        [0xf2, 0xa6, 0x5a],
        [0x8c, 0x4a, 0x2f],
        [0x4b, 0x2a, 0x20],
    ],
    [
        [0xdb, 0xe9, 0xff],
        [0x8f, 0xb3, 0xe8],
        [0x3d, 0x5a, 0x94],
        [0x22, 0x34, 0x5c],
    ],
    [
        [0xe6, 0xf3, 0xdf],
        [0x9c, 0xc6, 0x9b],
        [0x4a, 0x78, 0x56],
        [0x27, 0x4b, 0x3a],
    ],
    [
        [0xf7, 0xdf, 0xe6],
        [0xd9, 0x8c, 0xa3],
        [0x8b, 0x45, 0x60],
        [0x4c, 0x24, 0x38],
    ],
    [
        [0xef, 0xe5, 0xff],
        [0xb7, 0x9b, 0xe0],
        [0x6a, 0x4a, 0x9c],
        [0x3a, 0x28, 0x60],
    ],
    [
        [0xff, 0xf3, 0xcf],
        [0xe8, 0xc4, 0x68],
        [0x9a, 0x74, 0x24],
        [0x57, 0x40, 0x12],
    ],
];

/// A landscape, the same for the same seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Artwork {
    palette: [[u8; 3]; 4],
    sun: (f32, f32),
    far: Hill,
    near: Hill,
}

/// The outline of a hill: a cubic curve over the whole width, by its ends and the two heights that draw it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Hill {
    left: f32,
    /// Where the first control point stands, and how high.
    first: (f32, f32),
    second: (f32, f32),
    right: f32,
}

impl Artwork {
    /// The landscape of an id or a name.
    pub fn of(seed: &str) -> Self {
        let digest = fnv1a(seed.as_bytes());
        // Each is below 256, which a float holds exactly.
        let pick = |shift: u32, many: u8| u8::try_from((digest >> shift) % u64::from(many)).unwrap_or_default();
        let below = |shift, many| f32::from(pick(shift, many));
        let (rise, fall, near) = (150.0 + below(27, 40), 175.0 + below(33, 40), 215.0 + below(41, 30));
        Self {
            palette: PALETTES.get(usize::from(pick(3, 6))).copied().unwrap_or(PALETTES[0]),
            sun: (80.0 + below(11, 240), 70.0 + below(19, 60)),
            far: Hill {
                left: rise,
                first: (100.0, rise - 50.0),
                second: (180.0, fall + 30.0),
                right: fall,
            },
            near: Hill {
                left: near,
                first: (140.0, near - 60.0),
                second: (260.0, near + 30.0),
                right: near - 30.0,
            },
        }
    }

    /// As part of a page.
    pub fn markup(&self, label: &str) -> Markup {
        let [sky, sun, far, near] = self
            .palette
            .map(|[red, green, blue]| format!("#{red:02x}{green:02x}{blue:02x}"));
        html! {
            svg viewBox=(format_args!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="xMidYMid slice" role="img" aria-label=(label) focusable="false" {
                rect width=(WIDTH) height=(HEIGHT) fill=(sky) {}
                circle cx=(self.sun.0) cy=(self.sun.1) r=(SUN) fill=(sun) {}
                path d=(self.far.outline()) fill=(far) {}
                path d=(self.near.outline()) fill=(near) {}
            }
        }
    }

    /// As red, green and blue bytes, row by row, of a picture of this size in pixels; like on a page, what does not fit is cut off evenly.
    pub fn pixels(&self, width: u16, height: u16) -> Vec<u8> {
        let (width_px, height_px) = (f32::from(width.max(1)), f32::from(height.max(1)));
        let scale = (WIDTH / width_px).min(HEIGHT / height_px);
        let (left, top) = ((WIDTH - width_px * scale) / 2.0, (HEIGHT - height_px * scale) / 2.0);
        let columns: Vec<(f32, f32, f32)> = (0..width)
            .map(|column| {
                let x = (f32::from(column) + 0.5).mul_add(scale, left);
                (x, self.far.height_at(x), self.near.height_at(x))
            })
            .collect();
        let [sky, sun, far, near] = self.palette;
        let rows = (0..height).map(|row| (f32::from(row) + 0.5).mul_add(scale, top));
        rows.flat_map(|y| {
            columns.iter().flat_map(move |&(x, far_top, near_top)| {
                if y >= near_top {
                    near
                } else if y >= far_top {
                    far
                } else if (x - self.sun.0).hypot(y - self.sun.1) <= SUN {
                    sun
                } else {
                    sky
                }
            })
        })
        .collect()
    }
}

impl Hill {
    fn outline(&self) -> String {
        let Self {
            left,
            first,
            second,
            right,
        } = self;
        format!(
            "M0 {left} C {} {} {} {} {WIDTH} {right} V {HEIGHT} H 0 Z",
            first.0, first.1, second.0, second.1
        )
    }

    /// The height of the outline at `x`. The curve never runs backwards, so halving finds where it passes.
    fn height_at(&self, x: f32) -> f32 {
        let (mut before, mut after) = (0.0_f32, 1.0_f32);
        for _ in 0..16 {
            let middle = f32::midpoint(before, after);
            if bezier(middle, 0.0, self.first.0, self.second.0, WIDTH) < x {
                before = middle;
            } else {
                after = middle;
            }
        }
        bezier(before, self.left, self.first.1, self.second.1, self.right)
    }
}

fn bezier(at: f32, start: f32, first: f32, second: f32, end: f32) -> f32 {
    let rest = 1.0 - at;
    let ends = rest.powi(3) * start + at.powi(3) * end;
    ends + 3.0 * rest * at * (rest * first + at * second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_landscape_and_another_is_another() {
        assert_eq!(Artwork::of("luna.coffee"), Artwork::of("luna.coffee"));
        assert_ne!(Artwork::of("luna.coffee"), Artwork::of("sam"));
    }

    #[test]
    fn pixels_are_the_sky_above_and_the_near_hill_below() {
        let artwork = Artwork::of("luna.coffee");
        let pixels = artwork.pixels(40, 30);
        let [sky, _, _, near] = artwork.palette;
        assert_eq!(pixels.len(), 40 * 30 * 3);
        assert_eq!(
            (pixels.first_chunk::<3>(), pixels.last_chunk::<3>()),
            (Some(&sky), Some(&near))
        );
    }

    #[test]
    fn a_square_shows_the_middle_of_the_landscape() {
        let artwork = Artwork::of("luna.coffee");
        let (square, whole) = (artwork.pixels(30, 30), artwork.pixels(40, 30));
        let row = |pixels: &[u8], width: usize, row: usize| pixels.chunks(width * 3).nth(row).unwrap().to_vec();
        for number in 0..30 {
            assert_eq!(row(&square, 30, number), row(&whole, 40, number)[15..105].to_vec());
        }
    }

    #[test]
    fn an_empty_picture_has_no_pixels() {
        assert_eq!(Artwork::of("x").pixels(0, 0), Vec::<u8>::new());
    }
}
