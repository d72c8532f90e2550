"""The office: procedure, dialogue, storage and use cases. Knows no channel by name and no web framework."""
