-- What was measured of results, so that no later window measures it again: the caller's own document, and a short text that says of which files
-- and which placement it is. Goes with its intent.
CREATE TABLE verdicts (
    intent_id INTEGER NOT NULL REFERENCES intents (id),
    made_of TEXT NOT NULL,
    document TEXT NOT NULL,
    judged_ms INTEGER NOT NULL,
    PRIMARY KEY (intent_id, made_of)
) STRICT, WITHOUT ROWID;
