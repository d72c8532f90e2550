"""The SOP as data, pure: categories, states, permissions, working days, clocks. Codes only, no sentences."""
