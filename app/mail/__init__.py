"""E-mail and webhooks going out: words are made for their reader when they are sent."""
