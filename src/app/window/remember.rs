//! What is kept between runs: applies the settings, records changes made outside of their dialog, and stores them.

use std::path::Path;

use egui::{Context, Pos2, Vec2, ViewportCommand};

use super::Window;
use crate::app::action::command::Command;
use crate::app::platform::background::Purpose;
use crate::app::state::entry::SourceSlot;
use crate::app::state::settings::{Recent, Settings, SettingsCommand, WindowPlace};
use crate::app::state::shell::Note;
use crate::app::theme::size;
use crate::engine::use_proxy;
use crate::preferences::{ScreenRect, on_a_screen};
use crate::workflow::{PersonEvent, Probe};

/// The parts of the settings that the window has applied or recorded.
#[derive(Debug, Default)]
pub struct Applied {
    /// Whether it has been checked once that the window is on a screen.
    placed: bool,
    /// The clip and voice that were added to the recent files.
    clip: Option<Recent>,
    voice: Option<Recent>,
    /// Whether the window had the focus in the last frame.
    focused: bool,
}

impl Window {
    /// Applies the settings as they were read.
    pub(super) fn apply_settings(&mut self, ctx: &Context) {
        self.first_zoom(ctx);
        let values = &self.shell.settings.values;
        self.shell.inspector.resize(values.layout.inspector_px, values.layout.inspector_split);
        self.shell.player.set_loudness(values.sound.volume, values.sound.muted);
        self.shell.timeline.resize(values.layout.timeline_px);
        self.engine.dispatch(PersonEvent::SetMargin(values.margin_ms));
        self.apply_motion(ctx);
        if let Err(problem) = use_proxy(&values.proxy) {
            self.shell.note = Some(Note::Bad(problem.message));
        }
        let own = self.shell.settings.values.profiles.clone();
        self.shell.set_own_profiles(own);
        self.pass_wishes();
    }

    /// Applies a command for the settings, from their dialog or elsewhere.
    pub(super) fn handle_settings(&mut self, ctx: &Context, command: SettingsCommand) {
        let margin_ms = self.shell.settings.values.margin_ms;
        match &command {
            SettingsCommand::BrowseDownloads => {
                let folder = self.shell.settings.downloads().to_owned();
                self.ask_system(Purpose::Downloads, &folder);
            }
            SettingsCommand::OpenRecent(slot, recent) => {
                let (slot, recent) = (*slot, recent.clone());
                self.open_recent(slot, &recent);
            }
            SettingsCommand::Open(_) | SettingsCommand::Close => {
                self.shell.stored.open = false;
                if matches!(command, SettingsCommand::Open(_)) {
                    self.look_for_recent();
                }
            }
            SettingsCommand::AskAccount => self.ask_account(),
            SettingsCommand::SaveStorage => self.save_storage(),
            SettingsCommand::CheckStorage => self.check_storage(),
            SettingsCommand::ForgetStorage => self.forget_storage(),
            _ => {}
        }
        let proxy = self.shell.settings.values.proxy.clone();
        let in_use = self.shell.profile().clone();
        let others = self.shell.profiles().to_vec();
        let about_motion = matches!(command, SettingsCommand::ReducedMotion(_));
        let renamed = self.shell.settings.renaming(&command, &others);
        let changed = self.shell.settings.handle(command, &others);
        if about_motion {
            self.apply_motion(ctx);
        }
        if changed {
            if let Some((was, name)) = renamed {
                self.rename_profile(&was, &name);
            }
            self.shell.set_own_profiles(self.shell.settings.values.profiles.clone());
            if *self.shell.profile() != in_use {
                self.use_profile();
            }
        }
        self.pass_wishes();
        if self.shell.settings.values.proxy != proxy && !self.shell.is_embedded() {
            // A connection through the other proxy.
            self.use_profile();
        }
        if self.shell.settings.values.margin_ms != margin_ms {
            self.engine.dispatch(PersonEvent::SetMargin(self.shell.settings.values.margin_ms));
        }
    }

    /// Resets panels and window to their default sizes.
    pub(super) fn reset_layout(&mut self, ctx: &Context) {
        self.shell.settings.reset_layout();
        self.shell.inspector.resize(None, None);
        self.shell.timeline.resize(None);
        ctx.send_viewport_cmd(ViewportCommand::Maximized(false));
        // In screen points, as when the window is opened: egui multiplies the size by the zoom.
        ctx.send_viewport_cmd(ViewportCommand::InnerSize(Vec2::from(size::WINDOW) / ctx.zoom_factor()));
    }

    /// Renames a service: it stays in use if it was, and keeps the key that was entered for it.
    fn rename_profile(&mut self, was: &str, name: &str) {
        self.shell.rename_profile(was, name);
        let budgets = &mut self.shell.settings.values.budgets;
        if let Some(budget) = budgets.remove(was) {
            budgets.insert(name.to_owned(), budget);
        }
    }

    fn open_recent(&mut self, slot: SourceSlot, recent: &Recent) {
        match recent {
            Recent::File(path) => self.take_file(slot, path),
            Recent::Address(address) => {
                let kind = crate::app::state::entry::EntryKind::Address;
                let entry = match slot {
                    SourceSlot::Clip => &mut self.shell.clip_entry,
                    SourceSlot::Voice => &mut self.shell.voice_entry,
                };
                entry.kind = kind;
                entry.set_text(address.clone());
                self.commit(slot);
            }
        }
    }

    /// Starts a check of which recent files still exist.
    fn look_for_recent(&self) {
        let files = self.shell.settings.recent_files();
        if !files.is_empty() {
            self.background.look_for(files);
        }
    }

    /// Records and stores changes. Called once a frame.
    pub(super) fn remember(&mut self, ctx: &Context, frame: &eframe::Frame) {
        self.note_recent();
        let values = &mut self.shell.settings.values;
        values.layout.inspector_px = self.shell.inspector.given_width_px();
        values.layout.inspector_split = self.shell.inspector.given_split();
        (values.sound.volume, values.sound.muted) = (self.shell.player.volume(), self.shell.player.is_muted());
        values.layout.timeline_px = self.shell.timeline.given_height_px();
        self.fit_zoom(ctx);
        self.note_place(ctx, frame);
        let focused = ctx.input(|input| input.focused);
        if focused && !self.applied.focused {
            self.look_for_recent();
        }
        self.applied.focused = focused;
        let (again, trouble) = self.shell.settings.keep();
        if let Some(words) = trouble {
            self.shell.note = Some(Note::Bad(words));
        }
        if let Some(again) = again {
            ctx.request_repaint_after(again);
        }
    }

    fn note_recent(&mut self) {
        let desk = &self.engine.flow().desk;
        let readable = |known: bool, recent: &Option<Recent>| known || matches!(recent, Some(Recent::Address(_)));
        let ours = |recent: &Recent| matches!(recent, Recent::File(path) if path.starts_with(&self.demo_folder));
        let clip = desk.clip.as_ref().and_then(Recent::of_clip).filter(|recent| !ours(recent));
        let voice = desk.voice.as_ref().and_then(Recent::of_voice).filter(|recent| !ours(recent));
        let clip_known = matches!(desk.clip_probe, Probe::Known(_));
        let voice_known = matches!(desk.voice_probe, Probe::Known(_));
        if clip != self.applied.clip && readable(clip_known, &clip) {
            if let Some(recent) = clip.clone() {
                Settings::note_recent(self.shell.settings.recent_mut(SourceSlot::Clip), recent);
            }
            self.applied.clip = clip;
        }
        if voice != self.applied.voice && readable(voice_known, &voice) {
            if let Some(recent) = voice.clone() {
                Settings::note_recent(self.shell.settings.recent_mut(SourceSlot::Voice), recent);
            }
            self.applied.voice = voice;
        }
    }

    /// Records where the window is; once, also checks that it is on a screen.
    fn note_place(&mut self, ctx: &Context, frame: &eframe::Frame) {
        let viewport = ctx.input(|input| input.raw.viewport().clone());
        let Some(inner) = viewport.inner_rect else { return };
        if !self.applied.placed {
            self.applied.placed = true;
            Self::bring_into_view(ctx, frame);
            return;
        }
        if viewport.minimized == Some(true) || viewport.fullscreen == Some(true) {
            return;
        }
        let maximised = viewport.maximized == Some(true);
        let zoom = ctx.zoom_factor();
        let before = self.shell.settings.values.window;
        let place = if maximised {
            // The size before the window was maximised is the one it is restored to.
            let was = before.map_or((None, size::WINDOW), |place| (place.position_px, place.size_px));
            WindowPlace { position_px: was.0, size_px: was.1, maximised }
        } else {
            let whole = |px: f32| (px * zoom).round();
            WindowPlace {
                position_px: viewport.outer_rect.map(|outer| [whole(outer.min.x), whole(outer.min.y)]),
                size_px: [whole(inner.width()), whole(inner.height())],
                maximised,
            }
        };
        self.shell.settings.values.window = Some(place);
    }

    /// A screen may have been unplugged since: a window that cannot be reached is moved to the first screen.
    fn bring_into_view(ctx: &Context, frame: &eframe::Frame) {
        let Some(window) = frame.winit_window() else { return };
        let Ok(at) = window.outer_position() else { return };
        let size = window.outer_size();
        let rect =
            |x: i32, y: i32, w: u32, h: u32| ScreenRect { position: [x as f32, y as f32], size: [w as f32, h as f32] };
        let screens: Vec<ScreenRect> = window
            .available_monitors()
            .map(|screen| {
                let (at, size) = (screen.position(), screen.size());
                rect(at.x, at.y, size.width, size.height)
            })
            .collect();
        if let Some(first) = screens.first()
            && !on_a_screen(rect(at.x, at.y, size.width, size.height), &screens)
        {
            let to = Pos2::from(first.position) / ctx.pixels_per_point() + Vec2::splat(24.0);
            ctx.send_viewport_cmd(ViewportCommand::OuterPosition(to));
        }
    }

    /// Uses the folder chosen for results.
    pub(super) fn take_downloads(&mut self, folder: &Path) {
        self.shell.settings.take_downloads(folder.display().to_string());
    }

    /// Opens the dialog.
    pub(super) fn open_settings(&mut self, ctx: &Context, page: crate::app::state::settings::Page) {
        self.handle(ctx, Command::Settings(SettingsCommand::Open(page)));
    }
}
