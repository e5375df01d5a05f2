//! State of command palette and help sheet: which is open, and which entries were used last.

/// Number of recently used entries that are listed first.
const RECENT: usize = 5;

/// Which of the two is open, and the recently used entries.
#[derive(Debug, Default)]
pub struct State {
    pub(in crate::app) open: Option<Open>,
    pub(in crate::app) recent: Vec<String>,
}

/// Which of the two is open.
#[derive(Debug)]
pub(in crate::app) enum Open {
    /// The palette.
    Search {
        /// The search text.
        query: String,
        /// The index of the selected entry.
        selected: usize,
    },
    /// The help sheet.
    Sheet,
}

/// A command for palette or help sheet.
#[derive(Clone, Debug)]
pub enum PaletteCommand {
    /// Open the palette.
    Open,
    /// Open the help sheet.
    OpenSheet,
    /// Close whichever is open.
    Close,
    /// The search text changed.
    Type(String),
    /// Select the entry with this index.
    Select(usize),
    /// The entry with this title was used: it is listed first next time.
    Chosen(String),
}

impl State {
    /// Whether palette or help sheet is open, and has the keyboard to itself.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Applies a command.
    pub fn handle(&mut self, command: PaletteCommand) {
        match command {
            PaletteCommand::Open => self.open = Some(Open::Search { query: String::new(), selected: 0 }),
            PaletteCommand::OpenSheet => self.open = Some(Open::Sheet),
            PaletteCommand::Close => self.open = None,
            PaletteCommand::Type(text) => self.open = Some(Open::Search { query: text, selected: 0 }),
            PaletteCommand::Select(index) => {
                if let Some(Open::Search { selected, .. }) = &mut self.open {
                    *selected = index;
                }
            }
            PaletteCommand::Chosen(title) => {
                self.recent.retain(|known| *known != title);
                self.recent.insert(0, title);
                self.recent.truncate(RECENT);
                self.open = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_last_comes_first_and_closes_the_palette() {
        let mut state = State::default();
        for title in ["a", "b", "c", "b", "d", "e", "f"] {
            state.handle(PaletteCommand::Open);
            assert!(state.is_open());
            state.handle(PaletteCommand::Chosen(title.into()));
            assert!(!state.is_open());
        }
        assert_eq!(state.recent, ["f", "e", "d", "b", "c"]);
    }
}
