//! Follows the desktop: dark or light where the settings say "as the system", and less motion.

use egui::Context;

use super::Window;
use crate::app::theme;

impl Window {
    /// Takes in what the desktop asks for.
    pub(super) fn follow_desktop(&mut self, ctx: &Context) {
        let before = self.shell.desktop.wish();
        self.shell.desktop.take_news();
        let wish = self.shell.desktop.wish();
        if let Some(wished) = wish.theme.filter(|_| wish.theme != before.theme) {
            // What `egui` goes by where `winit` knows nothing of the system's theme, which is so on Linux only.
            ctx.options_mut(|options| options.fallback_theme = wished);
            ctx.request_repaint();
        }
        if wish.reduced_motion() != before.reduced_motion() {
            self.apply_motion(ctx);
        }
    }

    /// Nothing moves by itself where the person or the desktop wants it so.
    pub(super) fn apply_motion(&self, ctx: &Context) {
        let reduced = self.shell.settings.values.reduced_motion || self.shell.desktop.wish().reduced_motion();
        theme::set_motion(ctx, !reduced);
    }
}
