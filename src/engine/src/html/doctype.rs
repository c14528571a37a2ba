//! Whether a document type asks for quirks mode (13.2.6.4.1).

/// Public identifiers that begin so mean quirks mode.
const QUIRKY: &[&str] = &[
    "+//silmaril//dtd html pro v0r11 19970101//",
    "-//as//dtd html 3.0 aswedit + extensions//",
    "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
    "-//ietf//dtd html",
    "-//metrius//dtd metrius presentational//",
    "-//microsoft//dtd internet explorer 2.0",
    "-//microsoft//dtd internet explorer 3.0",
    "-//netscape comm. corp.//dtd",
    "-//o'reilly and associates//dtd html",
    "-//sq//dtd html 2.0 hotmetal + extensions//",
    "-//softquad software//dtd hotmetal pro 6.0::19990601::extensions to html 4.0//",
    "-//softquad//dtd hotmetal pro 4.0::19971010::extensions to html 4.0//",
    "-//spyglass//dtd html 2.0 extended//",
    "-//sun microsystems corp.//dtd hotjava",
    "-//w3c//dtd html 3 1995-03-24//",
    "-//w3c//dtd html 3.2",
    "-//w3c//dtd html 4.0 frameset//",
    "-//w3c//dtd html 4.0 transitional//",
    "-//w3c//dtd html experimental",
    "-//w3c//dtd w3 html",
    "-//w3o//dtd w3 html 3.0//",
    "-//webtechs//dtd mozilla html",
];

/// These mean it where there is no system identifier.
const QUIRKY_ALONE: &[&str] =
    &["-//w3c//dtd html 4.01 frameset//", "-//w3c//dtd html 4.01 transitional//"];

/// `bytes` is the whole of `<!doctype …>`.
pub(super) fn is_quirky(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let Some(rest) = text.strip_prefix("<!doctype") else { return true };
    let Some(rest) = rest.trim_start().strip_suffix('>') else { return true };
    let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    if name != "html" {
        return true;
    }
    let rest = rest.trim_start();
    if rest.is_empty() {
        return false;
    }
    let (public, system) = if let Some(rest) = rest.strip_prefix("public") {
        let Some((public, rest)) = quoted(rest) else { return true };
        let rest = rest.trim_start();
        let system = quoted(rest).map(|(system, _)| system);
        if system.is_none() && !rest.is_empty() {
            return true;
        }
        (Some(public), system)
    } else if let Some(rest) = rest.strip_prefix("system") {
        let Some((system, _)) = quoted(rest) else { return true };
        (None, Some(system))
    } else {
        return true;
    };
    if system == Some("http://www.ibm.com/data/dtd/v11/ibmxhtml1-transitional.dtd") {
        return true;
    }
    let Some(public) = public else { return false };
    matches!(
        public,
        "-//w3o//dtd w3 html strict 3.0//en//"
            | "-/w3c/dtd html 4.0 transitional/en"
            | "html"
    ) || QUIRKY.iter().any(|start| public.starts_with(start))
        || (system.is_none()
            && QUIRKY_ALONE.iter().any(|start| public.starts_with(start)))
}

/// A quoted identifier and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote)
}

#[cfg(test)]
mod tests {
    use super::is_quirky;

    #[test]
    fn document_types() {
        assert!(!is_quirky(b"<!DOCTYPE html>"));
        assert!(!is_quirky(b"<!doctype HTML >"));
        assert!(!is_quirky(b"<!doctype html system \"about:legacy-compat\">"));
        assert!(!is_quirky(b"<!doctype html public '-//W3C//DTD HTML 4.01//EN' 'http://www.w3.org/TR/html4/strict.dtd'>"));
        assert!(!is_quirky(
            b"<!doctype html public '-//W3C//DTD HTML 4.01 Transitional//EN' 'x'>"
        ));
        assert!(is_quirky(
            b"<!doctype html public '-//W3C//DTD HTML 4.01 Transitional//EN'>"
        ));
        assert!(is_quirky(b"<!doctype html public '-//W3C//DTD HTML 3.2 Final//EN'>"));
        assert!(is_quirky(b"<!doctype html x>"));
        assert!(is_quirky(b"<!doctype svg>"));
        assert!(is_quirky(b"<!doctype>"));
        assert!(is_quirky(b"<!doctype html"));
    }
}
