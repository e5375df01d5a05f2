//! The state machine of the job: Idle → Identifying → Choosing → Submitted → Done. Pure.
