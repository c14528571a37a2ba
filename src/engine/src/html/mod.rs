//! A page as a browser reads it, piece by piece: bytes → tokens → the open elements.

mod svg;
pub(crate) mod name;
mod token;
mod tag;
mod script;
mod node;
mod tree;
mod state;
mod agency;
mod doctype;
mod modes;
mod head;
mod tables;
mod text;
mod end_tags;
mod foreign;
mod parser;
mod skim;
mod outline;

pub use outline::{Outline, outline};

pub(crate) use node::{Birth, Event, Namespace, Node, Origin, StartTag};
pub(crate) use parser::Parser;
pub(crate) use skim::{Bystander, Skimmed};
pub(crate) use token::{Attribute, Token, Tokenizer, TooLong, text_mode};
pub(crate) use tree::Tree;
