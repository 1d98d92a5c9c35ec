"""The other pages: front page, evidence, scenario, retraining."""
