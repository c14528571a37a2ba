//! What a visitor, an origin and a log see of the built module, sentence by sentence.

mod adopted;
mod api;
mod app;
mod audience;
mod budget;
mod charset;
mod compiled;
mod consent;
mod cookies;
mod exposures;
mod finished;
mod gate;
mod groups;
mod headers;
mod http_answers;
mod http_debug;
mod http_packed;
mod http_private;
mod http_requests;
mod http_shield;
mod http_validators;
mod kept;
mod origin_rendered;
mod other_pages;
mod policies;
mod qa_links;
mod redirects;
mod registry;
mod repeats;
mod requests;
mod returning;
mod sticky;
mod streaming;
mod tokens;
mod variants;

/// A page that every experiment here can edit.
const PAGE: &str = "<!doctype html>\n<title>Site</title>\n<body>\n<h1 class=big>Hi</h1>\n\
    <p class=\"lead\">We sell\tthings</p>\n<a class='cta' href=/buy>Buy</a>\n</body>\n";
