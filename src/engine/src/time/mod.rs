//! Points in time, and what weekday and hour they are somewhere. Integers only, no clock: hosts say what time it is.

mod civil;
mod moment;
mod zone;

pub use civil::Weekday;
pub use moment::{InvalidMoment, Moment};
pub use zone::{InvalidZone, LocalTime, Zone};
