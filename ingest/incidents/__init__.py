"""How events and silent boxes become incidents: rules (pure), and what performs them."""
