//! The names in SVG and `MathML` that have capitals in the DOM.

use super::name::{Tag, tag};

/// SVG elements whose names have capitals in the DOM.
const SVG_NAMES: &[&str] = &[
    "altGlyph",
    "altGlyphDef",
    "altGlyphItem",
    "animateColor",
    "animateMotion",
    "animateTransform",
    "clipPath",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feImage",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
    "foreignObject",
    "glyphRef",
    "linearGradient",
    "radialGradient",
    "textPath",
];

/// Whether an SVG element of that name has capitals in its name.
pub(crate) fn has_capitals(of: Tag) -> bool {
    SVG_NAMES.iter().any(|name| tag(name.as_bytes()) == of)
}

/// The DOM's name of an SVG element whose tag says `lower`.
pub(crate) fn svg_name(lower: &str) -> &str {
    SVG_NAMES.iter().find(|name| name.eq_ignore_ascii_case(lower)).unwrap_or(&lower)
}

/// SVG attributes whose names have capitals in the DOM.
const SVG_ATTRIBUTES: &[&str] = &[
    "attributeName",
    "attributeType",
    "baseFrequency",
    "baseProfile",
    "calcMode",
    "clipPathUnits",
    "diffuseConstant",
    "edgeMode",
    "filterUnits",
    "glyphRef",
    "gradientTransform",
    "gradientUnits",
    "kernelMatrix",
    "kernelUnitLength",
    "keyPoints",
    "keySplines",
    "keyTimes",
    "lengthAdjust",
    "limitingConeAngle",
    "markerHeight",
    "markerUnits",
    "markerWidth",
    "maskContentUnits",
    "maskUnits",
    "numOctaves",
    "pathLength",
    "patternContentUnits",
    "patternTransform",
    "patternUnits",
    "pointsAtX",
    "pointsAtY",
    "pointsAtZ",
    "preserveAlpha",
    "preserveAspectRatio",
    "primitiveUnits",
    "refX",
    "refY",
    "repeatCount",
    "repeatDur",
    "requiredExtensions",
    "requiredFeatures",
    "specularConstant",
    "specularExponent",
    "spreadMethod",
    "startOffset",
    "stdDeviation",
    "stitchTiles",
    "surfaceScale",
    "systemLanguage",
    "tableValues",
    "targetX",
    "targetY",
    "textLength",
    "viewBox",
    "viewTarget",
    "xChannelSelector",
    "yChannelSelector",
    "zoomAndPan",
];

/// Whether an attribute that a foreign element's tag calls `written` is called `name` in the DOM, without a namespace.
pub(crate) fn is_foreign_attribute(written: &[u8], name: &str) -> bool {
    if !written.eq_ignore_ascii_case(name.as_bytes()) || written.starts_with(b"xlink:") {
        return false;
    }
    if matches!(name, "xmlns" | "xmlns:xlink" | "xml:lang" | "xml:space") {
        return false;
    }
    let same = |listed: &&&str| listed.eq_ignore_ascii_case(name);
    match SVG_ATTRIBUTES.iter().find(same) {
        Some(listed) => *listed == name,
        None => !name.bytes().any(|byte| byte.is_ascii_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_names_get_their_capitals() {
        assert_eq!(svg_name("lineargradient"), "linearGradient");
        assert_eq!(svg_name("circle"), "circle");
    }
}
