"""Whether each payment point can be paid at now, and why not: rules (pure), and the thread that asks them."""
