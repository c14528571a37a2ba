//! `edgewise simulate`.

use anyhow::{Context as _, Result};
use edgewise_engine::Page;

use crate::args::Simulate;
use crate::simulation::{Pair, Part, Shared, Simulation, Test};
use crate::tally::{MAX_COMPARED, Tally};
use crate::{Outcome, output, visit};

/// The most pairs of experiments that are told to people.
const MAX_TOLD: usize = 20;

/// Something odd is a problem of the input: the datafile shares visitors out in another way than it says.
pub(crate) fn run(args: &Simulate) -> Result<Outcome> {
    let datafile = output::read_datafile(&args.datafile)?;
    let page = Page::parse(&args.url).context("--url")?;
    let visit = visit::visit(page, &args.told)?;
    let tally = Tally::of(&datafile, &visit, args.visitors, &args.seed);
    let asked = (args.url.as_str(), args.seed.as_str(), args.visitors);
    let simulation = Simulation::of(asked, &tally, visit.facts.now());
    if args.json {
        output::json(&simulation)?;
    } else {
        output::data(tell(&simulation).as_bytes())?;
    }
    Ok(if simulation.odd { Outcome::Problems } else { Outcome::Done })
}

fn tell(simulation: &Simulation<'_>) -> String {
    let visitors = u64::from(simulation.visitors);
    let who = if visitors == 1 { "visitor asks" } else { "visitors ask" };
    let mut text = format!("{} {who} for {}.\n\n", grouped(visitors), simulation.url);
    for shared in &simulation.experiments {
        text += &tell_experiment(shared, visitors);
        text.push('\n');
    }
    if !simulation.pairs.is_empty() {
        text += &tell_pairs(simulation);
        text.push('\n');
    }
    text + &verdict(simulation)
}

fn tell_experiment(shared: &Shared<'_>, visitors: u64) -> String {
    let mut text = match shared.enrolled {
        0 => format!("{}: nobody takes part\n", shared.experiment),
        enrolled => format!(
            "{}: {} of {} take part\n",
            shared.experiment,
            grouped(enrolled),
            grouped(visitors)
        ),
    };
    if shared.enrolled > 0 {
        let name = |part: &Part<'_>| part.variant.len();
        let width = shared.variants.iter().map(name).max().unwrap_or_default();
        for part in &shared.variants {
            text += &format!(
                "  {:width$}  {:>10}  {:>8}  promised {}\n",
                part.variant,
                grouped(part.visitors),
                percent(part.share),
                percent(part.promised)
            );
        }
        text += &format!("  {}\n", tell_split(&shared.test));
    }
    for one in &shared.left_out {
        let visitors = grouped(one.visitors);
        text += &format!("  not {visitors}: {} ({})\n", one.explain, one.reason);
    }
    text
}

fn tell_split(test: &Test) -> String {
    let Some(figures) = figures(test) else {
        return match (test.odd, test.chi_square) {
            (true, _) => "ODD: a variant has visitors that no range gives it".to_owned(),
            (_, None) => {
                "one variant has them all: there is nothing to compare".to_owned()
            }
            _ => "too few visitors for a test: ask for more with --visitors".to_owned(),
        };
    };
    if test.odd {
        format!("ODD: the split is not what the ranges promise ({figures})")
    } else {
        format!("the split is what the ranges promise ({figures})")
    }
}

fn tell_pairs(simulation: &Simulation<'_>) -> String {
    let pairs = &simulation.pairs;
    let mut text = String::from(
        "Does the variant in one experiment depend on the variant in another?\n",
    );
    for pair in pairs.iter().take(MAX_TOLD) {
        text += &format!("  {} and {}: {}\n", pair.first, pair.second, tell_pair(pair));
    }
    if pairs.len() > MAX_TOLD {
        let more = grouped((pairs.len() - MAX_TOLD) as u64);
        text += &format!("  and {more} more pairs; --json has them all\n");
    }
    if !simulation.all_pairs {
        text += &format!(
            "  Only the page's first {MAX_COMPARED} experiments are compared with one another.\n"
        );
    }
    let tested: Vec<_> = pairs.iter().filter_map(|pair| pair.test.p_value()).collect();
    if let [_, _, ..] = tested[..] {
        let least = tested.iter().copied().fold(1.0, f64::min);
        let number = tested.len();
        #[allow(clippy::cast_precision_loss, reason = "they are a few thousand at most")]
        let by_chance = least * number as f64;
        let number = grouped(number as u64);
        text += &format!(
            "  {number} pairs were tested; the smallest p is {}. Where nothing depends on anything, chance gives {} of {number} one as small.\n",
            p_value(least),
            match by_chance {
                few if few < 0.01 => "less than 0.01".to_owned(),
                few => format!("about {few:.2}"),
            }
        );
    }
    text
}

fn tell_pair(pair: &Pair<'_>) -> String {
    let both = grouped(pair.together);
    match (pair.layer, figures(&pair.test)) {
        (Some(layer), _) if pair.together == 0 => {
            format!("never together, as the layer \"{layer}\" wants it")
        }
        (Some(layer), _) => {
            format!(
                "ODD: {both} visitors are in both, though the layer \"{layer}\" keeps them apart"
            )
        }
        (None, _) if pair.together == 0 => "nobody is in both".to_owned(),
        (None, None) if pair.test.chi_square.is_some() => {
            format!("too few visitors for a test ({both} in both)")
        }
        (None, None) => format!("nothing to compare ({both} in both)"),
        (None, Some(figures)) if pair.test.odd => {
            format!("ODD: yes, they depend on one another ({both} in both, {figures})")
        }
        (None, Some(figures)) => format!("no ({both} in both, {figures})"),
    }
}

fn verdict(simulation: &Simulation<'_>) -> String {
    if simulation.experiments.is_empty() {
        return "No experiment runs on this page.\n".to_owned();
    }
    let tests = simulation.experiments.iter().map(|one| &one.test);
    let tests: Vec<_> =
        tests.chain(simulation.pairs.iter().map(|pair| &pair.test)).collect();
    let odd = tests.iter().filter(|test| test.odd).count();
    let tested = tests.iter().filter(|test| test.p_value().is_some()).count();
    match (odd, tested) {
        (0, 0) => "There was nothing to test.\n".to_owned(),
        (0, _) => "All is as it should be: nothing is further off than chance explains.\n"
            .to_owned(),
        (1, _) => "One thing is odd: see ODD above. Chance does that in less than 1 of 1,000 simulations, however many tests there are.\n".to_owned(),
        (odd, _) => format!(
            "{odd} things are odd: see ODD above. Chance does that in less than 1 of 1,000 simulations, however many tests there are.\n"
        ),
    }
}

/// What a test found, where it can be trusted.
fn figures(test: &Test) -> Option<String> {
    let found = test.chi_square.filter(|_| test.enough)?;
    let freedom = match found.degrees_of_freedom {
        1 => "1 degree".to_owned(),
        degrees => format!("{degrees} degrees"),
    };
    Some(format!(
        "chi-square {:.2}, {freedom} of freedom, p {}",
        found.statistic,
        p_value(found.p_value)
    ))
}

fn p_value(value: f64) -> String {
    if value < 0.0001 { "< 0.0001".to_owned() } else { format!("{value:.4}") }
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.2} %", share * 100.0))
}

/// With a comma before each group of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
