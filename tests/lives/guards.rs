//! The guards, each of which can be taken away here, and nowhere else: then lives must go wrong.

/// What stands between a create and a second payment, or a lost task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The intent is on the disk before anything is sent.
    IntentFirst,
    /// A create is sent again under the same name.
    SameName,
    /// A task of our name is ours only with proof.
    Proof,
    /// Only what belongs to nobody who lives is taken over.
    Lease,
    /// The service's time is kept by a clock that nobody sets.
    SteadyClock,
}

impl Guard {
    pub const ALL: [Self; 5] = [Self::IntentFirst, Self::SameName, Self::Proof, Self::Lease, Self::SteadyClock];
}
