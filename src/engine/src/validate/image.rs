//! Another picture for an `<img>`.

use serde_json::Value;

use super::change::{note, within_limit};
use super::token::{read_tokens, refuse_tokens, without_tokens};
use crate::change::{Action, Image};
use crate::draft::{Fields, Place, as_text};
use crate::markup::{check_attribute, check_srcset};
use crate::problem::Problems;
use crate::token::Landing;

pub(super) fn read_image(
    value: &Value,
    at: &Place,
    problems: &mut Problems,
) -> Option<Action> {
    let what = "an object such as {\"src\": \"/b.jpg\", \"srcset\": \"/b-2x.jpg 2x\"}";
    let mut fields = Fields::of(value, at, what, problems)?;
    let src = fields.text("src", "Write the address of the new picture.", problems);
    let mut optional = |name| {
        let value = fields.optional(name)?;
        Some(as_text(value, &fields.place(name), problems))
    };
    let (srcset, sizes) = (optional("srcset"), optional("sizes"));
    let (alt, was) = (optional("alt"), optional("was"));
    let mut good = fields.finish(problems);
    // What is no text was noted as such.
    let of = |text: Option<Option<&str>>| match text {
        Some(None) => Err(()),
        Some(Some(text)) => Ok(Some(text.to_owned())),
        None => Ok(None),
    };
    let texts = [Some(src), srcset, sizes, alt, was];
    let names = ["src", "srcset", "sizes", "alt", "was"];
    for (name, text) in names.into_iter().zip(texts) {
        let Some(Some(text)) = text else { continue };
        let place = at.field(name);
        good &= within_limit(text, &place, problems);
        good &= match name {
            "sizes" => refuse_tokens(text, "a list of sizes", &place, problems),
            "was" => refuse_tokens(text, "the old address", &place, problems),
            _ => {
                let sample = without_tokens(text);
                let safe = sample.is_none_or(|sample| {
                    let found = match name {
                        "srcset" => check_srcset(&sample),
                        _ => check_attribute(name, &sample),
                    };
                    note(found, &place, problems)
                });
                read_tokens(text, Landing::Attribute(name), &place, problems) && safe
            }
        };
    }
    if matches!((sizes, srcset), (Some(_), None)) {
        problems.error(
            "sizes-without-srcset",
            at.field("sizes"),
            "\"sizes\" tells browsers how to choose from \"srcset\", which is missing",
            "Write \"srcset\" too, or leave out \"sizes\".",
        );
        good = false;
    }
    let image = Image {
        src: src?.to_owned(),
        srcset: of(srcset).ok()?,
        sizes: of(sizes).ok()?,
        alt: of(alt).ok()?,
        was: of(was).ok()?,
    };
    good.then_some(Action::Image(image))
}
