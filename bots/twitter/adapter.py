"""The X channel: where the parts meet. See `listen`, `send`, `fetch`, `budget` for what each does."""
