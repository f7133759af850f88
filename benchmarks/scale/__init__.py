"""What an outlet's whole archive costs: a million followed articles, five million versions."""
