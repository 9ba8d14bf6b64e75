"""An executor of plans, written from docs/plan.md alone, and what it is compared with."""
