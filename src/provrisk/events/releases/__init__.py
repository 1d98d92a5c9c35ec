"""Which data were published when: the store of releases, and how releases come into it."""
