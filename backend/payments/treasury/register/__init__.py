"""The acts register of Appendix 1."""
