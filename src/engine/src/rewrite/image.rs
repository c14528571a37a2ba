//! Another picture in an `<img>`: what stands in its tag, and the `<source>` elements in front of it in a `<picture>`,
//! which would win over that. The page is held from the first of those on until the `<picture>` ends or they are gone.

use super::output::{Hold, MAX_HELD};
use super::report::{Grade, Skip};
use super::splice::Splice;
use super::tag::Tag;
use super::walk::{Here, Walk};
use crate::change::{Action, Image};
use crate::html::{Birth, name};

/// The most `<source>` elements of a `<picture>` that are looked at.
const MAX_SOURCES: usize = 32;

/// The most such elements in one another.
const MAX_NESTED: usize = 4;

/// One open `<picture>` that has sources.
#[derive(Debug)]
pub(super) struct Picture {
    /// Of the element.
    id: u32,
    sources: Vec<Source>,
    /// Steps that put something in the place of others.
    replaced: Vec<usize>,
    /// Why they cannot go.
    broken: Option<Skip>,
}

/// The tag of a `<source>` in the output.
#[derive(Debug)]
struct Source {
    start: Hold,
    end: Hold,
    /// Steps that did something to it or beside it.
    steps: Vec<usize>,
}

/// The tag of a `<source>` that is about to be written.
pub(super) struct Coming {
    picture: u32,
    steps: Vec<usize>,
    /// Where the output is in front of it, and how much is to be put in between.
    from: u64,
    front: u64,
    tag: Vec<u8>,
}

/// The attributes of an `<img>` that a step is about.
pub(super) fn parts(image: &Image) -> impl Iterator<Item = &'static str> {
    ["src", "srcset", "sizes"].into_iter().chain(image.alt.as_ref().map(|_| "alt"))
}

/// Makes the tag of an `<img>` show another picture.
pub(super) fn show(tag: &mut Tag<'_>, image: &Image) {
    tag.set("src", &image.src);
    for (name, value) in [("srcset", &image.srcset), ("sizes", &image.sizes)] {
        match value {
            Some(value) => tag.set(name, value),
            None => tag.remove(name),
        }
    }
    if let Some(alt) = &image.alt {
        tag.set("alt", alt);
    }
}

impl Walk<'_> {
    fn image(&self, step: usize) -> Option<&Image> {
        match &*self.plan.steps.get(step)?.action {
            Action::Image(image) => Some(image),
            _ => None,
        }
    }

    fn picture_around(&self, birth: Birth) -> Option<u32> {
        let around = &self.open[birth.parent?];
        around.node.is_html(name::PICTURE).then_some(around.node.id)
    }

    /// A `<source>` begins: it may have to go. To be asked once its own changes are in the splice.
    pub(super) fn coming_source(
        &self,
        birth: Birth,
        here: Here<'_>,
        splice: &Splice,
    ) -> Option<Coming> {
        let Birth { node, parent: Some(parent), .. } = birth else { return None };
        let around = &self.open[parent];
        if !node.is_html(name::SOURCE)
            || !around.node.is_html(name::PICTURE)
            || around.apart
            || !self.steps.look_for(|action| matches!(action, Action::Image(_)))
        {
            return None;
        }
        // Where a step gives a moved element its place, its number is a higher one.
        let steps = self.matched.iter().map(|step| step % self.plan.steps.len());
        Some(Coming {
            picture: around.node.id,
            steps: steps.filter(|step| !self.plan.steps[*step].probe).collect(),
            from: self.position(here),
            front: splice.written().len() as u64,
            tag: splice.token.as_deref().unwrap_or(here.bytes).to_vec(),
        })
    }

    /// The tag of a `<source>` was written, or taken out.
    pub(super) fn note_source_tag(&mut self, coming: Coming, here: Here<'_>) {
        let Coming { picture: id, steps, from, front, tag } = coming;
        self.copy_to(here.all, here.at + here.bytes.len());
        // What was to be put in front may have been refused, and so may that it goes.
        let places = [(from + front, &*tag), (from, &*tag), (from, here.bytes)];
        let found = places.into_iter().find(|(start, tag)| {
            let end = start + tag.len() as u64;
            let stands = end <= self.output.position();
            !tag.is_empty() && stands && self.output.slice(*start..end) == *tag
        });
        if self.pictures.last().is_none_or(|picture| picture.id != id) {
            let broken = (self.pictures.len() >= MAX_NESTED).then_some(Skip::TooLong);
            self.pictures.push(Picture {
                id,
                sources: Vec::new(),
                replaced: Vec::new(),
                broken,
            });
        }
        let Some(picture) = self.pictures.last_mut() else { return };
        match found {
            _ if picture.broken.is_some() => {}
            Some((start, tag)) if picture.sources.len() < MAX_SOURCES => {
                let end = self.output.hold_at(start + tag.len() as u64);
                let start = self.output.hold_at(start);
                picture.sources.push(Source { start, end, steps });
            }
            Some(_) => picture.broken = Some(Skip::TooLong),
            None if tag.is_empty() => {
                let plan = self.plan;
                let writes = |step: &usize| {
                    !matches!(*plan.steps[*step].action, Action::Remove(_))
                };
                picture.replaced.extend(steps.into_iter().filter(writes));
            }
            None => picture.broken = Some(Skip::NotClosed),
        }
    }

    /// An element begins: takes those steps out of the ones that matched it that would show another picture, but
    /// cannot, because the sources in front of it cannot go.
    pub(super) fn refuse_images(&mut self, birth: Birth, here: Here<'_>) {
        let Some(id) = self.picture_around(birth) else { return };
        if self.pictures.last().is_none_or(|picture| picture.id != id) {
            return;
        }
        self.copy_to(here.all, here.at);
        let Some(picture) = self.pictures.last() else { return };
        let around = birth.parent.map(|parent| &self.open[parent]);
        let long = |start: u64| self.output.position() - start > MAX_HELD as u64;
        let first = picture.sources.first().map(|source| self.output.place(source.start));
        let reason = match first {
            _ if picture.broken.is_some() => picture.broken,
            _ if around.is_some_and(|around| around.children_moved) => {
                Some(Skip::Rearranged)
            }
            Some(None) => Some(Skip::TooLong),
            Some(Some(start)) if long(start) => Some(Skip::TooLong),
            _ if !self.can_cut(picture, here) => Some(Skip::DoesNotFit),
            _ => None,
        };
        let mut refused = Vec::new();
        let ground = self.ground();
        for &step in &self.matched {
            if self.image(step).is_none() {
                continue;
            }
            let experiment = self.plan.steps[step].experiment;
            let mut steps = picture.sources.iter().flat_map(|source| &source.steps);
            let taken = steps.any(|step| self.plan.steps[*step].experiment < experiment);
            let taken = taken.then_some(Skip::Taken);
            // A framework would miss the sources.
            let covered =
                self.hydration.cover_of(self.plan, &self.plan.steps[step], ground);
            let hydrated = covered.map(|_| Skip::Hydrated);
            if let Some(reason) = hydrated.or(reason).or(taken) {
                refused.push((step, reason));
            }
        }
        for (step, reason) in refused {
            self.matched.retain(|matched| *matched != step);
            self.counts.matched(step);
            self.counts.skip(step, reason);
            if reason == Skip::Hydrated {
                self.counts.graded(step, Grade::Impossible);
            }
        }
    }

    /// Whether nothing beside the sources would become one with what is on their other side: a reference's or a tag's
    /// beginning, or the two halves of a line break.
    fn can_cut(&self, picture: &Picture, here: Here<'_>) -> bool {
        let ranges = self.ranges(picture);
        let end = self.output.position();
        ranges.iter().all(|&(from, to)| {
            let before = self.output.byte_before(from);
            let after = if to == end {
                here.bytes.first().copied()
            } else {
                self.output.slice(to..to + 1).first().copied()
            };
            let apart = |byte: Option<u8>, sign: u8| {
                byte.is_none_or(|byte| byte == sign || byte.is_ascii_whitespace())
            };
            (apart(before, b'>') || apart(after, b'<'))
                && (before != Some(b'\r') || after != Some(b'\n'))
        })
    }

    /// Where the sources stand in the output, those together that have nothing between them.
    fn ranges(&self, picture: &Picture) -> Vec<(u64, u64)> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for Source { start, end, .. } in &picture.sources {
            let (Some(start), Some(end)) =
                (self.output.place(*start), self.output.place(*end))
            else {
                continue;
            };
            match ranges.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => ranges.push((start, end)),
            }
        }
        ranges
    }

    /// Those of the matched steps that show another picture, with how often they were applied, and without effect, by
    /// now.
    pub(super) fn count_images(&self) -> Vec<(usize, u32, u32)> {
        let steps = self.matched.iter().filter(|step| self.image(**step).is_some());
        let counts = |&step: &usize| {
            let tally = &self.counts.all()[step];
            (step, tally.applied, tally.no_effect)
        };
        steps.map(counts).collect()
    }

    /// If the element shows another picture now, the sources in front of it go. `before` are the counts from before that.
    pub(super) fn cut_sources(&mut self, birth: Birth, before: &[(usize, u32, u32)]) {
        let applied = before
            .iter()
            .filter(|(step, applied, _)| self.counts.all()[*step].applied > *applied);
        let applied: Vec<_> = applied.copied().collect();
        let id = self.picture_around(birth);
        let Some(picture) = self.pictures.pop_if(|picture| Some(picture.id) == id) else {
            return;
        };
        let ranges = self.ranges(&picture);
        let mut cut = false;
        for (step, _, no_effect) in applied {
            if let Some((first, _)) = ranges.first() {
                self.counts.held(step, self.output.position() - first);
                if self.counts.all()[step].no_effect > no_effect {
                    self.counts.had_effect(step);
                }
            }
            cut |= !self.plan.steps[step].probe;
            // A later one finds the source gone already.
            let others = picture.sources.iter().flat_map(|source| &source.steps);
            for &later in others.chain(&picture.replaced) {
                if later > step && !self.plan.steps[step].probe {
                    self.counts.doubt(later);
                    self.counts.doubt(step);
                }
            }
        }
        if cut {
            for (start, end) in ranges.into_iter().rev() {
                self.output.splice(start..end, &[]);
            }
            self.release_picture(&picture);
        } else {
            // For others that look for it, it is as it was.
            self.pictures.push(picture);
        }
    }

    /// Elements ended: the sources of those stay that are not open any more.
    pub(super) fn end_pictures(&mut self) {
        while let Some(picture) = self
            .pictures
            .pop_if(|picture| !self.open.iter().any(|open| open.node.id == picture.id))
        {
            self.release_picture(&picture);
        }
    }

    /// Too much is held from there on.
    pub(super) fn give_up_picture(&mut self, hold: Hold) {
        let held = |picture: &Picture| {
            picture
                .sources
                .iter()
                .any(|source| source.start == hold || source.end == hold)
        };
        if let Some(at) = self.pictures.iter().position(held) {
            let sources = std::mem::take(&mut self.pictures[at].sources);
            self.pictures[at].broken = Some(Skip::TooLong);
            for Source { start, end, .. } in sources {
                self.output.release(start);
                self.output.release(end);
            }
        }
    }

    fn release_picture(&mut self, picture: &Picture) {
        for Source { start, end, .. } in &picture.sources {
            self.output.release(*start);
            self.output.release(*end);
        }
    }
}
