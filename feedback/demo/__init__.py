"""The example organisation of `feedback demo`."""
