-- Texts that were sent to be spoken: paid, and without a name by which a lost answer could be found. One that is `sent` although nobody works
-- on it any more is lost, and was perhaps paid. Never removed.
CREATE TABLE speeches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    service_id INTEGER NOT NULL REFERENCES services (id),
    state TEXT NOT NULL CHECK (state IN ('sent', 'done', 'refused', 'unknown')),
    text TEXT NOT NULL,
    voice_id TEXT NOT NULL,
    language TEXT NOT NULL,
    speed REAL NOT NULL,
    begun_ms INTEGER NOT NULL,
    answered_ms INTEGER,
    -- The answer, whole.
    spoken TEXT,
    problem TEXT,
    booking_id INTEGER REFERENCES bookings (id)
) STRICT;
CREATE INDEX speeches_by_service ON speeches (service_id, id);
