//! Which files there are, and which of them is shown.

use std::path::Path;
use std::sync::Arc;

use super::screen::Slot;
use super::{Player, Shown, Source};
use crate::model::Placement;
use crate::playback::picture::{Paint, Pictures};
use crate::playback::source::OpenSource;

impl Player {
    /// Sets the clip or the result; `None` takes it away. What is open already stays open; of what is not any more, the last picture
    /// stays until its successor's first, or until it is forgotten. The draft has no file of its own.
    pub fn set_source(&mut self, which: Shown, path: Option<&Path>) {
        let source = which.source();
        if self.source(source).map(OpenSource::path) == path {
            return;
        }
        let opened = path.map(|path| OpenSource::open(path, self.max_side_px, self.close_after, &self.wake));
        *self.source_mut(source) = opened;
        self.screen.keep_as_predecessor(source);
        if source == Source::Clip && self.shown == Shown::Draft {
            self.show_clip_as_it_is();
        }
        self.request_sound(source);
        let shown = self.shown.source();
        if source == Source::Clip && path.is_some() && shown != Source::Clip && self.result_is_last {
            // A clip that was just given is what is worked at.
            self.halt();
            self.show_clip_as_it_is();
            self.request_of(shown, Pictures::None);
        }
        if self.shown.source() == source {
            self.halt();
            self.pending_steps = 0;
            self.request_still();
        } else if self.beside {
            self.request_again();
        }
    }

    fn show_clip_as_it_is(&mut self) {
        self.shown = Shown::Clip;
        self.clip_as_draft = false;
    }

    /// Sets what the result is compared with in place of the clip; `None`: with the clip.
    pub fn set_other(&mut self, path: Option<&Path>) {
        if path.is_none() && self.shown == Shown::Other {
            self.show(Shown::Result);
        }
        let seen_before: Vec<Source> = self.seen().collect();
        self.set_source(Shown::Other, path);
        self.forget(Shown::Other);
        if path.is_none() && self.is_beside() && !seen_before.contains(&self.partner()) {
            self.request_pictures_again();
        }
        self.rest_unseen(&seen_before);
    }

    /// Nothing more is decoded of what was seen and is not any more.
    fn rest_unseen(&mut self, seen_before: &[Source]) {
        let seen: Vec<Source> = self.seen().collect();
        for source in seen_before.iter().filter(|source| !seen.contains(source)) {
            self.request_of(*source, Pictures::None);
        }
    }

    /// There will be no other clip, or result: the last picture of the one before is dropped.
    pub fn forget(&mut self, which: Shown) {
        let source = which.source();
        if self.source(source).is_none() {
            self.screen.clear(source);
        }
    }

    /// The result is of another clip than the current one: it is neither shown nor compared with any more. What of it is on screen
    /// stays until the clip's first picture is there.
    pub fn leave_result(&mut self) {
        self.set_other(None);
        self.result = None;
        if self.screen.on_screen() == Some(Source::Result)
            && self.clip.is_some()
            && self.screen.slot(Source::Clip) != Slot::Own
        {
            self.screen.result_to_clip();
        } else {
            self.screen.clear(Source::Result);
        }
        self.beside = false;
        self.request_sound(Source::Result);
        self.halt();
        if self.shown == Shown::Result {
            self.show_clip_as_it_is();
        }
        // A moment of the other clip means nothing in this one.
        self.clock.set(0);
        self.request_still();
    }

    /// Sets whether the result is that of an earlier task. When it becomes that, it gives way to what is being worked at.
    pub fn set_result_is_last(&mut self, is_last: bool) {
        let shows_clip = self.shown.source() == Source::Clip;
        let gives_way = is_last && !self.result_is_last && !shows_clip && self.clip.is_some();
        self.result_is_last = is_last;
        if gives_way {
            self.halt();
            self.show(if self.has_source(Shown::Draft) { Shown::Draft } else { Shown::Clip });
        }
    }

    /// Sets the local voice and where it is placed: with them the clip is heard, and they are what is looped over.
    pub fn set_voice(&mut self, voice: Option<&Path>, placement: Option<Placement>) {
        if self.voice.as_deref() == voice && self.placement == placement {
            return;
        }
        let span = |placement: Option<Placement>| placement.map(|placement| placement.span());
        self.loop_changed |= span(self.placement) != span(placement);
        self.voice = voice.map(Path::to_owned);
        self.placement = placement;
        self.request_sound(Source::Clip);
    }

    fn request_sound(&mut self, source: Source) {
        let path = self.source(source).map(|open| open.path().to_owned());
        let voice = match source {
            Source::Clip => self.voice.clone().zip(self.placement),
            Source::Result | Source::Other => None,
        };
        self.soundtrack.request(source, path, voice, &self.wake);
    }

    /// Sets what paints the draft into the clip's pictures; `None` takes it away, and shows the clip in its place. The picture at the
    /// playhead is painted anew; until it is there the one before stays.
    pub fn set_paint(&mut self, paint: Option<Arc<dyn Paint>>) {
        let same = match (&self.paint, &paint) {
            (Some(before), Some(now)) => Arc::ptr_eq(before, now),
            (None, None) => true,
            _ => false,
        };
        if same {
            return;
        }
        self.paint = paint;
        if self.clip_as_draft {
            if self.paint.is_none() {
                self.clip_as_draft = false;
                if self.shown == Shown::Draft {
                    self.shown = Shown::Clip;
                }
            }
            self.request_pictures_again();
        }
    }

    /// Shows the clip, the draft, the result or the other, at the same moment; nothing where there is none.
    pub fn show(&mut self, which: Shown) {
        if self.shown == which || !(self.has_source(which) || which == Shown::Clip) {
            return;
        }
        let before = self.shown.source();
        let seen_before: Vec<Source> = self.seen().collect();
        self.shown = which;
        self.pending_steps = 0;
        if which.source() == Source::Clip {
            self.clip_as_draft = which == Shown::Draft;
        }
        if before == which.source() {
            // The same file, the same sound.
            self.request_pictures_again();
            return;
        }
        self.rest_unseen(&seen_before);
        self.request_again();
    }

    /// Shows the result and what it is compared with side by side, or one of them.
    pub fn set_beside(&mut self, beside: bool) {
        let seen_before: Vec<Source> = self.seen().collect();
        self.beside = beside;
        if self.is_beside() {
            self.request_pictures_again();
        }
        self.rest_unseen(&seen_before);
    }
}
