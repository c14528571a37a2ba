//! Names of tags as numbers, so that the tree can compare them at a glance, and the sets that the standard's rules
//! speak of.

pub(crate) use super::svg::{has_capitals, is_foreign_attribute, svg_name};

/// A tag's name in lower case. Up to twelve letters and digits from 1 to 6 are packed, five bits each; any other name is
/// a hash with the highest bit set. Two long names of one page that fall together would only be taken for one another.
pub(crate) type Tag = u64;

const HASHED: u64 = 1 << 63;

/// For each byte its five bits in a packed name, or more than fit where it has none.
const CODES: [u8; 256] = {
    let mut codes = [0xff; 256];
    let mut code = 0;
    while code < 26 {
        codes[(b'a' + code) as usize] = code + 6;
        codes[(b'A' + code) as usize] = code + 6;
        code += 1;
    }
    let mut code = 0;
    while code < 6 {
        codes[(b'1' + code) as usize] = code;
        code += 1;
    }
    codes
};

/// The number of a name, in whatever case.
pub(crate) const fn tag(name: &[u8]) -> Tag {
    if name.len() <= 12 {
        let mut packed = 0_u64;
        let mut at = 0;
        loop {
            if at == name.len() {
                return packed;
            }
            let code = CODES[name[at] as usize];
            if code > 31 {
                break;
            }
            // A name starts with a letter, whose code is not 0: none is a prefix of another with zeros in front.
            packed = packed << 5 | code as u64;
            at += 1;
        }
    }
    // FNV-1a, 64 bits.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < name.len() {
        hash ^= name[at].to_ascii_lowercase() as u64;
        hash = hash.wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash | HASHED
}

/// Whether a name can be read back from its number.
pub(crate) fn is_packed(tag: Tag) -> bool {
    tag & HASHED == 0
}

/// The name that a number was made of; none if it was hashed.
pub(crate) fn unpack(tag: Tag) -> Option<String> {
    if !is_packed(tag) {
        return None;
    }
    let mut letters = Vec::with_capacity(12);
    let mut rest = tag;
    while rest > 0 {
        let code = u8::try_from(rest & 31).unwrap_or_default();
        letters.push(if code >= 6 { b'a' + code - 6 } else { b'1' + code });
        rest >>= 5;
    }
    letters.reverse();
    String::from_utf8(letters).ok()
}

macro_rules! names {
    ($($name:ident)*) => {
        $(pub(crate) const $name: Tag = tag(stringify!($name).as_bytes());)*
    };
}

names! {
    A ABBR BDI BDO CITE DATA DFN KBD LABEL MARK Q SAMP TIME  ADDRESS APPLET AREA ARTICLE ASIDE B BASE BASEFONT   BGSOUND BIG BLOCKQUOTE BODY BR BUTTON CAPTION
    CENTER  CODE COL COLGROUP  DD DESC DETAILS  DIALOG DIR DIV DL DT EM EMBED FIELDSET FIGCAPTION FIGURE FONT
    FOOTER FOREIGNOBJECT FORM FRAME FRAMESET H1 H2 H3 H4 H5 H6 HEAD HEADER HGROUP HR HTML I IFRAME IMAGE IMG INPUT
    KEYGEN LI LINK LISTING MAIN MALIGNMARK  MARQUEE MATH MENU META MGLYPH MI MN MO MS MTEXT NAV NOBR NOEMBED
    NOFRAMES NOSCRIPT OBJECT OL OPTGROUP OPTION P PARAM  PICTURE PLAINTEXT PRE  RB RP RT RTC RUBY S  SCRIPT SEARCH
    SECTION SELECT SMALL SOURCE SPAN STRIKE STRONG STYLE SUB SUMMARY SUP SVG TABLE TBODY TD TEMPLATE TEXTAREA TFOOT TH
    THEAD  TITLE TR TRACK TT U UL VAR WBR XMP
}

/// `annotation-xml`, whose hyphen no constant's name can have.
pub(crate) const ANNOTATION_XML: Tag = tag(b"annotation-xml");

/// Elements without content and end tag; `param` and the last four by the parser's rules only.
pub(crate) fn is_void(tag: Tag) -> bool {
    matches!(
        tag,
        AREA | BASE
            | BR
            | COL
            | EMBED
            | HR
            | IMG
            | INPUT
            | LINK
            | META
            | SOURCE
            | TRACK
            | WBR
            | PARAM
            | BASEFONT
            | BGSOUND
            | FRAME
            | KEYGEN
    )
}

/// Elements whose content is no markup and has no references.
pub(crate) fn is_raw_text(tag: Tag) -> bool {
    matches!(
        tag,
        SCRIPT | STYLE | XMP | IFRAME | NOEMBED | NOFRAMES | NOSCRIPT | PLAINTEXT
    )
}

/// Elements whose content is no markup but has references.
pub(crate) fn is_escapable_raw_text(tag: Tag) -> bool {
    matches!(tag, TITLE | TEXTAREA)
}

/// Elements at whose start the parser drops a line break.
pub(crate) fn drops_line_break(tag: Tag) -> bool {
    matches!(tag, PRE | LISTING | TEXTAREA)
}

/// The standard's special HTML elements (13.2.4.2).
pub(crate) fn is_special(tag: Tag) -> bool {
    matches!(
        tag,
        ADDRESS
            | APPLET
            | AREA
            | ARTICLE
            | ASIDE
            | BASE
            | BASEFONT
            | BGSOUND
            | BLOCKQUOTE
            | BODY
            | BR
            | BUTTON
            | CAPTION
            | CENTER
            | COL
            | COLGROUP
            | DD
            | DETAILS
            | DIR
            | DIV
            | DL
            | DT
            | EMBED
            | FIELDSET
            | FIGCAPTION
            | FIGURE
            | FOOTER
            | FORM
            | FRAME
            | FRAMESET
            | H1
            | H2
            | H3
            | H4
            | H5
            | H6
            | HEAD
            | HEADER
            | HGROUP
            | HR
            | HTML
            | IFRAME
            | IMG
            | INPUT
            | KEYGEN
            | LI
            | LINK
            | LISTING
            | MAIN
            | MARQUEE
            | MENU
            | META
            | NAV
            | NOEMBED
            | NOFRAMES
            | NOSCRIPT
            | OBJECT
            | OL
            | P
            | PARAM
            | PLAINTEXT
            | PRE
            | SCRIPT
            | SEARCH
            | SECTION
            | SELECT
            | SOURCE
            | STYLE
            | SUMMARY
            | TABLE
            | TBODY
            | TD
            | TEMPLATE
            | TEXTAREA
            | TFOOT
            | TH
            | THEAD
            | TITLE
            | TR
            | TRACK
            | UL
            | WBR
            | XMP
    )
}

/// The formatting elements.
pub(crate) fn is_formatting(tag: Tag) -> bool {
    matches!(
        tag,
        A | B | BIG | CODE | EM | FONT | I | NOBR | S | SMALL | STRIKE | STRONG | TT | U
    )
}

pub(crate) fn is_heading(tag: Tag) -> bool {
    matches!(tag, H1 | H2 | H3 | H4 | H5 | H6)
}

/// Elements whose end tag may be left out and is generated where another tag needs it.
pub(crate) fn has_implied_end(tag: Tag) -> bool {
    matches!(tag, DD | DT | LI | OPTGROUP | OPTION | P | RB | RP | RT | RTC)
}

/// The same for the ends of templates and of the page.
pub(crate) fn has_implied_end_thoroughly(tag: Tag) -> bool {
    has_implied_end(tag)
        || matches!(tag, CAPTION | COLGROUP | TBODY | TD | TFOOT | TH | THEAD | TR)
}

/// Where an HTML element stops the search through the open elements.
pub(crate) fn bounds_scope(tag: Tag) -> bool {
    matches!(
        tag,
        APPLET | CAPTION | HTML | TABLE | TD | TH | MARQUEE | OBJECT | SELECT | TEMPLATE
    )
}

/// HTML start tags that end foreign content; `font` only with some attributes.
pub(crate) fn breaks_out(tag: Tag) -> bool {
    matches!(
        tag,
        B | BIG
            | BLOCKQUOTE
            | BODY
            | BR
            | CENTER
            | CODE
            | DD
            | DIV
            | DL
            | DT
            | EM
            | EMBED
            | H1
            | H2
            | H3
            | H4
            | H5
            | H6
            | HEAD
            | HR
            | I
            | IMG
            | LI
            | LISTING
            | MENU
            | META
            | NOBR
            | OL
            | P
            | PRE
            | RUBY
            | S
            | SMALL
            | SPAN
            | STRONG
            | STRIKE
            | SUB
            | SUP
            | TABLE
            | TT
            | U
            | UL
            | VAR
    )
}

/// Elements that may be the host of a shadow tree (DOM, "valid shadow host name"); custom elements may too.
pub(crate) fn may_host_shadow(tag: Tag) -> bool {
    matches!(
        tag,
        ARTICLE
            | ASIDE
            | BLOCKQUOTE
            | BODY
            | DIV
            | FOOTER
            | H1
            | H2
            | H3
            | H4
            | H5
            | H6
            | HEADER
            | MAIN
            | NAV
            | P
            | SECTION
            | SPAN
    )
}

/// Whether a tag's name is one for a custom element (HTML 4.13.2), as far as ASCII goes.
pub(crate) fn is_custom(name: &[u8]) -> bool {
    const RESERVED: [&str; 8] = [
        "annotation-xml",
        "color-profile",
        "font-face",
        "font-face-format",
        "font-face-name",
        "font-face-src",
        "font-face-uri",
        "missing-glyph",
    ];
    let allowed = |&byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') || byte >= 0x80
    };
    name.contains(&b'-')
        && name.iter().all(allowed)
        && !RESERVED.iter().any(|other| other.as_bytes().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        assert_eq!(tag(b"DIV"), DIV);
        assert_eq!(tag(b"h1"), H1);
        assert_ne!(tag(b"h"), H1);
        assert_ne!(tag(b"x-a"), tag(b"x-b"));
        assert_eq!(tag(b"foreignObject"), FOREIGNOBJECT);
        assert_eq!(tag(b"annotation-XML"), ANNOTATION_XML);
    }

    #[test]
    fn packed_names_can_be_read_back() {
        for name in ["a", "h1", "h6", "blockquote", "figcaption", "z"] {
            assert_eq!(unpack(tag(name.as_bytes())).as_deref(), Some(name));
        }
        assert_eq!(unpack(tag(b"x-card")), None);
        assert_eq!(unpack(FOREIGNOBJECT), None);
    }
}
