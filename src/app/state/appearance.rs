//! What the desktop prefers: dark or light, and less motion; read from the settings of its portal.

use egui::Theme;

/// What a desktop prefers; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appearance {
    /// Dark or light.
    pub theme: Option<Theme>,
    /// Whether animations are unwanted: by the setting made for it, and else by GNOME's own.
    reduced: Option<bool>,
    animated: Option<bool>,
    /// Whether the desktop was asked for dark or light, and does not say.
    pub says_no_theme: bool,
}

/// A value of the settings portal, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u32),
    /// A switch.
    Switch(bool),
    /// Anything else.
    Other,
}

/// Where the settings of every desktop are.
pub const APPEARANCE: &str = "org.freedesktop.appearance";
/// Where GNOME, and those that imitate it, have their own.
pub const GNOME: &str = "org.gnome.desktop.interface";

#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "elsewhere the system tells it in its own way"))]
impl Appearance {
    /// Applies one setting of the portal; an unknown one changes nothing.
    pub fn set(&mut self, namespace: &str, key: &str, value: Value) {
        match (namespace, key, value) {
            (APPEARANCE, "color-scheme", Value::Number(scheme)) => {
                // 0 is "no preference", which is what a desktop says that was switched to its usual, light style; browsers take it
                // for light too. An unknown number counts as 0, as the portal's document has it.
                self.theme = Some(if scheme == 1 { Theme::Dark } else { Theme::Light });
            }
            (APPEARANCE, "reduced-motion", Value::Number(reduced)) => self.reduced = Some(reduced == 1),
            (GNOME, "enable-animations", Value::Switch(animated)) => self.animated = Some(animated),
            _ => {}
        }
    }

    /// After the desktop's settings were read: whether a theme is still missing is known.
    #[must_use]
    pub fn read(self) -> Self {
        Self { says_no_theme: self.theme.is_none(), ..self }
    }

    /// Whether animations are unwanted.
    #[must_use]
    pub fn reduced_motion(self) -> bool {
        self.reduced == Some(true) || self.animated == Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appearance(settings: &[(&str, &str, Value)]) -> Appearance {
        let mut appearance = Appearance::default();
        for (namespace, key, value) in settings {
            appearance.set(namespace, key, *value);
        }
        appearance
    }

    #[test]
    fn a_theme_is_told_by_a_number() {
        let theme = |value| appearance(&[(APPEARANCE, "color-scheme", value)]).theme;
        assert_eq!(theme(Value::Number(1)), Some(Theme::Dark));
        assert_eq!(theme(Value::Number(2)), Some(Theme::Light));
        assert_eq!(theme(Value::Number(0)), Some(Theme::Light));
        assert_eq!(theme(Value::Number(9)), Some(Theme::Light));
        assert_eq!(theme(Value::Other), None);
        assert_eq!(
            appearance(&[(GNOME, "color-scheme", Value::Number(1))]).theme,
            None,
            "there it is a word, and another's"
        );
    }

    #[test]
    fn motion_is_reduced_by_either_setting() {
        assert!(!appearance(&[]).reduced_motion());
        assert!(appearance(&[(APPEARANCE, "reduced-motion", Value::Number(1))]).reduced_motion());
        assert!(appearance(&[(GNOME, "enable-animations", Value::Switch(false))]).reduced_motion());
        let both =
            [(APPEARANCE, "reduced-motion", Value::Number(0)), (GNOME, "enable-animations", Value::Switch(true))];
        assert!(!appearance(&both).reduced_motion());
    }
}
