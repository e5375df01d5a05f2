-- A service, as far as it must be known to ask it again. The same address with another profile's name is the same service.
CREATE TABLE services (
    id INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    base_url TEXT NOT NULL,
    path_prefix TEXT NOT NULL,
    dialect TEXT NOT NULL,
    UNIQUE (base_url, path_prefix, dialect)
) STRICT;

-- Processes that are running, or were.
CREATE TABLE owners (
    owner TEXT PRIMARY KEY,
    beat_ms INTEGER NOT NULL,
    lease_until_ms INTEGER NOT NULL,
    -- When its heartbeat was last seen to have jumped: the machine slept, or the clock was set.
    jumped_ms INTEGER
) STRICT, WITHOUT ROWID;

-- One row for each wish to create a task, and for each task that was created elsewhere and is followed here. Never removed.
CREATE TABLE intents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    service_id INTEGER NOT NULL REFERENCES services (id),
    profile TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('created', 'followed', 'imported')),
    state TEXT NOT NULL
        CHECK (state IN ('intended', 'sent', 'accepted', 'refused', 'name_taken', 'unknown', 'nothing', 'withdrawn')),
    -- What the history shows: the state, and of an accepted one how its task is.
    phase TEXT NOT NULL,
    external_task_id TEXT,
    session_id TEXT,
    begun_ms INTEGER NOT NULL,
    sent_ms INTEGER,
    answered_ms INTEGER,
    finished_ms INTEGER,
    hidden_ms INTEGER,
    owner TEXT,
    holds_slot INTEGER NOT NULL DEFAULT 0,
    sends INTEGER NOT NULL DEFAULT 0,
    -- Whether the outcome of a sending was unknown at any time.
    unclear INTEGER NOT NULL DEFAULT 0,
    not_found_ms INTEGER,
    not_found_by TEXT,
    settled_by TEXT,
    other_task_id TEXT,
    clip_name TEXT NOT NULL DEFAULT '',
    voice_name TEXT NOT NULL DEFAULT '',
    face_ids TEXT NOT NULL DEFAULT '[]',
    placement TEXT,
    problem TEXT,
    clip TEXT NOT NULL DEFAULT 'null',
    voice TEXT NOT NULL DEFAULT 'null',
    options TEXT NOT NULL DEFAULT 'null',
    -- A name is never used for two intents, also not after a failure.
    UNIQUE (service_id, external_task_id)
) STRICT;
CREATE INDEX intents_by_time ON intents (begun_ms, id) WHERE hidden_ms IS NULL;
CREATE INDEX intents_by_service ON intents (service_id, begun_ms, id) WHERE hidden_ms IS NULL;
CREATE INDEX intents_by_phase ON intents (phase, begun_ms, id) WHERE hidden_ms IS NULL;
CREATE INDEX intents_by_service_and_phase ON intents (service_id, phase, begun_ms, id) WHERE hidden_ms IS NULL;
CREATE INDEX intents_unfinished ON intents (owner) WHERE finished_ms IS NULL;
CREATE INDEX intents_finished ON intents (finished_ms, id) WHERE finished_ms IS NOT NULL;
CREATE INDEX intents_with_slot ON intents (service_id) WHERE holds_slot = 1;
CREATE INDEX intents_by_name ON intents (external_task_id);

-- What is searched in the history, in lower case.
CREATE TABLE search (intent_id INTEGER PRIMARY KEY REFERENCES intents (id) ON DELETE CASCADE, text TEXT NOT NULL) STRICT;

-- The accepted task of an intent.
CREATE TABLE tasks (
    intent_id INTEGER PRIMARY KEY REFERENCES intents (id),
    service_id INTEGER NOT NULL REFERENCES services (id),
    task_id TEXT NOT NULL,
    external_task_id TEXT,
    status TEXT NOT NULL,
    status_raw TEXT NOT NULL DEFAULT '',
    status_msg TEXT,
    progress REAL,
    accepted_ms INTEGER NOT NULL,
    polled_ms INTEGER,
    ended_ms INTEGER,
    cost TEXT,
    -- The last answer about it, whole.
    document TEXT,
    UNIQUE (service_id, task_id)
) STRICT;
CREATE INDEX tasks_by_id ON tasks (task_id);
CREATE INDEX tasks_by_name ON tasks (external_task_id) WHERE external_task_id IS NOT NULL;

CREATE TABLE videos (
    intent_id INTEGER NOT NULL REFERENCES tasks (intent_id) ON UPDATE CASCADE,
    number INTEGER NOT NULL,
    video_id TEXT NOT NULL,
    url TEXT NOT NULL,
    watermark_url TEXT,
    duration_ms INTEGER,
    PRIMARY KEY (intent_id, number)
) STRICT, WITHOUT ROWID;

-- Each change of an intent and its task.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    intent_id INTEGER NOT NULL REFERENCES intents (id),
    at_ms INTEGER NOT NULL,
    what TEXT NOT NULL,
    detail TEXT
) STRICT;
CREATE INDEX changes_by_intent ON changes (intent_id, id);

-- What was spent, or is reserved (is_final = 0), on a day, in millionths of the unit.
CREATE TABLE bookings (
    id INTEGER PRIMARY KEY,
    service_id INTEGER NOT NULL REFERENCES services (id),
    day TEXT NOT NULL,
    unit TEXT NOT NULL,
    micros INTEGER NOT NULL,
    is_final INTEGER NOT NULL,
    what TEXT NOT NULL,
    intent_id INTEGER UNIQUE REFERENCES intents (id)
) STRICT;
CREATE INDEX bookings_by_day ON bookings (service_id, day, unit, micros);

-- Results that are on this machine. Paths are the system's own bytes.
CREATE TABLE results (
    id INTEGER PRIMARY KEY,
    intent_id INTEGER NOT NULL REFERENCES intents (id),
    number INTEGER NOT NULL,
    path BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    saved_ms INTEGER NOT NULL,
    UNIQUE (intent_id, number, path)
) STRICT;

-- Downloads in progress. Only these files are resumed or swept.
CREATE TABLE parts (
    id INTEGER PRIMARY KEY,
    intent_id INTEGER NOT NULL REFERENCES intents (id),
    number INTEGER NOT NULL,
    path BLOB NOT NULL UNIQUE,
    target BLOB NOT NULL,
    url TEXT NOT NULL,
    etag TEXT,
    received_bytes INTEGER NOT NULL,
    total_bytes INTEGER,
    owner TEXT,
    begun_ms INTEGER NOT NULL,
    UNIQUE (intent_id, number)
) STRICT;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    service_id INTEGER NOT NULL REFERENCES services (id),
    session_id TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL,
    clip_name TEXT NOT NULL,
    clip TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (service_id, session_id)
) STRICT;

CREATE TABLE previews (
    session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    face_id TEXT NOT NULL,
    extension TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (session, face_id)
) STRICT, WITHOUT ROWID;

-- A window as it was left.
CREATE TABLE desks (name TEXT PRIMARY KEY, saved_ms INTEGER NOT NULL, document TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- What went over the wire. A body longer than the row takes is in a file under its SHA-256, and its beginning here.
CREATE TABLE exchanges (
    id INTEGER PRIMARY KEY,
    started_ms INTEGER NOT NULL,
    service_id INTEGER REFERENCES services (id),
    intent_id INTEGER REFERENCES intents (id),
    operation TEXT NOT NULL,
    method TEXT NOT NULL,
    url TEXT NOT NULL,
    status INTEGER,
    failure TEXT,
    head_us INTEGER,
    total_us INTEGER NOT NULL,
    request_bytes INTEGER NOT NULL,
    response_bytes INTEGER NOT NULL,
    request_file BLOB,
    request_sha256 TEXT,
    response_sha256 TEXT,
    -- How many bytes of bodies are kept, in the row and in files.
    kept_bytes INTEGER NOT NULL,
    request_headers TEXT NOT NULL,
    response_headers TEXT NOT NULL,
    request_body BLOB,
    response_body BLOB
) STRICT;
CREATE INDEX exchanges_by_time ON exchanges (started_ms, id);
CREATE INDEX exchanges_by_intent ON exchanges (intent_id, id) WHERE intent_id IS NOT NULL;
CREATE INDEX exchanges_with_bodies ON exchanges (started_ms, id, kept_bytes) WHERE kept_bytes > 0;
CREATE INDEX exchanges_by_request ON exchanges (request_sha256) WHERE request_sha256 IS NOT NULL;
CREATE INDEX exchanges_by_response ON exchanges (response_sha256) WHERE response_sha256 IS NOT NULL;

-- Written at each opening: shows whether the file can be written at all.
CREATE TABLE openings (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), count INTEGER NOT NULL) STRICT;
INSERT INTO openings VALUES (1, 0);
