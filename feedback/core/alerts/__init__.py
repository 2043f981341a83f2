"""Why a manager should look, and how well alerts are dealt with."""
