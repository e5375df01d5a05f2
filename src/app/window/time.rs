//! Commands and updates of the timeline.

use egui::{Context, TextureOptions};

use super::Window;
use crate::app::state::screen::color_image;
use crate::app::state::timeline::TimelineCommand;

impl Window {
    pub(super) fn handle_timeline(&mut self, command: TimelineCommand) {
        match command {
            TimelineCommand::Show(stretch) => {
                let length_ms = self.view().timeline_ms();
                self.shell.timeline.show(stretch, length_ms);
            }
            TimelineCommand::Resize(height_px) => self.shell.timeline.resize(height_px),
            TimelineCommand::ShowStrip(view) => self.shell.filmstrip.set_view(view),
        }
    }

    pub(super) fn zoom_timeline(&mut self, factor: f64) {
        let length_ms = self.view().timeline_ms();
        let player = &self.shell.player;
        let playhead_ms = player.has_picture().then(|| player.playhead_ms());
        self.shell.timeline.zoom(factor, playhead_ms, length_ms);
    }

    /// Receives the filmstrip's thumbnails, and keeps the playhead in view.
    pub(super) fn tick_timeline(&mut self, ctx: &Context) {
        self.shell.filmstrip.tick(|at_us, image| {
            ctx.load_texture(format!("thumbnail {at_us}"), color_image(&image), TextureOptions::LINEAR)
        });
        let length_ms = self.view().timeline_ms();
        let player = &self.shell.player;
        if player.has_picture() {
            self.shell.timeline.follow(player.playhead_ms(), player.is_playing(), length_ms);
        }
    }
}
