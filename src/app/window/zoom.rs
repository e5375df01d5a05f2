//! The user interface scale. The chosen one is stored; the applied one is limited by the size of the window and follows it.

use egui::gui_zoom::kb_shortcuts::{ZOOM_IN, ZOOM_IN_SECONDARY, ZOOM_OUT, ZOOM_RESET};
use egui::{Context, Ui, Vec2};

use super::Window;
use crate::app::action::command::{Command, Commands};
use crate::app::state::settings::{SettingsCommand, scale};
use crate::app::theme::size;

impl Window {
    /// Applies the scale before there is a window.
    pub(super) fn first_zoom(&self, ctx: &Context) {
        // egui's own zoom shortcuts do not know our limits, and change the applied scale.
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let values = &self.shell.settings.values;
        let inner = match &values.window {
            // The size of a maximised window is not known yet.
            Some(place) if place.maximised => Vec2::INFINITY,
            Some(place) => Vec2::from(place.size_px),
            None => Vec2::from(size::WINDOW),
        };
        self.zoom_for(ctx, inner);
    }

    /// Called once a frame: the size of the window or the chosen scale may have changed.
    pub(super) fn fit_zoom(&mut self, ctx: &Context) {
        self.limit_window(ctx);
        let inner = scale::inner(ctx);
        // The contents of a minimised window have no size on some systems.
        if inner.min_elem() >= 1.0 {
            self.zoom_for(ctx, inner);
        }
    }

    /// On a fine screen everything can be smaller, and so can the window: else it would be larger than a small one of them.
    fn limit_window(&mut self, ctx: &Context) {
        let limit = scale::least_limit(scale::native(ctx));
        if self.least_limit != limit {
            self.least_limit = limit;
            let least = Vec2::from(size::WINDOW_LEAST) * f32::from(limit) / 100.0;
            // The command is in our points.
            ctx.send_viewport_cmd(egui::ViewportCommand::MinInnerSize(least / ctx.zoom_factor()));
        }
    }

    fn zoom_for(&self, ctx: &Context, inner: Vec2) {
        let percent = scale::fitting(self.shell.settings.values.scale_percent, inner, scale::native(ctx));
        ctx.set_zoom_factor(f32::from(percent) / 100.0);
    }

    /// The zoom shortcuts of browsers. They also work in dialogs, one of which shows the scale.
    pub(super) fn zoom_keys(&self, ui: &Ui, commands: &mut Commands) {
        let chosen = self.shell.settings.values.scale_percent;
        let applied = scale::fitting(chosen, scale::inner(ui.ctx()), scale::native(ui.ctx()));
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
            commands.push(Command::Settings(SettingsCommand::Scale(next)));
        }
    }
}
