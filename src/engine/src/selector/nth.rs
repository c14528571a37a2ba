//! `an+b`: which places are meant, counted from 1.

use super::scan::Scanner;

/// Every place that is `step * n + offset` for some `n` from 0 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Nth {
    step: i32,
    offset: i32,
}

impl Nth {
    pub(super) const FIRST: Self = Self { step: 0, offset: 1 };

    pub(super) fn has(self, place: u32) -> bool {
        let beyond = i64::from(place) - i64::from(self.offset);
        match i64::from(self.step) {
            0 => beyond == 0,
            step => beyond % step == 0 && beyond / step >= 0,
        }
    }

    /// Reads `odd`, `even`, a number or a step, as CSS Syntax 3 (section 6) has it: no white space behind a sign in front
    /// and none between a number and its `n`. What follows is left to the caller.
    pub(super) fn read(scan: &mut Scanner<'_>) -> Option<Self> {
        let mut ahead = *scan;
        if let Some(word) = ahead.name() {
            let offset = match word.to_ascii_lowercase().as_str() {
                "odd" => Some(1),
                "even" => Some(0),
                _ => None,
            };
            if let Some(offset) = offset {
                *scan = ahead;
                return Some(Self { step: 2, offset });
            }
        }
        let sign = read_sign(scan);
        let number = scan.number();
        if !scan.eat("n") && !scan.eat("N") {
            return Some(Self { step: 0, offset: sign.unwrap_or(1) * number? });
        }
        let step = sign.unwrap_or(1) * number.unwrap_or(1);
        let mut ahead = *scan;
        ahead.skip_space().ok()?;
        let Some(sign) = read_sign(&mut ahead) else {
            return Some(Self { step, offset: 0 });
        };
        ahead.skip_space().ok()?;
        *scan = ahead;
        Some(Self { step, offset: sign * scan.number()? })
    }
}

fn read_sign(scan: &mut Scanner<'_>) -> Option<i32> {
    if scan.eat("-") { Some(-1) } else { scan.eat("+").then_some(1) }
}
