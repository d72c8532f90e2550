"""The gateways, one file each; `bots/sms/gateway.py` says what one is and lists them."""
