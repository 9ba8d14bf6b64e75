"""What holds for all tests."""

import os

from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("quick", deadline=None, max_examples=20)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
