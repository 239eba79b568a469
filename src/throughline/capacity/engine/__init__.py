"""The arithmetic of "can we deliver this?": plain Python, numpy and HiGHS; no rows, no clock."""
