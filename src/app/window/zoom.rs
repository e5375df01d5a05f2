//! Size of everything. What was chosen is remembered; what of it the window has room for is applied, again as its size changes.

use egui::gui_zoom::kb_shortcuts::{ZOOM_IN, ZOOM_IN_SECONDARY, ZOOM_OUT, ZOOM_RESET};
use egui::{Context, Ui, Vec2};

use super::Window;
use crate::app::action::command::{Command, Wishes};
use crate::app::state::settings::{SettingsCommand, scale};
use crate::app::theme::size;

impl Window {
    /// Before there is a window: what it is about to have room for.
    pub(super) fn first_zoom(&self, ctx: &Context) {
        // The library's own keys know of no bounds but theirs, and change what is applied.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let values = &self.shell.settings.values;
        let inner = match &values.window {
            // How large that will be is not known yet.
            Some(place) if place.maximised => Vec2::INFINITY,
            Some(place) => Vec2::from(place.size_px),
            None => Vec2::from(size::WINDOW),
        };
        self.zoom_for(ctx, inner);
    }

    /// Once a frame: the window may have another size, or something else was chosen.
    pub(super) fn fit_zoom(&self, ctx: &Context) {
        let inner = scale::inner(ctx);
        // A minimised window has no inside on some systems.
        if inner.min_elem() >= 1.0 {
            self.zoom_for(ctx, inner);
        }
    }

    fn zoom_for(&self, ctx: &Context, inner: Vec2) {
        let percent = scale::fitting(self.shell.settings.values.scale_percent, inner);
        ctx.set_zoom_factor(f32::from(percent) / 100.0);
    }

    /// The keys of a browser. They hold over dialogs too: in one of them is told what they come to.
    pub(super) fn zoom_keys(&self, ui: &Ui, wishes: &mut Wishes) {
        let chosen = self.shell.settings.values.scale_percent;
        let applied = scale::fitting(chosen, scale::inner(ui.ctx()));
        let pressed = |shortcut| ui.input_mut(|input| input.consume_shortcut(shortcut));
        let next = if pressed(&ZOOM_RESET) {
            100
        } else if pressed(&ZOOM_IN) || pressed(&ZOOM_IN_SECONDARY) {
            scale::larger(chosen, applied)
        } else if pressed(&ZOOM_OUT) {
            scale::smaller(applied)
        } else {
            return;
        };
        if next != chosen {
            wishes.push(Command::Settings(SettingsCommand::Scale(next)));
        }
    }
}
