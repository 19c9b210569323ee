"""The self-test's steps on the host: hardware, kernel module, driver, health of each card."""
