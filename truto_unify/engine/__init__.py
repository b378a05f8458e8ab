"""The core: from a unified call to native requests and back, provider-neutral and without I/O."""
