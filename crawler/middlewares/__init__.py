"""What every request and answer passes on its way: guard, robots.txt, pace, Retry-After."""
