"""The playbook: an organisation's rules as one readable file, and the registry of codes it names."""
