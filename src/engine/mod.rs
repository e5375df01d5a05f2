//! Carries out the workflow's commands: jobs as promises on tokio. Shared by window and command line.
