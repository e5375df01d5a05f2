//! Of several results of a task: the one that is shown, and the one whose download is.

use std::path::Path;

use crate::workflow::Download;

/// The path of the first video whose download has not failed, once it is saved: no later video is shown before it.
#[must_use]
pub fn saved(downloads: &[Download]) -> Option<&Path> {
    match downloads.iter().find(|download| !matches!(download, Download::Failed(_)))? {
        Download::Saved(saved) => Some(&saved.path),
        _ => None,
    }
}

/// Index of the download whose state is shown: the first that runs, else the first that failed, else the first.
#[must_use]
pub fn displayed_download(downloads: &[Download]) -> Option<usize> {
    let first = |is_it: fn(&Download) -> bool| downloads.iter().position(is_it);
    first(|download| matches!(download, Download::Running { .. }))
        .or_else(|| first(|download| matches!(download, Download::Failed(_))))
        .or((!downloads.is_empty()).then_some(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Problem, ProblemKind, Progress, SavedFile};
    use crate::workflow::JobId;

    #[test]
    fn of_several_downloads_the_first_saved_one_is_shown_and_the_running_one_is_displayed() {
        let on_its_way = || Download::Running { job: JobId(1), to: "/x/a.mp4".into(), progress: Progress::default() };
        let here = |path: &str| Download::Saved(SavedFile { path: path.into(), sha256: String::new(), size_bytes: 1 });
        let failed = || Download::Failed(Problem::new(ProblemKind::Cancelled, "stopped"));
        let check = |downloads: &[Download], shown: Option<&str>, displayed: Option<usize>| {
            assert_eq!(
                (saved(downloads), displayed_download(downloads)),
                (shown.map(Path::new), displayed),
                "{downloads:?}"
            );
        };
        check(&[], None, None);
        check(&[on_its_way(), here("/x/b.mp4")], None, Some(0));
        check(&[here("/x/a.mp4"), on_its_way()], Some("/x/a.mp4"), Some(1));
        check(&[failed(), here("/x/b.mp4")], Some("/x/b.mp4"), Some(0));
        check(&[here("/x/a.mp4"), here("/x/b.mp4")], Some("/x/a.mp4"), Some(0));
    }
}
