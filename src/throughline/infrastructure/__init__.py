"""What runs: cloud accounts, clusters, hubs, as their files say it."""
