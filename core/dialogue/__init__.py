"""The conversation, pure: `step(session, event, *, facts, now) → (session, effects)`. Knows no channel, no database."""
