//! All that one element's changes ask for beside its tag, and which experiment has which part of it.

use super::charset::Charset;
use super::overlay::Overlay;
use super::splice::Put;
use crate::change::{Action, Target};
use crate::plan::Step;

/// Where something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In front of the element.
    Before,
    /// In its shadow root.
    Shadow,
    /// First in it.
    First,
    /// In place of all that is in it.
    Content,
    /// Last in it.
    Last,
    /// Behind it.
    Behind,
    /// In place of the element.
    Whole,
    /// The element itself goes elsewhere.
    Moved,
}

/// Something to be written.
#[derive(Debug)]
pub(super) struct Writing {
    /// The steps that it does.
    pub(super) steps: Vec<usize>,
    pub(super) place: Place,
    pub(super) html: String,
    /// Only tried, never written.
    pub(super) probe: bool,
    /// It is the place of the element that this step moves.
    pub(super) moved: Option<usize>,
}

impl Writing {
    /// In the page's bytes.
    pub(super) fn encode(self, charset: Charset) -> Put {
        let html = charset.encode_html(&self.html);
        let shadow = self.place == Place::Shadow;
        Put { steps: self.steps, html, probe: self.probe, shadow }
    }
}

/// The edits of one element, put together from its changes.
#[derive(Debug, Default)]
pub(super) struct Edits {
    pub(super) writings: Vec<Writing>,
    /// Which experiments have which parts of the element; `style.color` is a part of `style`.
    pub(super) owners: Vec<(String, usize)>,
    pub(super) removed: bool,
    /// Steps that look for words in the element.
    pub(super) finds: Vec<usize>,
    /// Steps whose work goes with the element.
    pub(super) overruled: Vec<usize>,
    /// What is shown in the element's place while it stays as it is.
    pub(super) overlay: Overlay,
}

impl Edits {
    /// Notes that an experiment shows something in a part of the element.
    pub(super) fn claim(&mut self, part: impl Into<String>, experiment: usize) {
        self.owners.push((part.into(), experiment));
    }

    /// Whether another experiment shows something there that would be lost.
    pub(super) fn taken(&self, part: &str, experiment: usize) -> bool {
        let inside = |part: &str, whole: &str| {
            part.strip_prefix(whole)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.owners.iter().any(|(other, owner)| {
            *owner != experiment && (inside(other, part) || inside(part, other))
        })
    }

    /// The element gives another one, which a step moves, its place.
    pub(super) fn place_moved(&mut self, step: usize, of: &Step<'_>) {
        let Action::Move(target) = &*of.action else { return };
        let place = match target {
            Target::Before(_) => Place::Before,
            Target::Prepend(_) => Place::First,
            Target::Append(_) => Place::Last,
            Target::After(_) => Place::Behind,
        };
        self.writings.push(Writing {
            steps: Vec::new(),
            place,
            html: String::new(),
            probe: of.probe,
            moved: Some(step),
        });
    }

    fn live_content(&mut self) -> Option<&mut Writing> {
        let live =
            |writing: &&mut Writing| !writing.probe && writing.place == Place::Content;
        self.writings.iter_mut().find(live)
    }

    /// Adds something to be written as if by the DOM call that puts it there.
    pub(super) fn add(&mut self, step: usize, place: Place, html: String, probe: bool) {
        let new = Writing { steps: vec![step], place, html, probe, moved: None };
        if probe {
            self.writings.push(new);
            return;
        }
        match (place, self.live_content()) {
            (Place::First, Some(content)) => {
                content.html.insert_str(0, &new.html);
                content.steps.push(step);
            }
            (Place::Last, Some(content)) => {
                content.html.push_str(&new.html);
                content.steps.push(step);
            }
            (Place::Content, Some(content)) => {
                content.html = new.html;
                content.steps.push(step);
            }
            (Place::Content, None) => {
                // What was put inside before goes with the rest.
                let mut steps = new.steps;
                for writing in &mut self.writings {
                    if !writing.probe
                        && matches!(writing.place, Place::First | Place::Last)
                    {
                        writing.html.clear();
                        steps.append(&mut writing.steps);
                    }
                }
                self.writings.push(Writing { steps, ..new });
            }
            // The DOM puts the later one nearer to the element's edge.
            (Place::First | Place::Behind, _) => self.writings.insert(0, new),
            (Place::Whole, _) => {
                self.removed = true;
                let goes = |writing: &mut Writing| {
                    let inside = matches!(
                        writing.place,
                        Place::First | Place::Content | Place::Last
                    );
                    inside && !writing.probe && writing.moved.is_none()
                };
                for writing in self.writings.extract_if(.., goes) {
                    self.overruled.extend(writing.steps);
                }
                self.writings.push(new);
            }
            _ => self.writings.push(new),
        }
    }

    /// Turns what is shown in the element's place into something to be written.
    pub(super) fn lay_over(&mut self) {
        let Some((steps, html)) = std::mem::take(&mut self.overlay).into_html() else {
            return;
        };
        let whole = |writing: &Writing| !writing.probe && writing.place == Place::Whole;
        if self.writings.iter().any(whole) {
            self.overruled.extend(steps);
            return;
        }
        let place = Place::Shadow;
        self.writings
            .insert(0, Writing { steps, place, html, probe: false, moved: None });
    }
}
