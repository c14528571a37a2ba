//! Words arrive in the page's own charset.

use edgewise_wasm_tests::{Answer, Site, datafile, html};

fn served(page: Answer, words: &str) -> Vec<u8> {
    let site = Site::serving("/", page).with_datafile(datafile::headline(words));
    let reply = site.get("/").visitor("alice").send();
    reply.is(200);
    reply.body
}

#[test]
fn a_windows_1252_page_gets_windows_1252_words() {
    // "Prix réduit – 5 €": é, the dash and the euro sign are one byte each.
    let page = html(b"<h1>\xe0 voir</h1><p>d\xe9j\xe0</p>")
        .content_type("text/html; charset=windows-1252");
    let expected = b"<h1>Prix r\xe9duit \x96 5 \x80</h1><p>d\xe9j\xe0</p>";
    assert_eq!(served(page, "Prix réduit – 5 €"), expected);
}

#[test]
fn what_a_charset_cannot_say_becomes_a_reference() {
    let page = html("<h1>Hi</h1>").content_type("text/html; charset=iso-8859-1");
    assert_eq!(served(page, "日本"), b"<h1>&#26085;&#26412;</h1>");
}

#[test]
fn a_page_that_names_its_charset_inside_is_believed() {
    let page =
        html(b"<meta charset=windows-1252><h1>\xe0</h1>").content_type("text/html");
    let served = served(page, "é");
    // As a byte of that charset, or as a reference that is right in every charset.
    let right: [&[u8]; 2] = [
        b"<meta charset=windows-1252><h1>\xe9</h1>",
        b"<meta charset=windows-1252><h1>&#xe9;</h1>",
    ];
    assert!(right.contains(&served.as_slice()), "{}", served.escape_ascii());
}

#[test]
fn a_byte_order_mark_stays_and_wins() {
    let page =
        html("\u{feff}<meta charset=windows-1252><h1>à</h1>").content_type("text/html");
    let expected = "\u{feff}<meta charset=windows-1252><h1>é</h1>";
    assert_eq!(served(page, "é"), expected.as_bytes());
}
