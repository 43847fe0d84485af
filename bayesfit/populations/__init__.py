"""Where the true values of noisy and missing features come from."""

__all__: list[str] = []
