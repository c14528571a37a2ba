//! Redirects that would lead visitors in a circle. No datafile holds one: neither publishing nor reading lets it in.
//!
//! An experiment leads into another if one of its redirects ends on a page that the other may run on. Where no path of
//! such steps closes, a visitor who follows our redirects meets each experiment at most once, whatever variants they
//! are given on the way, so they see no address twice.

use std::collections::VecDeque;

use crate::experiment::Experiment;

/// The most experiments with redirects in a draft: each is held against each.
pub const MAX_REDIRECTING: usize = 100;

/// Experiments, by their places in the list, each of which leads into the next and the last into the first.
#[derive(Debug)]
pub(crate) struct Circle {
    /// At least one.
    pub(crate) experiments: Vec<usize>,
    /// Which variant of the first leads on.
    pub(crate) variant: usize,
}

/// Circles, the shortest for each experiment that is the first of one. None if there are none at all.
pub(crate) fn circles(all: &[Experiment]) -> Vec<Circle> {
    let redirecting: Vec<_> = all
        .iter()
        .enumerate()
        .filter(|(_, experiment)| experiment.redirects().next().is_some())
        .collect();
    let steps: Vec<Vec<usize>> = redirecting
        .iter()
        .map(|(_, from)| {
            let into = redirecting.iter().enumerate();
            let into = into.filter(|(_, (_, into))| step(from, into).is_some());
            into.map(|(index, _)| index).collect()
        })
        .collect();
    let circles = (0..steps.len()).filter_map(|first| circle_from(first, &steps));
    let circles = circles.filter_map(|circle| {
        let experiments: Vec<_> = circle.iter().map(|at| redirecting[*at].0).collect();
        let (first, next) = (experiments[0], experiments[1 % experiments.len()]);
        let variant = step(&all[first], &all[next])?;
        Some(Circle { experiments, variant })
    });
    circles.collect()
}

/// The first variant of `from` whose redirect ends on a page of `into`.
fn step(from: &Experiment, into: &Experiment) -> Option<usize> {
    from.variants.iter().position(|variant| {
        let Some(redirect) = &variant.redirect else { return false };
        let address = &redirect.to;
        // Parameters tell the address from the experiment's other pages; who is there is not redirected by it again.
        if from.key == into.key && address.has_parameters() {
            return false;
        }
        match address.host() {
            Some(host) => into.pages.may_match(address.path(), Some(host)),
            None => {
                from.pages.include.iter().any(|rule| {
                    into.pages.may_match(address.path(), rule.host.as_deref())
                })
            }
        }
    })
}

/// The shortest circle through `first` and only experiments behind it.
fn circle_from(first: usize, steps: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut reached_from: Vec<Option<usize>> = vec![None; steps.len()];
    let mut waiting = VecDeque::from([first]);
    while let Some(at) = waiting.pop_front() {
        if steps[at].contains(&first) {
            let mut circle = vec![at];
            let mut at = at;
            while let Some(before) = reached_from[at] {
                circle.push(before);
                at = before;
            }
            circle.reverse();
            return Some(circle);
        }
        for &next in steps[at].iter().filter(|next| **next > first) {
            if reached_from[next].is_none() {
                reached_from[next] = Some(at);
                waiting.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_once_and_short() {
        let check = |steps: &[&[usize]], expected: &[Option<&[usize]>]| {
            let steps: Vec<_> = steps.iter().map(|to| to.to_vec()).collect();
            let found: Vec<_> =
                (0..steps.len()).map(|first| circle_from(first, &steps)).collect();
            let expected: Vec<_> =
                expected.iter().map(|one| one.map(<[usize]>::to_vec)).collect();
            assert_eq!(found, expected);
        };
        check(&[&[1], &[2], &[]], &[None, None, None]);
        check(&[&[0]], &[Some(&[0])]);
        check(&[&[1], &[0]], &[Some(&[0, 1]), None]);
        check(&[&[1, 2], &[2], &[0]], &[Some(&[0, 2]), None, None]);
        check(&[&[2], &[2], &[1]], &[None, Some(&[1, 2]), None]);
        check(&[&[1], &[2, 1], &[0]], &[Some(&[0, 1, 2]), Some(&[1]), None]);
    }
}
