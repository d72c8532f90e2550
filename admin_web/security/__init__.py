"""Who may come in, and what every answer carries: sessions, throttles, CSRF, headers, the gate in front of every page."""
