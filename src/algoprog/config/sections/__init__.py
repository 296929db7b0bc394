"""What each section of the configuration may say: one module for each topic of `config/`."""
