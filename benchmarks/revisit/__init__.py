"""How many versions the revisit policy catches, beside known schedules and oracles, on seeded worlds."""
