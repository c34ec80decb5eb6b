class ServiceError(Exception):
    """An embedded server cannot run; the text says why and what to do."""
