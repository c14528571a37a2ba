//! An element begins: which changes match it, and what is written because of them.

use super::edits::{Edits, Place, Writing};
use super::element::{Target, edit};
use super::report::Skip;
use super::splice::{Op, Splice};
use super::state::{Leaving, Open, Region};
use super::steps::Doubts;
use super::tag::{Tag, View};
use super::trial::Trial;
use super::walk::{Here, Walk};
use super::watch::Load;
use crate::html::{Attribute, Birth, Namespace, Node, Origin, StartTag, Tokenizer, name};

use crate::selector::Frame;

impl Walk<'_> {
    /// An element begins: looks which changes match it.
    pub(super) fn begin_element(&mut self, birth: Birth, here: Here<'_>) -> Open {
        let Birth { node, origin, parent, fostered, leaf } = birth;
        if !matches!(origin, Origin::Copy(_)) {
            self.pass_flow(node, here);
        }
        if fostered && let Some(parent) = parent {
            self.foster(parent);
        }
        let copied = if !name::is_formatting(node.tag) || self.steps.all_done() {
            None
        } else {
            self.copied_tag(birth, here)
        };
        let attributes: &[Attribute] = self.parser.tokenizer.attributes();
        let tag = (origin == Origin::Tag).then_some((here.bytes, attributes));
        let apart = parent.is_some_and(|parent| {
            self.open[parent].apart || self.open[parent].node.is_html(name::TEMPLATE)
        });
        self.matched.clear();
        if node.shadow_root {
            // The host keeps it, whatever becomes of its content.
            if let Some(region) =
                self.open.last_mut().and_then(|host| host.region.as_mut())
                && region.start.is_some()
            {
                region.broken = Some(Skip::NotClosed);
            }
            // A host has one shadow root, and it may have been given another here.
            let touched = self.open.last().map_or(0, |host| host.touched);
            self.steps.doubt_touched(touched, &mut self.counts);
        }
        let mut frame = Frame::default();
        if !apart && !node.shadow_root && !self.steps.all_done() {
            let copied = copied.as_ref().map(|(bytes, all)| (&**bytes, all.as_slice()));
            let view = View::new(node, tag.or(copied), self.charset);
            let above = match parent {
                Some(parent) => &mut self.open[parent].frame,
                None => &mut self.document,
            };
            if self.parser.tree.is_quirky() {
                self.steps.set_quirks();
            }
            frame = self.steps.enter(above, &view, &mut self.matched);
        }
        if !self.matched.is_empty() {
            let around = parent.map(|parent| &self.open[parent]);
            let is_copy = matches!(origin, Origin::Copy(_));
            let doubts = Doubts {
                moved: around.is_some_and(|parent| parent.moved),
                siblings_moved: fostered
                    || around.is_some_and(|parent| parent.children_moved),
                no_tag: is_copy || origin == Origin::EndTag,
                is_copy,
                is_foreign: node.namespace != Namespace::Html,
            };
            let mut load = Load::on(here.bytes.len(), attributes.len());
            let matched = self.matched.len();
            self.steps.choose(&mut self.matched, doubts, &mut load, &mut self.counts);
            self.watch.allows(load.work() + 64 * matched);
        }
        if matches!(origin, Origin::Copy(_)) {
            self.steps.doubt_copies(&mut self.counts);
        }
        let name = match tag {
            Some((bytes, _)) if !leaf && !name::is_packed(node.tag) => {
                let name =
                    StartTag { tag: node.tag, self_closing: false, bytes, attributes };
                Some(String::from_utf8_lossy(name.name()).into_owned().into_boxed_str())
            }
            _ => None,
        };
        Open {
            node,
            name,
            frame,
            region: None,
            apart: apart || node.shadow_root,
            moved: false,
            children_moved: false,
            touched: 0,
        }
    }

    /// An element begins: puts together what the changes that match it ask for.
    pub(super) fn place_element(
        &mut self,
        birth: Birth,
        mut open: Open,
        here: Here<'_>,
        splice: &mut Splice,
    ) {
        if self.hydration.is_looking() && !self.steps.all_done() {
            self.look_for_mark(birth, here);
        }
        self.read_charset(birth, here);
        let policy = self.policy_of(birth, here);
        if policy.is_some() {
            self.keep_policy();
        }
        if self.matched.is_empty() {
            if birth.origin == Origin::Implied {
                splice.opener = Some(birth.node);
            }
        } else {
            self.refuse_images(birth, here);
            self.write_late_script(birth, splice);
            let images = self.count_images();
            self.edit_element(birth, &mut open, here, splice);
            self.cut_sources(birth, &images);
        }
        if let Some(policy) = policy {
            self.obey(&policy, here, splice);
        }
        if !birth.leaf {
            self.open.push(open);
        }
    }

    /// Whether the tag shows that a framework takes the page over.
    pub(super) fn look_for_mark(&mut self, birth: Birth, here: Here<'_>) {
        let tag = StartTag {
            tag: birth.node.tag,
            self_closing: false,
            bytes: here.bytes,
            attributes: self.parser.tokenizer.attributes(),
        };
        let in_body = self.head.is_some();
        if birth.origin == Origin::Tag {
            self.hydration.look_at(&tag, in_body);
        }
    }

    /// The tag that a copy of a formatting element has from the element. Tags of such elements are kept for that.
    fn copied_tag(
        &mut self,
        birth: Birth,
        here: Here<'_>,
    ) -> Option<(Box<[u8]>, Vec<Attribute>)> {
        let Birth { node, origin, .. } = birth;
        if node.namespace != Namespace::Html {
            return None;
        }
        let tree = &self.parser.tree;
        self.formatting.make_room(|id| tree.may_copy(id));
        let Origin::Copy(original) = origin else {
            self.formatting.push(node.id, here.bytes);
            return None;
        };
        let bytes: Box<[u8]> = self.formatting.get(original)?.into();
        self.formatting.push(node.id, &bytes);
        let mut tokenizer = Tokenizer::default();
        tokenizer.next(&bytes, true, false).ok()?;
        Some((bytes, tokenizer.attributes().to_vec()))
    }

    /// Changes match an element that begins.
    #[allow(clippy::too_many_lines, reason = "what is done at a beginning, in its order")]
    fn edit_element(
        &mut self,
        birth: Birth,
        open: &mut Open,
        here: Here<'_>,
        splice: &mut Splice,
    ) {
        let node = birth.node;
        let explicit = birth.origin == Origin::Tag;
        let mut tag = if explicit {
            Tag::new(here.bytes, self.parser.tokenizer.attributes(), self.charset)
        } else {
            Tag::implied(&name::unpack(node.tag).unwrap_or_default(), self.charset)
        };
        if node.namespace == Namespace::Html && name::is_formatting(node.tag) {
            self.steps.note_formatting(&self.matched);
        }
        let mark = self.counts.mark();
        let ground = self.ground();
        let target = Target {
            tag: &mut tag,
            node,
            has_content: !birth.leaf,
            has_tag: explicit,
            rules: &self.rules,
        };
        let Edits { writings, finds, .. } = edit(
            target,
            &self.matched,
            self.plan,
            |step| self.hydration.cover_of(self.plan, step, ground),
            &mut self.counts,
        );
        if !splice.ended.is_empty() {
            // What ends here takes back what was done in it, and this is not.
            splice.done.extend(self.counts.take_back(mark));
        }
        let steps = writings
            .iter()
            .flat_map(|writing| writing.steps.iter().chain(&writing.moved));
        let touched = steps.fold(0, |all, step| all | 1 << (step % 64));
        let goes = writings.iter().any(|writing| writing.place == Place::Whole);
        open.touched |= touched;
        if let Some(parent) = self.open.last_mut() {
            parent.touched |= touched;
        }
        let depth = self.open.len();
        let written = explicit
            || (wants_tag(&tag, &writings)
                && splice.begin_left_out(
                    &self.before,
                    depth,
                    &tag.write(),
                    &mut self.counts,
                    mark,
                ));
        if !written {
            splice.opener = Some(node);
        }
        let lost = !written && wants_tag(&tag, &writings);
        // What stands where beside an element that is moved as well hangs on the order of the changes.
        let places = writings.iter().filter(|writing| writing.moved.is_some()).count();
        let leaves =
            writings.iter().filter(|writing| writing.place == Place::Moved).count();
        let beside = |writing: &Writing| {
            matches!(writing.place, Place::Before | Place::Behind | Place::Whole)
        };
        if (places > 0 && writings.len() > 1)
            || leaves > 1
            || (leaves > 0 && writings.iter().any(beside))
        {
            for writing in &writings {
                for &step in writing.steps.iter().chain(&writing.moved) {
                    self.counts.doubt(step);
                }
            }
        }
        let mut site = Site { node, depth, leaf: birth.leaf, explicit, written };
        let mut region = Region::default();
        let (mut first, mut content) = (Vec::new(), Vec::new());
        for writing in writings {
            // Nothing is written beside the root, nor where the parser puts the element elsewhere.
            let beside =
                birth.parent.is_some() && !birth.fostered && !self.head_is_reopened;
            match writing.place {
                _ if lost && writing.moved.is_none() => {
                    splice.refuse(&writing.steps, Skip::NotClosed);
                }
                Place::Before | Place::Behind | Place::Whole | Place::Moved
                    if !beside =>
                {
                    splice.refuse(&writing.steps, Skip::Rearranged);
                    if let Some(step) = writing.moved {
                        splice.fail_move(step, Skip::NoPlace);
                    }
                }
                _ if writing.moved.is_some() && !self.can_move_here() => {
                    splice.fail_move(writing.moved.unwrap_or_default(), Skip::Removed);
                }
                Place::Before if writing.moved.is_some() => {
                    let step = writing.moved.unwrap_or_default();
                    if splice.flush(&self.before, depth) {
                        let tree = splice.trial(&self.before).tree().clone();
                        splice.ops.push(Op::Point(step, Box::new(tree)));
                    } else {
                        splice.fail_move(step, Skip::NotClosed);
                    }
                }
                Place::First | Place::Last
                    if writing.moved.is_some() && node.is_html(name::TEMPLATE) =>
                {
                    splice.fail_move(writing.moved.unwrap_or_default(), Skip::NoContent);
                }
                Place::First if writing.moved.is_some() => {
                    let step = writing.moved.unwrap_or_default();
                    if explicit && !birth.leaf && !self.parser.tree.drops_line_break() {
                        splice.points_behind.push(step);
                    } else {
                        splice.fail_move(step, Skip::NoPlace);
                    }
                }
                Place::Behind if birth.leaf && writing.moved.is_some() => {
                    splice.points_behind.push(writing.moved.unwrap_or_default());
                }
                Place::Last if birth.leaf => {
                    splice.fail_move(writing.moved.unwrap_or_default(), Skip::NoPlace);
                }
                Place::Moved if goes => splice.refuse(&writing.steps, Skip::Removed),
                Place::Moved => self.begin_move(site, writing, &mut region, splice),
                Place::Before => {
                    splice.put(&self.before, depth, writing.encode(self.charset));
                }
                Place::Whole => self.take_out(site, writing, &mut region, here, splice),
                Place::First | Place::Shadow => first.push(writing.encode(self.charset)),
                Place::Content => content.push(writing),
                Place::Behind if birth.leaf => {
                    splice.behind.push(writing.encode(self.charset));
                }
                Place::Last | Place::Behind => region.writings.push(writing),
            }
        }
        if !explicit && written {
            site.written = true;
            splice.write(&self.before, tag.write());
        } else if explicit && tag.is_edited() && splice.token.is_none() {
            splice.token = Some(tag.write());
            // These elements' attributes tell the parser what they are.
            if matches!(
                node.tag,
                name::INPUT | name::FONT | name::TEMPLATE | name::ANNOTATION_XML
            ) {
                splice.trial(&self.before);
            }
        }
        if !content.is_empty() {
            self.replace_content(site, &tag, content, &mut region, splice);
        }
        if explicit && self.parser.tree.drops_line_break() && !birth.leaf {
            self.deferred.append(&mut first);
        } else if explicit {
            splice.behind.append(&mut first);
        }
        for put in first {
            splice.put(&self.before, depth + 1, put);
        }
        for step in finds {
            self.look_for_words(step, node);
        }
        if !region.writings.is_empty() {
            region.position = self.position(here) + here.bytes.len() as u64;
            splice.begun.push(node.id);
            open.region = Some(Box::new(region));
            self.regions += 1;
        }
    }

    /// The element goes elsewhere.
    fn begin_move(
        &self,
        site: Site,
        writing: Writing,
        region: &mut Region,
        splice: &mut Splice,
    ) {
        let step = writing.steps[0];
        if let Some(reason) = self.moves.failure(step) {
            return splice.refuse(&writing.steps, reason);
        }
        let mut dry = splice.dry();
        let reason = if !self.can_move_here() || region.start.is_some() {
            Some(Skip::Removed)
        } else if site.leaf || !site.explicit {
            Some(Skip::NoContent)
        } else if !dry.flush(&self.before, site.depth) {
            Some(Skip::NotClosed)
        } else {
            None
        };
        if let Some(reason) = reason {
            return splice.fail_move(step, reason);
        }
        let bare = splice.opener.is_none();
        region.leaving = Some(Box::new(Leaving {
            tree: dry.trial(&self.before).tree().clone(),
            bare: bare.then(|| splice.trial(&self.before).tree().clone()),
            closers: dry.written(),
            hold: None,
        }));
        splice.ops.push(Op::Leave(site.node.id));
        region.writings.push(writing);
    }

    /// Something is to stand in the element's place, or nothing.
    fn take_out(
        &self,
        site: Site,
        writing: Writing,
        region: &mut Region,
        here: Here<'_>,
        splice: &mut Splice,
    ) {
        let before = &self.before;
        let html = self.charset.encode_html(&writing.html);
        let mut dry = splice.dry();
        if !dry.flush(before, site.depth) {
            splice.refuse(&writing.steps, Skip::NotClosed);
            return;
        }
        let trial = dry.trial(before).clone();
        if trial.clone().put(&html).is_none() {
            splice.refuse(&writing.steps, Skip::DoesNotFit);
        } else if !site.leaf {
            region.start = Some(Box::new(trial.tree().clone()));
            region.closers = dry.written();
            // What the tag implies around it stays.
            if splice.opener.is_none() {
                region.bare = Some(Box::new(splice.trial(before).tree().clone()));
            }
            if !writing.probe {
                splice.ops.push(Op::Hold(site.node.id));
            }
            region.writings.push(writing);
        } else if writing.probe {
            splice.phantoms.push((trial, writing.steps));
        } else {
            let bare = splice.trial(before).tree().clone();
            let implies = splice.opener.is_some();
            if html.is_empty() && !implies && self.goes_on_from(&bare, true, here) {
                splice.done.extend(writing.steps);
            } else {
                splice.flush(before, site.depth);
                splice.put(before, site.depth, writing.encode(self.charset));
            }
            splice.token = Some(Vec::new());
        }
    }

    /// Something is to stand in place of all that is in the element.
    fn replace_content(
        &self,
        site: Site,
        tag: &Tag<'_>,
        content: Vec<Writing>,
        region: &mut Region,
        splice: &mut Splice,
    ) {
        let before = &self.before;
        // The state behind the element's tag.
        let inside = if site.explicit {
            Trial::from(&self.parser.tree)
        } else if site.written {
            splice.trial(before).clone()
        } else {
            let mut dry = splice.dry();
            dry.opener = None;
            dry.flush_closers(before, site.depth);
            dry.write(before, tag.write());
            dry.trial(before).clone()
        };
        let taken_out = region.start.is_some();
        for writing in content {
            let html = self.charset.encode_html(&writing.html);
            if inside.clone().put(&html).is_none() {
                splice.refuse(&writing.steps, Skip::DoesNotFit);
                continue;
            }
            if !taken_out {
                region.start = Some(Box::new(inside.tree().clone()));
                if writing.probe {
                    // It is only tried.
                } else if site.explicit {
                    splice.holds_behind.push(site.node.id);
                } else {
                    splice.ops.push(Op::Hold(site.node.id));
                }
            }
            region.writings.push(writing);
        }
    }
}

/// An element at hand, and where it stands.
#[derive(Clone, Copy)]
struct Site {
    node: Node,
    /// How many elements are open around it.
    depth: usize,
    leaf: bool,
    /// It has a tag of its own.
    explicit: bool,
    /// Its tag is in the output.
    written: bool,
}

/// Whether a tag that the page left out has to be written: something is done to it, or right behind it.
fn wants_tag(tag: &Tag<'_>, writings: &[Writing]) -> bool {
    let at_start = |writing: &Writing| {
        let at_end = matches!(writing.place, Place::Last | Place::Behind);
        !writing.probe && !at_end && writing.moved.is_none()
    };
    tag.is_edited() || writings.iter().any(at_start)
}
