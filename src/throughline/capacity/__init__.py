"""Can we deliver this? Demand, holds and the answer."""
