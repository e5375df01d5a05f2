//! Preferences of the desktop: dark or light, and reduced motion; read from its settings portal.

use egui::Theme;

/// Preferences of a desktop; `None` where it reports none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appearance {
    /// Dark or light.
    pub theme: Option<Theme>,
    /// Whether animations are to be reduced: by the setting made for it, or else by GNOME's own.
    reduced: Option<bool>,
    animated: Option<bool>,
    /// Whether the desktop was asked for dark or light, and reported neither.
    pub says_no_theme: bool,
}

/// A value of the settings portal, as far as it is needed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(u32),
    /// A switch.
    Switch(bool),
    /// Anything else.
    Other,
}

/// The namespace of the settings that all desktops share.
pub const APPEARANCE: &str = "org.freedesktop.appearance";
/// The namespace of the settings of GNOME and desktops derived from it.
pub const GNOME: &str = "org.gnome.desktop.interface";

#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "elsewhere the system reports it by other means"))]
impl Appearance {
    /// Applies one setting of the portal; an unknown one changes nothing.
    pub fn set(&mut self, namespace: &str, key: &str, value: Value) {
        match (namespace, key, value) {
            (APPEARANCE, "color-scheme", Value::Number(scheme)) => {
                // 0 is "no preference", which desktops report for their default, light style; browsers treat it as light, too.
                // The portal's specification treats unknown numbers as 0.
                self.theme = Some(if scheme == 1 { Theme::Dark } else { Theme::Light });
            }
            (APPEARANCE, "reduced-motion", Value::Number(reduced)) => self.reduced = Some(reduced == 1),
            (GNOME, "enable-animations", Value::Switch(animated)) => self.animated = Some(animated),
            _ => {}
        }
    }

    /// Called after all settings were read: records whether none of them named a theme.
    #[must_use]
    pub fn read(self) -> Self {
        Self { says_no_theme: self.theme.is_none(), ..self }
    }

    /// Whether animations are to be reduced.
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
    fn the_theme_is_reported_as_a_number() {
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
