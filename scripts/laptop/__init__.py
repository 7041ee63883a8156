"""What scripts/demo, scripts/check and scripts/invoke share: building, starting and talking to the laptop platform."""
