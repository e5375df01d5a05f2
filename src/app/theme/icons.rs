//! One icon set of one stroke weight: Lucide. Each icon is rasterised at the resolution of the screen.

use egui::{Image, Vec2};

use super::tokens::size;

macro_rules! icons {
    ($($name:ident => $file:literal),+ $(,)?) => {
        /// An icon, named by what it shows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the name is the picture")]
        pub enum Icon { $($name),+ }

        impl Icon {
            /// Every icon that is built into the program.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            fn source(self) -> egui::ImageSource<'static> {
                match self {
                    $(Self::$name => egui::include_image!(concat!("../../../assets/icons/", $file, ".svg")),)+
                }
            }
        }
    };
}

icons! {
    AudioLines => "audio-lines",
    Check => "check",
    ChevronDown => "chevron-down",
    ChevronRight => "chevron-right",
    ChevronUp => "chevron-up",
    CircleAlert => "circle-alert",
    CircleCheck => "circle-check",
    CircleDashed => "circle-dashed",
    CircleX => "circle-x",
    ClipboardPaste => "clipboard-paste",
    Columns => "columns-2",
    Copy => "copy",
    Download => "download",
    ExternalLink => "external-link",
    Film => "film",
    FolderOpen => "folder-open",
    History => "history",
    ImageOff => "image-off",
    Info => "info",
    Key => "key-round",
    Keyboard => "keyboard",
    Link => "link",
    List => "list",
    Magnet => "magnet",
    Maximize => "maximize",
    MaximizeDiagonal => "maximize-2",
    Monitor => "monitor",
    Moon => "moon",
    MoveHorizontal => "move-horizontal",
    PanelRight => "panel-right",
    Pause => "pause",
    Pencil => "pencil",
    Play => "play",
    Plus => "plus",
    Redo => "redo-2",
    Refresh => "refresh-cw",
    Repeat => "repeat",
    Rotate => "rotate-ccw",
    Save => "save",
    ScanFace => "scan-face",
    Search => "search",
    Send => "send",
    Gear => "settings",
    SkipBack => "skip-back",
    SkipForward => "skip-forward",
    Smile => "smile",
    Sparkles => "sparkles",
    StepBack => "step-back",
    StepForward => "step-forward",
    Sun => "sun",
    Trash => "trash-2",
    TriangleAlert => "triangle-alert",
    Undo => "undo-2",
    User => "user-round",
    Volume => "volume-2",
    VolumeLow => "volume-1",
    VolumeOff => "volume-x",
    X => "x",
    ZoomIn => "zoom-in",
    ZoomOut => "zoom-out",
}

impl Icon {
    /// The icon at the default size of 16 points; white until it is tinted.
    pub fn image(self) -> Image<'static> {
        self.image_of(size::ICON)
    }

    /// The icon at another size, in points.
    pub fn image_of(self, side: f32) -> Image<'static> {
        Image::new(self.source()).fit_to_exact_size(Vec2::splat(side)).show_loading_spinner(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every icon is an SVG that the window's own loader can draw, and none is blank.
    #[test]
    fn every_icon_can_be_drawn() {
        let ctx = egui::Context::default();
        egui_extras::install_image_loaders(&ctx);
        for icon in Icon::ALL {
            let egui::ImageSource::Bytes { uri, bytes } = icon.source() else { panic!("{icon:?} is no bytes") };
            ctx.include_bytes(uri.clone(), bytes);
            let loaded =
                ctx.try_load_image(&uri, egui::SizeHint::Size { width: 32, height: 32, maintain_aspect_ratio: true });
            let Ok(egui::load::ImagePoll::Ready { image }) = loaded else { panic!("{icon:?} cannot be drawn") };
            assert!(image.pixels.iter().any(|pixel| pixel.a() > 128), "{icon:?} is a blank");
        }
    }
}
