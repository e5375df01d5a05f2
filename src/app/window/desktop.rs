//! Follows the desktop: dark or light where the settings say "as the system", and less motion.

use egui::Context;

use super::Window;
use crate::app::theme;

impl Window {
    /// Applies changes of the desktop's preferences.
    pub(super) fn follow_desktop(&mut self, ctx: &Context) {
        let Some(now) = self.desktop.changed() else { return };
        let before = std::mem::replace(&mut self.shell.appearance, now);
        if let Some(wished) = now.theme.filter(|_| now.theme != before.theme) {
            // The fallback of `egui` where `winit` does not know the system's theme, which is the case on Linux only.
            ctx.options_mut(|options| options.fallback_theme = wished);
            ctx.request_repaint();
        }
        if now.reduced_motion() != before.reduced_motion() {
            self.apply_motion(ctx);
        }
    }

    /// Turns animations off where the settings or the desktop ask for that.
    pub(super) fn apply_motion(&self, ctx: &Context) {
        let reduced = self.shell.settings.values.reduced_motion || self.shell.appearance.reduced_motion();
        theme::set_motion(ctx, !reduced);
    }
}
