//! What a desktop asks for, from its settings as the portal words them.

use egui::Theme;

/// What a desktop asks for; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Dark or light.
    pub theme: Option<Theme>,
    /// Whether nothing shall move by itself: by the setting made for it, and else by GNOME's own.
    reduced: Option<bool>,
    animated: Option<bool>,
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
impl Wish {
    /// Takes in one setting; what is not known is left alone.
    pub fn take(&mut self, namespace: &str, key: &str, value: Value) {
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

    /// Whether nothing shall move by itself.
    #[must_use]
    pub fn reduced_motion(self) -> bool {
        self.reduced == Some(true) || self.animated == Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(settings: &[(&str, &str, Value)]) -> Wish {
        let mut wish = Wish::default();
        for (namespace, key, value) in settings {
            wish.take(namespace, key, *value);
        }
        wish
    }

    #[test]
    fn a_theme_is_told_by_a_number() {
        let theme = |value| wish(&[(APPEARANCE, "color-scheme", value)]).theme;
        assert_eq!(theme(Value::Number(1)), Some(Theme::Dark));
        assert_eq!(theme(Value::Number(2)), Some(Theme::Light));
        assert_eq!(theme(Value::Number(0)), Some(Theme::Light));
        assert_eq!(theme(Value::Number(9)), Some(Theme::Light));
        assert_eq!(theme(Value::Other), None);
        assert_eq!(wish(&[(GNOME, "color-scheme", Value::Number(1))]).theme, None, "there it is a word, and another's");
    }

    #[test]
    fn motion_is_reduced_by_either_setting() {
        assert!(!wish(&[]).reduced_motion());
        assert!(wish(&[(APPEARANCE, "reduced-motion", Value::Number(1))]).reduced_motion());
        assert!(wish(&[(GNOME, "enable-animations", Value::Switch(false))]).reduced_motion());
        let both =
            [(APPEARANCE, "reduced-motion", Value::Number(0)), (GNOME, "enable-animations", Value::Switch(true))];
        assert!(!wish(&both).reduced_motion());
    }
}
