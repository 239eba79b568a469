"""What templates may say: `{% load ui %}`."""
