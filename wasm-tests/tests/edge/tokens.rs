//! Copy that speaks of the visit.

use edgewise_wasm_tests::{Site, datafile, html};
use serde_json::json;

use crate::PAGE;

const WORDS: &str = "{{query.q | words | \"Hi\"}}, {{cookie.plan | \"no plan\"}}, {{geo.city | \"anywhere\"}}, {{language | \"any\"}}";

#[test]
fn copy_speaks_of_the_visit() {
    let site = Site::serving("/", html(PAGE))
        .with_datafile(datafile::headline(WORDS))
        .with_geo(json!({ "city": "são paulo", "country": "BR" }));
    site.get("/?q=green+tea")
        .visitor("alice")
        .cookie("theme=dark; plan=<b>")
        .cookie("plan=other")
        .header("Accept-Language", "pt-BR,pt;q=0.9")
        .send()
        .shows("<h1 class=big>green tea, &lt;b&gt;, são paulo, pt-BR</h1>");
    site.get("/").send().shows("<h1 class=big>Hi, no plan, são paulo, any</h1>");
}

#[test]
fn what_nobody_knows_has_a_default() {
    let site =
        Site::serving("/", html(PAGE)).with_datafile(datafile::headline(WORDS)).with_geo(
            // The runtime's way to say that it does not know.
            json!({ "city": "?" }),
        );
    site.get("/?q=%FF").send().shows("<h1 class=big>Hi, no plan, anywhere, any</h1>");
}

#[test]
fn the_signature_of_a_qa_link_is_not_shown() {
    let site = Site::serving("/", html(PAGE)).with_datafile(datafile::headline(WORDS));
    let reply = site
        .get("/?_edgewise=headline.benefit.1.00&q=tea")
        .visitor("alice")
        .cookie("edgewise_qa=secret")
        .send();
    reply.shows("<h1 class=big>tea, no plan, anywhere, any</h1>");
}
