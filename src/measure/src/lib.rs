//! What counts say: how likely they are by chance.
//!
//! Pure like the engine: no clock, no randomness, no I/O. Logarithms and exponentials are those of `libm`, never the
//! host's, so that a number is the same natively and in WebAssembly, to the last bit.

mod gamma;
mod chi_square;

pub use chi_square::{ChiSquare, chi_square_test, independence};
