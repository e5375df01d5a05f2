//! The renderer: OpenGL, and on Windows Direct3D where OpenGL is too old (remote desktops, virtual machines).

use std::cell::Cell;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use eframe::Renderer;

use crate::worker::panic_text;

/// The environment variable that chooses a renderer.
pub const VARIABLE: &str = "VISEME_RENDERER";

/// The renderers of this system by the names that [`VARIABLE`] takes, in the order in which they are tried.
const AVAILABLE: &[(&str, Renderer)] = &[
    ("glow", Renderer::Glow),
    #[cfg(windows)]
    ("wgpu", Renderer::Wgpu),
];

/// Which renderers to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Tried first.
    pub first: Renderer,
    /// Tried where the first one cannot draw on this machine.
    pub fallback: Option<Renderer>,
}

/// [`VARIABLE`] names no renderer of this system.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{VARIABLE}={0} names no renderer of this system")]
pub struct UnknownRenderer(String);

impl UnknownRenderer {
    /// A hint for the user.
    #[must_use]
    pub fn next(&self) -> String {
        let names: Vec<&str> = AVAILABLE.iter().map(|(name, _)| *name).collect();
        format!("Set it to {}, or leave it out", names.join(" or "))
    }
}

impl Choice {
    /// The renderer with this name and no other; without a name, every renderer of this system in turn.
    ///
    /// # Errors
    /// This system has no renderer of that name.
    pub fn named(name: Option<&str>) -> Result<Self, UnknownRenderer> {
        let named = |name: &str| AVAILABLE.iter().find(|(known, _)| *known == name).map(|(_, renderer)| *renderer);
        match name.filter(|name| !name.is_empty()) {
            Some(name) => {
                let first = named(name).ok_or_else(|| UnknownRenderer(name.to_owned()))?;
                Ok(Self { first, fallback: None })
            }
            None => Ok(Self { first: Renderer::Glow, fallback: named("wgpu") }),
        }
    }

    /// Opens the window with the first renderer that works. `open` sets its flag once the renderer works; errors and panics after that are
    /// final. Before that a panic counts as a failure of the renderer, since libraries panic on drivers that they do not expect.
    ///
    /// # Errors
    /// Those of `open` with the last renderer.
    pub fn open<E: Display>(self, open: impl Fn(Renderer, Rc<Cell<bool>>) -> Result<(), E>) -> Result<(), Failure<E>> {
        let attempt = |renderer| {
            let works = Rc::new(Cell::new(false));
            let ended = match catch_unwind(AssertUnwindSafe(|| open(renderer, Rc::clone(&works)))) {
                Ok(ended) => ended.map_err(Failure::Error),
                Err(panic) if works.get() => resume_unwind(panic),
                Err(panic) => Err(Failure::Panic(panic_text(&*panic))),
            };
            (ended, works.get())
        };
        match (attempt(self.first), self.fallback) {
            ((Err(failure), false), Some(fallback)) => {
                tracing::warn!("{} cannot draw the window here: {failure}. Trying {fallback}", self.first);
                attempt(fallback).0
            }
            ((ended, _), _) => ended,
        }
    }
}

/// Why no renderer could open the window.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure<E> {
    /// The error of the last one.
    #[error("{0}")]
    Error(E),
    /// The last one panicked before it worked, with this message.
    #[error("{0}")]
    Panic(String),
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Two attempts that can be told apart on every system.
    const TWICE: Choice = Choice { first: Renderer::Glow, fallback: Some(Renderer::Glow) };

    #[test]
    fn a_name_chooses_that_renderer_alone() {
        assert_eq!(Choice::named(Some("glow")), Ok(Choice { first: Renderer::Glow, fallback: None }));
        let err = Choice::named(Some("Metal")).unwrap_err();
        assert!(err.to_string().contains("VISEME_RENDERER=Metal"), "{err}");
        assert!(err.next().contains("glow"), "{}", err.next());
    }

    #[test]
    fn without_a_name_opengl_is_first_and_windows_has_a_fallback() {
        for name in [None, Some("")] {
            let choice = Choice::named(name).unwrap();
            assert_eq!(choice.first, Renderer::Glow);
            assert_eq!(choice.fallback.is_some(), cfg!(windows));
        }
    }

    #[test]
    fn a_renderer_that_does_not_work_gives_way_to_the_fallback() {
        for panics in [false, true] {
            let attempts = RefCell::new(0);
            let opened = TWICE.open(|_, works| {
                *attempts.borrow_mut() += 1;
                match (*attempts.borrow(), panics) {
                    (1, true) => panic!("no matching configuration"),
                    (1, false) => Err("OpenGL 1.1"),
                    _ => {
                        works.set(true);
                        Ok(())
                    }
                }
            });
            assert_eq!((opened, attempts.into_inner()), (Ok(()), 2), "panics: {panics}");
        }
        let none = TWICE.open(|_, _| Err("none"));
        assert_eq!(none, Err(Failure::Error("none")), "where neither works, the error is the last one's");
    }

    #[test]
    fn a_renderer_that_panics_before_it_works_is_an_error() {
        for choice in [TWICE, Choice { fallback: None, ..TWICE }] {
            let opened = choice.open(|_, _| -> Result<(), &str> { panic!("no matching configuration") });
            assert_eq!(opened, Err(Failure::Panic("no matching configuration".into())));
        }
    }

    #[test]
    fn a_window_that_was_open_is_not_opened_again() {
        let attempts = Cell::new(0);
        let ended = TWICE.open(|_, works| {
            attempts.set(attempts.get() + 1);
            works.set(true);
            Err("the driver was lost")
        });
        assert_eq!((ended, attempts.get()), (Err(Failure::Error("the driver was lost")), 1));
        let panicked = catch_unwind(|| {
            TWICE.open(|_, works| -> Result<(), &str> {
                works.set(true);
                panic!("later")
            })
        });
        assert!(panicked.is_err());
    }
}
