"""The outbox: every mail is a row before it is sent."""
