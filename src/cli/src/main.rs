//! `edgewise`: experiments from the command line. Each command reads files or asks a `place`, asks the engine and prints; what is printed
//! on stdout is data, what is printed on stderr is talk.

mod args;
mod output;
mod validate;
mod place;
mod refused;
mod publish;
mod pull;
mod live;
mod switch;
mod token;
mod matching;
mod visit;
mod decide;
mod tally;
mod simulation;
mod simulate;
mod render;
mod conflicts;
mod import;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command, TokenCommand};
use crate::place::Switch;

/// How a command ended, when it could do its work.
enum Outcome {
    /// As asked.
    Done,
    /// The input has problems, and they have been printed.
    Problems,
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return output::usage(&error),
    };
    let outcome = match &args.command {
        Command::Validate(args) => validate::run(args),
        Command::Publish(args) => publish::run(args),
        Command::Pull(args) => pull::run(args),
        Command::Live(args) => live::run(args),
        Command::History(args) => live::history(args),
        Command::Stop(args) => switch::run(args, Switch::Stop),
        Command::Pause(args) => switch::run(args, Switch::Pause),
        Command::Resume(args) => switch::run(args, Switch::Resume),
        Command::Rollback(args) => switch::roll_back(args),
        Command::Off(args) => switch::off(args),
        Command::On(args) => switch::on(args),
        Command::Token(args) => match &args.command {
            TokenCommand::New(args) => token::new(args),
        },
        Command::Match(args) => matching::run(args),
        Command::Decide(args) => decide::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Render(args) => render::run(args),
        Command::Conflicts(args) => conflicts::run(args),
        Command::Import(args) => import::run(args),
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(1),
        Err(error) => output::failure(&error),
    }
}
